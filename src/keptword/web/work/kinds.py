"""The kinds of work a page can ask for, each with what does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

from keptword.books.opened import Books
from keptword.office.models import Job

Saying = Callable[..., None]
"""Tells how far it is: a sentence, and `percent=` where that is known."""

Worker = Callable[..., Mapping[str, Any]]
"""Does one job: `(job, *, books, say)`; returns what came of it as JSON, or raises `KeptwordError`."""

_PLACES: Final = {
    "import": "keptword.web.work.importing:import_files",
    "rehearsal": "keptword.web.work.importing:rehearse",
    "take back": "keptword.web.work.importing:take_back",
    "close": "keptword.web.work.closing:close",
    "statement": "keptword.web.work.closing:state",
    "figures": "keptword.web.work.figuring:figure",
    "preview": "keptword.web.work.previewing:preview",
    "erase": "keptword.web.work.erasing:erase_customer",
}


def worker(kind: str) -> Worker:
    """Return what does the work of a kind; raises `KeyError` for one there is not."""
    module, name = _PLACES[kind].split(":")
    found: Worker = getattr(import_module(module), name)
    return found


def run(job: Job, *, books: Books, say: Saying) -> Mapping[str, Any]:
    """Do one job."""
    return worker(job.kind)(job, books=books, say=say)
