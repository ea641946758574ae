"""A business's calendar: which days it works, between which hours, and on whose clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final

from keptword.core.calendars.zones import instant_of, zone
from keptword.core.problems import KeptwordError
from keptword.core.schema import unknown

Window = tuple[int, int]
"""Opening hours: minutes after local midnight at which work begins and ends; the end may be 1440."""

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

MONDAY_TO_FRIDAY: Final = frozenset(range(5))
OFFICE_HOURS: Final[tuple[Window, ...]] = ((9 * 60, 17 * 60),)
"""09:00 to 17:00: the hours assumed where a business has not told its own."""

_MINUTES_A_DAY: Final = 24 * 60
_WINDOW = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|\u2013|\u2014|to)\s*(\d{1,2})(?:[:.](\d{2}))?")


@dataclass(frozen=True)
class Calendar:
    """Working days and working hours of one business.

    `weekdays` counts from Monday = 0. `holidays` close a day; `extra_days` are worked although their
    weekday is off (weekends moved to a working day). `windows` holds the opening hours of each weekday;
    they may lie on a weekday that is no working day: a shop may answer on Saturdays and ship on none.
    `country` and `holiday_years` say where the holidays came from and for which years they are known.
    """

    timezone: str | None = None
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    holidays: frozenset[date] = frozenset()
    extra_days: frozenset[date] = frozenset()
    windows: tuple[tuple[Window, ...], ...] = (OFFICE_HOURS,) * 5 + ((),) * 2
    country: str | None = None
    holiday_years: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        """Refuse a calendar on which nothing could ever fall due."""
        zone(self.timezone)
        if not self.weekdays:
            raise KeptwordError('The calendar has no working day. Name at least one, such as "mon".')
        if not any(self.windows):
            raise KeptwordError('The calendar has no working hours. Name some, such as "09:00-17:00".')
        for windows in self.windows:
            for (_, closes), (opens, _) in pairwise(windows):
                if opens < closes:
                    raise KeptwordError(
                        "The working hours {hours} overlap or are out of order. "
                        "Write each part of the day once, the earliest first.",
                        hours=hours_text(windows),
                    )

    def is_working(self, day: date) -> bool:
        """Tell whether `day` is a working day."""
        return day in self.extra_days or (day.weekday() in self.weekdays and day not in self.holidays)

    def windows_on(self, day: date) -> tuple[Window, ...]:
        """Return the opening hours of a local day, none on a holiday.

        A moved working day takes the hours of the nearest weekday before it that has some.
        """
        if day in self.extra_days:
            return next(found for back in range(7) if (found := self.windows[(day.weekday() - back) % 7]))
        return () if day in self.holidays else self.windows[day.weekday()]

    def openings(self, first: date) -> Iterator[tuple[datetime, datetime]]:
        """Yield opening and closing instants (UTC, without a zone) from a local day on, without end."""
        local, day = zone(self.timezone), first
        while True:
            midnight = datetime.combine(day, time())
            for opens, closes in self.windows_on(day):
                start = instant_of(midnight + timedelta(minutes=opens), local)
                end = instant_of(midnight + timedelta(minutes=closes), local)
                if start < end:
                    yield start, end
            day += timedelta(days=1)


def every_day(timezone: str | None = None) -> Calendar:
    """Return the calendar of rules in plain days: every day counts, from midnight to midnight."""
    return Calendar(timezone=timezone, weekdays=frozenset(range(7)), windows=(((0, _MINUTES_A_DAY),),) * 7)


def weekday_number(name: str) -> int:
    """Return 0 for "mon" or "Monday" up to 6 for "sun"; raise `KeptwordError` naming the nearest."""
    wanted = name.strip().lower()
    for names in (WEEKDAYS, _FULL_WEEKDAYS):
        if wanted in names:
            return names.index(wanted)
    raise KeptwordError(unknown("weekday", name, known=WEEKDAYS))


def window_of(text: str) -> Window:
    """Return the opening hours written as "09:00-12:30"; the end of the day may be written 24:00."""
    found = _WINDOW.fullmatch(text.strip())
    if not found:
        raise KeptwordError('"{text}" is not a stretch of working hours. Write it as "09:00-12:30".', text=text)
    hours, minutes = (int(found[1]), int(found[3])), (int(found[2] or 0), int(found[4] or 0))
    opens, closes = (hour * 60 + minute for hour, minute in zip(hours, minutes, strict=True))
    if max(minutes) > 59 or opens >= _MINUTES_A_DAY or closes > _MINUTES_A_DAY:
        raise KeptwordError('"{text}" names an hour that no clock shows. Hours go from 00:00 to 24:00.', text=text)
    if closes <= opens:
        raise KeptwordError(
            '"{text}" ends before it begins. Work past midnight is written on two weekdays: '
            '"{opens}-24:00" on the first, "00:00-{closes}" on the next.',
            text=text,
            opens=_clock(opens),
            closes=_clock(closes),
        )
    return opens, closes


def weekly_windows(
    hours: Sequence[str] | Mapping[str, Sequence[str]] | None, *, weekdays: Iterable[int]
) -> tuple[tuple[Window, ...], ...]:
    """Return the opening hours of Monday to Sunday.

    A plain list holds for each of `weekdays`; a mapping names its own weekdays; None is the office
    hours on `weekdays`.
    """
    if isinstance(hours, Mapping):
        told = {weekday_number(name): _windows(texts) for name, texts in hours.items()}
        return tuple(told.get(number, ()) for number in range(7))
    same = OFFICE_HOURS if hours is None else _windows(hours)
    open_on = set(weekdays)
    return tuple(same if number in open_on else () for number in range(7))


def _windows(texts: Sequence[str]) -> tuple[Window, ...]:
    return tuple(sorted(window_of(text) for text in texts))


def hours_text(windows: Iterable[Window]) -> str:
    """Return opening hours as people write them: "09:00-12:30 and 13:30-18:00"."""
    return " and ".join(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in windows)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
