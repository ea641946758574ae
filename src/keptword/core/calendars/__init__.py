"""Working days, working hours and the ends of local days: what promises are counted on."""

from keptword.core.calendars.countries import calendar, unknown_holidays
from keptword.core.calendars.model import Calendar, Window, every_day
from keptword.core.calendars.rows import (
    DAY_SCHEMA,
    WINDOW_SCHEMA,
    WORKDAY_SCHEMA,
    day_rows,
    window_rows,
    workday_rows,
)
from keptword.core.calendars.single import days_taken, due_day, due_instant, working_seconds
from keptword.core.calendars.zones import end_of_day, start_of_day, zone

__all__ = [
    "DAY_SCHEMA",
    "WINDOW_SCHEMA",
    "WORKDAY_SCHEMA",
    "Calendar",
    "Window",
    "calendar",
    "day_rows",
    "days_taken",
    "due_day",
    "due_instant",
    "end_of_day",
    "every_day",
    "start_of_day",
    "unknown_holidays",
    "window_rows",
    "workday_rows",
    "working_seconds",
    "zone",
]
