"""Sends mail over the server the business told, and says in a sentence what it complains of."""

from __future__ import annotations

import os
import re
import smtplib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.utils import formataddr, make_msgid, parseaddr
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.mail import EmailMultiAlternatives

from keptword.core.problems import KeptwordError, Sentence
from keptword.office.chosen import chosen

VARIABLE: Final = "KEPTWORD_MAIL_URL"
"""The variable that names the mail server: smtp://NAME:PASSWORD@HOST:587/?security=starttls&sender=ADDRESS"""

SETTING: Final = "mail"
SECURITIES: Final = ("starttls", "tls", "none")
PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}
SECONDS: Final = 20.0
"""How long the mail server may take to answer."""

_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"()\[\]\\\x00-\x1f\x7f]+@[^\s@<>,;:\"()\[\]\\\x00-\x1f\x7f]+")
_HOST: Final = re.compile(r"[\w.:-]{1,253}")
_HEADER: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_HERE: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class MailSettings:
    """How mail is sent: over which server, as whom, and who it says it is from."""

    host: str
    port: int
    user: str
    password: str
    security: str
    sender: str


def configured() -> bool:
    """Tell whether mail can be sent at all."""
    return settings() is not None


def from_environment() -> bool:
    """Tell whether `VARIABLE` says how mail is sent, which goes before what is chosen at the desk."""
    return bool(os.environ.get(VARIABLE))


def settings() -> MailSettings | None:
    """Return how mail is sent; None where nobody said. KeptwordError where what `VARIABLE` says is wrong."""
    if from_environment():
        return _read(os.environ[VARIABLE])
    told = chosen(SETTING)
    return settings_from(told) if told and told.get("host") else None


def settings_from(told: Mapping[str, Any]) -> MailSettings:
    """Return settings out of what a form or the environment told; KeptwordError says what is wrong with them."""
    security = str(told.get("security") or "starttls")
    if security not in SECURITIES:
        raise KeptwordError(
            '"{security}" is no way to secure the connection. Choose one of: {known}.',
            security=security,
            known=", ".join(SECURITIES),
        )
    host = str(told.get("host") or "").strip()
    if not _HOST.fullmatch(host):
        raise KeptwordError("Write the name of your mail server, such as smtp.example.org.")
    port = str(told.get("port") or PORTS[security])
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise KeptwordError(
            '"{port}" is no port. It is a number, mostly {usual}.', port=port[:20], usual=PORTS[security]
        )
    user, password = str(told.get("user") or ""), str(told.get("password") or "")
    if security == "none" and password and host not in _HERE:
        raise KeptwordError(
            "Without a secured connection the password could be read on its way. Choose starttls or tls, or leave the "
            "password empty."
        )
    name, address = parseaddr(_line(str(told.get("sender") or user)))
    if not _ADDRESS.fullmatch(address):
        raise KeptwordError('Write who your mails are from, such as "Alder Tea <hello@example.org>".')
    return MailSettings(host, int(port), user, password, security, formataddr((name, address), "utf-8"))


def send(
    *, to: str, subject: str, text: str, html: str | None = None, headers: Mapping[str, str] | None = None
) -> None:
    """Send one mail to one address; when it comes back, the mail server has taken it.

    Raises `KeptwordError` in a sentence where no server is told, the address is none, or the server does not take it.
    """
    told = settings()
    if told is None:
        raise KeptwordError("No mail server is told yet. An owner tells it under Settings, Mail.")
    _send(told, to=to, message=_message(told, to=to, subject=subject, text=text, html=html, headers=headers or {}))


def try_out(told: MailSettings, *, to: str, subject: str, text: str) -> None:
    """Send one mail with settings that are not kept yet; raises `KeptwordError` as `send` does."""
    _send(told, to=to, message=_message(told, to=to, subject=subject, text=text, html=None, headers={}))


