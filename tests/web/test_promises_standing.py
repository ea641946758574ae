"""Promises as they stand now: acts laid over the figures say what the books will say, on every page and count."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from keptword.figures.make import make
from keptword.figures.reading import current
from keptword.office import acts
from keptword.office.acts import HOLD, Intent
from keptword.web.keeping.book import SORTS, STATES, Book, Wanted, book_of
from keptword.web.keeping.standing import COLUMNS, Moment, Promise, promise_of
from web.cast import Desk
from web.invented import quiet, today


def day(days: int) -> str:
    """A day so many days from now, as entries have it."""
    return f"{today() + timedelta(days=days)}"


def standing(desk: Desk, *, now: datetime) -> dict[str, tuple]:
    """Every promise as pages tell it."""
    reader = current(desk.books.folder)
    assert reader is not None
    book = book_of(reader, moment=Moment(now, desk.books.timezone))
    found = book.all(Wanted(), sort="due", down=True)
    return {each.promise_id: _told(each) for each in found}


def _told(each: Promise) -> tuple:
    return (each.kind, each.user_key, each.subject, each.made_on, each.due_at, each.due_on, each.kept_at, each.state)


def something(dice: random.Random, names: list[str], *, number: int) -> Intent:
    """An act about some promise, sensible or not: whatever order colleagues and clocks may come to."""
    name = dice.choice(names)
    kind = dice.choice(("kept", "kept", "released", "broken", "renegotiated", "made"))
    columns: dict = {}
    if kind in ("renegotiated", "made") and (kind == "renegotiated" or dice.random() < 0.7):
        due = today() + timedelta(days=dice.randrange(-3, 9))
        at = datetime(due.year, due.month, due.day, 23, 59, 59, 999999, tzinfo=UTC)
        columns = (
            {"due_at": at.isoformat(), "due_on": f"{due}"}
            if dice.random() < 0.6
            else {"due_at": at.replace(hour=dice.randrange(24)).isoformat()}
        )
    if kind == "made":
        name = dice.choice((name, f"by hand {number % 9}"))
        columns |= {"promise_kind": "reward", "attributes": {"what": "a tin"}}
    return Intent(f"promise.{kind}", user_key=f"c{number % 40}", promise_id=name, columns=columns)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_pages_say_of_acts_is_what_the_books_say_once_they_are_in(monday, seed, monkeypatch):
    """Random acts over weeks, one after the other; then all are posted and figures made: every promise stands alike.

    The clashes a page would tell of are let through here, so that the books are asked about every order of things.
    """
    monkeypatch.setattr(acts, "ENDS", {})
    dice, moments = random.Random(seed), sorted(random.Random(seed).sample(range(60 * 24 * 10), 90))
    names = [f"p{number}" for number in range(40)] + ["vague", "ancient", "off", "given-up", "old-c3-0"]
    now = datetime.now(UTC)
    for number, minutes in enumerate(moments):
        now = datetime.now(UTC).replace(hour=0, minute=0, second=1) + timedelta(minutes=minutes)
        acts.record([something(dice, names, number=number)], by=monday.members["ben"], now=now, timezone="UTC")
    before = standing(monday, now=now + HOLD)
    from keptword.books.recording import settle_now

    acts.post_due(now + HOLD)
    settle_now(monday.books, say=quiet)
    made = make(monday.books, say=quiet, now=now + HOLD)
    laid_over = standing(monday, now=now + HOLD)
    assert acts.inside(made.number, batch=made.batch, journal=monday.books.journal) == 90
    after = standing(monday, now=now + HOLD)
    assert not acts.pending(made.number)
    assert before == after
    # Laid over figures that hold them already, acts change nothing.
    assert laid_over == after
    assert len({state for *_, state in after.values()}) == 6


def brute(book: Book, wanted: Wanted, *, sort: str, down: bool) -> list[Promise]:
    """The promises asked for, found by looking at each of them."""
    there = {row["promise_id"]: dict(row) for row in book.reader.rows("SELECT rowid AS place, * FROM promises")}
    for place, row in book.changed.items():
        there[row["promise_id"]] = {**row, "place": place}
    each_of = [(row, promise_of(row, moment=book.moment)) for row in there.values()]
    found = [(row, each) for row, each in each_of if _fits(each, wanted)]
    column = SORTS[sort]
    known = [pair for pair in found if pair[0][column] is not None]
    known.sort(key=lambda pair: pair[0]["place"])
    known.sort(key=lambda pair: pair[0][column], reverse=down)
    unknown = sorted((pair for pair in found if pair[0][column] is None), key=lambda pair: pair[0]["place"])
    return [each for _, each in known + unknown]


def _fits(each: Promise, wanted: Wanted) -> bool:
    states = {"broken": ("broken", "overdue"), "vague": ("open",)}.get(wanted.state, (wanted.state,))
    return (
        (not wanted.kind or each.kind == wanted.kind)
        and (not wanted.channel or each.channel == wanted.channel)
        and (not wanted.state or each.state in states)
        and (wanted.state != "vague" or each.vague)
        and (wanted.due_from is None or (each.due_day is not None and each.due_day >= wanted.due_from))
        and (wanted.due_to is None or (each.due_day is not None and each.due_day <= wanted.due_to))
        and (wanted.ids is None or each.promise_id in wanted.ids)
        and (wanted.by is None or each.promise_id in wanted.by)
    )


def wanted_by(dice: random.Random) -> Wanted:
    """Something to ask for."""
    ids = tuple(dice.sample([f"p{number}" for number in range(45)] + ["vague", "new 1", "none"], 12))
    return Wanted(
        kind=dice.choice(("", "", "refund", "reward")),
        state=dice.choice(("", "", *STATES)),
        due_from=dice.choice((None, None, today() - timedelta(days=4))),
        due_to=dice.choice((None, None, today() + timedelta(days=9))),
        channel=dice.choice(("", "", "", "shop")),
        ids=dice.choice((None, None, None, ids)),
        by=dice.choice((None, None, None, ids)),
        member="nobody",
    )


def test_counts_and_pages_are_right_with_acts_laid_over(monday):
    """Whatever is asked for, in whatever order, page by page: as if every promise had been looked at."""
    dice = random.Random(7)
    now = datetime.now(UTC)
    for number in range(14):
        name = dice.choice([f"p{number}" for number in range(40)])
        kind = dice.choice(("promise.kept", "promise.released", "promise.broken"))
        acts.record([Intent(kind, f"c{number}", name)], by=monday.members["ben"], now=now, timezone="UTC")
    for number in range(5):
        columns = {"promise_kind": "reward", "channel": "shop"}
        if number % 2:
            columns |= {"due_at": f"{day(number)}T12:00:00Z"}
        acts.record(
            [Intent("promise.made", f"c{number}", f"new {number}", columns=columns)],
            by=monday.members["ben"],
            now=now,
            timezone="UTC",
        )
    reader = current(monday.books.folder)
    for with_acts in (True, False):
        moment = Moment(now + timedelta(hours=30), "UTC")
        book = book_of(reader, moment=moment) if with_acts else Book(reader, moment)
        for _ in range(60):
            wanted, sort, down = wanted_by(dice), dice.choice(list(SORTS)), dice.random() < 0.5
            expected = brute(book, wanted, sort=sort, down=down)
            assert book.count(wanted) == len(expected)
            assert list(book.all(wanted, sort=sort, down=down)) == expected or with_acts
            size, paged = dice.choice((3, 7, 50)), []
            for offset in range(0, len(expected) + size, size):
                paged += book.page(wanted, sort=sort, down=down, offset=offset, size=size)
            assert [_told(each) for each in paged] == [_told(each) for each in expected]


def test_a_day_is_waited_for_until_it_is_over_and_an_hour_until_that_hour(monday):
    reader = current(monday.books.folder)
    row = {**dict.fromkeys(COLUMNS), "promise_id": "x", "promise_kind": "reply", "outcome": "open", "vague": False}
    row |= {"made_at": datetime(2031, 3, 1), "made_on": date(2031, 3, 1), "due_day": date(2031, 3, 4)}
    by_day = row | {"due_on": date(2031, 3, 4), "due_at": datetime(2031, 3, 4, 22, 59, 59, 999999)}
    by_hour = row | {"due_at": datetime(2031, 3, 4, 13)}

    def state(told: dict, clock: str) -> tuple[str, int | None]:
        moment = Moment(datetime.fromisoformat(f"{clock}+00:00"), "Europe/Berlin")
        there = promise_of(told, moment=moment)
        return there.state, there.days_late

    assert reader is not None
    assert state(by_day, "2031-03-04T22:59:59") == ("open", None)
    assert state(by_day, "2031-03-04T23:00:00") == ("overdue", 1)
    assert state(by_hour, "2031-03-04T12:59:59") == ("open", None)
    assert state(by_hour, "2031-03-04T13:00:00") == ("overdue", 0)
