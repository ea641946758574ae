"""What promises kept late, or not kept, cost at once in the last whole month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import ibis
from ibis.expr.types import Table

from keptword.core.at_once import COSTING, MINUTES_PER_MESSAGE, WAGE_PER_HOUR, at_once
from keptword.figures.draft import Draft

_COUNTED: Final = ("late", "broken", "refunds", "remedies", "messages", "left_out", "not_told")
_READ: Final = (
    *("fact_id", "kind", "user_key", "subject", "promise_id", "occurred_at", "occurred_on"),
    *("amount", "cost", "currency"),
)
"""The columns of an entry that tell what it cost, and which promise that is put down to."""

_MONEY: Final = ("refund_amount", "remedy_amount", "message_cost")


def costs(draft: Draft) -> dict[str, Any]:
    """Return what failed promises cost at once, in the business's `currency`.

    `last` has `month`, `kinds` (one a kind of promise, with the columns of `at_once.at_once`) and `total`: the same
    added up, with `hours` of work on messages and `money`, all of it. Amounts are texts, exact.
    `assumed` names what the business did not tell and is assumed: `minutes_per_message`, `wage_per_hour`.
    """
    told = draft.closer.configuration.costs
    minutes = Decimal(told.get("minutes_per_message", MINUTES_PER_MESSAGE.value))
    last = draft.today.replace(day=1) - timedelta(days=1)
    first = last.replace(day=1)
    rows = _counted(draft, first=first, last=last)
    return {
        "currency": draft.closer.configuration.currency,
        "minutes_per_message": minutes,
        "wage_per_hour": told.get("wage_per_hour"),
        "assumed": [name for name in ("minutes_per_message", "wage_per_hour") if name not in told],
        "assumed_wage": {"value": WAGE_PER_HOUR.value, "unit": WAGE_PER_HOUR.unit},
        "last": {"month": first, "kinds": rows, "total": _total(rows, minutes=minutes)},
    }


def _counted(draft: Draft, *, first: date, last: date) -> list[dict[str, Any]]:
    """Return the costs by kind from one day to another, as known today."""
    closer, engine = draft.closer, draft.engine
    heard = engine.create("heard", _heard(draft, first=first, last=last))
    booked = engine.create("booked", closer.booked(heard, first=first, last=last))
    failed = engine.create("failed", draft.book.filter(draft.book.outcome.isin(["late", "broken"])))
    return engine.rows(at_once(booked, failed, first=first, last=last, message_cost=closer.message_cost()))


def _heard(draft: Draft, *, first: date, last: date) -> Table:
    """The entries of some days that tell what failed promises cost, and all that say one was broken."""
    told = draft.told
    within = told.occurred_on.between(ibis.literal(first), ibis.literal(last))
    recent = told.filter(told.kind.isin(COSTING) & within).select(*_READ)
    # Of others no more is read than which promise it was, and when that was said.
    others = told.filter((told.kind == "promise.broken") & ~within)
    needed = ("kind", "promise_id", "occurred_on")
    empty = {name: ibis.null(told[name].type()) for name in _READ if name not in needed}
    return ibis.union(recent, others.mutate(**empty).select(*_READ), distinct=False)


def _total(rows: Sequence[Mapping[str, Any]], *, minutes: Decimal) -> dict[str, Any]:
    counted = {name: sum(row[name] for row in rows) for name in _COUNTED}
    known = [name for name in _MONEY if all(row[name] is not None for row in rows)]
    money = {name: sum((row[name] for row in rows), Decimal(0)) if name in known else None for name in _MONEY}
    hours = counted["messages"] * minutes / 60
    return counted | money | {"hours": hours, "money": sum((each for each in money.values() if each), Decimal(0))}
