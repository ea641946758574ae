"""Work that takes long: asked for by a page, done by the background work, watched by whoever asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.db import transaction

from keptword.core.problems import Sentence, sentence_as_json, sentence_from_json
from keptword.office.models import Job, Member

TRIES: Final = 3
NEVER_ENDS: Final = Sentence(
    "This was begun {tries} times, and each time the work was cut off before it was done. It is not begun again by "
    "itself: look whether there is enough memory and room on the disk, then ask for it once more.",
    tries=TRIES,
)

_BEGUN: Final = "begun"
_WHY: Final = "why"


def ask(kind: str, *, member: Member | None, **asked: Any) -> Job:
    """Ask for work of a kind; what it needs to know is kept as JSON. It is begun within a second or two."""
    return Job.objects.create(kind=kind, asked=asked, member=member, asked_at=datetime.now(UTC))


def take() -> Job | None:
    """Return the next job that waits, marked as running; None where there is none. For the background work alone."""
    # Asked every second: nothing is locked for it where there is nothing to do.
    if not Job.objects.filter(state=Job.State.WAITING).exists():
        return None
    with transaction.atomic():
        job = Job.objects.filter(state=Job.State.WAITING).order_by("pk").first()
        if job is not None:
            job.state, job.started_at = Job.State.RUNNING, datetime.now(UTC)
            job.save(update_fields=["state", "started_at"])
    return job


def say(job: Job, sentence: str, *, percent: float | None = None) -> None:
    """Tell whoever watches how far it is."""
    Job.objects.filter(pk=job.pk).update(said=sentence[:500], percent=percent)


def note(job: Job, **noted: Any) -> None:
    """Keep what the work may need to know where it is cut off and begun anew."""
    job.result = {**job.result, **noted}
    Job.objects.filter(pk=job.pk).update(result=job.result)


def end(job: Job, *, result: Mapping[str, Any] | None = None, error: str = "") -> None:
    """Say what came of it: a result as JSON, or an error as a sentence, kept with what it was made of."""
    state = Job.State.FAILED if error else Job.State.DONE
    if isinstance(error, Sentence):
        result = {**(result or {}), _WHY: sentence_as_json(error)}
    Job.objects.filter(pk=job.pk).update(
        state=state,
        result=dict(result or {}),
        error=error,
        percent=None if error else 100.0,
        ended_at=datetime.now(UTC),
    )


def why(job: Job) -> str:
    """Return why a job failed, as the sentence that `Words.refusal` says in the reader's language."""
    told = job.result.get(_WHY)
    return sentence_from_json(told) if told else job.error


def put_back(job: Job) -> None:
    """Let a job wait again that was begun: the background work is asked to end."""
    Job.objects.filter(pk=job.pk).update(state=Job.State.WAITING, said="", percent=None)


def resume() -> int:
    """Put jobs back that a background work which was killed had begun; for the next one, as it begins.

    One that was begun `TRIES` times, and never ended, is not begun again: it may be what ends the process.
    """
    count = 0
    for job in Job.objects.filter(state=Job.State.RUNNING):
        begun = int(job.result.get(_BEGUN, 0)) + 1
        if begun >= TRIES:
            end(job, error=NEVER_ENDS)
        else:
            put_back(job)
            # What it noted for itself on the way stays: an import knows by it what is safe already.
            Job.objects.filter(pk=job.pk).update(result={**job.result, _BEGUN: begun})
            count += 1
    return count


def clear(*, before: datetime) -> int:
    """Remove jobs that ended before a moment, and return how many."""
    ended = Job.objects.filter(state__in=(Job.State.DONE, Job.State.FAILED), ended_at__lt=before)
    return int(ended.delete()[0])
