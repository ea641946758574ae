"""Works out anew what the pages show."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from keptword.books.opened import Books
from keptword.figures.make import make
from keptword.office import acts
from keptword.office.models import Job
from keptword.web.work.kinds import Saying

_log = logging.getLogger("keptword.work")


def figure(job: Job | None, *, books: Books, say: Saying) -> Mapping[str, Any]:
    """Make new figures, whether something changed or not, and note which acts are in them."""
    made = make(books, say=say)
    acts.inside(made.number, batch=made.batch, journal=books.journal)
    _log.info("figures made", extra={"number": made.number, "batch": made.batch, "seconds": round(made.seconds, 1)})
    return {}
