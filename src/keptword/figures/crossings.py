"""When the business did what it may say it never does: what the checks find, and what colleagues recorded."""

from __future__ import annotations

from typing import Final

from keptword.core.law import promised_by_law
from keptword.core.red_line_kinds import LOOKED_AT, MARKETING, NEEDS
from keptword.core.red_lines import REFUND_DAYS, Known, crossings
from keptword.figures.draft import Draft, named

_READ: Final = (
    "fact_id",
    "kind",
    "user_key",
    "subject",
    "promise_id",
    "occurred_at",
    "occurred_on",
    "amount",
    "currency",
)
"""The columns of an entry that checks read."""


def crossed(draft: Draft) -> None:
    """Write `crossings`, newest first, and the document `checks`: for each, whether the entries can tell at all."""
    draft.say("Looking at what you never do …")
    told = draft.told
    # Without an amount, these say nothing about a price, and nothing else is asked of them.
    bare = told.kind.isin(["checkout.started", "order.placed", "order.paid"]) & told.amount.isnull()
    facts = draft.engine.create("looked_at", told.filter(told.kind.isin(LOOKED_AT) & ~bare).select(*_READ))
    found = draft.engine.create("crossings", crossings(Known(facts, draft.book, _refund_days(draft))))
    draft.store("crossings", f"SELECT * FROM {named(found)} ORDER BY occurred_on DESC, subject, fact_id, promise_id")
    needed = sorted({kind for kinds in NEEDS.values() for kind in kinds})
    marks = ", ".join(f"'{kind}'" for kind in needed)
    offers = ", ".join(f"'{subject}'" for subject in MARKETING)
    there = {
        row["kind"]
        for row in draft.rows(
            f"SELECT DISTINCT kind FROM {named(told)} WHERE kind IN ({marks})"
            f" AND (kind <> 'consent.withdrawn' OR subject IN ({offers}))"
        )
    }
    rewards = draft.rows(f"SELECT count(*) AS count FROM {named(draft.book)} WHERE promise_kind = 'reward'")[0]["count"]
    draft.documents["checks"] = {
        name: {"tells": set(kinds) <= there and (name != "reward_not_delivered" or rewards > 0)}
        for name, kinds in NEEDS.items()
    }


def _refund_days(draft: Draft) -> int:
    """Return within how many days the law of the business's country has money back; the strictest it names."""
    country = draft.country
    days = [promise.days for promise in promised_by_law(country) if promise.kind == "refund"] if country else []
    return min(days, default=REFUND_DAYS)
