"""Removes what is of no more use: sign-ins that are over, old links, removed notes, uploads nobody came back to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from keptword.books.opened import Books
from keptword.books.uploads import clear as clear_uploads
from keptword.office import jobs, notes
from keptword.office.models import Job, Link, Session, Told, Tried

HOUR: Final = 3600.0
LINKS: Final = timedelta(days=30)
TRIES: Final = timedelta(days=1)
JOBS: Final = timedelta(days=90)
TOLD: Final = timedelta(days=400)


def clean(books: Books, now: datetime) -> float | None:
    """Remove it, once an hour."""
    Session.objects.filter(expire_date__lt=now).delete()
    Link.objects.filter(expires_at__lt=now - LINKS).delete()
    Tried.objects.filter(since__lt=now - TRIES).delete()
    Told.objects.filter(at__lt=now - TOLD).delete()
    jobs.clear(before=now - JOBS)
    notes.sweep(now)
    clear_uploads(books.folder, now=now, spare=_awaited())
    return HOUR


def _awaited() -> set[str]:
    """Return the uploads that jobs wait for."""
    open_ones = Job.objects.filter(state__in=(Job.State.WAITING, Job.State.RUNNING))
    return {str(job.asked["upload"]) for job in open_ones if "upload" in job.asked}
