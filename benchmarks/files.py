"""Makes the invented files that are measured, once, in a process of its own, under `build/bench/`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from benchmarks.measure import ROOT, run

FOLDER = ROOT / "build" / "bench"
LAST_DAY = date(2026, 6, 30)
ORDERS_PER_USER = 1.65
"""How often the invented shop's customers order in its 18 months, those of the last weeks included."""

FileKind = Literal["shopify", "entries"]


@dataclass(frozen=True)
class Made:
    """A file that is there, whole, with how many orders and how many rows below the header it has."""

    path: Path
    orders: int
    rows: int


def made(kind: FileKind, *, count: int, say: Callable[[str], None], folder: Path = FOLDER) -> Made:
    """Return the file of about `count` orders ("shopify") or exactly `count` rows ("entries"), made where missing.

    A child process makes it: what that needs in memory would else be counted for every run that follows.
    """
    path = folder / f"{kind}-{count}.csv"
    note = path.with_suffix(".json")
    if not (path.exists() and note.exists()):
        say(f"making {path.name}, once …")
        run([sys.executable, "-m", "benchmarks.files", kind, str(count), path])
    return Made(path, **json.loads(note.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Counts:
    """What is told of a file that was made."""

    orders: int
    rows: int


def write_shopify(path: Path, *, count: int) -> Counts:
    """Write a Shopify export of about `count` orders: within a hundredth of 10,000 and more."""
    from keptword.simulate import simulate
    from keptword.simulate.exports.shopify import write_orders

    world = simulate(seed=1, until=LAST_DAY, users=max(1, round(count / ORDERS_PER_USER)))
    write_orders(world, path=path)
    return Counts(orders=len(world.orders), rows=len(world.lines.order))


def write_entries(path: Path, *, count: int) -> Counts:
    """Write a table of `count` orders, one a row, each placed, paid and shipped: three facts a row."""
    import duckdb

    duckdb.execute(
        f"""
        COPY (
            SELECT
                format('A{{:08d}}', i) AS "Order",
                format('customer{{}}@example.com', hash(i) % {max(1, count // 3)}) AS "Customer",
                strftime(placed, '%Y-%m-%d %H:%M:%S') AS "Ordered",
                strftime(placed + to_minutes((hash(i + 1) % 90)::INT), '%Y-%m-%d %H:%M:%S') AS "Paid",
                strftime(placed + to_hours((4 + hash(i + 2) % 90)::INT), '%Y-%m-%d %H:%M:%S') AS "Shipped",
                format('{{:.2f}}', 5 + (hash(i + 3) % 20000) / 100.0) AS "Total",
                ['DE', 'AT', 'CH', 'FR', 'NL'][1 + (hash(i + 4) % 5)::INT] AS "Country",
                ['DHL', 'GLS', 'DPD'][1 + (hash(i + 5) % 3)::INT] AS "Carrier"
            FROM (
                SELECT range AS i, TIMESTAMP '2024-01-01' + to_seconds((range * 63072000 // {count})::BIGINT) AS placed
                FROM range({count})
            )
        ) TO '{str(path).replace("'", "''")}' (HEADER, DELIMITER ',')
        """
    )
    return Counts(orders=count, rows=count)


def make(kind: FileKind, *, count: int, path: Path) -> None:
    """Write the file and, once it is whole, the note beside it that says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    counts = write_shopify(part, count=count) if kind == "shopify" else write_entries(part, count=count)
    part.replace(path)
    path.with_suffix(".json").write_text(json.dumps(asdict(counts)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    wanted, number, target = sys.argv[1:]
    make("shopify" if wanted == "shopify" else "entries", count=int(number), path=Path(target))
