"""Puts facts written as dicts into an engine, and holds every expression run there to what a second one can do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import ibis
from ibis.expr.types import Table

from keptword.core.schema import FACT_SCHEMA
from keptword.engines.duckdb import Engine
from keptword.engines.portable import refused

DAY = date(2031, 3, 1)

PROMISES = {
    "promise_id": "string",
    "promise_kind": "string",
    "user_key": "string",
    "subject": "string",
    "due_at": "timestamp(6)",
    "due_on": "date",
    "kept_at": "timestamp(6)",
    "kept_on": "date",
    "outcome": "string",
}
"""The columns of judged promises that are read here."""

OWN_MONEY = {"own_amount": "decimal(18, 4)", "own_cost": "decimal(18, 4)"}


def only_portable(expression: ibis.Expr) -> None:
    """Fail where an expression could not run on a second engine: an engine's `watch`."""
    assert refused(expression) == []


def day(number: int) -> date:
    """Return the day that many days after the first of March."""
    return DAY + timedelta(days=number)


def noon(on: date) -> datetime:
    """Return the middle of a day."""
    return datetime.combine(on, time(12))


def night(on: date) -> datetime:
    """Return the last instant of a day."""
    return datetime.combine(on, time.max)


def put_facts(engine: Engine, rows: Iterable[Mapping[str, Any]], *, own_money: bool = False) -> Table:
    """Store facts; each row needs `kind` and `occurred_on`, the rest has plain defaults. Money may be written in text.

    With `own_money` the facts also carry their money in the business's currency.
    """
    schema = FACT_SCHEMA | (OWN_MONEY if own_money else {})
    whole = [
        {
            "fact_id": f"f{number:05}",
            "occurred_at": noon(row["occurred_on"]),
            "recorded_at": noon(row["occurred_on"]),
            "source": f"rows:{number}",
        }
        | dict(row)
        for number, row in enumerate(rows)
    ]
    return engine.put(
        "facts", schema, rows=[tuple(_cell(row.get(name), schema[name]) for name in schema) for row in whole]
    )


def put_promises(engine: Engine, rows: Iterable[Mapping[str, Any]]) -> Table:
    """Store judged promises, as `outcomes` gives them."""
    return engine.put("promises", PROMISES, rows=[tuple(row.get(name) for name in PROMISES) for row in rows])


def _cell(value: Any, kind: str) -> Any:
    return Decimal(value) if kind.startswith("decimal") and isinstance(value, str) else value
