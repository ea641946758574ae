"""Works out anew what the pages show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keptword.books.opened import Books
from keptword.figures.make import make
from keptword.office.models import Job
from keptword.web.work.kinds import Saying


def figure(job: Job | None, *, books: Books, say: Saying) -> Mapping[str, Any]:
    """Make new figures, whether something changed or not."""
    make(books, say=say)
    return {}
