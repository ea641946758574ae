"""The promise book of files: the promises they carry, and those that rules make, judged as of a day."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from keptword.core.promises import outcomes
from keptword.core.rules import Rule
from keptword.report.shop import Shop

COLUMNS = ("promise_id", "promise_kind", "subject", "made_on", "due_on", "due_at", "kept_on", "vague", "outcome")


def promise_book(shop: Shop) -> Table:
    """Return every promise as known at the end of the day: one row each, with the columns of `COLUMNS`.

    A rule without `since` is taken to have been told all along.
    """
    made = outcomes(shop.facts, as_of=shop.as_of).select(*COLUMNS)
    by_rule = [_by_rule(shop, rule) for rule in shop.asked.rules]
    book = ibis.union(made, *by_rule, distinct=False) if by_rule else made
    return shop.engine.create("promises", book)


def _by_rule(shop: Shop, said: Rule) -> Table:
    judged = shop.judged(said)
    return judged.select(
        promise_id=ibis.literal(said.rule_id + "/") + judged.subject,
        promise_kind=ibis.literal(said.kind),
        subject="subject",
        made_on="event_on",
        due_on="due_on",
        due_at="due_at",
        kept_on="done_on",
        vague=ibis.literal(False),
        outcome=(judged.state == "waiting").ifelse("broken", judged.state),
    )
