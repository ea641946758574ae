"""Statements of closed months, worked out once and kept: closings are sealed, so that theirs does not change.

Nothing in them is of a single customer: those who brought others are counted and not named.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from keptword.books.closing import closing_of, configuration
from keptword.books.folder import Folder
from keptword.books.opened import Books, Say
from keptword.books.spoken import spoken_day
from keptword.closing.configuration import digest
from keptword.closing.sealed import MANIFEST
from keptword.figures.plain import as_json

if TYPE_CHECKING:
    from keptword.books.statement import Statement
    from keptword.books.statement_tables import Shown

FORMAT: Final = 1
"""The layout of what is kept; statements of another one are worked out anew."""

PLACE: Final = "statements"


@dataclass(frozen=True)
class Period:
    """The time between two closed days; `opening` None is the beginning of the books."""

    opening: date | None
    day: date

    @property
    def is_month(self) -> bool:
        """Whether it is one whole month."""
        return self.opening == _before(self.day) and (self.day + timedelta(days=1)).day == 1


@dataclass(frozen=True)
class Kept:
    """A statement as it is kept: its values as JSON holds them, its figures as CSV, its text."""

    period: Period
    values: Mapping[str, Any]
    csv: str
    text: str


def closed_days(folder: Folder) -> tuple[date, ...]:
    """Return the days that are closed, the oldest first."""
    found = []
    with suppress(OSError):
        for path in folder.closings.iterdir():
            with suppress(ValueError):
                found.append(date.fromisoformat(path.name))
    return tuple(sorted(found))


def period_of(days: Sequence[date], day: date) -> Period:
    """Return the month up to a closed day: from the last day closed before that month began."""
    return Period(max((each for each in days if each <= _before(day)), default=None), day)


def months(days: Sequence[date]) -> tuple[Period, ...]:
    """Return a period for each month in which a day was closed, up to the last of them, the newest first."""
    last = {(day.year, day.month): day for day in sorted(days)}
    return tuple(period_of(days, day) for day in sorted(last.values(), reverse=True))


def _before(day: date) -> date:
    return day.replace(day=1) - timedelta(days=1)


def kept(books: Books, period: Period) -> Kept | None:
    """Return the statement of a period, None where it is still to be worked out."""
    try:
        told = json.loads(_path(books, period).read_text(encoding="utf-8"))
        return Kept(period, told["values"], told["csv"], told["text"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(books: Books, period: Period, *, say: Say) -> Kept:
    """Work the statement of a period out and keep it; return what is kept where it is there already.

    Raises `KeptwordError` where one of its days is not closed.
    """
    from keptword.books.statement_figures import as_json as values_of

    there = kept(books, period)
    if there is not None:
        return there
    made = _made(books, period, say=say)
    path = _path(books, period)
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob(f"{_name(period)}-*"):
        old.unlink(missing_ok=True)
    part = path.with_suffix(".part")
    told = {"values": values_of(made), "csv": csv_of(made), "text": text(made)}
    part.write_text(as_json(told), encoding="utf-8")
    part.replace(path)
    found = kept(books, period)
    assert found is not None
    return found


def keep_all(books: Books, periods: Iterable[Period], *, say: Say) -> int:
    """Work out what is not there yet of the statements of these periods; return how many that were."""
    missing = [period for period in periods if kept(books, period) is None]
    for period in missing:
        say("Writing the statement …")
        keep(books, period, say=say)
    return len(missing)


def _made(books: Books, period: Period, *, say: Say) -> Statement:
    from keptword.books.engine import engine_for
    from keptword.books.statement import stated, statement

    if period.opening is None:
        # Without a day to follow, a statement follows the closing before it; here it begins with the books.
        with engine_for(books) as engine:
            made = stated(
                engine,
                books.journal.facts(engine),
                before=None,
                now=closing_of(books, period.day),
                configuration=configuration(books),
                business=books.business.name,
                say=say,
            )
    else:
        made = statement(books, since=period.opening, until=period.day, say=say)
    return replace(made, bringers=())


def csv_of(made: Statement) -> str:
    """Return a statement as CSV, one row a figure, as `keptword statement --format csv` writes it."""
    from keptword.books.statement_figures import figures

    rows = figures(made)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(rows[0])
    writer.writerows([["" if cell is None else cell for cell in row.values()] for row in rows])
    return buffer.getvalue()


def text(made: Statement) -> str:
    """Return a statement as plain text, its tables with their columns below each other."""
    from keptword.books.statement_tables import tables

    lines = [f"{made.business or 'Statement'}, {spoken_day(made.first)} to {spoken_day(made.last)}"]
    for table in tables(made):
        lines += ["", table.title, *_rows(table), *table.sentences]
    if made.notes:
        lines += ["", *made.notes]
    return "\n".join(lines) + "\n"


def _rows(table: Shown) -> list[str]:
    if not table.rows:
        return []
    rows = [list(table.rows[0]), *([str(cell) for cell in row.values()] for row in table.rows)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _path(books: Books, period: Period) -> Path:
    return books.folder.figures / PLACE / f"{_name(period)}-{_digest(books, period)}.json"


def _name(period: Period) -> str:
    return f"{period.opening or 'beginning'}-{period.day}"


def _digest(books: Books, period: Period) -> str:
    """Return what the statement stands on, in few letters: the two closings as they lie there, and what was told."""
    found = hashlib.sha256(f"{FORMAT} {books.business.name} ".encode())
    found.update(digest(configuration(books).parts(until=period.day)).encode())
    for day in (period.opening, period.day):
        with suppress(OSError):
            found.update((books.folder.closings / str(day) / MANIFEST).read_bytes())
    return found.hexdigest()[:16]
