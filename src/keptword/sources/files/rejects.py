"""Writes the rows that became nothing beside their file, each with its reason, to be mended and given again."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from ibis.expr.types import Table

from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import Engine, quoted
from keptword.sources.files.encodings import CHUNK, STRAY_BYTES
from keptword.sources.files.objects import rows_of
from keptword.sources.files.opened import Opened
from keptword.sources.files.opening import settle
from keptword.sources.files.paths import unreadable
from keptword.sources.files.rows import LONGEST_ROW, walk
from keptword.sources.files.staging import stage

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_NUMBER: Final = re.compile(r"[-+][\d.,\s]*\d[\d.,\s]*%?")
_AT_ONCE: Final = 10_000


def write_rejected(engine: Engine, file: Opened, *, refusals: Table, to: Path | None = None) -> Path | None:
    """Write `orders.rejected.csv` beside `orders.csv`, or into the folder `to` where that is not possible.

    Beside any other file than `.csv` it keeps the whole name: `orders.tsv.rejected.csv`.
    `refusals` has one row a reason (`line`, `reason`); several reasons of one line are joined. One row is written a
    line refused, in the file's order: "line", "reason", and the cells as they stood, under the file's own header and
    with its own delimiter, so that it can be mended and given again. A cell that a spreadsheet would take for a
    formula gets a leading '. An earlier file of that name is replaced. Returns where it lies, or None where nothing
    was refused; raises `KeptwordError` where neither folder can be written to.
    """
    if engine.sql(f"SELECT line FROM ({engine.compile(refusals)}) LIMIT 1").fetchone() is None:
        return None
    made = engine.folder / engine.fresh("rejected")
    # A spreadsheet takes text without a mark for UTF-8 only where it came like that.
    encoding = "utf-8" if file.encoding in {"", "utf-8"} else "utf-8-sig"
    try:
        with made.open("w", encoding=encoding, errors="replace", newline="") as stream:
            writer = csv.writer(stream, delimiter=file.delimiter or ",")
            writer.writerow(["line", "reason", *map(_harmless, file.header)])
            writer.writerows(
                [line, reason, *map(_harmless, cells)]
                for line, reason, cells in _refused(engine, file, _reasons(engine, refusals))
            )
    except OSError as error:
        raise unreadable(file.path, error) from error
    return _put_in_place(made, file.path, to)


def _reasons(engine: Engine, refusals: Table) -> str:
    return f"SELECT DISTINCT line, reason FROM ({engine.compile(refusals)}) ORDER BY line, reason"


def _refused(engine: Engine, file: Opened, reasons: str) -> Iterator[tuple[int, str, Sequence[str]]]:
    """Give line, reason and cells of each row refused; of a mailbox no cells, because they are letters."""
    if file.form == "mbox":
        yield from ((line, reason, []) for line, reason in _fetched(engine, reasons))
    elif file.form == "parquet":
        cells = ", ".join(quoted(name) for name in file.header)
        staged = engine.compile(stage(engine, file).table)
        joined = f"SELECT line, reason, {cells} FROM ({reasons}) LEFT JOIN ({staged}) USING (line) ORDER BY line"
        for line, reason, *texts in _fetched(engine, joined):
            yield line, reason, [text or "" for text in texts]
    elif file.form == "json":
        items = f"SELECT row_number() OVER () AS line, written FROM {rows_of(file.readable, form='json')}"
        joined = f"SELECT line, reason, written FROM ({reasons}) JOIN ({items}) USING (line) ORDER BY line"
        for line, reason, written in _fetched(engine, joined):
            yield line, reason, _cells_of(written, file.keys)
    else:
        yield from _matched(_fetched(engine, reasons), _lines(file) if file.form == "jsonl" else _walked(engine, file))


def _fetched(engine: Engine, statement: str) -> Iterator[tuple[Any, ...]]:
    """Give the rows of a statement, ordered by line, one a line: its reasons are joined."""
    cursor = engine.sql(statement)
    fetched = chain.from_iterable(iter(lambda: cursor.fetchmany(_AT_ONCE), []))
    for line, several in groupby(fetched, key=itemgetter(0)):
        rows = list(several)
        yield line, " ".join(row[1] for row in rows), *rows[0][2:]


def _matched(
    reasons: Iterator[tuple[int, str]], rows: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, str, list[str]]]:
    """Put the cells to the reasons; both come in the order of their lines."""
    at, cells = 0, [""]
    for line, reason in reasons:
        while at < line:
            at, cells = next(rows, (line + 1, [""]))
        yield line, reason, cells if at == line else []


def _walked(engine: Engine, file: Opened) -> Iterator[tuple[int, list[str]]]:
    settled = settle(file.path, file.readable, engine=engine)
    for row in walk(replace(file, readable=settled.readable)):
        yield row.line, row.cells


def _lines(file: Opened) -> Iterator[tuple[int, list[str]]]:
    """Give each line of JSON Lines as cells under the header; a damaged one as it stands."""
    with file.readable.open(encoding="utf-8-sig", errors=STRAY_BYTES, buffering=CHUNK) as stream:
        for number, line in enumerate(iter(lambda: stream.readline(LONGEST_ROW), ""), start=1):
            yield number, _cells_of(line, file.keys)


def _cells_of(line: str, keys: Sequence[str]) -> list[str]:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return [line.rstrip("\r\n")]
    values = (found.get(key) for key in keys)
    return [value if isinstance(value, str) else "" if value is None else json.dumps(value) for value in values]


def _harmless(cell: str) -> str:
    # A plain amount or phone number is no formula, and has to come back as it was.
    return f"'{cell}" if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell) else cell


def _put_in_place(made: Path, path: Path, to: Path | None) -> Path:
    """Move the finished file to its place, so that a half-written one is never seen there."""
    # orders.csv and orders.tsv may lie side by side.
    name = f"{path.stem if path.suffix.lower() == '.csv' else path.name}.rejected.csv"
    refused: OSError | None = None
    for folder in [path.absolute().parent, *([to] if to else [])]:
        place = folder / name
        try:
            _moved(made, place)
        except OSError as error:
            refused = error
        else:
            return path.with_name(place.name) if folder != to else place
    raise KeptwordError(
        "{path}: some lines could not be read, and {name}, which lists them, could not be written"
        " there ({why}). Copy the file to a folder you may write to, and"
        " start again.",
        path=path,
        name=name,
        why=refused.strerror if refused else "no folder",
    )


def _moved(made: Path, place: Path) -> None:
    beside = place.with_name(f".{place.name}.part")
    try:
        with made.open("rb") as source, beside.open("wb") as copy:
            while piece := source.read(CHUNK):
                copy.write(piece)
        os.replace(beside, place)  # noqa: PTH105 - as one step on every system
    finally:
        beside.unlink(missing_ok=True)
