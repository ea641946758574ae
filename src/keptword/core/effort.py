"""What it takes customers to deal with the business: time and steps by stage and touchpoint, and days waited."""

from __future__ import annotations

from datetime import date
from typing import cast

import ibis
from ibis.expr.types import DateValue, StringValue, Table

from keptword.core.exact import exact, sum_of
from keptword.core.schema import KINDS


def effort(facts: Table, *, first: date, last: date) -> Table:
    """Add up what users spent from `first` to `last`, local days: one row per stage, kind and channel, in that order.

    The first form of the mental calculator (model 4.5): what was measured, before any price of an hour. Columns:
    `stage` (where a fact names none, that of its kind), `kind`, `channel` (empty where not told), `facts`, `users`
    (different ones), `seconds` (decimal, each rounded to six places before it is added), `seconds_told` (facts that
    tell them), `steps`, `steps_told`.
    """
    within = facts.filter(facts.occurred_on.between(ibis.literal(first), ibis.literal(last)))
    spent = within.select("kind", "channel", "user_key", "steps", stage=_stage(within), spent=exact(within.seconds))
    added = spent.group_by("stage", "kind", "channel").agg(
        facts=spent.count(),
        users=spent.user_key.nunique(),
        seconds=sum_of(spent.spent),
        seconds_told=spent.spent.count(),
        steps=sum_of(spent.steps),
        steps_told=spent.steps.count(),
    )
    return added.order_by("stage", "kind", "channel")


def _stage(facts: Table) -> StringValue:
    stages = sorted({kind.stage for kind in KINDS.values()})
    kinds = {stage: sorted(kind.name for kind in KINDS.values() if kind.stage == stage) for stage in stages}
    by_kind = ibis.cases(*((facts.kind.isin(names), stage) for stage, names in kinds.items()), else_=None)
    return cast(StringValue, facts.stage.nullif("").coalesce(by_kind))


def waiting_by_kind(promises: Table, *, first: date, last: date) -> Table:
    """Add up the days users waited beyond what was promised: one row per `promise_kind`, in its order.

    `promises` has the columns of `outcomes`. Decided from `first` to `last` are promises kept or kept late in that
    time, and broken ones that fell due in it. Columns: `kept`, `late`, `days_late` (whole days from the due day to
    the day it was kept), `broken`, `days_overdue` (from the due day to `last`, of those still not kept). A promise
    that names an hour counts the midnights passed, UTC.
    """
    by_day = promises.due_on.notnull()
    due_day = cast(DateValue, promises.due_on.coalesce(promises.due_at.date()))
    kept_day = cast(DateValue, by_day.ifelse(promises.kept_on, promises.kept_at.date()))
    done = promises.outcome.isin(["kept", "late"])
    decided = promises.select(
        "promise_kind",
        "outcome",
        decided_on=done.ifelse(promises.kept_on, due_day),
        days_late=kept_day.delta(due_day, unit="day"),
        days_overdue=ibis.literal(last).delta(due_day, unit="day"),
    )
    of_these = decided.outcome.isin(["kept", "late", "broken"])
    judged = decided.filter(of_these & decided.decided_on.between(ibis.literal(first), ibis.literal(last)))
    late, broken = judged.outcome == "late", judged.outcome == "broken"
    counted = judged.group_by("promise_kind").agg(
        kept=judged.count(where=judged.outcome == "kept"),
        late=judged.count(where=late),
        days_late=sum_of(late.ifelse(judged.days_late, 0)),
        broken=judged.count(where=broken),
        days_overdue=sum_of(broken.ifelse(judged.days_overdue, 0)),
    )
    return counted.order_by("promise_kind")
