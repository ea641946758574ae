"""How a table of text is laid out: what separates its cells, and the names of its columns."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from keptword.core.problems import KeptwordError, Sentence

DELIMITERS: Final = (",", ";", "\t", "|", "^", "~", "\x1f")
SPOKEN: Final = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "bars (|)",
    "^": "carets (^)",
    "~": "tildes (~)",
    "\x1f": "unit separators",
}
LONGEST_CELL: Final = 2**31 - 1

_ROWS: Final = 200
_RESERVED: Final = "line"
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?[ \t]*$', re.IGNORECASE)
_VALUE: Final = re.compile(
    r"[#'\"]?[-+]?[\d.,:/ TZ%€$£¥+-]*\d[\d.,:/ TZ%€$£¥+-]*"  # a number, an amount, a date
    r"|[^@\s]+@[^@\s]+\.[^@\s]+"  # a mail address
)


@dataclass(frozen=True)
class Layout:
    """The delimiter, one name a column, lines before the header that are no rows, the header's own row number."""

    delimiter: str
    header: tuple[str, ...]
    lead: int
    header_line: int


@dataclass(frozen=True)
class _Fit:
    """What one delimiter makes of the first rows: the header's cells, and how many rows have as many."""

    delimiter: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_tidy: bool

    @property
    def width(self) -> int:
        return len(self.header)

    @property
    def share(self) -> float:
        fitting = sum(fits(row, width=self.width) for row in self.rows)
        return fitting / len(self.rows) if self.rows else 1.0

    @property
    def usual(self) -> int:
        """The number of cells that four rows in five have, or 0."""
        if not self.rows:
            return 0
        cells, count = Counter(len(row) for row in self.rows).most_common(1)[0]
        return cells if count >= 0.8 * len(self.rows) else 0


def fits(row: Sequence[str], *, width: int) -> bool:
    """Say whether a row has as many cells as the header, empty cells beyond them left aside."""
    return len(row) == width or (len(row) > width and not any(cell.strip() for cell in row[width:]))


def laid_out(text: str, *, name: str, whole: bool) -> Layout:
    """Judge delimiter and header from the start of a file; `whole` says that nothing follows.

    Raises `KeptwordError` where the header is not one: values instead of names, a title, a quote never closed,
    other separators than the rows below.
    """
    lead, header_line, given, text = _without_lead(text)
    tried = [_fit(text, delimiter, whole) for delimiter in ([given] if given else DELIMITERS)]
    best = _best(tried, name=name)
    header = _names(text, best, name=name)
    _refuse_values(header, name=name, line=header_line)
    return Layout(best.delimiter, unique(header), lead, header_line)


def _without_lead(text: str) -> tuple[int, int, str | None, str]:
    """Take off what stands before the header: Excel's `sep=;`, which is no row, and empty rows, which are."""
    lead, header_line, given, start = 0, 1, None, 0
    for line in io.StringIO(text, newline=""):
        bare = line.strip("\ufeff\r\n")
        named = _SEPARATOR_LINE.match(bare) if lead == 0 else None
        if named is None and bare.strip(" \t,;|\"'"):
            break
        given = given or (named.group(1) if named else None)
        header_line += named is None
        lead += 1
        start += len(line)
    return lead, header_line, given, text[start:].lstrip("\ufeff")


def _fit(text: str, delimiter: str, whole: bool) -> _Fit:
    csv.field_size_limit(LONGEST_CELL)
    rows = _records(text, delimiter)
    first = tuple(next(rows, ()))
    following = [tuple(row) for row in islice(rows, _ROWS)]
    if len(following) < _ROWS and not whole:
        following = following[:-1]  # the last one is cut where the sample ends
    following = [row for row in following if any(cell.strip() for cell in row)]
    # "Price, net;Tax, 19 %": a comma followed by a space hardly separates names.
    is_tidy = f"{delimiter} " not in text.split("\n", 1)[0]
    return _Fit(delimiter, _without_empty_end(first, following), tuple(following), is_tidy)


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    return iter(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True))


def _without_empty_end(header: tuple[str, ...], rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Leave off empty names at the header's end, unless the rows too have as many cells."""
    full = len(header)
    while header and not header[-1].strip("\ufeff \t\r\n"):
        header = header[:-1]
    named = len(header)
    kept = named == full or sum(len(row) == full for row in rows) * 2 >= max(len(rows), 1)
    return header + ("",) * (full - named) if kept else header


def _best(tried: Sequence[_Fit], *, name: str) -> _Fit:
    several = [fit for fit in tried if fit.width > 1]
    best = max(several, key=lambda fit: (round(fit.share, 1), fit.is_tidy, fit.width), default=tried[0])
    if best.width > 1 and best.share > 0:
        return best
    for other in tried:
        if best.width > 1 and other is best:
            continue  # every row has a cell too many: each is refused, with that reason
        if other.usual > 1 and other.usual >= best.width and not fits(other.header, width=other.usual):
            raise KeptwordError(_odd_header(best, other, name=name))
    return best


def _odd_header(best: _Fit, rows: _Fit, *, name: str) -> str:
    if best.width > 1:
        return Sentence(
            "{name}: the first row is separated by {first} and the rows below it by"
            " {rest}, so their cells cannot be told apart. Separate all of them the same way:"
            " export the file again, or open it in a spreadsheet and save it as CSV.",
            name=name,
            first=Sentence(SPOKEN[best.delimiter]),
            rest=Sentence(SPOKEN[rows.delimiter]),
        )
    shown = best.header[0][:60].strip() if best.header else ""
    return Sentence(
        '{name}: the first row is one cell, "{shown}", and the rows below it have {usual}, separated by'
        " {rest}. If it is a title, delete it, so that the first row holds the names of the columns.",
        name=name,
        shown=shown,
        usual=rows.usual,
        rest=Sentence(SPOKEN[rows.delimiter]),
    )


def _names(text: str, best: _Fit, *, name: str) -> list[str]:
    """Read the header strictly, so that a quote nobody closed is not taken for a name."""
    lines = io.StringIO(text, newline="")
    try:
        cells = next(csv.reader(lines, delimiter=best.delimiter, skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise KeptwordError(
            '{name}: a quote (") opens in the first row and is not closed where its cell ends, so the names of the'
            " columns cannot be read. Close or delete the quote, or export the file again.",
            name=name,
        ) from error
    return [" ".join(cell.split()) for cell in cells[: best.width]]


def _refuse_values(header: Sequence[str], *, name: str, line: int) -> None:
    filled = [cell for cell in header if cell]
    if filled and all(_VALUE.fullmatch(cell) for cell in filled):
        shown = ", ".join(filled[:4]) + (", …" if len(filled) > 4 else "")
        raise KeptwordError(
            "{name}, line {line}: the first row holds values ({shown}), not the names of columns, so nothing says"
            " what each column is. Put a row of names above it, or export the file again with its header.",
            name=name,
            line=line,
            shown=shown,
        )


def unique(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names with empty ones called after their place and repeated ones numbered."""
    taken = {_RESERVED}
    made = []
    for place, name in enumerate(names, start=1):
        base = candidate = name or f"column {place}"
        again = 1
        while candidate.casefold() in taken:
            again += 1
            candidate = f"{base} ({again})"
        taken.add(candidate.casefold())
        made.append(candidate)
    return tuple(made)
