"""Finds the facts about some promises or subjects without reading all columns of the whole journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import reduce
from operator import or_

import ibis
from ibis.expr.types import Table

from keptword.core.days import first_of_month
from keptword.engines.duckdb import Engine


def about(engine: Engine, facts: Table, *, those: Table, kinds: Sequence[str] | None) -> Table:
    """Return the facts that name one of `those`: one row each, with the columns of `facts`, stored.

    `those` has one column, `promise_id` or `subject`, by which facts are looked for; `kinds` are those wanted, None
    for all. The months in which any is found are asked first, by that column and few more: the files of other months
    need not be read in full, and what a day's facts are about lies in the last months for the most part.
    """
    (column,) = those.columns
    wanted = facts if kinds is None else facts.filter(facts.kind.isin(kinds))
    found = wanted.semi_join(those, column)
    rows = engine.rows(found.select(month=first_of_month(found.occurred_on)).distinct())
    spans = _spans(sorted(row["month"] for row in rows))
    if not spans:
        return engine.create("about", wanted.filter(ibis.literal(False)))
    within = reduce(or_, (wanted.occurred_on.between(ibis.literal(low), ibis.literal(high)) for low, high in spans))
    return engine.create("about", wanted.filter(within).semi_join(those, column))


def _spans(months: Sequence[date]) -> list[tuple[date, date]]:
    """Return the first and last days of months, those that follow each other as one span."""
    spans: list[tuple[date, date]] = []
    for first in months:
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        if spans and spans[-1][1] + timedelta(days=1) == first:
            spans[-1] = (spans[-1][0], last)
        else:
            spans.append((first, last))
    return spans
