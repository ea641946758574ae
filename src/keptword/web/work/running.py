"""Does what waits: jobs, acts whose ten minutes are over, entries at the door, figures that are no longer true."""

from __future__ import annotations

import logging

from keptword.books.opened import Books
from keptword.books.recording import settle_now
from keptword.core.problems import KeptwordError
from keptword.figures.make import needed
from keptword.office import jobs
from keptword.office.models import Job
from keptword.web.work import kinds
from keptword.web.work.figuring import figure

_log = logging.getLogger("keptword.work")


def work_off(books: Books) -> int:
    """Do everything that waits, once, and return how many jobs were done; for whoever holds the lease of the work."""
    done = 0
    while (job := jobs.take()) is not None:
        _do(job, books=books)
        done += 1
    settle_now(books, say=lambda _: None)
    if needed(books):
        figure(None, books=books, say=lambda *_, **__: None)
    return done


def _do(job: Job, *, books: Books) -> None:
    def say(sentence: str, *, percent: float | None = None) -> None:
        jobs.say(job, sentence, percent=percent)

    try:
        result = kinds.run(job, books=books, say=say)
    except KeptwordError as error:
        jobs.end(job, error=str(error))
    except Exception:
        _log.exception("job failed", extra={"job": job.pk, "kind": job.kind})
        jobs.end(job, error="broken")
    else:
        jobs.end(job, result=result)
