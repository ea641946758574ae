"""Work that was asked for, as pages show it: whether it waits for its turn, how far it is, what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from keptword.office import jobs
from keptword.office.models import Job
from keptword.words import Words

_AT_WORK = ("waiting", "running")


@dataclass(frozen=True)
class WorkShown:
    """One job: whether it is still going on, what it says, how far it is (None: not known), what is done first."""

    number: int
    kind: str
    is_open: bool
    said: str
    percent: float | None
    before: int
    error: str


def is_open() -> tuple[str, ...]:
    """Return the states of work that is not done."""
    return _AT_WORK


def open_jobs() -> list[Job]:
    """Return the work that is not done, the oldest first."""
    return list(Job.objects.filter(state__in=_AT_WORK).order_by("pk"))


def work_shown(job: Job, *, words: Words) -> WorkShown:
    """Return a job as a page shows it."""
    waits = job.state == Job.State.WAITING
    before = Job.objects.filter(state__in=_AT_WORK, pk__lt=job.pk).count() if waits else 0
    said = words.refusal(job.said) or words.say("imports.waits")
    if before:
        said = words.say("imports.waits_turn", count=before)
    error = words.say("imports.broken") if job.error == "broken" else words.refusal(jobs.why(job))
    return WorkShown(
        number=job.pk,
        kind=job.kind,
        is_open=job.state in _AT_WORK,
        said=said,
        percent=None if waits else job.percent,
        before=before,
        error=error,
    )
