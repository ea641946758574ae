"""Stores the columns a source asks for as texts in the engine, one row a row of the file."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
from ibis.expr.types import Table

from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import Engine, literal, quoted
from keptword.sources.files.encodings import chunks
from keptword.sources.files.objects import damaged, pointer, rows_of
from keptword.sources.files.opened import Opened, Pace, Progress
from keptword.sources.files.opening import settle
from keptword.sources.files.paths import unreadable
from keptword.sources.files.rows import walk
from keptword.sources.files.scanning import cells_of, parquet_of

# What DuckDB raises over rows it does not take; too little memory or room is none of it.
_NOT_IN_ORDER: Final = (duckdb.InvalidInputException, duckdb.NotImplementedException, duckdb.ConversionException)
_NAMED: Final = "_named"
_EMPTY_LINE: Final = re.compile(rb"\n\r?\n|\r\r")
_NOT_AN_OBJECT: Final = 'This is no JSON object (like {"id": 1}), or it is damaged.'


@dataclass(frozen=True)
class Staged:
    """The rows of one file, stored.

    `table` has one row a row of the file in which anything asked for stands, in the file's order: the columns asked
    for as text, trimmed, NULL where empty or missing, and `line`, the number of the row: in delimited text as a
    spreadsheet counts it (the header being 1), in JSON Lines the line, in a JSON array and in Parquet the row from 1.
    `rows` counts them. `refused` has one row a row that could not be split into cells: `line` and `reason`.
    `file` is the file as it was really read: its encoding may have come to light only now.
    """

    file: Opened
    table: Table
    rows: int
    refused: Table


def stage(
    engine: Engine, file: Opened, *, columns: Sequence[str] | None = None, progress: Progress | None = None
) -> Staged:
    """Read the columns asked for (all, where none are named) into the engine.

    A name is looked up as it is, else without regard to letter case; the table calls the column as it was asked for.
    A file that is in order is read by DuckDB in parallel, from where it lies. Any other is walked row by row
    (`rows.walk`): what cannot be split into cells is refused with its reason, the rest goes on. Raises
    `KeptwordError` where the file as a whole cannot be read.
    """
    if file.form == "mbox":
        raise KeptwordError(
            "{name}: this is a mailbox, which no mapping describes. Give it without --mapping.", name=file.name
        )
    asked = _distinct(columns, file) if columns is not None else file.header
    try:
        if file.form == "delimited":
            return _Delimited(engine, asked, progress).staged(file)
        pace = _pace(file, progress)
        if file.form == "parquet":
            return _parquet(engine, file, asked, pace)
        return _objects(engine, file, asked, pace)
    except OSError as error:
        raise unreadable(file.path, error) from error
    except duckdb.Error as error:
        raise KeptwordError(
            "{name}: this file could not be read ({why}). If it changed meanwhile, start again; else export it again.",
            name=file.name,
            why=str(error).splitlines()[0],
        ) from error


def forget(engine: Engine, staged: Staged) -> None:
    """Remove the rows of a file from the engine, once nothing is to be read of them any more; its refusals stay."""
    view = staged.table.get_name()
    engine.sql(f"DROP VIEW {quoted(view)}")
    engine.sql(f"DROP TABLE {quoted(view.removesuffix(_NAMED))}")


def _distinct(columns: Sequence[str], file: Opened) -> tuple[str, ...]:
    """Return the names asked for, each once; refuse names that the engine could not tell apart."""
    asked = tuple(dict.fromkeys(columns))
    folded = {"line": "line"}
    for name in asked:
        other = folded.setdefault(name.casefold(), name)
        if name.casefold() == "line":
            raise KeptwordError(
                '{name}: "line" is what Keptword calls the number of a row, so the column "{column}" of a file goes'
                ' by the name "{column} (2)". Write that instead.',
                name=file.name,
                column=name,
            )
        if other != name:
            raise KeptwordError(
                '{name}: one column is asked for as "{other}" and as "{column}". Write it the same way each time.',
                name=file.name,
                other=other,
                column=name,
            )
    return asked


def _pace(file: Opened, progress: Progress | None, how: str = "") -> Pace:
    return Pace(progress, doing=f"{file.name}{how}", size=file.readable.stat().st_size)


def _places(file: Opened, asked: Sequence[str]) -> list[int | None]:
    """Return for each name asked for the place of its column in the file, or None."""
    exact = {name: place for place, name in enumerate(file.header)}
    folded: dict[str, int] = {}
    for place, name in enumerate(file.header):
        folded.setdefault(" ".join(name.split()).casefold(), place)
    return [exact.get(name, folded.get(" ".join(name.split()).casefold())) for name in asked]


def _trimmed(cell: str) -> str:
    # Most cells need no trimming, and comparing costs less than making a text anew.
    return (
        f"CASE WHEN {cell} < '!' OR suffix({cell}, ' ') OR suffix({cell}, '\n') OR suffix({cell}, '\t')"
        f" OR suffix({cell}, '\r') THEN nullif(trim({cell}, ' \n\r\t'), '') ELSE {cell} END"
    )


def _stored(engine: Engine, select: str, pace: Pace) -> str:
    name = engine.fresh("cells")
    with pace.polling(engine.percent_done):
        engine.sql(f"CREATE TABLE {quoted(name)} AS {select}")
    return name


def _named(engine: Engine, stored: str, asked: Sequence[str], *, places: Sequence[int | None], line: str) -> Table:
    """Return the stored cells under the names asked for, rows without any of them left aside."""
    cells = ["NULL::VARCHAR" if place is None else f"c{place}" for place in places]
    selected = ", ".join(f"{cell} AS {quoted(name)}" for cell, name in zip(cells, asked, strict=True))
    found = [f"c{place}" for place in places if place is not None]
    filled = f" WHERE coalesce({', '.join(found)}) IS NOT NULL" if found else ""
    view = stored + _NAMED
    selected = f"{selected}, " if selected else ""
    engine.sql(
        f"CREATE VIEW {quoted(view)} AS SELECT {selected}CAST({line} AS BIGINT) AS line FROM {quoted(stored)}{filled}"
    )
    return engine.table(view)


def _result(engine: Engine, file: Opened, table: Table, refused: Table | None = None) -> Staged:
    counted = engine.sql(engine.compile(table.count())).fetchone()
    if refused is None:
        none = engine.fresh("refused")
        engine.sql(f"CREATE TABLE {quoted(none)} (line BIGINT, reason VARCHAR)")
        refused = engine.table(none)
    return Staged(file, table, int(counted[0]) if counted else 0, refused)


@dataclass(frozen=True)
class _Delimited:
    """Reads delimited text: as it lies where it is in order, else row by row."""

    engine: Engine
    asked: tuple[str, ...]
    progress: Progress | None

    def staged(self, file: Opened) -> Staged:
        table = self._as_it_lies(file)
        if table is not None:
            return _result(self.engine, file, table)
        settled = settle(file.path, file.readable, engine=self.engine, progress=self.progress)
        if settled.readable != file.readable:
            problems = (*file.problems, *settled.problems)
            file = replace(file, readable=settled.readable, encoding=settled.encoding, problems=problems)
            table = self._as_it_lies(file)
            if table is not None:
                return _result(self.engine, file, table)
        return self._walked(file)

    def _as_it_lies(self, file: Opened) -> Table | None:
        """Have DuckDB read the file; None where not every row is as it should be, or rows cannot be counted so."""
        places = _places(file, self.asked)
        found = sorted({place for place in places if place is not None})
        cells = ", ".join(f"{_trimmed(f'c{place}')} AS c{place}" for place in found) or "c0"
        with ThreadPoolExecutor(1) as beside:
            odd = beside.submit(_is_odd, file)
            types = ["VARCHAR"] * len(file.header)
            scan = cells_of(file.readable, types=types, delimiter=file.delimiter, lead=file.lead)
            try:
                stored = _stored(self.engine, f"SELECT {cells} FROM {scan}", _pace(file, self.progress))
            except _NOT_IN_ORDER:
                return None
            if odd.result():
                self.engine.sql(f"DROP TABLE {quoted(stored)}")
                return None
        # Rows are stored in the file's order, so their place tells their number without sorting anything.
        return _named(self.engine, stored, self.asked, places=places, line=f"rowid + {file.header_line + 1}")

    def _walked(self, file: Opened) -> Staged:
        """Read row by row into a copy that is in order, which DuckDB then reads; refused rows into another."""
        places = _places(file, self.asked)
        found = sorted({place for place in places if place is not None})
        clean, refused = (self.engine.folder / self.engine.fresh(stem) for stem in ("clean", "refused"))
        _copy_in_order(file, found, clean=clean, refused=refused, pace=_pace(file, self.progress, ", row by row"))
        cells = [f"nullif(c{at}, '') AS c{place}" for at, place in enumerate(found, start=1)]
        stored = self._stored_own(clean, ["BIGINT", *["VARCHAR"] * len(found)], cells=["c0 AS line", *cells])
        table = _named(self.engine, stored, self.asked, places=places, line="line")
        reasons = self._stored_own(refused, ["BIGINT", "VARCHAR"], cells=["c0 AS line", "c1 AS reason"])
        return _result(self.engine, file, table, self.engine.table(reasons))

    def _stored_own(self, path: Path, types: list[str], *, cells: list[str]) -> str:
        """Store a file that was written here, in one thread where long cells do not let several begin; remove it."""
        silent = Pace(None, doing="", size=0)
        select = f"SELECT {', '.join(cells)} FROM "
        try:
            stored = _stored(self.engine, select + cells_of(path, types=types), silent)
        except _NOT_IN_ORDER:
            stored = _stored(self.engine, select + cells_of(path, types=types, parallel=False), silent)
        path.unlink()
        return stored


def _copy_in_order(file: Opened, places: Sequence[int], *, clean: Path, refused: Path, pace: Pace) -> None:
    with (
        clean.open("w", encoding="utf-8", newline="", errors="replace") as good,
        refused.open("w", encoding="utf-8", newline="", errors="replace") as bad,
    ):
        good_row, bad_row = (
            csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerow for stream in (good, bad)
        )
        # DuckDB takes the first line end for that of all rows, even one within quotes: so a header comes first.
        good_row(["line", *places])
        bad_row(["line", "reason"])
        for row in walk(file, pace):
            if row.reason is None:
                cells = row.cells
                good_row([row.line, *[cells[place].strip(" \n\r\t") for place in places]])
            else:
                bad_row([row.line, row.reason])


def _is_odd(file: Opened) -> bool:
    """Say whether the file holds empty rows, which DuckDB leaves out without counting them, or zero bytes.

    An empty line within quotes is part of a cell: an odd number of quotes stands before it, the last of which can be
    one that opens a cell (or the second of two that mean one); else a quote stood alone in a cell without quotes.
    """
    counts_empty_rows = len(file.header) == 1
    opening = (file.delimiter.encode(), b"\n", b"\r", b" ", b'"', b"")
    quotes, can_open, rest = 0, True, b""
    for number, piece in enumerate(chunks(file.readable)):
        if 0 in piece:
            return True
        held = rest + piece
        start = _after_lines(held, file.lead) if number == 0 else 0
        # Line ends at the seam are looked at together with what follows them.
        whole = len(held.rstrip(b"\r\n"))
        signs = np.frombuffer(held, dtype=np.uint8)[:whole]
        is_quote = signs == ord('"')
        for end in (*([] if counts_empty_rows else _empty_lines(held, signs)), whole):
            if end < start:
                continue  # above the header
            quotes += int(np.count_nonzero(is_quote[start:end]))
            last = held.rfind(b'"', start, end)
            if last >= 0:
                can_open = held[max(last - 1, 0) : last] in opening
            start = end
            if end < whole and (quotes % 2 == 0 or not can_open):
                return True
        rest = held[whole:]
    return False


def _empty_lines(held: bytes, signs: np.ndarray[Any, np.dtype[np.uint8]]) -> list[int]:
    """Return where lines end that an empty line follows; `signs` is the part of `held` to look at."""
    line_feed = signs == ord("\n")
    follows = line_feed[1:-1] & line_feed[:-2]
    if b"\r" in held:
        carriage_return = signs == ord("\r")
        if np.any(carriage_return[1:] & carriage_return[:-1]):  # lines that end with CR alone, or something odder
            return [found.start() for found in _EMPTY_LINE.finditer(held, 0, len(signs))]
        follows |= line_feed[2:] & carriage_return[1:-1] & line_feed[:-2]
    return [int(end) for end in np.flatnonzero(follows)]


def _after_lines(held: bytes, lines: int) -> int:
    start = 0
    for found in re.finditer(rb"\r\n|\r|\n", held):
        if lines == 0:
            break
        start = found.end()
        lines -= 1
    return start


def _objects(engine: Engine, file: Opened, asked: tuple[str, ...], pace: Pace) -> Staged:
    places = _places(file, asked)
    # A key that no object had among those the header was judged on may still come later.
    keys = [name if place is None else file.keys[place] for name, place in zip(asked, places, strict=True)]
    pointers = ", ".join(pointer(key) for key in keys)
    listed = f"json_extract_string(object, [{pointers}])" if keys else "NULL"
    cells = "".join(f", {_trimmed(f'cells[{at}]')} AS c{at - 1}" for at in range(1, len(keys) + 1))
    source = rows_of(file.readable, form="json" if file.form == "json" else "jsonl")
    try:
        stored = _stored(
            engine,
            "SELECT is_object, is_blank" + cells + " FROM (SELECT coalesce(json_type(object) = 'OBJECT', false) AS"
            f" is_object, coalesce(trim(written), '') = '' AS is_blank, {listed} AS cells FROM {source})",
            pace,
        )
    except duckdb.InvalidInputException as error:
        raise KeptwordError(damaged(file.name, error)) from error
    table = _named(engine, stored, asked, places=range(len(keys)), line="rowid + 1")
    refused = engine.fresh("refused")
    engine.sql(
        f"CREATE TABLE {quoted(refused)} AS SELECT (rowid + 1)::BIGINT AS line, {literal(_NOT_AN_OBJECT)} AS reason"
        f" FROM {quoted(stored)} WHERE NOT is_object AND NOT is_blank"
    )
    return _result(engine, file, table, engine.table(refused))


def _parquet(engine: Engine, file: Opened, asked: tuple[str, ...], pace: Pace) -> Staged:
    scan = parquet_of(file.readable, numbered=True)
    described = engine.sql(f"DESCRIBE SELECT * FROM {scan}").fetchall()
    names = ", ".join(f"c{place}" for place in range(len(described)))
    places = _places(file, asked)
    cells = "".join(
        f", {_trimmed(_as_text(f'c{place}', str(described[place][1])))} AS c{place}"
        for place in sorted({place for place in places if place is not None})
    )
    stored = _stored(
        engine, f"SELECT c{len(described) - 1} + 1 AS line{cells} FROM (SELECT * FROM {scan}) AS file({names})", pace
    )
    return _result(engine, file, _named(engine, stored, asked, places=places, line="line"))


def _as_text(cell: str, kind: str) -> str:
    """Return a Parquet cell as text: times as ISO 8601, whole numbers without ".0", nested values as JSON."""
    if kind == "VARCHAR":
        return cell
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"(make_timestamp(epoch_us({cell}))::VARCHAR || '+00:00')"
    if kind in {"DOUBLE", "FLOAT"}:
        # Programs store whole numbers with gaps, such as customer numbers, as floating point.
        whole = f"{cell} = floor({cell}) AND abs({cell}) < 1e15"
        return f"(CASE WHEN {whole} THEN {cell}::BIGINT::VARCHAR ELSE {cell}::VARCHAR END)"
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        return f"to_json({cell})::VARCHAR"
    return f"{cell}::VARCHAR"
