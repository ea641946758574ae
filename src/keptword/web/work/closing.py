"""Closes a day that somebody asked to be closed, and writes the statements that are missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from keptword.books.closing import close_day
from keptword.books.opened import Books
from keptword.figures.statements import closed_days, keep_all, months, period_of
from keptword.office.models import Job
from keptword.web.work.kinds import Saying


def close(job: Job, *, books: Books, say: Saying) -> Mapping[str, Any]:
    """Close the day of the job and write its statement; return the day, whether it was closed before, and how many
    entries up to it came in since."""
    closed = close_day(books, date.fromisoformat(job.asked["day"]), say=say)
    _write(books, day=closed.sealed.input.day, say=say)
    return {"day": closed.sealed.input.day.isoformat(), "was_closed": closed.was_closed, "later": closed.later}


def state(job: Job, *, books: Books, say: Saying) -> Mapping[str, Any]:
    """Write the statements of all months that have none yet, and that of the day of the job where it names one."""
    day = date.fromisoformat(job.asked["day"]) if job.asked.get("day") else None
    return {"written": _write(books, day=day, say=say)}


def _write(books: Books, *, day: date | None, say: Saying) -> int:
    days = closed_days(books.folder)
    asked = (period_of(days, day),) if day in days and day is not None else ()
    return keep_all(books, (*asked, *months(days)), say=say)
