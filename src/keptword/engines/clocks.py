"""Calendars put into the engine: the tables that due days and working hours are joined with."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ibis.expr.types import Table

from keptword.core.calendars import Calendar, end_of_day
from keptword.core.calendars.rows import DAY_SCHEMA, WINDOW_SCHEMA, WORKDAY_SCHEMA, day_rows, window_rows, workday_rows
from keptword.core.obligations import Clock
from keptword.core.promises import AsOf
from keptword.engines.duckdb import Engine


def day_clock(engine: Engine, calendar: Calendar, *, first: date, last: date, ahead: int) -> Clock:
    """Put the days from `first` to `last` into the engine, and the working days up to `ahead` after them."""
    days = engine.put("days", DAY_SCHEMA, rows=day_rows(calendar, first=first, last=last))
    workdays = engine.put("workdays", WORKDAY_SCHEMA, rows=workday_rows(calendar, first=first, last=last, ahead=ahead))
    return Clock(days=days, workdays=workdays)


def hour_clock(engine: Engine, calendar: Calendar, *, first: date, last: date, ahead: float) -> Table:
    """Put the working hours from `first` until `ahead` working hours after `last` into the engine."""
    # A local day may begin on the UTC day before it, and end on the one after.
    rows = window_rows(calendar, first=first - timedelta(days=1), last=last + timedelta(days=1), hours_ahead=ahead)
    return engine.put("windows", WINDOW_SCHEMA, rows=rows)


def as_of(day: date, *, timezone: str | None) -> AsOf:
    """Return the end of a local day in the business's time zone."""
    ends: datetime = end_of_day(day, timezone)
    return AsOf(day, ends)
