"""Closes what is due at night: the ends of months, none of them left out, and yesterday."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Final

from keptword.books.closing import close_day, closings
from keptword.books.opened import Books
from keptword.core.calendars import zone
from keptword.office.chosen import chosen

SETTING: Final = "night"
AT: Final = time(3, 0)
"""When the night's work begins, local time, unless something else was chosen."""

FIRST: Final = 2
"""How many months' ends are closed where no day was closed before: the last, and the one it is held against."""

_log = logging.getLogger("keptword.work")


def close_next(books: Books, now: datetime) -> float | None:
    """Close the first day that is due; 0 where there may be another one, None where nothing was."""
    told = chosen(SETTING) or {}
    if told.get("on") is False:
        return None
    days = [file.on_low for file in books.journal.files()]
    if not days:
        return None
    there = now.astimezone(zone(books.timezone))
    done = {each.input.day for each in closings(books)}
    due = days_due(there.replace(tzinfo=None), at=clock(told.get("at")), first=min(days), closed=done)
    if not due:
        return None
    closed = close_day(books, due[0], say=lambda _: None)
    _log.info("day closed", extra={"day": str(due[0]), "was_closed": closed.was_closed})
    return 0.0


def days_due(there: datetime, *, at: time, first: date, closed: Collection[date]) -> list[date]:
    """Return the days to be closed at a local moment, in order: ends of months that are over, then yesterday.

    Yesterday is due from the hour `at` on; `first` is the day of the first entry. A day before the last closed one is
    never due, so that a clock set back closes nothing.
    """
    last = there.date() - timedelta(days=1 if there.time() >= at else 2)
    if last < first:
        return []
    newest = max(closed, default=None)
    ends = _months_ends(first if newest is None else newest + timedelta(days=1), last)
    due = ends if newest is not None else ends[-FIRST:]
    return [day for day in [*due, *([last] if last not in ends else [])] if newest is None or day > newest]


def _months_ends(first: date, last: date) -> list[date]:
    """Return the last days of months from `first` to `last`, both among them."""
    ends = []
    month = first.replace(day=1)
    while month <= last:
        following = (month + timedelta(days=31)).replace(day=1)
        ends.append(following - timedelta(days=1))
        month = following
    return [day for day in ends if first <= day <= last]


def clock(told: object) -> time:
    """Return an hour of the day as it was chosen, `AT` where nothing was or it is none."""
    try:
        return time.fromisoformat(str(told)) if told else AT
    except ValueError:
        return AT
