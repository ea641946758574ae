"""The calendar of a country or a part of it: its public holidays, by the `holidays` library."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from keptword.core.calendars.model import MONDAY_TO_FRIDAY, Calendar, weekday_number, weekly_windows
from keptword.core.problems import KeptwordError, Problem, Sentence, either

if TYPE_CHECKING:
    from holidays import HolidayBase

YEARS: Final = range(1990, 2061)
"""The years holidays are looked up for where none are asked for."""


def calendar(
    country: str | None = None,
    *,
    timezone: str | None = None,
    working_days: Sequence[str] | None = None,
    working_hours: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
    extra_holidays: Iterable[date] = (),
    extra_working_days: Iterable[date] = (),
    years: range = YEARS,
) -> Calendar:
    """Return the calendar of a business.

    `country` is "DE", "DE-BY" or a name such as "Germany"; without one there are no holidays but
    `extra_holidays`. `working_days` are weekday names; where untold, the weekdays `working_hours` names,
    else Monday to Friday with the weekends the country moved to working days (as China does around its
    long holidays). Raises `KeptwordError` for what is unknown, naming what is near.
    """
    told = working_days
    if told is None and isinstance(working_hours, Mapping):
        told = [name for name, hours in working_hours.items() if hours]
    weekdays = MONDAY_TO_FRIDAY if told is None else frozenset(weekday_number(name) for name in told)
    closed, moved, known = _holidays(country, years) if country else (frozenset[date](), frozenset[date](), None)
    extra_days = frozenset(extra_working_days) | (moved if told is None else frozenset())
    return Calendar(
        timezone=timezone,
        weekdays=weekdays,
        holidays=(closed | frozenset(extra_holidays)) - extra_days,
        extra_days=extra_days,
        windows=weekly_windows(working_hours, weekdays=weekdays),
        country=country,
        holiday_years=known,
    )


def unknown_holidays(calendar: Calendar, *, first: date, last: date) -> Problem | None:
    """Return what to tell where the days asked for reach outside the years whose holidays are known."""
    if calendar.holiday_years is None:
        return None
    since, until = calendar.holiday_years
    if since <= first.year and last.year <= until:
        return None
    return Problem(
        where=f"Holidays of {calendar.country}",
        seen=f"They are known for {since} to {until} only. Outside these years only weekends are days off, so "
        "promises around a holiday may look late there. Add its dates as extra_holidays in the rules file.",
    )


def _holidays(country: str, years: range) -> tuple[frozenset[date], frozenset[date], tuple[int, int]]:
    """Return the days off, the weekends moved to working days, and the first and last year known."""
    from holidays import country_holidays

    code, part = _code(country)
    known = country_holidays(code)
    subdivision = _subdivision(known, part, country) if part else None
    first = min(max(years.start, known.start_year), known.end_year)
    asked = range(first, max(first + 1, min(years.stop, known.end_year + 1)))
    with warnings.catch_warnings():
        # Some countries warn on the console about years they only know in part.
        warnings.simplefilter("ignore")
        found = country_holidays(code, subdiv=subdivision, years=asked)
    moved = frozenset(day for day in found.weekend_workdays if day.year in asked)
    return frozenset(found), moved, (asked.start, asked.stop - 1)


def _code(country: str) -> tuple[str, str | None]:
    """Return the two-letter code of a country and the part of it named, if any."""
    from holidays.registry import COUNTRIES

    codes: dict[str, str] = {}
    for name, (_, code, *aliases) in COUNTRIES.items():
        codes[name.replace("_", " ")] = code
        codes.update((alias.lower(), code) for alias in (code, *aliases))
    whole = " ".join(country.replace("_", " ").split()).lower()
    if whole in codes:
        return codes[whole], None
    head, _, part = country.partition("-")
    if head.strip().lower() in codes:
        return codes[head.strip().lower()], part.strip()
    near = [f"{codes[name]} ({name.title()})" for name in get_close_matches(whole, codes, n=2) if len(name) > 3]
    hint = Sentence("Write its two-letter code.")
    if near:
        hint = Sentence("Did you mean {near}?", near=either(near))
    raise KeptwordError(
        '"{country}" is not a country whose holidays are known. {hint} Examples: DE, DE-BY, US-CA.',
        country=country,
        hint=hint,
    )


def _subdivision(known: HolidayBase, part: str, country: str) -> str:
    """Return the library's own code of a part of a country, from its code or its name."""
    codes = {code.lower(): code for code in known.subdivisions}
    codes.update((name.lower(), code) for name, code in known.subdivisions_aliases.items())
    if part.lower() in codes:
        return codes[part.lower()]
    if not codes:
        raise KeptwordError(
            '"{country}": the holidays of this country are the same in all its parts. Leave "-{part}" out.',
            country=country,
            part=part,
        )
    near = [codes[name] for name in get_close_matches(part.lower(), codes, n=2, cutoff=0.5)]
    parts = " or ".join(dict.fromkeys(near)) or ", ".join(known.subdivisions)
    raise KeptwordError(
        '"{part}" is not a known part of {country}. Its nearest codes are: {parts}.',
        part=part,
        country=country.partition("-")[0],
        parts=parts,
    )
