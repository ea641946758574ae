"""Mail and messages to chats: taken by real servers on this computer, and refused in sentences."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from keptword.core.problems import KeptwordError


class Mailbox:
    """What a mail server took."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.refuses: str | None = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a mail."""
        if self.refuses:
            return self.refuses
        self.taken.append((envelope, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Take everybody's mail but that of somebody unknown."""
        if address.startswith("unknown"):
            return "550 5.1.1 Nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def _known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, told: Any) -> AuthResult:
    return AuthResult(success=told.password == b"right", handled=False)


@pytest.fixture
def mailserver() -> Iterator[Callable[[], Mailbox]]:
    """What starts a mail server on this computer and tells the desk that is open of it."""
    running: list[Controller] = []

    def start() -> Mailbox:
        from keptword.office.chosen import choose

        taken = Mailbox()
        # The controller looks whether it answers at the port it was told, so that the system cannot choose one.
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = Controller(taken, hostname="127.0.0.1", port=port, authenticator=_known, auth_require_tls=False)
        server.start()
        running.append(server)
        choose("mail", {"host": "127.0.0.1", "port": port, "security": "none", "sender": "Alder Tea <tea@example.org>"})
        return taken

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def mailbox(empty_desk, mailserver) -> Mailbox:
    """A mail server on this computer, and empty books told of it."""
    return mailserver()


def test_a_mail_arrives_as_it_was_written(mailbox):
    from keptword.office import mail

    assert mail.configured()
    mail.send(to="maria@example.org", subject="Ihre Tasse 茶", text="Grüße\n.\nEnde", html="<p>Grüße</p>")
    ((envelope, message),) = mailbox.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("tea@example.org", ["maria@example.org"])
    assert message["subject"] == "Ihre Tasse 茶"
    assert str(message["from"]) == "Alder Tea <tea@example.org>"
    assert message.get_body(("plain",)).get_content().splitlines() == ["Grüße", ".", "Ende"]
    assert message.get_body(("html",)).get_content().strip() == "<p>Grüße</p>"
    assert message["message-id"].endswith("@example.org>")
    assert socket.gethostname() not in envelope.content.decode()


def test_nothing_written_into_a_subject_becomes_a_header(mailbox):
    from keptword.office import mail

    evil = "Hello\r\nBcc: everybody@example.org\r\n\r\nBuy!\x00\u2028Cc: x@example.org"
    mail.send(to="maria@example.org", subject=evil, text="x", headers={"List-Unsubscribe": "<a>\r\nBcc: b@example.org"})
    ((envelope, message),) = mailbox.taken
    assert envelope.rcpt_tos == ["maria@example.org"]
    assert message["bcc"] is None
    assert message["cc"] is None
    assert message["subject"].startswith("Hello Bcc:")
    for to in ("a@example.org, b@example.org", "a@example.org\nBcc: b@example.org", "nobody", "<a@example.org>", ""):
        with pytest.raises(KeptwordError, match="no mail address"):
            mail.send(to=to, subject="x", text="x")
    with pytest.raises(ValueError, match="header"):
        mail.send(to="a@example.org", subject="x", text="x", headers={"X: y\nBcc": "b@example.org"})
    assert len(mailbox.taken) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"user": "tea", "password": "wrong"}, "does not know that name and password"),
        ({"security": "starttls"}, "cannot do what was asked of it"),
        ({"security": "tls"}, "does not speak that security"),
        ({"host": "no-such-host.invalid"}, "There is no mail server no-such-host.invalid"),
        ({"port": 1}, "could not be reached"),
    ],
)
def test_what_the_server_complains_of_is_said_with_the_remedy(mailbox, changed, said):
    from keptword.office import mail
    from keptword.office.chosen import choose, chosen

    choose("mail", chosen("mail") | changed)
    with pytest.raises(KeptwordError, match=said) as refused:
        mail.send(to="maria@example.org", subject="x", text="x")
    assert str(refused.value).endswith(".")
    assert "wrong" not in str(refused.value)


def test_what_the_server_does_not_take_is_said_as_it_said_it(mailbox):
    from keptword.office import mail

    with pytest.raises(KeptwordError, match=r"mail to unknown@example\.org: 550 5\.1\.1 Nobody of that name"):
        mail.send(to="unknown@example.org", subject="x", text="x")
    mailbox.refuses = "554 5.7.1 This looks like advertising"
    with pytest.raises(KeptwordError, match=r"did not take the mail: 554 5\.7\.1 This looks like advertising"):
        mail.send(to="maria@example.org", subject="x", text="x")


