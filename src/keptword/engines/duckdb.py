"""DuckDB embedded: runs the expressions the core describes, and reads and writes files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb

if TYPE_CHECKING:
    import ibis
    import numpy as np
    from ibis.backends.sql.compilers.duckdb import DuckDBCompiler
    from ibis.expr.operations import Node
    from ibis.expr.types import Table
    from numpy.typing import NDArray

_TYPES = {"string": "VARCHAR", "timestamp(6)": "TIMESTAMP", "float64": "DOUBLE", "int32": "INTEGER", "int64": "BIGINT"}

SCRATCH = "keptword-"
"""How the names of scratch folders begin."""

_ROW_GROUP = 30_720
"""Rows that go to a Parquet file at once, and are held until then by each thread: a quarter of what is usual."""


def _duckdb_type(ibis_type: str) -> str:
    return _TYPES.get(ibis_type, ibis_type.upper())


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


class Engine:
    """One embedded DuckDB with its scratch folder; close it, or use it as a context manager.

    `memory` is DuckDB's limit ("2GB"); what does not fit goes to the scratch folder. `watch`, where given,
    is called with every expression that is to be portable to another engine, before it runs: a test uses it.
    """

    def __init__(
        self,
        *,
        memory: str | None = None,
        threads: int | None = None,
        watch: Callable[[ibis.Expr], None] | None = None,
    ) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix=SCRATCH, ignore_cleanup_errors=True)
        self.folder = Path(self._scratch.name)
        self._watch = watch
        self._serial = 0
        self._connection = duckdb.connect()
        self.sql("SET TimeZone = 'UTC'")
        self.sql(f"SET temp_directory = {literal(str(self.folder / 'spill'))}")
        self.sql(f"SET memory_limit = {literal(memory or os.environ.get('KEPTWORD_MEMORY', '3GB'))}")
        self.sql("SET autoinstall_known_extensions = false")
        # Counted, but never printed: `percent_done` tells whoever asks.
        self.sql("SET enable_progress_bar = true")
        self.sql("SET enable_progress_bar_print = false")
        if threads:
            self.sql(f"SET threads = {threads}")

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database and remove the scratch folder."""
        self._connection.close()
        self._scratch.cleanup()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """DuckDB's own connection, for a library that works on one (Ibis' own backend, in a notebook).

        It sees every table and view of this engine, and ends with it.
        """
        return self._connection

    def sql(self, statement: str, parameters: Sequence[Any] | None = None) -> duckdb.DuckDBPyConnection:
        """Run a statement of DuckDB's own: for reading and writing files, never for what a closing computes."""
        return self._connection.execute(statement, parameters)

    def percent_done(self) -> float:
        """Return how much of the statement running in another thread is done, in percent; below 0 where not known."""
        return float(self._connection.query_progress())

    def fresh(self, stem: str) -> str:
        """Return a table name not used before in this engine."""
        self._serial += 1
        return f"{stem}_{self._serial}"

    def compile(self, expression: ibis.Expr) -> str:
        """Return the expression as DuckDB's SQL."""
        return _compiled(expression.op())

    def _portable(self, expression: ibis.Expr) -> str:
        if self._watch is not None:
            self._watch(expression)
        return self.compile(expression)

    def table(self, name: str) -> Table:
        """Return a stored table or view as an unbound Ibis table."""
        import ibis

        described = self.sql(f"DESCRIBE {quoted(name)}").fetchall()
        schema = {row[0]: _ibis_type(row[1]) for row in described}
        return ibis.table(schema, name=name)

    def load(self, stem: str, expression: ibis.Expr) -> Table:
        """Store what a source reads; such an expression may use DuckDB's own functions."""
        return self._store(stem, self.compile(expression))

    def create(self, stem: str, expression: ibis.Expr) -> Table:
        """Store the result of a portable expression and return it as a table."""
        return self._store(stem, self._portable(expression))

    def _store(self, stem: str, select: str) -> Table:
        name = self.fresh(stem)
        self.sql(f"CREATE TABLE {quoted(name)} AS {select}")
        return self.table(name)

    def drop(self, table: Table) -> None:
        """Remove a stored table; nothing that is still to be computed may stand on it."""
        self.sql(f"DROP TABLE {quoted(table.get_name())}")

    def put(self, stem: str, schema: Mapping[str, str], *, rows: Iterable[Sequence[Any]]) -> Table:
        """Store rows made in Python (a calendar, a list of rules): one tuple a row, in the schema's order."""
        import ibis

        name = self.fresh(stem)
        columns = ", ".join(f"{quoted(column)} {_duckdb_type(kind)}" for column, kind in schema.items())
        self.sql(f"CREATE TABLE {quoted(name)} ({columns})")
        columns_of_rows = [list(column) for column in zip(*rows, strict=True)]
        if columns_of_rows:
            unnested = ", ".join(f"unnest(?::{_duckdb_type(kind)}[])" for kind in schema.values())
            self.sql(f"INSERT INTO {quoted(name)} SELECT {unnested}", columns_of_rows)
        return ibis.table(dict(schema), name=name)

    @contextmanager
    def lent(self, columns: Mapping[str, NDArray[Any]]) -> Iterator[str]:
        """Lend NumPy arrays of one length as a table, without copying them, and give its name.

        Whole numbers, doubles (NaN is read as NULL) and `datetime64[s]`; the table is there within the `with` only.
        """
        name = self.fresh("lent")
        self._connection.register(name, dict(columns))
        try:
            yield name
        finally:
            self._connection.unregister(name)

    def rows(self, expression: ibis.Expr) -> list[dict[str, Any]]:
        """Return a small result as one dict a row."""
        cursor = self.sql(self._portable(expression))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def columns(self, expression: ibis.Expr) -> dict[str, np.ndarray[Any, Any]]:
        """Return a result as one NumPy array a column."""
        return dict(self.sql(self._portable(expression)).fetchnumpy())

    def write(self, expression: ibis.Expr, path: Path, *, form: Literal["parquet", "jsonl", "csv"]) -> int:
        """Write a result to a file and return the number of rows written.

        Texts keep the order the rows come in; a Parquet table does not: to put its rows in order, DuckDB would have to
        hold those that come too early.
        """
        options = {
            "parquet": f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP}",
            "jsonl": "FORMAT json",
            "csv": "FORMAT csv, HEADER true",
        }[form]
        self.sql(f"SET preserve_insertion_order = {str(form != 'parquet').lower()}")
        try:
            done = self.sql(f"COPY ({self.compile(expression)}) TO {literal(str(path))} ({options})").fetchone()
        finally:
            self.sql("RESET preserve_insertion_order")
        return int(done[0]) if done else 0


@cache
def _compiler() -> DuckDBCompiler:
    """Return what writes the SQL. Importing it brings every dialect there is: pages that compile nothing do without."""
    from ibis.backends.sql.compilers.duckdb import DuckDBCompiler

    return DuckDBCompiler()


@lru_cache(maxsize=256)
def _compiled(operation: Node) -> str:
    """Return the SQL of an expression, remembered: a process that does the same work again compiles nothing anew.

    Tables are named in order, so that the same work asks the same expressions; they are equal where they say the same.
    """
    return str(_compiler().to_sqlglot(operation.to_expr()).sql("duckdb"))


def _ibis_type(duckdb_type: str) -> str:
    known = {
        "VARCHAR": "string",
        "TIMESTAMP": "timestamp(6)",
        "DOUBLE": "float64",
        "INTEGER": "int32",
        "BIGINT": "int64",
        "HUGEINT": "decimal(38, 0)",
        "BOOLEAN": "boolean",
        "DATE": "date",
        "JSON": "string",
        "VARCHAR[]": "array<string>",
    }
    return known.get(duckdb_type, duckdb_type.lower())
