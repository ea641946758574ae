"""Searches every file of a folder for somebody's key: byte by byte, and inside what is compressed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from keptword.core.mentions import LONG, Name
from keptword.engines.duckdb import Engine, literal, quoted

_AT_ONCE: Final = 16 * 1024 * 1024
_MAGIC: Final = b"SQLite format 3\x00"

FIGURES: Final = ".duckdb"
"""What names of files of figures end in."""


@dataclass(frozen=True)
class Searched:
    """What was searched: how many files and bytes, which of them hold the key, and which could not be looked into."""

    files: int
    bytes: int
    held: tuple[Path, ...]
    unreadable: tuple[Path, ...]


def search(folder: Path, engine: Engine, *, name: Name, also: Sequence[Name] = ()) -> Searched:
    """Search all files below a folder, their names too; a file that is there under two names is read once.

    `also` is what else is searched for: a file that holds any of it counts as one that holds the key.

    Parquet files and figures are searched a second time as the values they hold, and databases row by row. In those a
    short key counts where it stands by itself only: among compressed bytes a few letters are found by chance.
    """
    names = [each for one in (name, *also) for each in spellings(one)]
    seen: set[tuple[int, int]] = set()
    count = size = 0
    held, unreadable = [], []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        there = path.stat()
        count, size = count + 1, size + there.st_size
        if any(each.is_in(path.relative_to(folder).as_posix()) for each in names):
            held.append(path)
            continue
        if there.st_ino and (there.st_dev, there.st_ino) in seen:
            continue
        seen.add((there.st_dev, there.st_ino))
        try:
            if _in_file(path, engine, names=names):
                held.append(path)
        except (duckdb.Error, sqlite3.Error, OSError):
            unreadable.append(path)
    return Searched(count, size, held=tuple(held), unreadable=tuple(unreadable))


def search_server(name: Name) -> tuple[Path, ...]:
    """Return the tables that hold the key, where the database is on a server and so is no file of the folder."""
    from keptword.intake import database

    if database.is_file():
        return ()
    names = spellings(name)
    rows = (row for each in names for row in database.texts_holding(each.key))
    held = {table for table, text in rows if any(each.is_in(text) for each in names)}
    return tuple(Path(table) for table in sorted(held))


def spellings(name: Name) -> tuple[Name, ...]:
    """Return a key as it is, and as JSON may write it where that is another text."""
    escaped = Name(json.dumps(name.key)[1:-1], tuple(json.dumps(each)[1:-1] for each in name.namesakes))
    return (name,) if escaped.key == name.key else (name, escaped)


def _in_file(path: Path, engine: Engine, *, names: Sequence[Name]) -> bool:
    is_parquet, is_figures = path.suffix == ".parquet", path.suffix == FIGURES
    if not is_parquet and not path.stat().st_size:
        return False
    for name in names:
        chance = (is_parquet or is_figures) and len(name.key.encode()) < LONG
        if not chance and any(name.is_in_bytes(chunk) for chunk in _chunks(path, overlap=_overlap(name))):
            return True
    if is_parquet:
        return any(each.is_in(text) for each in names for text in _parquet_texts(engine, path, key=each.key))
    if is_figures:
        return any(each.is_in(text) for each in names for text in _figure_texts(engine, path, key=each.key))
    return _is_database(path) and any(each.is_in(text) for each in names for text in _row_texts(path, key=each.key))


def _overlap(name: Name) -> int:
    return 2 * max(len(each.encode()) for each in (name.key, *name.namesakes)) + 2


def _chunks(path: Path, *, overlap: int) -> Iterator[bytes]:
    """The bytes of a file, so that whatever is as long as the overlap is whole in one of them."""
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(_AT_ONCE):
            yield tail + chunk
            tail = (tail + chunk)[-overlap:]


def _parquet_texts(engine: Engine, path: Path, *, key: str) -> Iterable[str]:
    """The different texts in a Parquet file that hold a key, whatever the column."""
    yield from _texts(engine, f"read_parquet({literal(str(path.resolve()))}, hive_partitioning = false)", key=key)


def _figure_texts(engine: Engine, path: Path, *, key: str) -> Iterable[str]:
    """The different texts in a file of figures that hold a key, whatever the table; in the file they are compressed."""
    name = engine.fresh("figures")
    engine.sql(f"ATTACH {literal(str(path.resolve()))} AS {quoted(name)} (READ_ONLY)")
    try:
        tables = engine.sql("SELECT table_name FROM duckdb_tables() WHERE database_name = ?", [name]).fetchall()
        for (table,) in tables:
            yield from _texts(engine, f"{quoted(name)}.{quoted(table)}", key=key)
    finally:
        engine.sql(f"DETACH {quoted(name)}")


def _texts(engine: Engine, source: str, *, key: str) -> Iterable[str]:
    """The different texts in a table that hold a key."""
    described = engine.sql(f"DESCRIBE SELECT * FROM {source}").fetchall()
    # Numbers, days and moments hold no key; a structure is searched as it is written out.
    columns = [
        f"{quoted(column)}::VARCHAR"
        for column, kind, *_ in described
        if any(each in kind for each in ("VARCHAR", "STRUCT", "BLOB", "JSON"))
    ]
    if not columns:
        return
    texts = f"list_filter([{', '.join(columns)}], lambda text: contains(text, ?))"
    where = " OR ".join(f"contains({column}, ?)" for column in columns)
    cursor = engine.sql(f"SELECT DISTINCT unnest({texts}) FROM {source} WHERE {where}", [key] * (len(columns) + 1))
    while some := cursor.fetchmany(1_000):
        yield from (text for (text,) in some)


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def _row_texts(path: Path, *, key: str) -> Iterator[str]:
    """The texts in a database that hold a key: a long one is spread over pages, so that bytes alone do not tell."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for _, column, *_ in connection.execute(f"PRAGMA table_info({quoted(table)})").fetchall():
                found = connection.execute(
                    f"SELECT {quoted(column)} FROM {quoted(table)} WHERE instr({quoted(column)}, ?) > 0", [key]
                )
                yield from (str(text) for (text,) in found)
