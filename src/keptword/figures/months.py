"""How promises were kept, month by month: of those that fell due in each, how many were kept, by kind and in all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from keptword.core.days import first_of_year_to
from keptword.core.differences import changed, merge_small, stand_out
from keptword.core.rates import Share, wilson
from keptword.figures.draft import Draft, named, stored
from keptword.figures.plain import plain_share

ALL: Final = "all"
"""The name of all kinds of promise together."""

_COUNTED: Final = ("made", "due", "kept", "late", "not_kept")


def months(draft: Draft) -> None:
    """Write `months`: one row a month and kind of promise, and one a month for all of them."""
    draft.say("Counting by month …")
    rows = draft.rows(f"""
        WITH seen AS (
            SELECT date_trunc('month', made_on)::DATE AS month, promise_kind, 'made' AS what FROM {stored("promises")}
            UNION ALL
            SELECT date_trunc('month', due_day)::DATE, promise_kind, outcome FROM {stored("promises")}
            WHERE due_day <= {draft.day} AND outcome IN ('kept', 'late', 'broken'))
        SELECT month, coalesce(promise_kind, '{ALL}') AS promise_kind, count(*) FILTER (what = 'made') AS made,
            count(*) FILTER (what <> 'made') AS due, count(*) FILTER (what = 'kept') AS kept,
            count(*) FILTER (what = 'late') AS late, count(*) FILTER (what = 'broken') AS not_kept
        FROM seen GROUP BY GROUPING SETS ((month, promise_kind), (month)) ORDER BY ALL
    """)
    draft.put("months", [row | _share(row) for row in rows])


def _share(row: dict[str, Any]) -> dict[str, float | None]:
    share = wilson(row["kept"], row["due"])
    return {"kept_share": share.value, "kept_low": share.low, "kept_high": share.high}


def kinds(draft: Draft) -> dict[str, Any]:
    """Return how the last whole month went, beside the one before, by kind and in all.

    `last` and `before` have `month`, `total` and `kinds`, each with `kind`, `made`, `due`, `kept`, `late`, `not_kept`,
    `share`. `change` is how the kept share of the last whole month differs from the one before; `worst` is what failed
    in it more often than the rest, with most promises not kept in time, or null: `name`, `value`, `share` kept,
    `elsewhere`.
    """
    last = (draft.today.replace(day=1) - timedelta(days=1)).replace(day=1)
    before = (last - timedelta(days=1)).replace(day=1)
    found = {"last": _month(draft, last), "before": _month(draft, before)}
    shares = [wilson(found[name]["total"]["kept"], found[name]["total"]["due"]) for name in ("before", "last")]
    return {**found, "change": changed(*shares), "worst": _worst(draft, last)}


def year(draft: Draft) -> dict[str, Any]:
    """Return how promises were kept that fell due in the 12 months that end today: `first`, `last`, `due`, `kept`.

    `kinds` has `due` and `kept` by kind of promise.
    """
    first = first_of_year_to(draft.today)
    rows = draft.rows(f"""
        SELECT promise_kind AS kind, count(*) AS due, count(*) FILTER (outcome = 'kept') AS kept
        FROM {stored("promises")}
        WHERE outcome IN ('kept', 'late', 'broken') AND due_day BETWEEN DATE '{first}' AND {draft.day}
        GROUP BY kind ORDER BY kind
    """)
    return {
        "first": first,
        "last": draft.today,
        **{name: sum(row[name] for row in rows) for name in ("due", "kept")},
        "kinds": {row["kind"]: {"due": row["due"], "kept": row["kept"]} for row in rows},
    }


def _month(draft: Draft, month: date) -> dict[str, Any]:
    rows = draft.rows(f"SELECT * FROM {stored('months')} WHERE month = DATE '{month}' ORDER BY due DESC, promise_kind")
    each = [_of_kind(row) for row in rows]
    nothing = _of_kind({"promise_kind": ALL, **dict.fromkeys(_COUNTED, 0)})
    return {
        "month": month,
        "total": next((kind for kind in each if kind["kind"] == ALL), nothing),
        "kinds": [kind for kind in each if kind["kind"] != ALL],
    }


def _of_kind(row: dict[str, Any]) -> dict[str, Any]:
    counts = {name: row[name] for name in _COUNTED}
    return {"kind": row["promise_kind"], **counts, "share": plain_share(wilson(row["kept"], row["due"]))}


def _worst(draft: Draft, month: date) -> dict[str, Any] | None:
    """Return what failed more often than the rest in a month, the one with most that failed; None where nothing did."""
    rows = draft.rows(f"""
        WITH decided AS (
            SELECT subject, outcome FROM {stored("promises")}
            WHERE subject IS NOT NULL AND outcome IN ('kept', 'late', 'broken') AND due_day <= {draft.day}
                AND due_day >= DATE '{month}' AND due_day < DATE '{month}' + INTERVAL 1 MONTH)
        SELECT name, value, count(*) AS due, count(*) FILTER (outcome = 'kept') AS kept
        FROM {named(draft.values)} JOIN decided USING (subject) GROUP BY ALL ORDER BY ALL
    """)
    return fails_most(rows)


def fails_most(rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return what fails more often than the rest beyond chance, the one with most that failed; None where nothing does.

    `rows` have `name`, `value`, `due` and `kept`; all values of a name are held against each other at once.
    """
    names = dict.fromkeys(row["name"] for row in rows)
    found = [each for name in names for each in _stood_out(name, [row for row in rows if row["name"] == name])]
    return max(found, key=lambda each: each["share"]["of"] - each["share"]["count"], default=None)


def _stood_out(name: str, rows: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Yield which values of one name fail more often than the others, beyond chance."""
    merged = merge_small([row["value"] for row in rows], [row["due"] for row in rows])
    together: dict[str, list[int]] = {}
    for row in rows:
        into = together.setdefault(merged[row["value"]], [0, 0])
        into[0] += row["due"]
        into[1] += row["kept"]
    due, kept = (np.array([counts[place] for counts in together.values()]) for place in (0, 1))
    for value, (of, count), standing in zip(together, together.values(), stand_out(due - kept, due), strict=True):
        if standing.direction == "more" and value in {row["value"] for row in rows}:
            rest = standing.elsewhere
            yield {
                "name": name,
                "value": value,
                "share": plain_share(wilson(count, of)),
                "elsewhere": plain_share(_others(rest)),
            }


def _others(failed: Share) -> Share:
    """Return the kept share beside a share of those that failed."""
    return wilson(failed.of - failed.count, failed.of)
