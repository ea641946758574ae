"""Days put into months, quarters and years: the first day of each, as a date on every engine."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from ibis.expr.types import DateValue, IntegerValue


def first_of_month(day: DateValue) -> DateValue:
    """Return the first day of a day's month. (Truncating gives a moment on one engine and a date on another.)"""
    import ibis

    return ibis.date(day.year(), day.month(), 1)


def first_of_quarter(day: DateValue) -> DateValue:
    """Return the first day of a day's quarter."""
    import ibis

    return ibis.date(day.year(), cast("IntegerValue", day.quarter() * 3 - 2), 1)


def first_of_year_to(day: date) -> date:
    """Return the first of the 12 months of days that end with a day: of 2031-03-05, 2030-03-06."""
    try:
        before = day.replace(year=day.year - 1)
    except ValueError:
        # The year before a leap year's has no 29 February.
        before = day.replace(year=day.year - 1, day=28)
    return before + timedelta(days=1)
