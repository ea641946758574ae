"""How the journal lies on the disk: its columns as Delta Lake names them, its properties, one file's entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from deltalake.schema import Field, PrimitiveType, Schema

from keptword.core.schema import JOURNAL_SCHEMA

MONTH: Final = "month"
"""The partition: `2031-03`, of `occurred_on`. It stands in the log and the folder's name alone, not in the files."""

PUMP: Final = "pump"
"""The application transaction that counts sealed batches."""

UPKEEP: Final = "upkeep"
"""The application transaction that counts compactions and erasures."""

LOG: Final = "_delta_log"
LAST_CHECKPOINT: Final = "_last_checkpoint"

TORN: Final = "_torn"
"""Where log entries that a power cut left half written are kept to be looked at; readers of Delta pass over it."""

COPY: Final = "_last"
"""Where a copy of the last log entry is kept, so that one torn by whatever means is put right from it."""

VERSION_PROPERTY: Final = "keptword.schemaVersion"

STATISTICS: Final = ("occurred_at", "occurred_on", "batch")
"""Columns whose least and greatest value stand in the log: they are nobody's, so erasing needs no new log."""

_DELTA_TYPES: Final = {
    "string": "string",
    "timestamp(6)": "timestamp_ntz",
    "date": "date",
    "int32": "integer",
    "int64": "long",
    "float64": "double",
    "decimal(18, 4)": "decimal(18,4)",
}


@dataclass(frozen=True)
class JournalFile:
    """One live Parquet file: where it is, how much it holds, which batches and days.

    `name` is the path inside the journal's folder, as the log has it; `bytes` is its size on the disk.
    """

    path: Path
    name: str
    rows: int
    bytes: int
    month: str
    batch_low: int
    batch_high: int
    on_low: date
    on_high: date


def delta_schema() -> Schema:
    """Return JOURNAL_SCHEMA and the partition as Delta Lake's types; every column may be empty."""
    columns = [Field(name, PrimitiveType(_DELTA_TYPES[kind]), nullable=True) for name, kind in JOURNAL_SCHEMA.items()]
    return Schema([*columns, Field(MONTH, PrimitiveType("string"), nullable=True)])


def entry_path(folder: Path, *, version: int) -> Path:
    """Return where the log entry of a version stands."""
    return folder / LOG / f"{version:020}.json"


def copy_path(folder: Path, *, version: int) -> Path:
    """Return where the copy of the log entry of a version stands, if it is the last."""
    return folder / COPY / f"{version:020}.json"


def entries_of(folder: Path) -> list[Path]:
    """Return the log entries on the disk, oldest first."""
    return sorted(path for path in (folder / LOG).glob("*.json") if path.stem.isdigit())


def copies_of(folder: Path) -> list[Path]:
    """Return the copies of log entries that are kept, oldest first: one, where nothing was lost."""
    return sorted(path for path in (folder / COPY).glob("*.json") if path.stem.isdigit())


def checkpoints_of(folder: Path) -> list[Path]:
    """Return the files of the log's checkpoints, oldest first."""
    return sorted((folder / LOG).glob("*.checkpoint*.parquet"))


def version_of(path: Path) -> int:
    """Return the version that a log entry or checkpoint is of."""
    return int(path.name.split(".", 1)[0])
