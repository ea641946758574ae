"""A calendar as plain rows, to be joined in the engine instead of counted row by row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keptword.core.calendars.model import Calendar
from keptword.core.calendars.zones import counted, instant_of, zone
from keptword.core.problems import KeptwordError

DAY_SCHEMA: Final[dict[str, str]] = {
    "day": "date",
    "day_number": "int64",
    "start": "int64",
    "start_after_cutoff": "int64",
    "reach": "int64",
    "ends_at": "timestamp(6)",
}
WORKDAY_SCHEMA: Final[dict[str, str]] = {"ordinal": "int64", "day": "date", "ends_at": "timestamp(6)"}
WINDOW_SCHEMA: Final[dict[str, str]] = {
    "utc_day": "date",
    "start_second": "int64",
    "end_second": "int64",
    "until_second": "int64",
    "start_at": "timestamp(6)",
    "end_at": "timestamp(6)",
    "worked_before": "int64",
    "worked_after": "int64",
}

DayRow = tuple[date, int, int, int, int, datetime]
WorkdayRow = tuple[int, date, datetime]
WindowRow = tuple[date, int, int, int, datetime, datetime, int, int]

_Days = NDArray[np.datetime64]
_Ordinals = NDArray[np.int64]

_EPOCH: Final = date(1970, 1, 1)
_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)
_SECONDS_A_DAY: Final = 24 * 60 * 60
_LONGEST: Final = timedelta(days=366 * 100)


def day_rows(calendar: Calendar, *, first: date, last: date) -> list[DayRow]:
    """Return one row a local day from `first` to `last`, as `DAY_SCHEMA`.

    Working days are numbered; the first one from 1970 on is 0, whatever the range asked for.
    `start` is the number of the working day on which an event of that day counts (a day off counts as
    the next working day), `start_after_cutoff` the same for an event after the cut-off hour. What is
    promised within k working days is due on working day `start + k`, and something done on a day was
    within k of a start s when `reach <= s + k`: it took max(0, reach - s) working days. `reach` is the
    same number as `start`, under the name that reads right at the other end of a promise.
    `day_number` counts days since 1970, `ends_at` is the last microsecond of the local day, UTC.
    """
    days, before, after, _ = _numbered(calendar, counted(first), counted(last))
    wanted = days >= np.datetime64(first)
    numbers = days.astype("int64")
    columns = (days[wanted], numbers[wanted], before[wanted], after[wanted], before[wanted])
    ends = _ends(calendar, days[wanted].tolist())
    return list(zip(*(column.tolist() for column in columns), ends, strict=True))


def workday_rows(calendar: Calendar, *, first: date, last: date, ahead: int = 400) -> list[WorkdayRow]:
    """Return one row a working day, as `WORKDAY_SCHEMA`, from `first` to `ahead` working days after `last`.

    `ahead` is the longest promise, in working days, that is to find its due day here.
    """
    enough = counted(last) + timedelta(days=31 + 7 * (ahead + 2) // len(calendar.weekdays))
    while True:
        days, before, after, working = _numbered(calendar, counted(first), enough)
        # Long runs of holidays are the only thing that can leave too few; they end.
        if after[-1] - after[days == np.datetime64(last)][0] > ahead:
            break
        enough += timedelta(days=366)
    wanted = working & (days >= np.datetime64(first))
    listed = days[wanted].tolist()
    return list(zip(before[wanted].tolist(), listed, _ends(calendar, listed), strict=True))


def _numbered(calendar: Calendar, first: date, last: date) -> tuple[_Days, _Ordinals, _Ordinals, NDArray[np.bool_]]:
    """Return days up to `last`, the working days before each and up to its end, and which are working days.

    The range is widened to hold the first day of 1970, from which working days are numbered: of a working
    day the working days before it are its number, of a day off they are the number of the next working day.
    """
    days = np.arange(np.datetime64(min(first, _EPOCH)), np.datetime64(max(last, _EPOCH) + _DAY))
    weekdays = (days.astype("int64") + _EPOCH.weekday()) % 7
    working = np.isin(weekdays, list(calendar.weekdays)) & ~np.isin(days, _as_days(calendar.holidays))
    working |= np.isin(days, _as_days(calendar.extra_days))
    after = np.cumsum(working, dtype="int64")
    before = after - working
    zero = before[days == np.datetime64(_EPOCH)]
    within = days <= np.datetime64(last)
    return days[within], (before - zero)[within], (after - zero)[within], working[within]


def _as_days(days: frozenset[date]) -> _Days:
    return np.array(sorted(days), dtype="datetime64[D]")


def _ends(calendar: Calendar, days: list[date]) -> list[datetime]:
    local, microsecond = zone(calendar.timezone), timedelta(microseconds=1)
    return [instant_of(datetime.combine(day + _DAY, time()), local) - microsecond for day in days]


def window_rows(calendar: Calendar, *, first: date, last: date, hours_ahead: float = 1000) -> list[WindowRow]:
    """Return the working-hours clock, as `WINDOW_SCHEMA`: one row a stretch of working hours and UTC day.

    The rows run from the UTC day `first` until `hours_ahead` working hours after the end of `last`, in
    order. On each UTC day they cover all its seconds without a gap: the row of an instant is the one with
    `start_second <= second < until_second`, and a row of no length opens a day that does not begin inside
    working hours. Then, in working seconds since `first`:

    worked up to an instant = worked_before + least(second - start_second, end_second - start_second);
    the instant at which w seconds are worked lies in the row with worked_before < w <= worked_after,
    at start_at + (w - worked_before).
    """
    rows: list[WindowRow] = []
    worked, needed = 0, None
    for utc_day, pieces in _utc_days(calendar, counted(first)):
        if needed is None and utc_day > counted(last):
            needed = worked + hours_ahead * 3600
        if needed is not None and worked >= needed:
            return rows
        if utc_day - last > _LONGEST:
            raise KeptwordError(
                "{hours_ahead:g} working hours take longer than a century on this calendar. Name more working hours.",
                hours_ahead=hours_ahead,
            )
        midnight = datetime.combine(utc_day, time())
        ends = [start for start, _ in pieces[1:]] + [_SECONDS_A_DAY]
        for (start, end), until in zip(pieces, ends, strict=True):
            at = (midnight + start * _SECOND, midnight + end * _SECOND)
            rows.append((utc_day, start, end, until, *at, worked, worked + end - start))
            worked += end - start
    raise AssertionError("a calendar's days do not end")


def _utc_days(calendar: Calendar, first: date) -> Iterator[tuple[date, list[tuple[int, int]]]]:
    """Yield each UTC day from `first` on with its working hours in seconds of that day, the first from 0."""
    # Local days begin up to 14 hours before the UTC day of the same date.
    openings = calendar.openings(first - 2 * _DAY)
    start, end = next(openings)
    day = first
    while True:
        midnight, following = datetime.combine(day, time()), datetime.combine(day + _DAY, time())
        pieces: list[tuple[int, int]] = []
        while start < following:
            if end > midnight:
                pieces.append((_seconds(max(start, midnight) - midnight), _seconds(min(end, following) - midnight)))
            if end > following:
                break
            start, end = next(openings)
        yield day, pieces if pieces and pieces[0][0] == 0 else [(0, 0), *pieces]
        day += _DAY


def _seconds(span: timedelta) -> int:
    return span // _SECOND
