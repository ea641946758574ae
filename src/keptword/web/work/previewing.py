"""Counts what a rule would have made of the entries there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from keptword.books.opened import Books
from keptword.books.preview import MONTH_DAYS, previewed
from keptword.core.problems import KeptwordError
from keptword.office.models import Job
from keptword.web.desk.rules import rule_of
from keptword.web.work.kinds import Saying


def preview(job: Job, *, books: Books, say: Saying) -> Mapping[str, Any]:
    """Return how many promises the rule of the job would have made, over how many days, and the share kept."""
    rule, troubles = rule_of(job.asked)
    if rule is None:
        raise KeptwordError(next(iter(troubles.values())))
    seen = previewed(books, rule, say=say)
    a_month = round(seen.made / max(seen.days / MONTH_DAYS, 1)) if seen.made else 0
    share = asdict(seen.share) if seen.share.value is not None else None
    return {"made": seen.made, "days": seen.days, "a_month": a_month, "share": share}
