"""Days put into months and quarters: the first day of each, as a date on every engine."""

from __future__ import annotations

from typing import cast

import ibis
from ibis.expr.types import DateValue, IntegerValue


def first_of_month(day: DateValue) -> DateValue:
    """Return the first day of a day's month. (Truncating gives a moment on one engine and a date on another.)"""
    return ibis.date(day.year(), day.month(), 1)


def first_of_quarter(day: DateValue) -> DateValue:
    """Return the first day of a day's quarter."""
    return ibis.date(day.year(), cast(IntegerValue, day.quarter() * 3 - 2), 1)
