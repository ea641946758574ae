"""Writes an invented shop's mail as one mbox file: real messages, with all that a reader of headers must not need."""

from __future__ import annotations

from datetime import UTC, datetime
from email.charset import QP, Charset
from email.header import Header
from email.message import Message
from email.utils import format_datetime, formataddr
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from keptword.simulate.catalogue import COUNTRIES
from keptword.simulate.exports.progress import CHUNK, Progress
from keptword.simulate.texts import LETTERS, PRIVATE
from keptword.simulate.world import World

_ZONES = {"ES": "Atlantic/Canary"}


def write_mailbox(world: World, *, path: Path, progress: Progress | None = None) -> Path:
    """Write `mailbox.mbox`, oldest message first: what customers wrote and what the shop answered."""
    messages = world.messages
    sent = messages.sent_at.astype(int).tolist()
    openings = messages.text[messages.conversation].tolist()
    with path.open("wb") as file:
        for place, second in enumerate(sent):
            head = _head(world, place, second=second, opening=openings[place])
            file.write(head.encode("ascii") + _body(int(messages.text[place])))
            if progress and ((place + 1) % CHUNK == 0 or place + 1 == len(sent)):
                progress(path.name, (place + 1) / len(sent))
    return path


def _head(world: World, place: int, *, second: int, opening: int) -> str:
    """Return the mbox separator and the headers of the message at this place.

    `opening` is the text that opened its conversation, whose subject the answers carry on.
    """
    messages, people = world.messages, world.people
    person, answered = int(messages.person[place]), int(messages.answers[place])
    first = int(messages.conversation[place])
    customer = _customer(people.name(person), people.email(person), capital=place % 17 == 0)
    shop = (_address("Haiwen Tee & Haus", f"service@{world.shop.domain}"), f"service@{world.shop.domain}")
    sender, receiver = (shop, customer) if messages.from_shop[place] else (customer, shop)
    at_home = world.shop.time_zone
    zone = at_home if messages.from_shop[place] else _ZONES.get(COUNTRIES[people.country[person]].code, at_home)
    lines = [
        f"From {sender[1]} {datetime.fromtimestamp(second, UTC).ctime()}",
        f"From: {sender[0]}",
        f"To: {receiver[0]}",
        f"Subject: {_subject(opening, '' if answered < 0 else LETTERS[messages.text[place]][0])}",
        f"Date: {format_datetime(datetime.fromtimestamp(second, _zone(zone)))}",
        f"Message-ID: {message_id(world, place)}",
    ]
    if answered >= 0:
        before = message_id(world, first)
        if place % 6 != 0:  # some programs set only the one header, some only the other
            lines.append(f"In-Reply-To: {message_id(world, answered)}")
        if place % 6 not in (1, 2):
            lines.append("References: " + before + (f"\n {message_id(world, answered)}" if answered != first else ""))
    return "\n".join(lines) + "\n"


def message_id(world: World, place: int) -> str:
    """Return the id of the message at this place."""
    host = world.shop.domain if world.messages.from_shop[place] else "mail.example.net"
    return f"<{(place + 1) * 48_271 % 2**31:08x}.{place + 1}@{host}>"


def _customer(name: str, email: str, *, capital: bool) -> tuple[str, str]:
    """Return the customer's header and bare address, now and then capitalised as telephones do."""
    bare = email[:1].upper() + email[1:] if capital else email
    return _address(name, bare), bare


def _address(name: str, bare: str) -> str:
    return formataddr((name, bare), charset="utf-8")


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@cache
def _subject(opening: int, prefix: str) -> str:
    """Return the subject of a conversation opened with that text, or of an answer in it, encoded as needed."""
    return Header(f"{prefix}{LETTERS[opening][0]} ({PRIVATE})", header_name="Subject").encode()


@cache
def _body(text: int) -> bytes:
    """Return what follows the headers that differ: how the body is encoded, the body, and an empty line."""
    quoted = Charset("utf-8")
    quoted.body_encoding = QP
    message = Message()
    message.set_payload(f"{LETTERS[text][1]}\n\n-- \n{PRIVATE}\n", quoted)
    head, _, body = message.as_bytes().partition(b"\n\n")
    # A line of the body that looks like the start of another message gets a mark before it.
    lines = [b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in body.split(b"\n")]
    return head + b"\n\n" + b"\n".join(lines).rstrip(b"\n") + b"\n\n"
