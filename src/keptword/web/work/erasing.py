"""Erases a customer at their request; the figures, which name customers, are made anew after it."""

from __future__ import annotations

import logging
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Q

from keptword.books.opened import Books
from keptword.core.problems import KeptwordError
from keptword.intake import database
from keptword.office.models import Job
from keptword.web.work.kinds import Saying

KIND: Final = "erase"
_STEP: Final = 20.0
"""How many steps in 100 each sentence of the work stands for."""

_ENDED: Final = Q(kind=KIND, state__in=(Job.State.DONE, Job.State.FAILED)) & ~Q(asked={})

_log = logging.getLogger("keptword.work")


def asked_for(user_key: str) -> dict[str, str]:
    """Return what a job of this kind is asked with.

    The key must be there until all is done, since work that was killed is begun again. It is written otherwise than
    it reads, so that the search at the end does not find it in the very request; and the request goes after that.
    """
    return {"who": b64encode(user_key.encode()).decode()}


def erase_customer(job: Job, *, books: Books, say: Saying) -> Mapping[str, Any]:
    """Erase a customer from everything, and say what was taken out and where the key still is."""
    from keptword.books.erasing import erase

    user_key = b64decode(job.asked["who"]).decode()
    steps = 0

    def step(sentence: str) -> None:
        nonlocal steps
        steps += 1
        say(sentence, percent=min(steps * _STEP, 95.0))

    try:
        done = erase(books, user_key, say=step)
    except Exception:
        _forget(Q(pk=job.pk) | _ENDED)
        raise
    _forget(Q(pk=job.pk) | _ENDED)
    return {
        "entries": done.found.entries,
        "closings": len(done.taken.closings),
        "files": done.searched.files,
        "bytes": done.searched.bytes,
        "held": [path.name for path in done.searched.held],
        "unreadable": [path.name for path in done.searched.unreadable],
        "beside": [path.name for path in done.beside],
    }


def forget_ended() -> None:
    """Let go of whom requests named that were given up, since the work was cut off each time; as the work begins."""
    _forget(_ENDED)


def _forget(requests: Q) -> None:
    """Let go of whom requests named, and of the bytes; what became of an erasure does not hang on that."""
    if not Job.objects.filter(requests).update(asked={}):
        return
    try:
        database.scrub()
    except KeptwordError:
        _log.exception("the database could not be rewritten")
