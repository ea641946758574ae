"""The promise book as a list: filtered and sorted in its address, a page at a time, or all of it as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponseBase

from keptword.core.schema import PROMISE_KINDS
from keptword.figures.reading import Reader, current
from keptword.office import acts, people
from keptword.office.models import Member
from keptword.web import shop, spoken
from keptword.web.keeping.book import SORTS, STATES, Book, Wanted, book_of
from keptword.web.keeping.standing import Moment, Promise
from keptword.web.keeping.telling import Teller, customer_page, hour_of, options, promise_page, teller
from keptword.web.listing import Listing, as_csv, asked, wants_csv
from keptword.web.pages import shown
from keptword.words import Words, without_marks

FILTERS: Final = ("q", "kind", "state", "due_from", "due_to", "channel", "colleague", "rule")

_COLUMNS: Final = ("what", "kind", "who", "about", "made", "due", "state", "kept", "channel", "shown", "name")
_AT_ONCE: Final = 500


@dataclass(frozen=True)
class PromiseShown:
    """One promise in a list: what, to whom, about what, until when, how it stands; `mark` is the style of that."""

    name: str
    address: str
    what: str
    kind: str
    who: str
    customer: str
    about: str
    made_on: date
    due_day: date | None
    due_time: str
    mark: str
    state: str
    held: bool


@dataclass(frozen=True)
class PromisesPage:
    """What the list shows; without figures there is nothing yet."""

    template: ClassVar[str] = "promises.html.jinja"
    rows: tuple[PromiseShown, ...]
    listing: Listing
    choices: Mapping[str, Sequence[tuple[str, str]]]
    due_from: date | None
    due_to: date | None
    rule: str
    ticked: bool
    here: str
    empty: bool = False


def promises(request: HttpRequest) -> HttpResponseBase:
    """Show the promises asked for, or give them as a file."""
    books = shop.books()
    reader = current(books.folder)
    listing = asked(request, filters=FILTERS, columns=tuple(SORTS), sort="-due")
    if reader is None:
        return shown(request, PromisesPage((), listing, {}, None, None, "", False, "", empty=True))
    book = book_of(reader, moment=Moment(shop.now(), books.timezone))
    wanted = _wanted(listing.filters, book=book)
    if wants_csv(request):
        return _file(request, book.all(wanted, sort=listing.sort, down=listing.down), reader=reader)
    rows = book.page(wanted, sort=listing.sort, down=listing.down, offset=listing.offset, size=listing.size)
    page = PromisesPage(
        rows=shown_rows(rows, reader=reader, words=request.words),
        listing=replace(listing, total=book.count(wanted)),
        choices=_choices(reader, words=request.words),
        due_from=wanted.due_from,
        due_to=wanted.due_to,
        rule=_rule(reader, listing.filters["rule"], words=request.words),
        ticked=request.GET.get("all") == "1",
        here=request.get_full_path(),
    )
    return shown(request, page)


def shown_rows(rows: Sequence[Promise], *, reader: Reader, words: Words) -> tuple[PromiseShown, ...]:
    """Return promises as a list shows them."""
    speaker = teller(reader, words=words, user_keys=[row.user_key for row in rows])
    return tuple(
        PromiseShown(
            name=f"p:{row.promise_id}",
            address=promise_page(row.promise_id),
            what=speaker.briefly(row),
            kind=speaker.kind(row),
            who=speaker.whom(row.user_key),
            customer=customer_page(row.user_key),
            about=speaker.about(row.subject),
            made_on=row.made_on,
            due_day=row.due_day,
            due_time=hour_of(row.due_at) if row.names_hour else "",
            mark=mark(row),
            state=said_state(words, row),
            held=row.held,
        )
        for row in rows
    )


def mark(promise: Promise) -> str:
    """Return the style in which it is shown how a promise stands."""
    if promise.state == "open" and promise.vague:
        return "vague"
    return "broken" if promise.state == "overdue" else promise.state


def said_state(words: Words, promise: Promise) -> str:
    """Return how a promise stands, as in "waiting, 3 days late"."""
    if promise.state == "overdue":
        key = "promises.state_overdue" if promise.days_late else "promises.state_hour_passed"
        return without_marks(words.say(key, count=promise.days_late or 0))
    if promise.state == "late" and promise.days_late:
        return without_marks(words.say("promises.state_late", count=promise.days_late))
    if promise.state == "open" and promise.vague:
        return spoken.outcome(words, "vague")
    return spoken.outcome(words, promise.state)


def _wanted(filters: Mapping[str, str], *, book: Book) -> Wanted:
    """Return what the filters of an address ask for; one that makes no sense leaves nothing out."""
    text = filters["q"].strip()
    colleague = _colleague(filters["colleague"])
    return Wanted(
        kind=filters["kind"] if filters["kind"] in PROMISE_KINDS else "",
        state=filters["state"],
        due_from=_day(filters["due_from"]),
        due_to=_day(filters["due_to"]),
        channel=filters["channel"],
        rule=filters["rule"],
        ids=_found(text, book=book) if text else None,
        by=tuple(acts.done_by(colleague.pk)) if colleague else None,
        member=acts.pseudonym(colleague) if colleague else "",
    )


def _found(text: str, *, book: Book) -> tuple[str, ...]:
    """Return the promises found by the number of an order, or by the name, mail address or key of a customer."""
    number = text.removeprefix("#").strip()
    of = [text, *(person.user_key for person in people.found(text, limit=50))]
    there = book.some([text])
    return (*book.found(of=of, number=number), *there)


def _colleague(text: str) -> Member | None:
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        return None
    return Member.objects.filter(pk=int(text)).first()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _choices(reader: Reader, *, words: Words) -> dict[str, list[tuple[str, str]]]:
    channels = reader.rows("SELECT DISTINCT channel FROM promises WHERE channel IS NOT NULL")
    colleagues = {str(each.pk): each.name for each in Member.objects.order_by("name")}
    states = [(name, without_marks(words.say(f"promises.filter_{name}"))) for name in STATES]
    return {
        "state": [("", without_marks(words.say("promises.all_state"))), *states],
        "kind": options(
            words, PROMISE_KINDS, named=lambda value: spoken.promise(words, value), all_key="promises.all_kind"
        ),
        "channel": options(
            words,
            [row["channel"] for row in channels],
            named=lambda value: spoken.channel(words, value),
            all_key="promises.all_channel",
        ),
        "colleague": options(words, list(colleagues), named=colleagues.__getitem__, all_key="promises.all_colleague"),
    }


def _rule(reader: Reader, identity: str, *, words: Words) -> str:
    """Return a rule in words, as its newest version has it; empty where none is asked for."""
    if not identity:
        return ""
    language = "zh" if words.language == "zh" else "en"
    found = [each["words"][language] for each in reader.said("rules") or () if each["rule"] == identity]
    return found[-1] if found else spoken.short(identity)


def _file(request: HttpRequest, rows: Iterator[Promise], *, reader: Reader) -> HttpResponseBase:
    words = request.words
    heads = [without_marks(words.say(f"promises.column_{name}")) for name in _COLUMNS]
    return as_csv(without_marks(words.say("promises.file")), heads=heads, rows=_lines(rows, reader=reader, words=words))


def _lines(rows: Iterator[Promise], *, reader: Reader, words: Words) -> Iterable[tuple[Any, ...]]:
    """Return the lines of the file, so many promises at a time that their customers' names are looked up at once."""
    while some := list(islice(rows, _AT_ONCE)):
        speaker = teller(reader, words=words, user_keys=[row.user_key for row in some])
        yield from (_line(row, speaker=speaker) for row in some)


def _line(row: Promise, *, speaker: Teller) -> tuple[Any, ...]:
    return (
        speaker.what(row),
        speaker.kind(row),
        speaker.whom(row.user_key),
        speaker.about(row.subject),
        row.made_on.isoformat(),
        row.due_day.isoformat() if row.due_day else "",
        said_state(speaker.words, row),
        row.kept_on.isoformat() if row.kept_on else "",
        spoken.channel(speaker.words, row.channel),
        row.shown_at,
        row.promise_id,
    )
