"""Notes to customers: mailed ten minutes after somebody said so, once, or not at all."""

from __future__ import annotations

import socket
import threading
from datetime import timedelta
from functools import partial

import pytest

from keptword.intake.models import Waiting
from keptword.office import acts, letters
from keptword.office.acts import HOLD
from keptword.office.chosen import choose, forget
from keptword.office.letters import Drafted
from keptword.office.models import Act, Letter, Person
from office.at_once import at_once
from office.conftest import NOW

SECOND = timedelta(seconds=1)


class Post(threading.Thread):
    """A mail server in a few lines: takes what it is given; refuses whoever is called so."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.taken: list[tuple[str, str]] = []

    def run(self) -> None:
        """Serve one after the other until the socket is closed."""
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as line:
                self._serve(line)

    def _serve(self, line) -> None:
        def say(text: str) -> None:
            line.write(f"{text}\r\n".encode())
            line.flush()

        say("220 here")
        to = ""
        while command := line.readline().decode().strip():
            if command.upper().startswith("RCPT"):
                to = command.partition("<")[2].rstrip(">")
                say("550 nobody of that name" if "refused" in to else "250 yes")
            elif command.upper() == "DATA":
                say("354 go on")
                text = b""
                while (part := line.readline()) != b".\r\n":
                    text += part
                self.taken.append((to, text.decode()))
                say("250 taken")
            elif command.upper() == "QUIT":
                say("221 bye")
                return
            else:
                say("250 yes")


@pytest.fixture
def post():
    """A mail server, and the setting that names it."""
    server = Post()
    server.start()
    told = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": "Alder Tea <tea@example.org>"}
    choose("mail", told)
    yield server
    forget("mail")
    server.socket.close()


@pytest.fixture
def ben(hire):
    """Ben, who may write; Rosa and Max are in the address book, Nobody is not."""
    for table in (Act, Letter, Waiting, Person):
        table.objects.all().delete()
    for name in ("rosa", "max", "refused"):
        Person.objects.create(user_key=name, name=name.title(), mail=f"{name}@example.org", updated_at=NOW)
    return hire("ben")


def drafted(*names: str, by) -> list[int]:
    """Drafts to some people."""
    drafts = [Drafted(name, (f"p:{name}",), "Your order", f"Hello {name},\n\n.\nwe are sorry.") for name in names]
    return [letter.pk for letter in letters.in_group(letters.keep(drafts, by=by, now=NOW))]


def sent_off(ids, *, by, now=NOW, apologies=()):
    """Have drafts mailed."""
    return letters.send_off(ids, apologies=apologies, by=by, now=now, timezone=None)


def states() -> list[str]:
    """How far each note got."""
    return list(Letter.objects.order_by("pk").values_list("state", flat=True))


def test_it_is_mailed_after_ten_minutes_once_and_then_it_is_recorded_that_we_apologised(ben, post):
    ids = drafted("rosa", "max", by=ben)
    sent_off(ids, apologies=ids[:1], by=ben)
    assert letters.send_due(NOW + HOLD - SECOND) == 0
    assert acts.post_due(NOW + timedelta(days=1)) == 0
    assert letters.send_due(NOW + HOLD) == 2
    assert letters.send_due(NOW + HOLD) == 0
    assert [to for to, _ in post.taken] == ["rosa@example.org", "max@example.org"]
    assert "Subject: Your order" in post.taken[0][1]
    assert states() == ["sent", "sent"]
    assert acts.post_due(NOW + HOLD) == 1
    assert '"kind":"apology.sent"' in Waiting.objects.get().content


def test_undone_at_nine_fifty_nine_it_is_a_draft_again_and_nothing_is_recorded(ben, post):
    ids = drafted("rosa", "max", by=ben)
    group = sent_off(ids, apologies=ids, by=ben).group
    assert letters.undo(group, now=NOW + HOLD - SECOND) == 2
    assert letters.send_due(NOW + timedelta(hours=1)) == 0
    assert acts.post_due(NOW + timedelta(hours=1)) == 0
    assert (states(), post.taken) == (["drafted", "drafted"], [])


def test_what_was_done_lately_goes_by_when_it_was_sent_off(ben, post):
    """Drafted in February, sent off on 9 March: one mailed, one refused; both are of that day, not of February."""
    drafts = [Drafted(name, (), "Your order", "Hello.") for name in ("rosa", "refused")]
    letters.keep(drafts, by=ben, now=NOW - timedelta(days=30))
    sent_off(Letter.objects.values_list("pk", flat=True), by=ben)
    letters.send_due(NOW + HOLD)
    assert sorted(each.state for each in letters.lately(since=NOW - SECOND)) == ["failed", "sent"]
    assert len(letters.failed(since=NOW - SECOND)) == 1
    assert letters.lately(since=NOW + HOLD) == []


def test_at_ten_minutes_one_it_is_too_late(ben, post):
    ids = drafted("rosa", by=ben)
    group = sent_off(ids, apologies=ids, by=ben).group
    assert letters.undo(group, now=NOW + HOLD + SECOND) == 0
    assert letters.send_due(NOW + HOLD + SECOND) == 1
    assert acts.post_due(NOW + HOLD + SECOND) == 1


def test_what_the_mail_server_refuses_says_why_and_can_be_sent_again(ben, post):
    ids = drafted("refused", by=ben)
    sent_off(ids, apologies=ids, by=ben)
    assert letters.send_due(NOW + HOLD) == 0
    letter = Letter.objects.get()
    assert letter.state == "failed"
    assert "nobody of that name" in letter.error
    assert acts.post_due(NOW + timedelta(days=1)) == 0
    Person.objects.filter(pk="refused").update(mail="rosa@example.org")
    sent_off(ids, apologies=ids, by=ben, now=NOW + timedelta(days=1))
    assert letters.send_due(NOW + timedelta(days=1) + HOLD) == 1
    assert acts.post_due(NOW + timedelta(days=1) + HOLD) == 1


def test_somebody_whose_address_went_is_not_written_to(ben, post):
    sent_off(drafted("rosa", by=ben), by=ben)
    Person.objects.all().delete()
    assert letters.send_due(NOW + HOLD) == 0
    assert Letter.objects.get().error == letters.NO_ADDRESS


def test_without_a_mail_server_it_says_so(ben):
    sent_off(drafted("rosa", by=ben), by=ben)
    assert letters.send_due(NOW + HOLD) == 0
    assert "No mail server" in Letter.objects.get().error


def test_one_whose_sending_was_cut_off_is_not_mailed_again_by_itself(ben, post):
    """Killed between taking it and the server's answer: nobody knows whether it went out."""
    ids = drafted("rosa", by=ben)
    sent_off(ids, apologies=ids, by=ben)
    Letter.objects.update(send_after=None)
    assert letters.send_due(NOW + HOLD) == 0
    assert (states(), Letter.objects.get().error, post.taken) == (["failed"], letters.STOPPED, [])
    assert acts.post_due(NOW + timedelta(days=1)) == 0


