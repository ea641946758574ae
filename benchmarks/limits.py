"""What DuckDB takes to merely read or rewrite a file: run as a process of its own, beside Keptword's."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import duckdb

DIALECT = """header = true, delim = ',', quote = '"', escape = '"'"""


def count_read(path: Path) -> int:
    """Read every column of every row as text and return how many rows there are."""
    read = f"SELECT count(*), count(COLUMNS(*)) FROM read_csv(?, all_varchar = true, {DIALECT})"
    row = duckdb.execute(read, [str(path)]).fetchone()
    return int(row[0]) if row else 0


def count_copied(path: Path) -> int:
    """Write the file anew as Parquet beside it, with the types DuckDB guesses, and return how many rows it has."""
    copy = f"COPY (SELECT * FROM read_csv(?, {DIALECT})) TO '{{}}' (FORMAT parquet)"
    target = str(path.with_suffix(".copy.parquet")).replace("'", "''")
    row = duckdb.execute(copy.format(target), [str(path)]).fetchone()
    return int(row[0]) if row else 0


def count_parquet(path: Path) -> int:
    """Return how many rows a Parquet file has."""
    row = duckdb.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchone()
    return int(row[0]) if row else 0


WAYS: dict[str, Callable[[Path], int]] = {"read": count_read, "copy": count_copied, "parquet": count_parquet}

if __name__ == "__main__":
    print(WAYS[sys.argv[1]](Path(sys.argv[2])))
