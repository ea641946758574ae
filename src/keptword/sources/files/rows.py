"""Walks a table of text row by row and says why a row cannot be read: for files that are not in order."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, cast

from keptword.sources.files.encodings import CHUNK, STRAY_BYTES
from keptword.sources.files.layout import DELIMITERS, LONGEST_CELL, SPOKEN, fits
from keptword.sources.files.opened import Opened, Pace

LONGEST_ROW: Final = 32_000_000
"""Characters of the longest row that is read; a quote never closed is recognised by then."""

_BLOCK: Final = 16
_END_OF_TEXT: Final = ["\x1a"]  # Ctrl-Z, with which old programs end a text
_SPACE_BEFORE_DELIMITER: Final = {d: re.compile(rf'"[ \t]+(?={re.escape(d)}|\r|\n|$)') for d in DELIMITERS}


class Row(NamedTuple):
    """One row: its number as a spreadsheet counts it, its cells, and why it is refused, where it is.

    The cells of a row that is not refused are as many as the header's; those of a refused one are as they stand.
    """

    line: int
    cells: list[str]
    reason: str | None = None


class _RowTooLong(Exception):
    """Raised inside a row that is longer than any real one."""


class _Lines:
    """The lines of a file, of which those of the row at hand can be given back."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream
        self._again: deque[str] = deque()
        self._size = 0
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._stream.readline(LONGEST_ROW)
        if not line:
            raise StopIteration
        self.taken.append(line)
        self._size += len(line)
        if self._size >= LONGEST_ROW:
            raise _RowTooLong
        return line

    def begin(self) -> None:
        """Forget the lines of the row before."""
        self.taken = []
        self._size = 0

    def give_back(self, lines: list[str]) -> None:
        """Have these lines, which take the place of those of the row at hand, read again."""
        self._again.extendleft(reversed(lines))

    def give_back_all_but_first(self) -> str:
        """Have the lines after the row's first one read again, and return the first."""
        first, *rest = self.taken
        self.give_back(rest)
        if len(first) >= LONGEST_ROW:
            self._skip_line()
        return first

    def _skip_line(self) -> None:
        while (piece := self._stream.readline(LONGEST_ROW)) and not piece.endswith(("\n", "\r")):
            pass


def walk(file: Opened, pace: Pace | None = None) -> Iterator[Row]:
    """Give every row below the header but empty ones, in order; memory stays flat however long the file is.

    Refused are rows with more cells than the header (empty ones beyond it aside), rows in which a quote opens and
    is not closed where its cell ends (then only the line with that quote is refused, and reading goes on behind
    it), and rows with fewer cells, since nobody can say which of them is missing. One exception: Excel leaves out
    the delimiters of empty last cells, for sixteen rows at a time; short rows that come in just such blocks are
    completed with empty cells.
    """
    with file.readable.open(encoding="utf-8-sig", errors=STRAY_BYTES, newline="", buffering=CHUNK) as stream:
        lines = _Lines(stream)
        for _ in range(file.lead):
            next(lines)
        lines.begin()
        rows = _numbered(_split(lines, file.delimiter), file, told=_teller(stream, pace))
        next(rows, None)  # the header
        yield from _completed(rows, file)


def _teller(stream: io.TextIOWrapper, pace: Pace | None) -> Callable[[], None] | None:
    raw = cast(io.BufferedReader, stream.buffer).raw
    return (lambda: pace.at(raw.tell())) if pace else None


