"""The promise book in figures: what became of the promises of each kind."""

from __future__ import annotations

from typing import Any

import ibis
from ibis.expr.types import Table

from keptword.core.promises import OUTCOMES, tallies
from keptword.core.rates import kept_rate, prior_share_from, wilson
from keptword.report.model import Tally
from keptword.report.shop import Shop

HALF_LIFE_DAYS = 90
"""After how many days a promise kept or broken weighs half (model.md, 4.2)."""


def tally_list(shop: Shop, judged: Table) -> tuple[Tally, ...]:
    """Return one tally per kind of promise, by name; `judged` as `promises.outcomes` gives it."""
    faded = {row["kind"]: row for row in shop.engine.rows(_faded(shop, judged))}
    return tuple(_tally(row, faded[row["kind"]]) for row in shop.engine.rows(tallies(judged)))


def _tally(row: dict[str, Any], faded: dict[str, Any]) -> Tally:
    decided = row["kept"] + row["late"] + row["broken"]
    share = wilson(row["kept"], decided)
    prior = prior_share_from(row["kept"], decided - row["kept"])
    recent = kept_rate(faded["kept"] or 0.0, faded["failed"] or 0.0, prior_share=prior)
    return Tally(
        kind=row["kind"],
        made=row["made"],
        **{outcome: row[outcome] for outcome in OUTCOMES},
        vague=row["vague"],
        share=share,
        recent=recent.share,
    )


def _faded(shop: Shop, judged: Table) -> Table:
    """One row per kind: the kept and the failed promises, each halved for every `HALF_LIFE_DAYS` of its age.

    The age is counted in whole days from the day the promise was decided: kept, or due, or else made.
    """
    decided_on = judged.kept_on.coalesce(judged.due_on, judged.due_at.date(), judged.made_on)
    rows = judged.mutate(decided_on=decided_on)
    days = shop.age_days
    rows = rows.left_join(days, rows.decided_on == days.day)
    weight = ibis.literal(2.0) ** (-(rows.age.cast("float64")) / HALF_LIFE_DAYS)
    return rows.group_by(kind="promise_kind").agg(
        kept=weight.sum(where=rows.outcome == "kept"), failed=weight.sum(where=rows.outcome.isin(["late", "broken"]))
    )
