"""A small OpenID Connect provider, running: it says who somebody is, truly or, where a test wants that, falsely."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "keptword", "a secret between us of more than 32 letters"


@dataclass
class Provider:
    """What the provider says, and what it was asked. A test changes it before somebody signs in."""

    issuer: str = ""
    calls_itself: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signed: Callable[[Provider, dict[str, Any]], str] | None = None
    userinfo: dict[str, Any] | None = None
    waiting: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def token(self, claims: dict[str, Any]) -> str:
        """An identity token: signed as it should be, unless the test signs."""
        if self.signed is not None:
            return self.signed(self, claims)
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)

    def shared(self, claims: dict[str, Any]) -> str:
        """An identity token signed with the secret that both sides know."""
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))


class _Answers(BaseHTTPRequestHandler):
    provider: Provider

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer what is read."""
        parts = urlsplit(self.path)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        it = self.provider
        if parts.path == "/.well-known/openid-configuration":
            places = {name: f"{it.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            self._json({"issuer": it.calls_itself or it.issuer, **places, **self._userinfo_place()})
        elif parts.path == "/jwks_uri":
            self._json({"keys": [{**it.key.as_dict(private=False), "use": "sig"}]})
        elif parts.path == "/userinfo":
            self._json(it.userinfo or {})
        elif parts.path == "/authorization_endpoint":
            code = secrets.token_urlsafe(8)
            it.waiting[code] = asked
            self.send_response(302)
            self.send_header(
                "Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
            )
            self.end_headers()

    def do_POST(self) -> None:
        """Give a token for a code: once, to the right program, to who began it."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        told = {name: values[-1] for name, values in parse_qs(body).items()}
        it = self.provider
        it.asked.append(told)
        begun = it.waiting.pop(told.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(told.get("code_verifier", "").encode()).digest())
        if (
            begun is None
            or self.headers.get("Authorization") != f"Basic {basic}"
            or begun["code_challenge"] != challenge.decode().rstrip("=")
            or begun["redirect_uri"] != told["redirect_uri"]
        ):
            self._json({"error": "invalid_grant"}, status=400)
            return
        now = int(time.time())
        usual = {"iss": it.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": begun["nonce"]}
        token = it.token({name: value for name, value in {**usual, **it.claims}.items() if value is not None})
        self._json({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def _userinfo_place(self) -> dict[str, str]:
        return {"userinfo_endpoint": f"{self.provider.issuer}/userinfo"} if self.provider.userinfo is not None else {}

    def _json(self, told: dict[str, Any], *, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider on this computer for as long as the `with` lasts."""
    it = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answers", (_Answers,), {"provider": it}))
    it.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield it
    finally:
        server.shutdown()
        server.server_close()
