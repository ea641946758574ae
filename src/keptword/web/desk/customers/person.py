"""One customer's page: how we kept our word to them, in a sentence; then promises, entries, permissions, notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from keptword.figures.reading import Reader, current
from keptword.office import notes as book
from keptword.office.acts import Pending, pending
from keptword.office.models import Member, Note, Person
from keptword.office.people import several
from keptword.web import listing, shop, spoken
from keptword.web.desk.customers import record
from keptword.web.keyed import reached
from keptword.web.listing import Listing
from keptword.web.pages import shown
from keptword.words import Words

ENTRIES: Final = 40
"""Entries shown at once."""

_NOTHING: Final = {"made": 0, "orders": 0, "entries": 0, "first_on": None}
"""What the figures say of a customer whom only the address book knows."""

_HEADS: Final = ("day", "moment", "happened", "about", "channel", "source")


@dataclass(frozen=True)
class Who:
    """A customer: their key, what to call them, what the address book knows, and their row of the figures."""

    user_key: str
    called: str
    contact: Person | None
    row: Mapping[str, Any]
    reader: Reader | None

    @property
    def name(self) -> str:
        """Their name, without signs that would turn what stands around it."""
        return spoken.isolated(self.contact.name) if self.contact else ""


@dataclass(frozen=True)
class Written:
    """A note as the page shows it; `own` says that whoever looks may remove it."""

    pk: int
    text: str
    by: str
    at: datetime
    own: bool


@dataclass(frozen=True)
class JustDone:
    """What a colleague did just now, which the figures do not hold yet."""

    said: str
    about: str
    by: str
    at: datetime


@dataclass(frozen=True)
class PersonPage:
    """What the page shows of one customer.

    `offers` says whether they may be sent any: allowed, refused or unknown. `note` and `trouble` are what was written
    and could not be taken, and why.
    """

    template: ClassVar[str] = "customer.html.jinja"
    who: Who
    promises: record.Promises
    just_done: tuple[JustDone, ...]
    days: tuple[record.Day, ...]
    listing: Listing
    consents: tuple[record.Consent, ...]
    offers: str
    offers_on: date | None
    notes: tuple[Written, ...]
    letter: str
    note: str = ""
    trouble: str = ""
    longest: int = book.LONGEST


def whom(user_key: str, *, words: Words) -> Who:
    """Return the customer of a key; 404 where nobody has it, in the books or in the address book."""
    reader = current(shop.books().folder)
    row, contact = record.known(reader, user_key), several([user_key]).get(user_key)
    if row is None and contact is None:
        raise Http404
    name, mail = (contact.name, contact.mail) if contact else ("", "")
    called = spoken.customer(words, user_key=user_key, name=name, mail=mail)
    return Who(user_key, called, contact, row or _NOTHING, reader)


def person(request: HttpRequest, user_key: str) -> HttpResponseBase:
    """Show one customer, or have their entries as a file."""
    who = whom(user_key, words=request.words)
    if listing.wants_csv(request):
        return _entries_as_csv(who, words=request.words)
    return shown(request, page_of(request, who))


def page_of(request: HttpRequest, who: Who, *, note: str = "", trouble: str = "") -> PersonPage:
    """Return the page of a customer; `note` is what was written and could not be taken, `trouble` is why."""
    words, reader, key = request.words, who.reader, who.user_key
    asked = listing.asked(request, filters=(), columns=("day",), sort="-day")
    count = record.entries_count(reader, key) if reader else 0
    asked = replace(asked, total=count, size=ENTRIES)
    rows = record.entries(reader, key, limit=asked.size, offset=asked.offset, down=asked.down) if reader else []
    permissions = record.permissions(reader, key) if reader else []
    offers, offers_on = record.offers(permissions)
    return PersonPage(
        who=who,
        promises=_promises(who, words=words),
        just_done=_just_done(who, words=words),
        days=record.days(rows, words=words),
        listing=asked,
        consents=record.consents(permissions, words=words),
        offers=offers,
        offers_on=offers_on,
        notes=_notes(key, member=request.user),
        letter=_letter(key, member=request.user),
        note=note,
        trouble=trouble,
    )


def _promises(who: Who, *, words: Words) -> record.Promises:
    if who.reader is None:
        return record.Promises()
    books = shop.books()
    return record.promises(who.reader, who.user_key, now=shop.now(), timezone=books.timezone, words=words)


def _just_done(who: Who, *, words: Words) -> tuple[JustDone, ...]:
    acts = pending(who.reader.number if who.reader else 0)
    return tuple(_done(act, words=words) for act in reversed(acts) if act.user_key == who.user_key)


def _done(act: Pending, *, words: Words) -> JustDone:
    said, about = spoken.entry(words, act.kind), spoken.about(words, act.subject)
    return JustDone(said, about, by=spoken.isolated(act.member), at=act.at)


def _notes(user_key: str, *, member: Member) -> tuple[Written, ...]:
    return tuple(_written(note, member=member) for note in book.listed(user_key))


def _written(note: Note, *, member: Member) -> Written:
    by = spoken.isolated(note.member.name) if note.member else ""
    return Written(note.pk, note.text, by, note.at, own=book.may_remove(note, member=member))


def _letter(user_key: str, *, member: Member) -> str:
    there = reached("waiting.letter")
    return f"{there}?{urlencode({'to': user_key})}" if there else ""


def _entries_as_csv(who: Who, *, words: Words) -> HttpResponseBase:
    rows = record.entries(who.reader, who.user_key, limit=100_000, offset=0, down=True) if who.reader else []
    lines = (
        (
            *(row["occurred_on"], row["occurred_at"], spoken.entry(words, row["kind"])),
            *(row["subject"] or "", row["channel"] or "", row["source"] or ""),
        )
        for row in rows
    )
    heads = [words.say(f"customers.column_{name}") for name in _HEADS]
    return listing.as_csv("entries", heads=heads, rows=lines)


def refused(request: HttpRequest, who: Who, *, note: str, trouble: str) -> HttpResponse:
    """Show the page again with what was written in it, and say why it could not be taken."""
    return shown(request, page_of(request, who, note=note, trouble=trouble), status=422)
