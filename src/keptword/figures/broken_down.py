"""Where it fails: promises, returns, refunds and ratings of the last 12 months by product, carrier, country, …"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from keptword.core.differences import stand_out
from keptword.core.rates import Share, shrunk
from keptword.figures.draft import Draft, named, stored

MOST_JUDGED: Final = 300
"""How many values of a name are held against each other, the largest; the others are too small to tell."""

_MEASURES: Final = (("failed", "due"), ("returned", "orders"), ("refunded", "orders"))
"""Each share that is told of a value: what is counted, out of what."""

PRODUCTS: Final = """
    SELECT name, value, unnest(['product:' || value, 'product:' || trim(regexp_replace(lower(value), '[^a-z0-9]+', '-',
    'g'), '-')]) AS subject FROM known WHERE name = 'product'
"""
"""What a review of a product itself is about: its name, or that as it stands in addresses."""


def broken_down(draft: Draft) -> None:
    """Write `broken_down`: one row a name and value of it that any order of the last 12 months has."""
    draft.say("Breaking down …")
    counted = draft.rows(_counted(draft))
    for name in dict.fromkeys(row["name"] for row in counted):
        _judge([row for row in counted if row["name"] == name])
    draft.put("broken_down", counted)


def _judge(rows: list[dict[str, Any]]) -> None:
    """Add to each row its shares, drawn towards those of the others, and how it stands out."""
    for row in rows:
        row["failed"] = row["late"] + row["not_kept"]
    for what, of in _MEASURES:
        counts, totals = (np.array([row[name] for row in rows], dtype=float) for name in (what, of))
        shares = shrunk(counts, totals).shares
        for row, share in zip(rows, shares, strict=True):
            row.update(_told(what, share))
        largest = np.argsort(-totals, kind="stable")[:MOST_JUDGED]
        for row in rows:
            row[f"{what}_stands"] = None
        for place, standing in zip(largest, stand_out(counts[largest], totals[largest]), strict=True):
            rows[place][f"{what}_stands"] = standing.direction


def _told(what: str, share: Share) -> dict[str, float | None]:
    return {f"{what}_share": share.value, f"{what}_low": share.low, f"{what}_high": share.high}


def _counted(draft: Draft) -> str:
    since = f"({draft.day} - INTERVAL 12 MONTH)::DATE"
    known = named(draft.values)
    return f"""
        WITH known AS (FROM {known}),
        decided AS (
            SELECT subject, outcome FROM {stored("promises")}
            WHERE subject IS NOT NULL AND outcome IN ('kept', 'late', 'broken')
                AND due_day > {since} AND due_day <= {draft.day}),
        promised AS (
            SELECT name, value, count(*) AS due, count(*) FILTER (outcome = 'kept') AS kept,
                count(*) FILTER (outcome = 'late') AS late, count(*) FILTER (outcome = 'broken') AS not_kept
            FROM known JOIN decided USING (subject) GROUP BY name, value),
        ordered AS (
            SELECT name, value, count(*) AS orders, count(returned_on) AS returned, count(refunded_on) AS refunded
            FROM known JOIN {stored("subjects")} AS orders USING (subject)
            WHERE orders.placed_on > {since} AND NOT called_off GROUP BY name, value),
        scored AS (
            SELECT subject, score FROM {named(draft.told)}
            WHERE kind = 'review.posted' AND score IS NOT NULL AND occurred_on > {since}),
        rated AS (
            SELECT name, value, count(*) AS rated, sum(score::DECIMAL(18, 6))::DOUBLE AS score_sum
            FROM (FROM known UNION {PRODUCTS}) JOIN scored USING (subject) GROUP BY name, value)
        SELECT name, value, coalesce(due, 0) AS due, coalesce(kept, 0) AS kept, coalesce(late, 0) AS late,
            coalesce(not_kept, 0) AS not_kept, coalesce(orders, 0) AS orders, coalesce(returned, 0) AS returned,
            coalesce(refunded, 0) AS refunded, coalesce(rated, 0) AS rated, coalesce(score_sum, 0) AS score_sum
        FROM ordered FULL JOIN promised USING (name, value) FULL JOIN rated USING (name, value)
        ORDER BY name, due DESC, orders DESC, value
    """
