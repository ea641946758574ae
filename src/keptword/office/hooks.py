"""Posts a message to one address of a chat, and to no place it has no business in."""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import socket
import ssl
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from keptword.core.problems import KeptwordError, Sentence

PRIVATE: Final = "KEPTWORD_PRIVATE_HOOKS"
"""The variable that, set to 1, lets messages go to addresses within one's own network, and over plain http."""

SECONDS: Final = 10.0
LONGEST: Final = 2_000
"""Characters an address may have."""

FORMS: Final = ("slack", "teams", "wecom", "feishu")

# They hold an address of another network within themselves.
_DISGUISED: Final = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


def refuse(url: str, *, form: str = FORMS[0]) -> None:
    """Raise `KeptwordError` for an address no message is sent to; where its name leads is looked at when sending."""
    _parts(url)
    if form not in FORMS:
        raise KeptwordError('"{form}" is no chat. Choose one of: {known}.', form=form[:20], known=", ".join(FORMS))


def send(url: str, *, form: str, lines: Iterable[str]) -> None:
    """Post lines of text in the form a chat takes; KeptwordError says why it was not taken."""
    parts = _parts(url)
    body = json.dumps(_body(form, tuple(lines)), ensure_ascii=False).encode()
    connection = _connection(parts)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, {"Content-Type": "application/json; charset=utf-8"})
        answer = connection.getresponse()
        said = answer.read(4_000).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise KeptwordError("{host} could not be reached: {why}.", host=parts.hostname, why=_why(error)) from error
    finally:
        connection.close()
    _refuse_refusal(parts, answer.status, said=said)


def _parts(url: str) -> SplitResult:
    wrong = KeptwordError("Write the whole address that the chat gave you; it begins with https://")
    try:
        parts = urlsplit(url)
        there = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise wrong from None
    odd = any(ord(sign) <= 32 or ord(sign) == 127 for sign in url) or not url.isascii()
    if not there or odd or len(url) > LONGEST or parts.username or parts.password:
        raise wrong
    if parts.scheme != "https" and not (parts.scheme == "http" and _may_be_private()):
        raise wrong
    return parts


def _may_be_private() -> bool:
    return os.environ.get(PRIVATE) == "1"


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    """Return a connection that goes to the very machine that was looked at, whatever its name says a moment later."""
    host = str(parts.hostname)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    numbers = _checked(host, port=port)

    def connect(_: object, timeout: float | None = None, *__: object) -> socket.socket:
        for number in numbers[:-1]:
            with suppress(OSError):
                return socket.create_connection((number, port), timeout=timeout)
        return socket.create_connection((numbers[-1], port), timeout=timeout)

    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(host, port, timeout=SECONDS, context=ssl.create_default_context())
    else:
        connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    connection._create_connection = connect  # type: ignore[attr-defined]
    return connection


def _checked(host: str, *, port: int) -> list[str]:
    """Return the numbers of a machine by that name; refuse it where any of them is within somebody's own network."""
    try:
        found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise KeptwordError("There is no machine {host}, or no network. Look at the address.", host=host) from None
    if not _may_be_private() and not all(map(is_public, found)):
        raise KeptwordError(
            "{host} is within a network of its own, where no message is sent from here. For a chat of your own house, "
            "set {private}=1 where Keptword is started.",
            host=host,
            private=PRIVATE,
        )
    return list(dict.fromkeys(found))


def is_public(number: str) -> bool:
    """Tell whether a number of a machine is one of the public network."""
    address = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(str(address.ipv4_mapped))
        if any(address in network for network in _DISGUISED) or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _body(form: str, lines: tuple[str, ...]) -> Mapping[str, Any]:
    text = "\n".join(lines)
    if form == "slack":
        for sign, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.replace(sign, escaped)
        return {"text": text}
    if form == "wecom":
        return {"msgtype": "text", "text": {"content": text}}
    if form == "feishu":
        return {"msg_type": "text", "content": {"text": text}}
    blocks = [{"type": "TextBlock", "text": line, "wrap": True} for line in lines if line]
    card = {"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4"}
    content = {**card, "body": blocks}
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": content}],
    }


def _refuse_refusal(parts: SplitResult, status: int, *, said: str) -> None:
    """Raise where the chat did not take it; some say so with status 200 and a number in their answer."""
    if not 200 <= status < 300:
        moved = Sentence(" It has moved; ask the chat for its new address.") if 300 <= status < 400 else ""
        raise KeptwordError(
            "{host} did not take the message (status {status}).{moved}", host=parts.hostname, status=status, moved=moved
        )
    try:
        answer = json.loads(said)
    except ValueError:
        return
    code = next((answer[name] for name in ("errcode", "code") if name in answer), 0) if isinstance(answer, dict) else 0
    if code:
        why = str(answer.get("errmsg") or answer.get("msg") or "")[:200]
        raise KeptwordError("{host} did not take the message: {code} {why}", host=parts.hostname, code=code, why=why)


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {SECONDS:g} seconds"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not its own ({error.verify_message})"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