def test_the_environment_goes_before_the_form(mailbox, monkeypatch):
    from keptword.office import mail

    monkeypatch.setenv("KEPTWORD_MAIL_URL", "smtp://te%40a:p%2Fw@smtp.example.org/?sender=Tea%20<tea@example.org>")
    told = mail.settings()
    assert (told.host, told.port, told.user, told.password, told.security, told.sender) == (
        "smtp.example.org", 587, "te@a", "p/w", "starttls", "Tea <tea@example.org>",
    )  # fmt: skip
    for wrong in ("http://smtp.example.org", "smtp://u:secret@", "smtp://u:secret@host:99999/", "smtp://host/"):
        monkeypatch.setenv("KEPTWORD_MAIL_URL", wrong)
        with pytest.raises(KeptwordError, match="KEPTWORD_MAIL_URL is not right") as refused:
            mail.settings()
        assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"host": "a b"}, "Write the name of your mail server"),
        ({"host": "smtp.example.org", "port": "x"}, "is no port"),
        ({"host": "smtp.example.org", "port": "587\n"}, "is no port"),
        ({"host": "smtp.example.org", "security": "ssl"}, "no way to secure"),
        ({"host": "smtp.example.org", "sender": "nobody"}, "who your mails are from"),
        ({"host": "smtp.example.org", "sender": "a@b.c", "security": "none", "password": "x"}, "could be read"),
    ],
)
def test_settings_that_cannot_be_are_refused(told, said):
    from keptword.office import mail

    with pytest.raises(KeptwordError, match=said):
        mail.settings_from(told)


class Chat(BaseHTTPRequestHandler):
    """A chat that remembers what it was posted."""

    posted: list[tuple[str, Any]] = []  # noqa: RUF012
    answer: tuple[int, bytes] = (200, b'{"errcode": 0}')

    def do_POST(self) -> None:
        """Take a message."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.posted.append((self.path, json.loads(body)))
        status, said = self.answer
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def chat(monkeypatch) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """A chat on this computer: its address, and what it was posted."""
    monkeypatch.setenv("KEPTWORD_PRIVATE_HOOKS", "1")
    monkeypatch.setattr(Chat, "posted", [])
    server = HTTPServer(("127.0.0.1", 0), Chat)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook/abc?key=1", Chat.posted
    server.shutdown()
    server.server_close()


def test_each_chat_is_told_in_its_own_form(chat):
    from keptword.office import hooks

    address, posted = chat
    for form in hooks.FORMS:
        hooks.send(address, form=form, lines=("Alder Tea", "We kept 93 in 100 <b> & more."))
    slack, teams, wecom, feishu = (body for _, body in posted)
    assert posted[0][0] == "/hook/abc?key=1"
    assert slack == {"text": "Alder Tea\nWe kept 93 in 100 &lt;b&gt; &amp; more."}
    assert teams["attachments"][0]["content"]["body"][0]["text"] == "Alder Tea"
    assert wecom == {"msgtype": "text", "text": {"content": "Alder Tea\nWe kept 93 in 100 <b> & more."}}
    assert feishu["content"]["text"].startswith("Alder Tea\n")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((500, b""), "status 500"),
        ((302, b""), "It has moved"),
        ((200, b'{"errcode": 93000, "errmsg": "invalid webhook url"}'), "93000 invalid webhook url"),
        ((200, b'{"code": 19001, "msg": "param invalid"}'), "19001 param invalid"),
    ],
)
def test_what_a_chat_does_not_take_is_said(chat, monkeypatch, answer, said):
    from keptword.office import hooks

    monkeypatch.setattr(Chat, "answer", answer)
    with pytest.raises(KeptwordError, match=said):
        hooks.send(chat[0], form="slack", lines=("x",))
    assert len(chat[1]) == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.example.org/x", "https://", "https://user:word@hooks.example.org/", "ftp://example.org", "x",
        "https://hooks.example.org/a b", "https://hooks.example.org/\r\nHost: x", "https://hööks.example.org/",
        "https://hooks.example.org:99999/", "https://[::1/", f"https://hooks.example.org/{'x' * 2001}",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(address):
    from keptword.office import hooks

    with pytest.raises(KeptwordError, match="whole address"):
        hooks.refuse(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.8/", "https://0.0.0.0/", "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::a00:1]/",
        "https://192.168.1.1/", "https://[fd00::1]/", "https://[fe80::1]/", "https://2130706433/", "https://0x7f.1/",
    ],
)  # fmt: skip
def test_nothing_within_ones_own_network_is_reached(address):
    """Whatever the name, it is the number it leads to that is looked at."""
    from keptword.office import hooks

    hooks.refuse(address)
    with pytest.raises(KeptwordError, match=r"within a network of its own|no machine"):
        hooks.send(address, form="slack", lines=("x",))


def test_a_public_number_is_one_of_the_public_network():
    from keptword.office.hooks import is_public

    assert is_public("93.184.216.34")
    assert is_public("2606:2800:220:1:248:1893:25c8:1946")
    assert not is_public("100.64.0.1")
    assert not is_public("224.0.0.1")
