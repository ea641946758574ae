"""Writes facts as Parquet files, one a month and ordered by user, and commits a sealed batch exactly once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from deltalake.transaction import AddAction

from keptword.core.problems import KeptwordError
from keptword.core.schema import JOURNAL_SCHEMA
from keptword.engines.duckdb import Engine, literal, quoted
from keptword.journal.failures import told
from keptword.journal.layout import MONTH, PUMP, STATISTICS
from keptword.journal.snapshot import open_snapshot, settle, statistics
from keptword.journal.syncing import sync_written

if TYPE_CHECKING:
    from ibis.expr.types import Table

ORDER: Final = "user_key, occurred_at, fact_id"
"""How rows lie in a file, so that one user's facts are found by the statistics of its row groups."""

_ROW_GROUP: Final = 61_440
"""Rows held at once by each thread that writes, and the least that is read to find one user: half of the usual."""

_MONTH_OF: Final = "strftime(occurred_on, '%Y-%m')"


@dataclass(frozen=True)
class Written:
    """One new Parquet file on the disk that no log entry names yet, with what the log will say about it."""

    path: Path
    name: str
    rows: int
    month: str
    statistics: str

    def action(self, *, data_change: bool) -> AddAction:
        """Return the line of the log; `data_change` is False where the same rows were only laid out anew."""
        seen = self.path.stat()
        return AddAction(
            path=self.name,
            size=seen.st_size,
            partition_values={MONTH: self.month},
            modification_time=seen.st_mtime_ns // 1_000_000,
            data_change=data_change,
            stats=self.statistics,
        )


def append(folder: Path, engine: Engine, *, rows: Table, number: int, guard: Callable[[], None]) -> int:
    """Record a sealed batch and return how many rows were written; 0 where batch `number` is recorded already.

    Where the commit goes wrong, the files written for it are removed again; a kill leaves them to `vacuum`.
    """
    doing = "recording a batch"
    snapshot = open_snapshot(folder)
    if snapshot.counted(PUMP) >= number:
        # Whoever wrote it may have been killed before the entry was synced, and the caller now forgets the batch.
        with told(folder, doing=doing):
            settle(folder, version=snapshot.version())
        return 0
    with told(folder, doing=doing):
        batch = _stored(engine, rows, number=number)
        try:
            written = write_months(engine, folder, source=batch)
        finally:
            engine.sql(f"DROP TABLE {batch}")
    with removed_unless_committed(folder, written):
        actions = [file.action(data_change=True) for file in written]
        snapshot.commit(actions, transaction=(PUMP, number), guard=guard, doing=doing)
    return sum(file.rows for file in written)


def _stored(engine: Engine, rows: Table, *, number: int) -> str:
    """Store a batch, so that finding its months does not run the caller's query again for each; return the name.

    The number is put in here and not by Ibis, which takes longer to compile a selection than a small batch to write.
    """
    from ibis.expr.operations import UnboundTable

    name = quoted(engine.fresh("batch"))
    columns = ", ".join(
        f"{number:d}::BIGINT AS batch" if column == "batch" else quoted(column) for column in JOURNAL_SCHEMA
    )
    operation = rows.op()
    plain = isinstance(operation, UnboundTable)
    source = quoted(operation.name) if plain else f"({engine.compile(rows)})"
    engine.sql(f"CREATE TABLE {name} AS SELECT {columns} FROM {source}")
    return name


def write_months(engine: Engine, folder: Path, *, source: str) -> list[Written]:
    """Write what an SQL source holds (JOURNAL_SCHEMA columns), one ordered file a month, and sync files and folders."""
    bounds = ", ".join(f"min({name}) AS low_{name}, max({name}) AS high_{name}" for name in STATISTICS)
    cursor = engine.sql(
        f"SELECT {_MONTH_OF} AS month, count(*)::BIGINT AS rows, {bounds} FROM {source} GROUP BY ALL ORDER BY month"
    )
    names = [column[0] for column in cursor.description or ()]
    months = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    written: list[Written] = []
    try:
        for month in months:
            written.append(_write_month(engine, folder, source=source, month=month, alone=len(months) == 1))
        sync_written((file.path for file in written), top=folder)
    except BaseException:
        _remove(file.path for file in written)
        raise
    return written


def _write_month(engine: Engine, folder: Path, *, source: str, month: dict[str, Any], alone: bool) -> Written:
    label = month["month"]
    if label is None or any(month[f"low_{name}"] is None for name in STATISTICS):
        raise KeptwordError(
            "{folder}: an entry without a day or an instant reached the journal, which is a defect of Keptword. "
            "Nothing of its batch was recorded and nothing is lost; please report it.",
            folder=folder,
        )
    name = f"{MONTH}={label}/{uuid.uuid4()}.parquet"
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    columns = ", ".join(quoted(column) for column in JOURNAL_SCHEMA)
    # Comparing days costs a tenth of spelling out the month of every row once more for each month.
    days = f"DATE '{month['low_occurred_on']}' AND DATE '{month['high_occurred_on']}'"
    where = "" if alone else f"WHERE occurred_on BETWEEN {days}"
    try:
        done = engine.sql(
            f"COPY (SELECT {columns} FROM {source} {where} ORDER BY {ORDER}) TO {literal(str(path))} "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
        ).fetchone()
    except BaseException:
        _remove([path])
        raise
    rows = int(done[0]) if done else 0
    if rows != month["rows"]:
        _remove([path])
        raise KeptwordError(
            "{path}: {rows:,} rows were written where {month:,} had been counted, so something changed them "
            "in between. Nothing of this batch was recorded and nothing is lost; run the command again.",
            path=path,
            rows=rows,
            month=month["rows"],
        )
    return Written(path, name=name, rows=rows, month=label, statistics=statistics(month))


@contextmanager
def removed_unless_committed(folder: Path, written: Sequence[Written]) -> Iterator[None]:
    """Remove the files again where the commit fails and no log entry names them; they hold people's keys."""
    try:
        yield
    except BaseException:
        with suppress(KeptwordError, OSError):
            live = {file.name for file in open_snapshot(folder).files()}
            _remove(file.path for file in written if file.name not in live)
        raise


def _remove(paths: Iterator[Path] | Sequence[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink()
