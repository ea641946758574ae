"""An invented shop's entries, batch by batch, and closings made of them: the journal as the books would have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from ibis.expr.types import Table

from keptword.closing.close import close
from keptword.closing.configuration import Configuration, Input, ToldRule
from keptword.closing.sealed import Sealed
from keptword.core.rules import Amount, Settings, rule
from keptword.core.schema import JOURNAL_SCHEMA
from keptword.engines.duckdb import Engine
from keptword.journal.hashing import fact_hash

ZONE = "Europe/Berlin"
DISPATCH = ToldRule(rule("dispatch", Amount(2, "days"), since=date(2031, 1, 1)), Settings(timezone=ZONE))
RULED = Configuration(currency="EUR", timezone=ZONE, rules=(DISPATCH,))


def fact(name: str, kind: str, on: str, **cells: Any) -> dict[str, Any]:
    """A fact at noon of a local day; `user` is its customer, `batch` 1 unless told, money may be a text."""
    day = date.fromisoformat(on)
    at = datetime.combine(day, cells.pop("clock", time(11)))
    row = {"fact_id": name, "kind": kind, "occurred_on": day, "occurred_at": at, "recorded_at": at, "batch": 1}
    row |= {"user_key": cells.pop("user", None), "source": f"shop.csv:{name}"}
    row |= {"import_number": cells.pop("by", None)}
    if isinstance(cells.get("amount"), str):
        cells |= {"amount": Decimal(cells["amount"]), "currency": cells.get("currency", "EUR")}
    for column in ("due_on",):
        if isinstance(cells.get(column), str):
            cells[column] = date.fromisoformat(cells[column])
            cells.setdefault("due_at", datetime.combine(cells[column], time(22, 59, 59)))
    return row | cells


def put(engine: Engine, rows: Iterable[Mapping[str, Any]]) -> Table:
    """Store facts as the journal has them."""
    stored = engine.put("told", JOURNAL_SCHEMA, rows=[tuple(row.get(name) for name in JOURNAL_SCHEMA) for row in rows])
    hashed = stored.mutate(fact_hash=fact_hash(stored.fact_id)).select(*JOURNAL_SCHEMA)
    return engine.load("journal", hashed)


@dataclass
class Shop:
    """A journal and its closings, in one engine and one folder."""

    engine: Engine
    folder: Path
    rows: list[dict[str, Any]]
    configuration: Configuration = field(default_factory=lambda: RULED)

    @property
    def facts(self) -> Table:
        """The journal as it is now."""
        return put(self.engine, self.rows)

    def close(self, on: str, *, batch: int | None = None, full: bool = False) -> Sealed:
        """Close a day, up to a batch: the last one unless told."""
        last = max((row["batch"] for row in self.rows), default=0)
        upto = Input(date.fromisoformat(on), last if batch is None else batch)
        return close(
            self.engine, self.facts, closings=self.folder, configuration=self.configuration, upto=upto, full=full
        )


AUTUMN = (
    fact("o1", "order.placed", "2031-09-03", user="rosa", subject="order:1", amount="40.00"),
    fact("s1", "order.shipped", "2031-09-04", user="rosa", subject="order:1"),
    fact("o2", "order.placed", "2031-09-10", user="li", subject="order:2", amount="25.50"),
    fact("s2", "order.shipped", "2031-09-17", user="li", subject="order:2"),
    fact(
        "p1",
        "promise.made",
        "2031-09-20",
        user="li",
        promise_id="P1",
        promise_kind="refund",
        due_on="2031-10-04",
        subject="order:2",
    ),
    fact("p2", "promise.made", "2031-09-21", user="rosa", promise_id="P2", promise_kind="reward", due_on="2031-09-25"),
    fact("o3", "order.placed", "2031-10-02", user="rosa", subject="order:3", amount="60.00", batch=2),
    fact("s3", "order.shipped", "2031-10-03", user="rosa", subject="order:3", batch=2),
    fact("k1", "promise.kept", "2031-10-02", user="li", promise_id="P1", batch=2),
    fact("k2", "promise.kept", "2031-10-20", user="rosa", promise_id="P2", batch=2),
    fact("o4", "order.placed", "2031-10-20", user="mia", subject="order:4", amount="10.00", batch=2),
    fact(
        "w4",
        "contact.opened",
        "2031-10-25",
        user="mia",
        subject="order:4",
        batch=2,
        channel="mail",
        seconds=90.0,
        steps=2,
    ),
    fact("g4", "remedy.given", "2031-10-27", user="mia", subject="order:4", amount="5.00", batch=2),
    fact("r1", "review.posted", "2031-10-28", user="rosa", subject="order:3", score=1.0, batch=2),
    fact("j1", "referral.joined", "2031-10-18", user="mia", other_user="rosa", batch=2),
    fact("l1", "order.placed", "2031-09-28", user="li", subject="order:0", amount="12.00", batch=2),
)
"""Two months of a small shop. Batch 2 brings October, and an order of September that nobody had told."""
