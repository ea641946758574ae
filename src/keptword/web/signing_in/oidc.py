"""Signing in with the accounts of another system, by OpenID Connect: what is told, and the talk with the provider.

The code flow with PKCE: we send the browser there with a state, a nonce and a challenge, it comes back with a code, we
fetch the token ourselves and believe it only when its signature, issuer, audience, hours and nonce are right.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

ISSUER: Final = "KEPTWORD_OIDC_ISSUER"
CLIENT_ID: Final = "KEPTWORD_OIDC_CLIENT_ID"
CLIENT_SECRET: Final = "KEPTWORD_OIDC_CLIENT_SECRET"
NAME: Final = "KEPTWORD_OIDC_NAME"

ALGORITHMS: Final = ("RS256", "PS256", "ES256")
"""Signatures that are believed: those made with a key of the provider's own, never with one we share."""

_SECONDS: Final = 10
_LEEWAY: Final = 60
_HERE: Final = ("localhost", "127.0.0.1", "::1")


class OutsideTrouble(Exception):
    """The other system did not let somebody in, or could not be asked; `key` is the sentence in the word lists."""

    def __init__(self, key: str, *, why: str = "") -> None:
        super().__init__(key, why)
        self.key, self.why = key, why


@dataclass(frozen=True)
class Provider:
    """The other system, as the owner told it."""

    issuer: str
    client_id: str
    client_secret: str
    name: str


@dataclass(frozen=True)
class Begun:
    """What is kept while the browser is away."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Known:
    """Who the other system says somebody is; `mail` is empty unless the system has seen that it is theirs."""

    outside_id: str
    mail: str
    name: str


def provider() -> Provider | None:
    """Return the other system, None where none is told of."""
    issuer, client_id = os.environ.get(ISSUER, "").strip(), os.environ.get(CLIENT_ID, "").strip()
    if not issuer or not client_id:
        return None
    shown = os.environ.get(NAME, "").strip() or urlsplit(issuer).hostname or issuer
    return Provider(issuer, client_id, os.environ.get(CLIENT_SECRET, ""), shown)


def name() -> str:
    """Return what the other system is called; nothing where there is none."""
    there = provider()
    return there.name if there else ""


def begin(there: Provider, *, back: str) -> tuple[str, Begun]:
    """Return where to send the browser, and what to keep until it is back at `back`."""
    session, about = _session(there, back=back)
    begun = Begun(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
    address, _ = session.create_authorization_url(
        _endpoint(about, "authorization_endpoint"), state=begun.state, nonce=begun.nonce, code_verifier=begun.verifier
    )
    return str(address), begun


def finish(there: Provider, begun: Begun, *, back: str, code: str) -> Known:
    """Fetch the token for a code and return who it is about; raises `OutsideTrouble`."""
    session, about = _session(there, back=back)
    try:
        token = session.fetch_token(
            _endpoint(about, "token_endpoint"),
            grant_type="authorization_code",
            code=code,
            code_verifier=begun.verifier,
            redirect_uri=back,
        )
    except Exception as error:
        # Of authlib, of requests, or a ValueError of an answer that is none: it makes no difference to the person.
        raise OutsideTrouble("outside.refused", why=f"{type(error).__name__} at the token endpoint") from error
    claims = _believed(there, token.get("id_token", ""), keys=_json(session, _endpoint(about, "jwks_uri")), begun=begun)
    if "email" not in claims and about.get("userinfo_endpoint"):
        told = _json(session, _endpoint(about, "userinfo_endpoint"), token=str(token.get("access_token", "")))
        if told.get("sub") == claims["sub"]:
            claims = {**told, **claims}
    return _known(there, claims)


def _session(there: Provider, *, back: str) -> tuple[Any, dict[str, Any]]:
    """Return a session with the provider and what it says about itself."""
    try:
        from authlib.integrations.requests_client import OAuth2Session
    except ImportError:
        raise OutsideTrouble("outside.not_installed", why="authlib is not installed") from None
    session = OAuth2Session(
        there.client_id,
        there.client_secret or None,
        scope="openid email profile",
        redirect_uri=back,
        code_challenge_method="S256",
        default_timeout=_SECONDS,
    )
    about = _json(session, f"{_safe(there.issuer).rstrip('/')}/.well-known/openid-configuration")
    if about.get("issuer") != there.issuer:
        raise OutsideTrouble("outside.unlike", why=f"it calls itself {str(about.get('issuer'))[:200]}")
    methods = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if there.client_secret and "client_secret_basic" not in methods and "client_secret_post" in methods:
        session.token_endpoint_auth_method = "client_secret_post"
    return session, about


def _json(session: Any, address: str, *, token: str = "") -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = session.get(address, withhold_token=True, headers=headers, timeout=_SECONDS)
        answer.raise_for_status()
        told = answer.json()
    except Exception as error:
        raise OutsideTrouble("outside.away", why=f"{type(error).__name__} at {urlsplit(address).path}") from error
    if not isinstance(told, dict):
        raise OutsideTrouble("outside.away", why=f"no object at {urlsplit(address).path}")
    return told


def _endpoint(about: dict[str, Any], which: str) -> str:
    return _safe(str(about.get(which, "")))


def _safe(address: str) -> str:
    """Return an address that may be asked: by TLS, or on this computer."""
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE):
        return address
    raise OutsideTrouble("outside.unlike", why=f"not by TLS: {parts.scheme}://{parts.hostname}")


def _believed(there: Provider, token: str, *, keys: Any, begun: Begun) -> dict[str, Any]:
    """Return what a token claims, once everything about it is right."""
    from joserfc import jwt
    from joserfc.jwk import KeySet

    rules = jwt.JWTClaimsRegistry(
        leeway=_LEEWAY,
        iss={"essential": True, "value": there.issuer},
        aud={"essential": True, "value": there.client_id},
        sub={"essential": True},
        exp={"essential": True},
        nonce={"essential": True, "value": begun.nonce},
    )
    try:
        claims = dict(jwt.decode(token, KeySet.import_key_set(keys), algorithms=list(ALGORITHMS)).claims)
        rules.validate(claims)
    except Exception as error:
        # Whatever a forged token makes the library say, it is not believed.
        raise OutsideTrouble("outside.refused", why=f"the token: {type(error).__name__} {error}"[:200]) from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else there.client_id) != there.client_id:
        raise OutsideTrouble("outside.refused", why="the token was made for another program")
    return claims


def _known(there: Provider, claims: dict[str, Any]) -> Known:
    told = claims.get("email_verified")
    verified = told is True or told == "true"
    mail = str(claims.get("email", "")).strip().lower() if verified else ""
    shown = str(claims.get("name") or claims.get("preferred_username") or mail)
    return Known(f"{there.issuer} {claims['sub']}"[:255], mail, shown.replace("\x00", "").strip()[:120])
