"""Reckons accounts in plain Python, and puts what accounts are reckoned from into an engine."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from ibis.expr.types import Table

from keptword.core.lines import Line, lines
from keptword.core.postings import weight_rows, weight_schema
from keptword.core.promises import AsOf
from keptword.core.schema import FACT_SCHEMA
from keptword.engines.duckdb import Engine

LINES = lines()
FROM_FACTS = [line for line in LINES if line.kinds]
ANCHOR = date(2031, 1, 1)
FIRST, LAST = date(2029, 6, 1), date(2031, 12, 31)
BOOK = {
    "promise_id": "string",
    "user_key": "string",
    "made_on": "date",
    "due_at": "timestamp(6)",
    "due_on": "date",
    "kept_at": "timestamp(6)",
    "kept_on": "date",
    "broken_on": "date",
    "vague": "boolean",
    "outcome": "string",
}
"""What `promise_sums` reads of a promise book."""

Sums = dict[str, dict[str, Decimal]]
Fact = Mapping[str, Any]


def as_of(day: str) -> AsOf:
    on = date.fromisoformat(day)
    return AsOf(on, datetime.combine(on, time.max))


def weighed(engine: Engine) -> Table:
    rows = weight_rows(LINES, anchor=ANCHOR, first=FIRST, last=LAST)
    return engine.put("weights", weight_schema(LINES), rows=rows)


def put(engine: Engine, rows: Sequence[Fact]) -> Table:
    return engine.put("facts", FACT_SCHEMA, rows=[tuple(row.get(column) for column in FACT_SCHEMA) for row in rows])


def by_user(engine: Engine, sums: Table) -> Sums:
    return {row.pop("user_key"): row for row in engine.rows(sums)}


def plain_weight(day: date, line: Line) -> float:
    return (
        1.0
        if line.half_life_days is None
        else float(Decimal(2) ** (Decimal((day - ANCHOR).days) / line.half_life_days))
    )


def plain_posting(magnitude: float, line: Line, day: date) -> Decimal:
    """Return a magnitude times the weight of its day in whole units of 1e-12, halves away from zero."""
    weight = plain_weight(day, line)
    if line.magnitude == "one":
        return Decimal(weight).quantize(Decimal("1e-12"))
    return Decimal(math.floor(magnitude * weight * 1e12 + 0.5)).scaleb(-12)


def plain_magnitude(fact: Fact, line: Line) -> float | None:
    if fact["kind"] not in line.kinds:
        return None
    if line.where is not None:
        score = fact[line.where.column]
        bound = line.where.bound
        if score is None or not (score >= bound if line.where.sign == ">=" else score <= bound):
            return None
    if line.magnitude == "amount":
        return None if fact["amount"] is None else float(fact["amount"])
    if line.magnitude == "minutes":
        return None if fact["seconds"] is None else fact["seconds"] / 60
    if line.magnitude == "steps":
        return fact["steps"]
    return 1.0


def plain_sums(rows: Sequence[Fact]) -> Sums:
    sums: Sums = defaultdict(lambda: {line.name: Decimal(0) for line in FROM_FACTS})
    for fact in rows:
        if fact["user_key"] is None:
            continue
        account = sums[fact["user_key"]]
        for line in FROM_FACTS:
            magnitude = plain_magnitude(fact, line)
            if magnitude is not None:
                account[line.name] += plain_posting(magnitude, line, fact["occurred_on"])
    return dict(sums)