def test_two_who_send_the_same_note_off_send_it_once(ben, post):
    ids = drafted("rosa", by=ben)
    both = at_once([partial(sent_off, ids, by=ben, apologies=ids)] * 2)
    assert sorted((each.count, each.gone) for each in both) == [(0, 1), (1, 0)]
    letters.send_due(NOW + HOLD)
    assert len(post.taken) == 1
    assert Act.objects.count() == 1


def test_marked_as_written_it_is_recorded_that_we_apologised_unless_undone(ben):
    ids = drafted("rosa", "max", by=ben)
    first = letters.written(ids[:1], apologies=ids, by=ben, now=NOW, timezone=None)
    second = letters.written(ids[1:], apologies=ids, by=ben, now=NOW, timezone=None)
    assert letters.undo(second.group, now=NOW + HOLD - SECOND) == 1
    assert letters.undo(first.group, now=NOW + HOLD + SECOND) == 0
    assert states() == ["copied", "drafted"]
    assert acts.post_due(NOW + HOLD) == 1


def test_a_note_that_is_gone_is_not_changed_nor_thrown_away(ben):
    (key,) = drafted("rosa", by=ben)
    sent_off([key], by=ben)
    assert not letters.change(key, subject="other", body="other")
    assert letters.throw_away([key]) == 0
    assert Letter.objects.get().subject == "Your order"


def test_the_last_note_to_each_is_known(ben):
    ids = drafted("rosa", "max", by=ben)
    letters.written(ids[:1], apologies=(), by=ben, now=NOW, timezone=None)
    assert {key: each.pk for key, each in letters.last_written(["rosa", "max"]).items()} == {"rosa": ids[0]}
    assert letters.unfinished(ben, since=NOW - HOLD)[1] == 1
