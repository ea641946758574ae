"""A small business's books for the tests of the door and the pump, and the lines it is sent."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from keptword.core.schema import FACT_SCHEMA
from keptword.engines.duckdb import Engine
from keptword.intake import database, door, lease, pump
from keptword.intake.checking import checked
from keptword.intake.models import Quarantined, Waiting
from keptword.journal.table import Journal

NOW = datetime(2031, 3, 9, 12, 0, tzinfo=UTC)


def line(number: int, **changed: Any) -> str:
    """Return one order as a line of JSON; a column given as None is left out."""
    fact = {
        "fact_id": f"shop:order.placed:{number}",
        "kind": "order.placed",
        "user_key": f"u{number % 7}",
        "occurred_at": "2031-03-01T10:00:00Z",
        "subject": f"order:{number}",
        "amount": 12.5,
        "currency": "EUR",
        "attributes": {"country": "DE"},
        "source": f"orders.jsonl line {number}",
        **changed,
    }
    return json.dumps({name: value for name, value in fact.items() if value is not None})


def withdrawn(number: int) -> str:
    """Return the line that takes an import back."""
    return json.dumps(
        {
            "fact_id": f"keptword:import.withdrawn:{number}",
            "kind": "import.withdrawn",
            "occurred_at": "2031-03-09T12:00:00Z",
            "subject": f"import:{number}",
            "source": "test",
        }
    )


def until(true: Callable[[], bool], *, seconds: float = 60) -> None:
    """Wait for something that happens in another process."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@dataclass(frozen=True)
class Desk:
    """A books folder with its database and journal."""

    folder: Path

    @staticmethod
    def made(folder: Path) -> Desk:
        """Make the folder with an empty database and journal."""
        desk = Desk(folder)
        desk.staged.mkdir(parents=True)
        Journal.create(folder / "journal")
        desk.open()
        return desk

    @property
    def database(self) -> Path:
        """The operational database."""
        return self.folder / "desk.sqlite3"

    @property
    def staged(self) -> Path:
        """Where imports put their files."""
        return self.folder / "staged"

    @property
    def journal(self) -> Journal:
        """The journal, looked at afresh."""
        return Journal.open(self.folder / "journal")

    def open(self) -> None:
        """Work on this database from now on."""
        database.connect(self.database)

    def post(self, lines: Iterable[str], *, timezone: str = "Europe/Berlin") -> door.Posted:
        """Post lines."""
        return door.post(lines, timezone=timezone, now=NOW)

    def pump(self, engine: Engine, **options: Any) -> pump.Pumped:
        """Take the lease and pump."""
        with lease.held(wait=30) as held:
            return pump.pump(self.journal, engine, staged=self.staged, held=held, **options)

    def rows(self, engine: Engine) -> list[dict[str, Any]]:
        """Return what the journal holds, ordered."""
        return engine.rows(self.journal.facts(engine).order_by(["fact_id", "batch"]))

    def ids(self, engine: Engine) -> list[str]:
        """Return the ids in the journal, ordered, as often as they are there."""
        return [row["fact_id"] for row in self.rows(engine)]

    def waiting(self) -> list[str]:
        """Return the ids that wait, ordered."""
        return list(Waiting.objects.order_by("fact_id").values_list("fact_id", flat=True))

    def reasons(self) -> list[str]:
        """Return why lines lie in quarantine, oldest first."""
        return list(Quarantined.objects.order_by("pk").values_list("reason", flat=True))

    def stage(self, engine: Engine, lines: Iterable[str], *, name: str) -> Path:
        """Write facts to a file of `staged/` as an import does: every column of the schema, no batch."""

        def typed(column: str, value: Any) -> Any:
            kind = FACT_SCHEMA[column]
            if value is None:
                return None
            if kind.startswith("timestamp"):
                return datetime.fromisoformat(value).replace(tzinfo=None)
            if kind == "date":
                return date.fromisoformat(value)
            if kind.startswith("decimal"):
                return Decimal(value)
            return json.dumps(value) if column == "attributes" else value

        facts = [checked(each, zone=UTC, now=door.stamped(NOW)) for each in lines]
        rows = [[typed(column, fact.get(column)) for column in FACT_SCHEMA] for fact in facts]
        file = self.staged / name
        engine.write(engine.put("staging", FACT_SCHEMA, rows=rows), file, form="parquet")
        return file
