"""Two shops invented down to the last order, so that every number on a page can be counted here once more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from pathlib import Path
from typing import Any

from keptword.books import rules
from keptword.books.closing import close_day
from keptword.books.folder import Folder
from keptword.books.opened import Books, begin_books
from keptword.books.recording import post
from keptword.core.rules import parse_promise
from keptword.figures.make import make

PRIZE = "spring draw <b>&</b>"
NEVER = 99
"""Days after which an order left that never did."""


def quiet(_: str) -> None:
    """Say nothing."""


def today() -> date:
    """The local day of the invented shops, which are in UTC."""
    return datetime.now(UTC).date()


def month_of(day: date, *, back: int) -> date:
    """The first day of a month that is so many before the one of a day."""
    for _ in range(back):
        day = day.replace(day=1) - timedelta(days=1)
    return day.replace(day=1)


def in_100(kept: int, of: int) -> str:
    """A share as pages write it, its interval by Wilson's formula as it stands in the books."""
    z, share = 1.6448536269514722, kept / of
    middle, half = share + z * z / (2 * of), z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    low, high = ((middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of))
    return f"{share * 100:.0f} in 100 ({low * 100:.0f} to {high * 100:.0f})"


def fact(name: str, kind: str, day: date, *, hour: int = 10, **more: Any) -> dict[str, Any]:
    """One entry, as the door takes it."""
    return {"fact_id": name, "kind": kind, "occurred_at": f"{day}T{hour:02}:00:00Z", "source": "invented", **more}


def order(number: int, who: str, placed: date, *, left: int, **attributes: str) -> Iterator[dict[str, Any]]:
    """An order, and that it left so many days later, where it did by now."""
    about = {"user_key": who, "subject": f"order:#{number}"}
    told = {"attributes": attributes} if attributes else {}
    yield fact(f"{number}:placed", "order.placed", placed, amount="20", currency="EUR", **about, **told)
    if left != NEVER and placed + timedelta(days=left) < today():
        yield fact(f"{number}:left", "order.shipped", placed + timedelta(days=left), **about)


def books_of(place: Path, facts: Iterator[dict[str, Any]], *, promise: str = "", since: date | None = None) -> Books:
    """Books of these entries, a promise told since a day, figures made."""
    from dataclasses import replace

    books = begin_books(Folder(place), name="Alder Tea", currency="EUR", timezone="UTC", country=None)
    if promise:
        rules.add(books, replace(parse_promise(promise), since=since))
    done = post(books, map(json.dumps, facts), say=quiet)
    assert done.settled is not None
    assert done.settled.refused == 0
    return books


@dataclass(frozen=True)
class Little:
    """A shop of 60 orders: 47 left within 2 days, 10 later, 3 not at all: #1040, #1050 and #1059."""

    books: Books
    first: date


def little(place: Path, *, since: date | None = None) -> Little:
    """Make the shop of 60 orders, three a week for 20 weeks, each by somebody else."""
    first = today() - timedelta(days=147)

    def told() -> Iterator[dict[str, Any]]:
        for number in range(60):
            placed = first + timedelta(days=7 * (number // 3) + number % 3)
            left = NEVER if number in (40, 50, 59) else 5 if number % 5 == 0 else 1
            yield from order(1000 + number, f"k{number}", placed, left=left)

    books = books_of(place, told(), promise="ships within 2 days", since=since or today())
    make(books, say=quiet)
    return Little(books, first)


@dataclass(frozen=True)
class Much:
    """A shop whose last two months are closed: `before` kept 380 of 400, `last` 724 of 810.

    Of the orders of the last month 100 went to Iceland, 40 of them late; of 700 others 32 were late and 4 never left.
    Two of the 4 are to people let down the month before. 10 prizes of a draw are not sent.
    """

    books: Books
    before: date
    last: date


def much(place: Path) -> Much:
    """Make the shop with two closed months."""
    last, before = month_of(today(), back=1), month_of(today(), back=2)
    books = books_of(place, _much(before, last), promise="ships within 2 days", since=before - timedelta(days=400))
    for month in (before, last):
        close_day(books, (month + timedelta(days=31)).replace(day=1) - timedelta(days=1), say=quiet)
    make(books, say=quiet)
    return Much(books, before, last)


def _much(before: date, last: date) -> Iterator[dict[str, Any]]:
    for number in range(400):
        placed = before + timedelta(days=number % 20)
        yield from order(number, f"c{number}", placed, left=5 if number >= 380 else 1, country="DE")
    for number in range(400, 1200):
        iceland = number < 500
        late = number < 440 or 500 <= number < 532
        never = number >= 1196
        who = f"c{number - 818}" if number in (1198, 1199) else f"c{number}"
        left = NEVER if never else 5 if late else 1
        country = "IS" if iceland else "DE"
        yield from order(number, who, last + timedelta(days=number % 20), left=left, country=country)
    yield from _followed(last)


def _followed(last: date) -> Iterator[dict[str, Any]]:
    """Three refunds and six messages after orders that were late, and ten prizes of a draw that nobody got."""
    day = last + timedelta(days=26)
    for number in range(400, 403):
        about = {"user_key": f"c{number}", "subject": f"order:#{number}"}
        yield fact(f"{number}:back", "order.refunded", day, amount="10", currency="EUR", **about)
    for number in range(410, 416):
        about = {"user_key": f"c{number}", "subject": f"conversation:{number}", "channel": "mail"}
        yield fact(f"{number}:asked", "contact.opened", day, **about)
        yield fact(f"{number}:answered", "contact.replied", day, hour=12, **about)
    for number in range(10):
        due = str(last + timedelta(days=24))
        promised = {"promise_id": f"prize-{number}", "promise_kind": "reward", "due_on": due}
        promised["due_at"] = f"{due}T23:59:59.999999Z"
        about = {"user_key": f"c{number}", "attributes": {"prize": PRIZE}}
        yield fact(f"prize-{number}:made", "promise.made", last + timedelta(days=2), **promised, **about)
