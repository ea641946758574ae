"""Working days and hours of single events, counted one day after the other: the measure for the tables."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import takewhile

from keptword.core.calendars.model import Calendar
from keptword.core.calendars.zones import counted, local_day
from keptword.core.problems import KeptwordError

_DAY = timedelta(days=1)
_LONGEST = timedelta(days=366 * 100)


def due_day(
    calendar: Calendar,
    event_on: date,
    *,
    within: int,
    event_time: time | None = None,
    cutoff: time | None = None,
) -> date:
    """Return the working day at whose end something promised "within n working days" falls due.

    Days are counted from the day after the event: of a Friday, 2 is Tuesday. An event after the
    cut-off hour (`event_time` is the local time of day) or on a day off counts as on the next working day.
    """
    day = _counts_on(calendar, event_on, event_time=event_time, cutoff=cutoff)
    for _ in range(within):
        day = _next_working(calendar, day + _DAY)
    return day


def days_taken(
    calendar: Calendar,
    event_on: date,
    *,
    done_on: date,
    event_time: time | None = None,
    cutoff: time | None = None,
) -> int:
    """Return the least n for which what was done on `done_on` is "within n working days" of the event."""
    day, taken = _counts_on(calendar, event_on, event_time=event_time, cutoff=cutoff), 0
    while day < done_on:
        day, taken = _next_working(calendar, day + _DAY), taken + 1
    return taken


def _counts_on(calendar: Calendar, event_on: date, *, event_time: time | None, cutoff: time | None) -> date:
    after_cutoff = cutoff is not None and event_time is not None and event_time > cutoff
    return _next_working(calendar, counted(event_on) + _DAY if after_cutoff else event_on)


def _next_working(calendar: Calendar, day: date) -> date:
    while not calendar.is_working(day):
        day += _DAY
    return day


def working_seconds(calendar: Calendar, *, start: datetime, end: datetime) -> float:
    """Return the working seconds between two instants (UTC, without a zone); 0 where `end` comes first."""
    if end <= start:
        return 0.0
    counted(local_day(end, calendar.timezone))
    openings = calendar.openings(_first_day(calendar, start))
    until_end = takewhile(lambda opening: opening[0] < end, openings)
    worked = sum((max(timedelta(), min(closes, end) - max(opens, start)) for opens, closes in until_end), timedelta())
    return worked / timedelta(seconds=1)


def due_instant(calendar: Calendar, start: datetime, *, hours: float) -> datetime:
    """Return the instant (UTC, without a zone) at which `hours` working hours since `start` are over.

    It is the first such instant: an hour that ends at closing time is over then, not the next morning.
    """
    left = timedelta(hours=hours)
    for opens, closes in calendar.openings(_first_day(calendar, start)):
        worked = closes - max(opens, start)
        if worked > timedelta() and worked >= left:
            return max(opens, start) + left
        left -= max(worked, timedelta())
        if opens - start > _LONGEST:
            break
    raise KeptwordError(
        "{hours:g} working hours take longer than a century on this calendar. Name more working hours.", hours=hours
    )


def _first_day(calendar: Calendar, instant: datetime) -> date:
    # No opening of an earlier local day reaches an instant of this one: a day's hours end by its midnight.
    return counted(local_day(instant, calendar.timezone))
