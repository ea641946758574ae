"""Who did what: every act, the newest first, by colleague, act and day; as a file too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponseBase

from keptword.core.calendars import zone
from keptword.core.problems import KeptwordError
from keptword.office import audit as book
from keptword.office.models import Audit, Member
from keptword.office.rights import Right
from keptword.web import shop
from keptword.web.forms import day_of
from keptword.web.listing import Listing, as_csv, asked, wants_csv
from keptword.web.pages import shown
from keptword.web.routes import route
from keptword.words import Words

FILTERS: Final = ("who", "act", "day")
COLUMNS: Final = ("at",)

LOUD: Final = frozenset(("refused", "failed", "not_taken", "wrong_password", "wrong_code", "unknown_address"))
"""Outcomes that somebody may want to look at twice."""


@dataclass(frozen=True)
class Line:
    """One act in words."""

    at: datetime
    actor: str
    act: str
    place: str
    outcome: str
    refused: bool
    address: str


@dataclass(frozen=True)
class AuditPage:
    """A page of the acts, and what they can be narrowed to; `trouble` says what is wrong with the day."""

    template: ClassVar[str] = "audit.html.jinja"
    lines: tuple[Line, ...]
    listing: Listing
    people: tuple[tuple[str, str], ...]
    acts: tuple[tuple[str, str], ...]
    trouble: str = ""


def audit(request: HttpRequest) -> HttpResponseBase:
    """Show the acts, or hand them out as a file."""
    listing = asked(request, filters=FILTERS, columns=COLUMNS, sort="-at")
    rows, trouble = _rows(request, listing)
    if wants_csv(request):
        return as_csv("who-did-what", heads=_heads(request.words), rows=_told(rows, request.words))
    total = rows.count()
    there = _counted(listing, total)
    return shown(
        request,
        AuditPage(
            lines=tuple(_line(row, request.words) for row in rows[there.offset : there.offset + there.size]),
            listing=there,
            people=_people(request.words),
            acts=tuple(sorted(((act, act_of(act, request.words)) for act in book.acts()), key=lambda pair: pair[1])),
            trouble=trouble,
        ),
    )


def _counted(listing: Listing, total: int) -> Listing:
    last = max(-(-total // listing.size), 1)
    return replace(listing, total=total, page=min(listing.page, last))


def _rows(request: HttpRequest, listing: Listing) -> tuple[Any, str]:
    """Return the lines that are asked for; a day that is none narrows nothing, and is said to be none."""
    trouble, since, until = "", None, None
    try:
        day = day_of(listing.filters["day"])
        if day is not None:
            since, until = _instants(day)
    except KeptwordError as error:
        trouble = request.words.refusal(error)
    who = listing.filters["who"]
    rows = book.lines(
        actor=who if who.isascii() and who.isdigit() and len(who) < 18 else "",
        act=listing.filters["act"],
        since=since,
        until=until,
        newest=listing.down,
    )
    return rows, trouble


def _instants(day: date) -> tuple[datetime, datetime]:
    """Return when the business's local day begins and when it is over."""
    there = zone(shop.books().timezone)
    try:
        first, last = (datetime.combine(each, time(), tzinfo=there) for each in (day, day + timedelta(days=1)))
        return first.astimezone(UTC), last.astimezone(UTC)
    except OverflowError:
        raise KeptwordError('"{day}" is too far away to be looked at.', day=day) from None


def _people(words: Words) -> tuple[tuple[str, str], ...]:
    everybody = Member.objects.order_by("name", "pk").values_list("pk", "name")
    return (*((str(number), name) for number, name in everybody), ("0", words.say("audit_page.nobody")))


def act_of(act: str, words: Words) -> str:
    """Return an act in words; one that has none by the page of the menu it belongs to, else as it is kept."""
    for key in (f"audit.{act}", f"menu.{act.partition('.')[0]}"):
        if words.has(key):
            return words.say(key)
    return act


def _line(row: Audit, words: Words) -> Line:
    known = words.has(f"audit_outcome.{row.outcome}")
    place = act_of(row.place, words) if row.act == book.DOWNLOAD else row.place
    return Line(
        at=row.at,
        actor=_actor(row, words),
        act=act_of(row.act, words),
        place=place,
        outcome=words.say(f"audit_outcome.{row.outcome}") if known else row.outcome,
        refused=row.outcome in LOUD or row.outcome.startswith("outside_"),
        address=row.address,
    )


def _actor(row: Audit, words: Words) -> str:
    if row.member_id is not None:
        return str(row.actor)
    return words.say("audit_page.here" if row.actor == book.HERE else "audit_page.nobody")


def _heads(words: Words) -> list[str]:
    return [words.say(f"audit_page.{name}") for name in ("at", "who", "act", "place", "outcome", "address")]


def _told(rows: Any, words: Words) -> Iterator[list[str]]:
    for row in rows.iterator(chunk_size=1000):
        line = _line(row, words)
        yield [line.at.isoformat(timespec="seconds"), line.actor, line.act, line.place, line.outcome, line.address]


ROUTES = (route("settings/audit/", audit, name="settings.audit", right=Right.OWN),)