def is_address(text: str) -> bool:
    """Tell whether a text is a mail address, alone."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def _read(address: str) -> MailSettings:
    try:
        parts = urlsplit(address)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        told = {
            "host": parts.hostname,
            "port": parts.port,
            "user": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "security": asked.get("security", "tls" if parts.scheme == "smtps" else "starttls"),
            "sender": asked.get("sender"),
        }
        if parts.scheme not in ("smtp", "smtps"):
            raise ValueError
        return settings_from(told)
    except (ValueError, KeptwordError) as error:
        # What was written is not repeated: there is a password in it.
        said = Sentence(" {error}", error=error) if isinstance(error, KeptwordError) else ""
        raise KeptwordError(
            "{variable} is not right.{said} It is written like"
            " smtp://NAME:PASSWORD@HOST:587/?security=starttls&sender=hello@example.org",
            variable=VARIABLE,
            said=said,
        ) from None


def _message(
    told: MailSettings, *, to: str, subject: str, text: str, html: str | None, headers: Mapping[str, str]
) -> Message:
    if not is_address(to):
        raise KeptwordError('"{mail}" is no mail address.', mail=_line(to)[:80])
    wrong = [name for name in headers if not _HEADER.fullmatch(name)]
    if wrong:
        raise ValueError(f"no name of a header: {wrong[0]!r}")
    domain = parseaddr(told.sender)[1].rpartition("@")[2]
    # With an identity told here, nothing asks the network what this computer is called.
    own = {"Message-ID": make_msgid(domain=domain), **{name: _line(value) for name, value in headers.items()}}
    mail = EmailMultiAlternatives(_line(subject), text, told.sender, [to], headers=own)
    if html is not None:
        mail.attach_alternative(html, "text/html")
    made: Message = mail.message()
    return made


def _line(text: str) -> str:
    """Return a text as one line: what would begin another header is a blank."""
    return _CONTROL.sub(" ", text).strip()


def _send(told: MailSettings, *, to: str, message: Message) -> None:
    sender = parseaddr(told.sender)[1]
    try:
        with _connected(told) as server:
            if told.user:
                server.login(told.user, told.password)
            server.send_message(message, from_addr=sender, to_addrs=[to])
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise KeptwordError(_sentence(error, told=told, to=to)) from error


def _connected(told: MailSettings) -> smtplib.SMTP:
    # Said in greeting; told here, so that nothing asks the network for the name of this computer.
    named: dict[str, Any] = {"timeout": SECONDS, "local_hostname": "[127.0.0.1]"}
    if told.security == "tls":
        return smtplib.SMTP_SSL(told.host, told.port, context=ssl.create_default_context(), **named)
    server = smtplib.SMTP(told.host, told.port, **named)
    if told.security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _sentence(error: Exception, *, told: MailSettings, to: str) -> str:
    """Return what went wrong with the remedy; what the server said itself stands at the end."""
    where = Sentence("The mail server {host} (port {port})", host=told.host, port=told.port)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Sentence(
            "{where} does not know that name and password. Look at both; many providers ask for an app password.",
            where=where,
        )
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return Sentence(
            "{where} does not take mail to {to}{said}.",
            where=where,
            to=to,
            said=_said(next(iter(error.recipients.values()), None)),
        )
    if isinstance(error, smtplib.SMTPSenderRefused):
        return Sentence(
            "{where} does not take mail from {sender}{said}.",
            where=where,
            sender=parseaddr(told.sender)[1],
            said=_said((error.smtp_code, error.smtp_error)),
        )
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Sentence(
            "{where} cannot do what was asked of it: {error}. Choose another security, or another port.",
            where=where,
            error=error,
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        return Sentence(
            "{where} shows a certificate that is not its own ({why}). Look at its name.",
            where=where,
            why=error.verify_message,
        )
    if isinstance(error, ssl.SSLError):
        return Sentence(
            "{where} does not speak that security on this port. With tls the port is mostly 465, with starttls 587.",
            where=where,
        )
    if isinstance(error, socket.gaierror):
        return Sentence("There is no mail server {host}, or no network. Look at its name.", host=told.host)
    if isinstance(error, TimeoutError):
        return Sentence(
            "{where} did not answer within {seconds:g} seconds. Look at name and port.", where=where, seconds=SECONDS
        )
    if isinstance(error, smtplib.SMTPResponseException):
        return Sentence(
            "{where} did not take the mail{said}.", where=where, said=_said((error.smtp_code, error.smtp_error))
        )
    if isinstance(error, UnicodeError):
        return Sentence(
            '{where} cannot be asked to mail to "{to}": there are letters in the address it does not know.',
            where=where,
            to=to,
        )
    return Sentence(
        "{where} could not be reached: {why}. Look at name and port.",
        where=where,
        why=getattr(error, "strerror", None) or error,
    )


def _said(answer: tuple[int, Any] | None) -> str:
    if answer is None:
        return ""
    code, text = answer
    written = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return f": {code} {_line(written)[:300]}"
