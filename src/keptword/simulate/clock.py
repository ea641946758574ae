"""Local time, working days and working hours for whole columns of instants at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Instants = NDArray[np.datetime64]
"""One UTC instant each, `datetime64[s]`; NaT where it never happened."""
Days = NDArray[np.datetime64]
"""One local day each, `datetime64[D]`."""
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

NEVER = np.datetime64("NaT", "s")
DAY = np.timedelta64(86_400, "s")


@dataclass(frozen=True)
class Clock:
    """The local time of one zone between two days: `offsets[i]` seconds east of UTC from `changes[i - 1]` on."""

    changes: Instants
    offsets: Numbers

    def offset(self, utc: Instants) -> Numbers:
        """Return the seconds to add to each UTC instant to read the wall clock."""
        found: Numbers = self.offsets[np.searchsorted(self.changes, utc, side="right")]
        return found

    def local(self, utc: Instants) -> Instants:
        """Return the wall clock at each UTC instant."""
        found: Instants = utc + self.offset(utc).astype("timedelta64[s]")
        return found

    def day(self, utc: Instants) -> Days:
        """Return the local day of each UTC instant."""
        return self.local(utc).astype("datetime64[D]")

    def utc(self, local: Instants) -> Instants:
        """Return the UTC instant of each wall clock reading; one that the spring gap skips is moved on by the gap."""
        guess = local - self.offset(local).astype("timedelta64[s]")
        meant: Instants = local - self.offset(guess).astype("timedelta64[s]")
        return meant


def clock(zone: str, *, first: date, last: date) -> Clock:
    """Return the clock of `zone`, good for every instant from a week before `first` to a week after `last`."""
    tz = ZoneInfo(zone)

    def offset_at(second: int) -> int:
        shift = datetime.fromtimestamp(second, tz).utcoffset()
        assert shift is not None
        return int(shift.total_seconds())

    start = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()) - 7 * 86_400
    end = int(datetime(last.year, last.month, last.day, tzinfo=UTC).timestamp()) + 8 * 86_400
    changes, offsets = [], [offset_at(start)]
    for second in range(start, end, 86_400):
        below, above = second, second + 86_400
        if offset_at(above) == offsets[-1]:
            continue
        while above - below > 1:
            middle = (below + above) // 2
            below, above = (middle, above) if offset_at(middle) == offsets[-1] else (below, middle)
        changes.append(above)
        offsets.append(offset_at(above))
    return Clock(np.array(changes, "datetime64[s]"), np.array(offsets, np.int64))


@dataclass(frozen=True)
class WorkingDays:
    """Monday to Friday, without the days off."""

    days_off: Days

    def begin(self, day: Days, *, late: Flags | None = None) -> Days:
        """Return the day from which a promise counts: that day, or the next working day after a day off.

        Where `late` is true the event came after the hour at which the day's orders are taken, so a working
        day counts as the next one.
        """
        on = np.is_busday(day, holidays=self.days_off)
        extra = np.zeros(len(day), np.int64) if late is None else (late & on).astype(np.int64)
        return np.busday_offset(day, extra, roll="forward", holidays=self.days_off)

    def after(self, day: Days, working_days: Numbers | int) -> Days:
        """Return the day that many working days after a day that is one itself."""
        return np.busday_offset(day, working_days, roll="forward", holidays=self.days_off)

    def needed(self, begin: Days, done: Days) -> Numbers:
        """Return the fewest working days k for which what was done on `done` was done within k; -1 for NaT."""
        known = ~np.isnat(done)
        counted = np.busday_count(begin, np.where(known, done, begin), holidays=self.days_off)
        return np.where(known, np.maximum(counted, 0), -1).astype(np.int64)


@dataclass(frozen=True)
class WorkingHours:
    """The same hours every working day: turns instants into worked seconds and back."""

    clock: Clock
    opens: int
    closes: int
    first: np.datetime64
    worked_before: Numbers
    """Worked seconds before each day from `first` on."""

    def worked(self, utc: Instants) -> Numbers:
        """Return the worked seconds between the first day and each instant."""
        local = self.clock.local(utc)
        day = local.astype("datetime64[D]")
        index = (day - self.first).astype(np.int64)
        length = self.worked_before[index + 1] - self.worked_before[index]
        into = (local - day).astype(np.int64) - self.opens * 3600
        found: Numbers = self.worked_before[index] + np.clip(into, 0, length)
        return found

    def after(self, utc: Instants, seconds: Numbers) -> Instants:
        """Return the instant at which that many more seconds have been worked, at the latest at the last closing."""
        goal = np.minimum(self.worked(utc) + seconds, self.worked_before[-1])
        index = np.searchsorted(self.worked_before, goal, side="left") - 1
        into = goal - self.worked_before[index] + self.opens * 3600
        return self.clock.utc((self.first + index).astype("datetime64[s]") + into.astype("timedelta64[s]"))


def working_hours(
    around: Clock, days: WorkingDays, *, first: date, last: date, opens: int, closes: int
) -> WorkingHours:
    """Return the working hours from `opens` to `closes` (hours of the day) on the working days from first to last."""
    span = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    length = np.is_busday(span, holidays=days.days_off) * (closes - opens) * 3600
    before = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    return WorkingHours(around, opens, closes, span[0], before)


def german_holidays(years: Iterable[int]) -> list[date]:
    """Return the nine holidays of all German states, sorted."""
    found = []
    for year in years:
        easter = _easter(year)
        found += [date(year, month, day) for month, day in ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26))]
        found += [easter + timedelta(days=days) for days in (-2, 1, 39, 50)]
    return sorted(found)


def _easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (Gauss, with the corrections for 1981 and 1954)."""
    century = year // 100
    moon = (15 + century - century // 4 - (8 * century + 13) // 25) % 30
    sun = (4 + century - century // 4) % 7
    full = (19 * (year % 19) + moon) % 30
    rest = (2 * (year % 4) + 4 * (year % 7) + 6 * full + sun) % 7
    late = (full == 29 and rest == 6) or (full == 28 and rest == 6 and year % 19 > 10)
    return date(year, 3, 22) + timedelta(days=full + rest - (7 if late else 0))


def months_before(day: date, *, months: int) -> date:
    """Return the day after the same day that many months earlier: the first day of a span that ends on `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    length = (following - date(year, month + 1, 1)).days
    return date(year, month + 1, min(day.day, length)) + timedelta(days=1)
