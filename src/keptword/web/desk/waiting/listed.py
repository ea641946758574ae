"""The list of who waits: soonest due first, then most often let down; as a page and as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase

from keptword.figures.reading import current
from keptword.office import acts, letters
from keptword.office.models import Letter
from keptword.office.rights import Right
from keptword.web import shop, spoken
from keptword.web.keeping.standing import Moment
from keptword.web.keeping.telling import Teller, ago, customer_page, hour_of, options, promise_page, teller
from keptword.web.keeping.waits import CONVERSATION, FILTERS, SORTS, WHEN, Counts, Wait, Waits, waits_of
from keptword.web.listing import Listing, as_csv, asked, wants_csv
from keptword.web.pages import address, shown
from keptword.words import Words, without_marks

LATELY: Final = timedelta(days=3)
"""Drafts and failed mails older than this are not spoken of any more."""

_COLUMNS: Final = ("who", "what", "about", "due", "late", "since", "let_down", "channel")


@dataclass(frozen=True)
class WaitShown:
    """One row: who waits for what, since when, until when it was promised, and what was written to them last."""

    name: str
    who: str
    customer: str
    what: str
    kind: str
    about: str
    promise: str
    due_day: date | None
    due_time: str
    days_late: int | None
    since_on: date
    waited_days: int
    let_down: int
    wrote: str
    agreed_on: date | None


@dataclass(frozen=True)
class Tab:
    """One way to look at the list: past its day, due today, due within a week, without an answer; or all of it."""

    name: str
    address: str
    count: int
    current: bool


@dataclass(frozen=True)
class WaitingPage:
    """What the list shows; without figures there is nothing yet."""

    template: ClassVar[str] = "waiting.html.jinja"
    rows: tuple[WaitShown, ...]
    counts: Counts
    listing: Listing
    tabs: tuple[Tab, ...]
    choices: Mapping[str, Sequence[tuple[str, str]]]
    ticked: bool
    drafts: tuple[str, int] | None
    failed: int
    here: str
    empty: bool = False


def waiting(request: HttpRequest) -> HttpResponseBase:
    """Show who waits, or give the list as a file."""
    books = shop.books()
    reader = current(books.folder)
    listing = asked(request, filters=(*FILTERS, "when"), columns=tuple(SORTS), sort="due")
    if reader is None:
        return shown(request, _nothing(listing))
    waits = waits_of(reader, moment=Moment(shop.now(), books.timezone))
    if wants_csv(request):
        return _file(request, waits, listing=listing)
    counts = waits.counts(listing.filters)
    total = getattr(counts, _when(listing))
    rows = waits.page(listing.filters, sort=listing.sort, down=listing.down, offset=listing.offset, size=listing.size)
    works = request.user.may(Right.WORK)
    since = shop.now() - LATELY
    page = WaitingPage(
        rows=_shown(rows, waits=waits, words=request.words),
        counts=counts,
        listing=replace(listing, total=total),
        tabs=_tabs(listing, counts),
        choices=_choices(waits, words=request.words),
        ticked=request.GET.get("all") == "1",
        drafts=letters.unfinished(request.user, since=since) if works else None,
        failed=len(letters.failed(since=since)) if works else 0,
        here=request.get_full_path(),
    )
    return shown(request, page)


def _when(listing: Listing) -> str:
    return listing.filters["when"] if listing.filters["when"] in WHEN else "all"


def _nothing(listing: Listing) -> WaitingPage:
    return WaitingPage((), Counts(0, 0, 0, 0, 0, 0, 0), listing, (), {}, False, None, 0, "", empty=True)


def _shown(rows: Sequence[Wait], *, waits: Waits, words: Words) -> tuple[WaitShown, ...]:
    keys = [row.user_key for row in rows]
    speaker = teller(waits.book.reader, words=words, user_keys=keys)
    wrote = letters.last_written(keys)
    agreed = acts.agreed_days(row.promise_id for row in rows if row.promise_id)
    return tuple(
        _row(row, speaker=speaker, wrote=wrote.get(row.user_key), agreed=agreed.get(row.promise_id, "")) for row in rows
    )


def _row(row: Wait, *, speaker: Teller, wrote: Letter | None, agreed: str) -> WaitShown:
    day = date.fromisoformat(agreed[:10]) if agreed else None
    return WaitShown(
        name=row.name,
        who=speaker.whom(row.user_key),
        customer=customer_page(row.user_key),
        what=speaker.briefly(row),
        kind=speaker.kind(row),
        about=speaker.about(row.subject),
        promise=promise_page(row.promise_id),
        due_day=row.due_day,
        due_time=hour_of(row.due_at) if row.due_on is None else "",
        days_late=row.days_late,
        since_on=row.since_on,
        waited_days=row.waited_days,
        let_down=row.let_down,
        wrote=said_written(speaker.words, wrote) if wrote else "",
        # What was agreed in time is the day it is due by now.
        agreed_on=day if day != row.due_day else None,
    )


def said_written(words: Words, letter: Letter) -> str:
    """Return who wrote to a customer last, and when."""
    who = spoken.isolated(letter.member.name) if letter.member else without_marks(words.say("waits.somebody"))
    if letter.state == Letter.State.WAITING:
        return without_marks(words.say("waits.about_to_write", who=who))
    when = ago(words, letter.sent_at or letter.at, now=shop.now())
    return without_marks(words.say("waits.wrote", who=who, when=when))


def _choices(waits: Waits, *, words: Words) -> dict[str, list[tuple[str, str]]]:
    """Return what the list can be filtered by; a filter with nothing to choose from is not there."""
    there = waits.choices()
    named = {
        "kind": lambda value: (
            without_marks(words.say("waits.unanswered")) if value == CONVERSATION else spoken.promise(words, value)
        ),
        "carrier": str,
        "country": words.country,
        "channel": lambda value: spoken.channel(words, value),
    }
    found = {name: options(words, there[name], named=named[name], all_key=f"waits.all_{name}") for name in FILTERS}
    return {name: choices for name, choices in found.items() if len(choices) > 2}


def _file(request: HttpRequest, waits: Waits, *, listing: Listing) -> HttpResponseBase:
    words = request.words
    rows = list(waits.all(listing.filters, sort=listing.sort, down=listing.down))
    speaker = teller(waits.book.reader, words=words, user_keys=[row.user_key for row in rows])
    lines = (
        (
            speaker.whom(row.user_key),
            speaker.what(row),
            speaker.about(row.subject),
            row.due_day.isoformat() if row.due_day else "",
            "" if row.days_late is None else row.days_late,
            row.since_on.isoformat(),
            row.let_down,
            spoken.channel(words, row.channel),
        )
        for row in rows
    )
    heads = [without_marks(words.say(f"waits.column_{name}")) for name in _COLUMNS]
    return as_csv(without_marks(words.say("waits.file")), heads=heads, rows=lines)


def _tabs(listing: Listing, counts: Counts) -> tuple[Tab, ...]:
    """Return the ways to look at the list by when: what each is called, its address, how many there are."""
    kept = {name: value for name, value in listing.filters.items() if value and name != "when"}
    found = []
    for name in ("all", *WHEN):
        query = urlencode(kept if name == "all" else {**kept, "when": name})
        to = f"{address('waiting')}?{query}" if query else address("waiting")
        found.append(Tab(name, to, getattr(counts, name), _when(listing) == name))
    return tuple(found)
