"""Erases a customer at their request, and works the figures out anew without them."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, Final

from keptword.books.erasing import erase
from keptword.books.opened import Books
from keptword.figures.make import make
from keptword.intake import database
from keptword.office.models import Job
from keptword.web.work.kinds import Saying

KIND: Final = "erase"
_STEP: Final = 9.0
"""How many steps in 100 each sentence of the work stands for."""


def asked_for(user_key: str) -> dict[str, str]:
    """Return what a job of this kind is asked with.

    The key must be there until all is done, since work that was killed is begun again. It is written otherwise than
    it reads, so that the search at the end does not find it in the very request; and the request goes after that.
    """
    return {"who": b64encode(user_key.encode()).decode()}


def erase_customer(job: Job, *, books: Books, say: Saying) -> Mapping[str, Any]:
    """Erase a customer from everything, work out new figures, and say what was taken out and where the key still is."""
    user_key = b64decode(job.asked["who"]).decode()
    steps = 0

    def step(sentence: str) -> None:
        nonlocal steps
        steps += 1
        say(sentence, percent=min(steps * _STEP, 95.0))

    try:
        done = erase(books, user_key, say=step)
        make(books, say=step)
    except Exception:
        _forget(job)
        raise
    _forget(job)
    database.scrub()
    return {
        "entries": done.found.entries,
        "closings": len(done.taken.closings),
        "files": done.searched.files,
        "bytes": done.searched.bytes,
        "held": [path.name for path in done.searched.held],
        "unreadable": [path.name for path in done.searched.unreadable],
        "beside": [path.name for path in done.beside],
    }


def _forget(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(asked={})
