"""Gives the engine the live files as one table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from keptword.core.problems import KeptwordError, Problem
from keptword.core.schema import JOURNAL_SCHEMA
from keptword.engines.duckdb import Engine, literal, quoted
from keptword.journal.failures import RESTORE, told
from keptword.journal.layout import JournalFile
from keptword.journal.snapshot import open_snapshot

if TYPE_CHECKING:
    from ibis.expr.types import Table


def facts(folder: Path, engine: Engine, *, upto: int | None, after: int | None) -> Table:
    """Return a view over the live files: JOURNAL_SCHEMA, and only batches above `after` and up to `upto`.

    Files that hold none of those batches are not opened. The conditions are plain comparisons of columns, so that
    DuckDB passes over row groups by their statistics.
    """
    import ibis

    files = [file for file in open_snapshot(folder).files() if _may_hold(file, upto=upto, after=after)]
    refuse_damaged(files)
    where = [f"batch <= {upto}"] if upto is not None else []
    where += [f"batch > {after}"] if after is not None else []
    columns = ", ".join(quoted(column) for column in JOURNAL_SCHEMA)
    name = engine.fresh("journal")
    with told(folder, doing="reading the journal"):
        engine.sql(
            f"CREATE VIEW {quoted(name)} AS SELECT {columns} FROM {parquet(engine, files)}"
            + (f" WHERE {' AND '.join(where)}" if where else "")
        )
    return ibis.table(JOURNAL_SCHEMA, name=name)


def _may_hold(file: JournalFile, *, upto: int | None, after: int | None) -> bool:
    return (upto is None or file.batch_low <= upto) and (after is None or file.batch_high > after)


def parquet(engine: Engine, files: Iterable[JournalFile], *, options: str = "") -> str:
    """Return the SQL source that reads the files, an empty table where there are none."""
    paths = ", ".join(literal(str(file.path.resolve())) for file in files)
    if not paths:
        return quoted(engine.put("no_facts", JOURNAL_SCHEMA, rows=[]).get_name())
    return f"read_parquet([{paths}], hive_partitioning=false, union_by_name=true{options})"


def damage(file: JournalFile) -> Problem | None:
    """Return what is wrong with a live file that can be seen without reading it, None where nothing is."""
    where, held = str(file.path), f"it held {file.rows:,} entries"
    try:
        size = file.path.stat().st_size
    except OSError:
        return Problem(where, f"this file of the journal is missing; {held}. {RESTORE}", count=file.rows)
    if size == file.bytes:
        return None
    seen = f"it has {size:,} bytes where {file.bytes:,} were written"
    return Problem(where, f"this file of the journal is damaged: {seen}; {held}. {RESTORE}", count=file.rows)


def refuse_damaged(files: Iterable[JournalFile]) -> None:
    """Raise KeptwordError where a file is missing or has another size than was written, naming each."""
    problems = [problem for file in files if (problem := damage(file))]
    if problems:
        raise KeptwordError("\n".join(str(problem) for problem in problems))
