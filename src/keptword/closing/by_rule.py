"""The promises that rules make: a pure function of the facts and of the rules as they were told."""

from __future__ import annotations

from collections.abc import Iterable

import ibis
from ibis.expr.types import Table

from keptword.closing.configuration import ToldRule
from keptword.core.obligations import CALLED_OFF_BY
from keptword.core.promises import AsOf
from keptword.engines.duckdb import Engine
from keptword.engines.judging import Judging, Span, Traits, judged


def promises_by_rule(engine: Engine, facts: Table, *, told: ToldRule, as_of: AsOf, traits: Traits) -> Table:
    """Return the promises one rule makes, judged as of the day: one row each.

    Its columns are those of `outcomes`, and `called_off_on`, the day its subject was called off, if it was.

    `promise_id` is the rule's own name and the subject: `dispatch.v1/order:1042`. Facts from before the rule's
    `since` make none.
    """

    def span(asked: Table) -> Span:
        first = engine.rows(asked.agg(first=asked.event_on.min()))[0]["first"]
        return first or as_of.day, as_of.day

    by = Judging(
        as_of=as_of,
        calendar=lambda reach: told.settings.calendar(years=range(reach[0].year, reach[1].year + 3)),
        span=span,
        traits=traits,
    )
    rows = judged(engine, facts, said=told.rule, by=by)
    done = rows.state.isin(["kept", "late"])
    return rows.select(
        promise_id=ibis.literal(told.rule.rule_id + "/") + rows.subject,
        promise_kind=ibis.literal(told.rule.kind),
        user_key="user_key",
        subject="subject",
        made_at="event_at",
        made_on="event_on",
        due_at="due_at",
        due_on="due_on",
        kept_at=done.ifelse(rows.done_at, None),
        kept_on=done.ifelse(rows.done_on, None),
        broken_on=ibis.null("date"),
        vague=ibis.literal(False),
        called_off_on="called_off_on",
        outcome=(rows.state == "waiting").ifelse("broken", rows.state),
    )


def kinds_of(rules: Iterable[ToldRule]) -> tuple[str, ...] | None:
    """Return the kinds of fact that rules are judged by, None for all: a condition asks what any fact tells."""
    if any(told.rule.where for told in rules):
        return None
    names = {
        name
        for rule in (told.rule for told in rules)
        for name in (rule.from_kind, rule.else_from, rule.kept_by, CALLED_OFF_BY.get(rule.kind))
        if name
    }
    return tuple(sorted(names))
