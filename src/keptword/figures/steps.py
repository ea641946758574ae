"""What it takes customers to deal with us, by month: days waited, messages, returns, and time and steps by stage."""

from __future__ import annotations

from typing import Final

from keptword.core.schema import KINDS
from keptword.engines.duckdb import literal
from keptword.figures.draft import Draft, named, stored

MONTHS: Final = 25
"""How many months are counted, the running one with them: two years to compare."""


def steps(draft: Draft) -> None:
    """Write `steps`: one row a month."""
    draft.say("Counting what it takes …")
    since = f"(date_trunc('month', {draft.day}) - INTERVAL {MONTHS - 1} MONTH)::DATE"
    told = named(draft.told)
    draft.store("steps", f"""
        WITH placed AS (
            SELECT date_trunc('month', placed_on)::DATE AS month, count(*) AS orders, count(returned_on) AS returns,
                quantile_disc(shipped_on - placed_on, 0.5) AS left_median,
                quantile_disc(shipped_on - placed_on, 0.9) AS left_ninety, count(shipped_on) AS left_count,
                quantile_disc(delivered_on - placed_on, 0.5) AS arrived_median,
                quantile_disc(delivered_on - placed_on, 0.9) AS arrived_ninety, count(delivered_on) AS arrived_count
            FROM {stored("subjects")}
            WHERE placed_on >= {since} AND NOT (cancelled_on IS NOT NULL AND shipped_on IS NULL) GROUP BY ALL),
        asked AS (
            SELECT subject, min(occurred_at) FILTER (kind = 'contact.opened') AS opened_at,
                min(occurred_on) FILTER (kind = 'contact.opened') AS opened_on,
                min(occurred_at) FILTER (kind IN ('contact.replied', 'contact.resolved')) AS answered_at
            FROM {told} WHERE kind IN ('contact.opened', 'contact.replied', 'contact.resolved') AND subject IS NOT NULL
            GROUP BY subject),
        answered AS (
            SELECT date_trunc('month', opened_on)::DATE AS month,
                quantile_cont(hours, 0.5) AS answered_median, quantile_cont(hours, 0.9) AS answered_ninety,
                count(hours) AS answered_count
            FROM (SELECT *, date_diff('second', opened_at, answered_at) / 3600.0 AS hours FROM asked
                  WHERE answered_at >= opened_at AND opened_on >= {since}) GROUP BY ALL),
        wrote AS (
            SELECT date_trunc('month', occurred_on)::DATE AS month, count(*) AS messages FROM {told}
            WHERE kind IN ('contact.opened', 'contact.reopened', 'complaint.made') AND occurred_on >= {since}
            GROUP BY ALL)
        SELECT month, coalesce(orders, 0) AS orders, left_median, left_ninety, coalesce(left_count, 0) AS left_count,
            arrived_median, arrived_ninety, coalesce(arrived_count, 0) AS arrived_count,
            answered_median, answered_ninety, coalesce(answered_count, 0) AS answered_count,
            coalesce(messages, 0) AS messages, 100 * coalesce(messages, 0) / nullif(orders, 0) AS messages_per_100,
            coalesce(returns, 0) AS returns, 100 * returns / nullif(orders, 0) AS returns_per_100
        FROM placed FULL JOIN answered USING (month) FULL JOIN wrote USING (month) ORDER BY month
    """)
    _stages(draft, since=since)


def _stages(draft: Draft, *, since: str) -> None:
    """Write `stages`: one row a month, stage and kind of entry."""
    by_kind = " ".join(f"WHEN {literal(kind.name)} THEN {literal(kind.stage)}" for kind in KINDS.values())
    draft.store("stages", f"""
        SELECT date_trunc('month', occurred_on)::DATE AS month,
            coalesce(nullif(stage, ''), CASE kind {by_kind} END) AS stage, kind, count(*) AS entries,
            count(DISTINCT user_key) AS people, sum(seconds::DECIMAL(18, 6)) AS seconds,
            count(seconds) AS seconds_told, sum(steps) AS steps, count(steps) AS steps_told
        FROM {named(draft.told)} WHERE occurred_on >= {since} GROUP BY ALL ORDER BY month, stage, kind
    """)
