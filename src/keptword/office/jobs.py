"""Work that takes long: asked for by a page, done by the background work, watched by whoever asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from keptword.office.models import Job, Member


def ask(kind: str, *, member: Member | None, **asked: Any) -> Job:
    """Ask for work of a kind; what it needs to know is kept as JSON. It is begun within a second or two."""
    return Job.objects.create(kind=kind, asked=asked, member=member, asked_at=datetime.now(UTC))


def take() -> Job | None:
    """Return the next job that waits, marked as running; None where there is none. For the background work alone."""
    with transaction.atomic():
        job = Job.objects.filter(state=Job.State.WAITING).order_by("pk").first()
        if job is not None:
            job.state, job.started_at = Job.State.RUNNING, datetime.now(UTC)
            job.save(update_fields=["state", "started_at"])
    return job


def say(job: Job, sentence: str, *, percent: float | None = None) -> None:
    """Tell whoever watches how far it is."""
    Job.objects.filter(pk=job.pk).update(said=sentence[:500], percent=percent)


def end(job: Job, *, result: Mapping[str, Any] | None = None, error: str = "") -> None:
    """Say what came of it: a result as JSON, or an error as a sentence."""
    state = Job.State.FAILED if error else Job.State.DONE
    Job.objects.filter(pk=job.pk).update(
        state=state,
        result=dict(result or {}),
        error=error,
        percent=None if error else 100.0,
        ended_at=datetime.now(UTC),
    )


def resume() -> int:
    """Put jobs back that a background work which was killed had begun; for the next one, as it begins."""
    return Job.objects.filter(state=Job.State.RUNNING).update(state=Job.State.WAITING, said="", percent=None)
