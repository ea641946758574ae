"""Makes small batches of invented facts for the tests of the journal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ibis.expr.types import Table

from keptword.core.schema import JOURNAL_SCHEMA
from keptword.engines.duckdb import Engine
from keptword.journal.hashing import fact_hash

START = date(2031, 1, 15)


def row(fact_id: str, *, user: str = "rosa", day: int = 0, other: str | None = None) -> dict[str, Any]:
    """A fact of the day so many days after 15 January 2031."""
    on = START + timedelta(days=day)
    at = datetime.combine(on, time(12, 0, 0, 123456))
    return {
        "fact_id": fact_id,
        "kind": "order.placed",
        "user_key": user,
        "occurred_at": at,
        "recorded_at": at,
        "occurred_on": on,
        "subject": f"order:{fact_id}",
        "other_user": other,
        "amount": Decimal("12.3400"),
        "currency": "EUR",
        "source": "invented.csv:1",
    }


def batch(engine: Engine, rows: Iterable[dict[str, Any]]) -> Table:
    """Put facts into the engine with the journal's columns."""
    tuples = [tuple(one.get(column) for column in JOURNAL_SCHEMA) for one in rows]
    return engine.put("posted", JOURNAL_SCHEMA, rows=tuples).mutate(fact_hash=lambda t: fact_hash(t.fact_id))


def free() -> None:
    """The guard of somebody whose lease is never lost."""
