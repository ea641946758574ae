"""The promise that could be kept where it fails most, counted once more day by day on the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from keptword.core.keepable import keepable
from web.invented import books_of, order, quiet, today

FIRST = today() - timedelta(days=120)


def left(number: int) -> int:
    """After how many calendar days an order left: those to Iceland after one to eight, all others on the next."""
    return number % 8 + 1 if number < 80 else 1


def placed(number: int) -> date:
    """Two orders a day, on Sundays too."""
    return FIRST + timedelta(days=number // 2)


def orders() -> Iterator[dict[str, Any]]:
    for number in range(200):
        country = "IS" if number < 80 else "DE"
        yield from order(number, f"k{number}", placed(number), left=left(number), country=country)


def working_days(begin: date, end: date) -> int:
    """How many days after the first it was done, of those that are worked; done on a day off is done on the next."""
    if begin.weekday() > 4:
        # What comes on a day off counts as on the next working day.
        begin += timedelta(days=7 - begin.weekday())
    while end.weekday() > 4:
        end += timedelta(days=1)
    days = (begin + timedelta(days=step) for step in range(1, (end - begin).days + 1))
    return sum(day.weekday() < 5 for day in days)


def test_the_promise_named_is_the_one_that_its_own_orders_would_have_kept(tmp_path):
    """80 orders to Iceland left after 1 to 8 days, 120 others on the next; promised were 2 working days."""
    from keptword.figures.make import make
    from keptword.figures.reading import current
    from keptword.intake import database

    database.disconnect()
    try:
        books = books_of(tmp_path / "books", orders(), promise="ships within 2 working days", since=FIRST)
        make(books, say=quiet)
        found = current(books.folder).said("there")
    finally:
        database.disconnect()
    taken = [working_days(placed(number), placed(number) + timedelta(days=left(number))) for number in range(80)]
    days = keepable([taken.count(day) for day in range(11)], [0] * 11).days
    assert (found["name"], found["value"]) == ("country", "IS")
    assert found["share"]["count"] == sum(day <= 2 for day in taken)
    assert found["promise"]["could"] == {"number": days, "unit": "working days"}
    assert found["promise"]["share"]["value"] == sum(day <= days for day in taken) / 80
    assert found["promise"]["there"] == {"sentence": f"We ship within {days} working days.", "where": "country = IS"}
    assert found["promise"]["rest"] == {"sentence": "We ship within 2 working days.", "where": "country != IS"}
