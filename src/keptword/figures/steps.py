"""What it takes customers to deal with us, by month: days waited, messages, returns, and time and steps by stage."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from keptword.core.schema import KINDS
from keptword.engines.duckdb import literal
from keptword.figures.draft import Draft, named, stored

MONTHS: Final = 25
"""How many months are counted, the running one with them: two years to compare."""

STAGE_MONTHS: Final = 13
"""The same for `stages`, which count different people: a year, and the running month."""


def steps(draft: Draft) -> None:
    """Write `steps`: one row a month, and `stages`: one row a month, stage and kind of entry."""
    draft.say("Counting what it takes …")
    since = months_before(draft.today, MONTHS - 1)
    month = "date_trunc('month', {})::DATE"
    draft.store("steps", f"{_counted(draft, month, since=since, until=draft.today)} ORDER BY month")
    _stages(draft, since=months_before(draft.today, STAGE_MONTHS - 1))


def year(draft: Draft) -> dict[str, Any]:
    """Return what it took over the last 12 whole months, from `since` to `until`.

    `year` has the columns of `steps`, `month` being the first of them, or is null where nothing happened.
    """
    running = draft.today.replace(day=1)
    since, until = months_before(draft.today, 12), running - timedelta(days=1)
    found = draft.rows(_counted(draft, f"CASE WHEN {{}} IS NOT NULL THEN DATE '{since}' END", since=since, until=until))
    return {"since": since, "until": until, "year": found[0] if found else None}


def months_before(day: date, months: int) -> date:
    """Return the first day of the month that many months before that of a day."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, 1)


def _counted(draft: Draft, month: str, *, since: date, until: date) -> str:
    """Return the query of `steps` over some days; `month` is the SQL that gives the month of a day."""
    within = f"BETWEEN DATE '{since}' AND DATE '{until}'"
    told = named(draft.messages)
    return f"""
        WITH placed AS (
            SELECT {month.format("placed_on")} AS month, count(*) AS orders, count(returned_on) AS returns,
                quantile_disc(shipped_on - placed_on, 0.5) AS left_median,
                quantile_disc(shipped_on - placed_on, 0.9) AS left_ninety, count(shipped_on) AS left_count,
                quantile_disc(delivered_on - placed_on, 0.5) AS arrived_median,
                quantile_disc(delivered_on - placed_on, 0.9) AS arrived_ninety, count(delivered_on) AS arrived_count
            FROM {stored("subjects")} WHERE placed_on {within} AND NOT called_off GROUP BY ALL),
        asked AS (
            SELECT subject, min(occurred_at) FILTER (kind = 'contact.opened') AS opened_at,
                min(occurred_on) FILTER (kind = 'contact.opened') AS opened_on,
                min(occurred_at) FILTER (kind IN ('contact.replied', 'contact.resolved')) AS answered_at
            FROM {told} WHERE kind IN ('contact.opened', 'contact.replied', 'contact.resolved') AND subject IS NOT NULL
            GROUP BY subject),
        answered AS (
            SELECT {month.format("opened_on")} AS month, quantile_cont(hours, 0.5) AS answered_median,
                quantile_cont(hours, 0.9) AS answered_ninety, count(*) AS answered_count
            FROM (SELECT *, date_diff('second', opened_at, answered_at) / 3600.0 AS hours FROM asked
                  WHERE answered_at >= opened_at AND opened_on {within}) GROUP BY ALL),
        wrote AS (
            SELECT {month.format("occurred_on")} AS month, count(*) AS messages FROM {told}
            WHERE kind IN ('contact.opened', 'contact.reopened', 'complaint.made') AND occurred_on {within}
            GROUP BY ALL)
        SELECT month, coalesce(orders, 0) AS orders, left_median, left_ninety, coalesce(left_count, 0) AS left_count,
            arrived_median, arrived_ninety, coalesce(arrived_count, 0) AS arrived_count,
            answered_median, answered_ninety, coalesce(answered_count, 0) AS answered_count,
            coalesce(messages, 0) AS messages, 100 * coalesce(messages, 0) / nullif(orders, 0) AS messages_per_100,
            coalesce(returns, 0) AS returns, 100 * returns / nullif(orders, 0) AS returns_per_100
        FROM placed FULL JOIN answered USING (month) FULL JOIN wrote USING (month)
    """


def _stages(draft: Draft, *, since: date) -> None:
    by_kind = " ".join(f"WHEN {literal(kind.name)} THEN {literal(kind.stage)}" for kind in KINDS.values())
    draft.store(
        "stages",
        f"""
        SELECT date_trunc('month', occurred_on)::DATE AS month,
            coalesce(nullif(stage, ''), CASE kind {by_kind} END) AS stage, kind, count(*) AS entries,
            count(DISTINCT user_key) AS people, sum(seconds::DECIMAL(18, 6)) AS seconds,
            count(seconds) AS seconds_told, sum(steps) AS steps, count(steps) AS steps_told
        FROM {named(draft.told)} WHERE occurred_on >= DATE '{since}' GROUP BY ALL ORDER BY month, stage, kind
    """,
    )
