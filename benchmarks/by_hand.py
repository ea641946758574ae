"""The accounts by hand-written SQL: what DuckDB takes for the same sums when nobody closes any books."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb

from keptword.core.lines import Line, lines
from keptword.core.postings import POSTED, anchor_of, weight_column, weight_columns, weight_rows

_MEASURED = {"amount": "amount", "minutes": "seconds / 60.0", "steps": "steps"}


def posting() -> list[Line]:
    """Return the lines that facts post to."""
    return [line for line in lines() if line.outcome is None]


def statement(files: Iterable[Path], *, day: date, currency: str) -> str:
    """Return the SQL that adds up every account: one row a user, one exact sum a line."""
    paths = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    sums = ",\n    ".join(f"coalesce(sum({_posted(line, currency=currency)}), 0) AS {line.name}" for line in posting())
    return (
        f"SELECT user_key,\n    {sums}\nFROM read_parquet([{paths}], hive_partitioning = false) AS facts\n"
        "JOIN weights ON weights.day = facts.occurred_on\n"
        f"WHERE user_key IS NOT NULL AND occurred_on <= DATE '{day}'\nGROUP BY user_key"
    )


def _posted(line: Line, *, currency: str) -> str:
    kinds = ", ".join(f"'{kind}'" for kind in line.kinds)
    when = f"kind IN ({kinds})"
    if line.where:
        when += f" AND {line.where.column} {line.where.sign} {line.where.bound}"
    if line.magnitude == "amount":
        when += f" AND currency = '{currency}'"
    column = weight_column(line.half_life_days)
    magnitude = _MEASURED.get(line.magnitude)
    weighed = f"round(({magnitude})::DOUBLE * {column}, 12)::{POSTED}" if magnitude else f"one_{column}"
    return f"CASE WHEN {when} THEN {weighed} END"


def accounts(files: list[Path], *, day: date, currency: str) -> dict[str, object]:
    """Add the accounts up in an engine as large as a closing's; return how long it took, and the total of each line."""
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as connection:
        connection.execute("SET memory_limit = '3GB'")
        connection.execute(f"SET temp_directory = '{scratch}'")
        begin, processor = time.perf_counter(), time.process_time()
        _put_weights(connection, files, day=day)
        connection.execute(f"CREATE TABLE sums AS {statement(files, day=day, currency=currency)}")
        seconds, cpu_seconds = time.perf_counter() - begin, time.process_time() - processor
        return {"seconds": seconds, "cpu_seconds": cpu_seconds, "totals": _totals(connection, "sums")}


def _put_weights(connection: duckdb.DuckDBPyConnection, files: list[Path], *, day: date) -> None:
    """Store the weight of every day, as a double, and as what a posting of one comes to."""
    paths = [str(path) for path in files]
    found = connection.execute("SELECT min(occurred_on) FROM read_parquet(?, hive_partitioning = false)", [paths])
    row = found.fetchone()
    columns = weight_columns(lines())
    rows = weight_rows(lines(), anchor=anchor_of(day), first=row[0] if row else day, last=day)
    named = {"day": "DATE", **dict.fromkeys(columns, "DOUBLE"), **{f"one_{name}": POSTED for name in columns}}
    connection.execute(f"CREATE TABLE weights ({', '.join(f'{name} {kind}' for name, kind in named.items())})")
    unnested = ", ".join(f"unnest(?::{kind}[])" for kind in named.values())
    connection.execute(f"INSERT INTO weights SELECT {unnested}", [list(each) for each in zip(*rows, strict=True)])


def totals_of(path: Path) -> dict[str, object]:
    """Return the totals of a sealed closing's accounts."""
    with duckdb.connect() as connection:
        return {"totals": _totals(connection, "read_parquet('" + str(path).replace("'", "''") + "')")}


def _totals(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, str]:
    """Return how many accounts there are, and the exact total of each line that facts post to."""
    sums = ", ".join(f"sum({line.name})" for line in posting())
    row = connection.execute(f"SELECT count(*), {sums} FROM {source}").fetchone() or ()
    return dict(zip(["accounts", *(line.name for line in posting())], map(str, row), strict=True))


if __name__ == "__main__":
    way, *more = sys.argv[1:]
    if way == "totals":
        print(json.dumps(totals_of(Path(more[0]))))
    else:
        on, currency, *paths = more
        print(json.dumps(accounts([Path(path) for path in paths], day=date.fromisoformat(on), currency=currency)))
