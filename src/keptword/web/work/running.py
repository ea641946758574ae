"""Does what waits: jobs, acts whose ten minutes are over, letters, entries at the door, figures no longer true."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import Final

from keptword.books.opened import Books
from keptword.books.recording import settle_now
from keptword.core.problems import KeptwordError
from keptword.figures.state import needed
from keptword.intake.pump import is_waiting
from keptword.office import acts, jobs, letters
from keptword.office.models import Job
from keptword.web import shop
from keptword.web.work import kinds
from keptword.web.work.erasing import forget_ended
from keptword.web.work.figuring import figure

_log = logging.getLogger("keptword.work")

REST: Final = 3.0
"""Figures rest for so many times as long as they took: making them takes a quarter of the time at most."""


def begin() -> None:
    """Take up what a background work that was killed had begun; before the first turn of the next one."""
    jobs.resume()
    forget_ended()


def work_off(books: Books) -> int:
    """Do everything that waits, once, and return how many jobs were done; for whoever holds the lease of the work."""
    done = 0
    now = shop.now()
    while one_job(books, now) is not None:
        done += 1
    for task in (post_acts, send_letters, carry, make_figures):
        task(books, now)
    return done


def one_job(books: Books, _: datetime) -> float | None:
    """Do the job that waits longest; None where there is none."""
    job = jobs.take()
    if job is None:
        return None
    _do(job, books=books)
    return 0.0


def post_acts(_: Books, now: datetime) -> float | None:
    """Hand to the door what colleagues did and can undo no more."""
    return 0.0 if acts.post_due(now) else None


def send_letters(_: Books, now: datetime) -> float | None:
    """Mail the letters that can be held back no more."""
    return 0.0 if letters.send_due(now) else None


def carry(books: Books, _: datetime) -> float | None:
    """Carry what waits at the door into the journal."""
    if is_waiting():
        settle_now(books, say=lambda _: None)
    return None


def make_figures(books: Books, _: datetime) -> float | None:
    """Make figures where they are no longer of the books as they are; return for how long to rest then."""
    if not needed(books):
        return None
    began = time.monotonic()
    figure(None, books=books, say=lambda *_, **__: None)
    return REST * (time.monotonic() - began)


def _do(job: Job, *, books: Books) -> None:
    def say(sentence: str, *, percent: float | None = None) -> None:
        jobs.say(job, sentence, percent=percent)

    began = time.monotonic()
    try:
        result = kinds.run(job, books=books, say=say)
    except KeptwordError as error:
        jobs.end(job, error=error.sentence)
    except Exception:
        _log.exception("job failed", extra={"job": job.pk, "kind": job.kind})
        jobs.end(job, error="broken")
    except BaseException:
        # Asked to end: whoever does the work next begins it anew.
        jobs.put_back(job)
        raise
    else:
        jobs.end(job, result=result)
        _log.info("job done", extra={"job": job.pk, "kind": job.kind, "seconds": round(time.monotonic() - began, 1)})