def _split(lines: _Lines, delimiter: str) -> Iterator[tuple[list[str], str | None]]:
    """Give each row's cells, or the line as it stands with the reason why it cannot be split into cells."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _RowTooLong) as error:
            tidied = [_tidy(line, delimiter) for line in lines.taken]
            if tidied != lines.taken:
                lines.give_back(tidied)
            else:
                count = len(lines.taken)
                first = lines.give_back_all_but_first()
                yield [first.rstrip("\r\n")], _why(error, count)
            reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
        else:
            yield cells, None
        lines.begin()


def _tidy(line: str, delimiter: str) -> str:
    """Take away spaces between a closing quote and the delimiter, the one fault that changes nothing."""
    spaces = _SPACE_BEFORE_DELIMITER.get(delimiter)
    return spaces.sub('"', line) if spaces else line


def _why(error: Exception, count: int) -> str:
    if isinstance(error, _RowTooLong) and count == 1:
        return f"This row is longer than {LONGEST_ROW // 1_000_000} million characters."
    if count == 1 and "expected after" in str(error):
        return 'A quote (") closes in the middle of a cell of this row; a quote inside a cell is written twice ("").'
    return (
        'A quote (") opens in this row and is not closed where its cell ends; the rows after it were read on their own.'
    )


def _numbered(
    rows: Iterator[tuple[list[str], str | None]], file: Opened, *, told: Callable[[], None] | None
) -> Iterator[Row]:
    for line, (cells, reason) in enumerate(rows, start=file.header_line):
        if told and line % 4096 == 0:
            told()
        if reason or any(map(str.strip, cells)) or line == file.header_line:
            yield Row(line, cells, reason)


def _completed(rows: Iterator[Row], file: Opened) -> Iterator[Row]:
    """Judge the number of cells, and complete the short rows that Excel makes of empty last cells.

    Excel looks at sixteen rows at a time: all of them, or none, go without the delimiters that end them.
    """
    width = len(file.header)
    wrong = _Wrong(file)
    held: list[Row] = []  # the rows of this block, while they are all short in the same way
    number, is_mixed = 0, True  # the header is in the first block, so no row in it is short where Excel wrote them
    as_excel = True
    for row in rows:
        if (row.line - 1) // _BLOCK != number:
            yield from (Row(short.line, _padded(short.cells, width)) for short in held)
            held, number, is_mixed = [], (row.line - 1) // _BLOCK, not as_excel
        cells = row.cells
        if row.reason is None and len(cells) < width and cells != _END_OF_TEXT:
            if not is_mixed and (not held or len(cells) == len(held[0].cells)):
                held.append(row)
                continue
            as_excel = as_excel and number > 0
        elif row.reason is None and fits(cells, width=width):
            row = Row(row.line, cells[:width])  # noqa: PLW2901
        is_mixed = True
        yield from map(wrong.refused, held)
        held = []
        if row.reason or len(row.cells) == width:
            yield row
        elif cells != _END_OF_TEXT:
            yield wrong.refused(row)
    if held and _ends_with_line_end(file):
        yield from (Row(short.line, _padded(short.cells, width)) for short in held)
    else:
        yield from map(wrong.refused, held)


def _padded(cells: list[str], width: int) -> list[str]:
    return cells + [""] * (width - len(cells))


class _Wrong:
    """Says of rows with a wrong number of cells what is wrong, each thing made a sentence once."""

    def __init__(self, file: Opened) -> None:
        self._width = len(file.header)
        self._delimiter = SPOKEN.get(file.delimiter, "another sign")
        self._said: dict[int, str] = {}

    def refused(self, row: Row) -> Row:
        """Return the row with the reason why it is refused."""
        count = len(row.cells)
        if count not in self._said:
            self._said[count] = (
                f"This row has {count} {'cell' if count == 1 else 'cells'}, the header has {self._width}."
            )
        other = self._other_delimiter(row.cells[0]) if count == 1 else None
        return Row(row.line, row.cells, other or self._said[count])

    def _other_delimiter(self, cell: str) -> str | None:
        for other, spoken in SPOKEN.items():
            if cell.count(other) + 1 == self._width:
                return f"This row is separated by {spoken}, the header by {self._delimiter}."
        return None


def _ends_with_line_end(file: Opened) -> bool:
    with file.readable.open("rb") as stream:
        stream.seek(-1, io.SEEK_END)
        return stream.read(1) in b"\r\n"
