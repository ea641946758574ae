"""Working days, working hours and the ends of local days: what promises are counted on.

The same as rows, for an engine, are in `rows`, which takes longer to load.
"""

from keptword.core.calendars.countries import calendar, unknown_holidays
from keptword.core.calendars.model import Calendar, Window, every_day
from keptword.core.calendars.single import days_taken, due_day, due_instant, working_seconds
from keptword.core.calendars.zones import end_of_day, start_of_day, zone

__all__ = [
    "Calendar",
    "Window",
    "calendar",
    "days_taken",
    "due_day",
    "due_instant",
    "end_of_day",
    "every_day",
    "start_of_day",
    "unknown_holidays",
    "working_seconds",
    "zone",
]
