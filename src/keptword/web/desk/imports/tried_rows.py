"""What the first rows of a file become, for a page: row by row, each entry as people would tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from keptword.books.engine import engine_for
from keptword.core.problems import KeptwordError
from keptword.sources.csv.trying import Sample, tried
from keptword.web import shop
from keptword.words import Words

SHOWN: Final = 5
MAPPING: Final = "mapping"

_MEMORY: Final = "256MB"
_CELLS: Final = 6
_LONGEST_CELL: Final = 40


@dataclass(frozen=True)
class EntryShown:
    """One entry a row makes: of what kind, about what, on which day, with which money, due when."""

    kind: str
    subject: str
    day: date
    amount: str
    currency: str
    promise: str
    due: date | None
    score: float | None


@dataclass(frozen=True)
class RowShown:
    """One row: its number, its first cells, its entries, and why something of it cannot be read."""

    number: int
    cells: tuple[str, ...]
    entries: tuple[EntryShown, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What the first rows become: some of them one by one, and all that were tried in numbers."""

    rows: tuple[RowShown, ...]
    tried: int
    entries: int
    refused: int
    kinds: tuple[tuple[str, int], ...]
    noticed: tuple[str, ...]


def preview_of(sample: Sample, text: str, *, words: Words) -> tuple[Preview | None, str]:
    """Return what a mapping makes of the first rows; None, and why in a sentence, where it cannot read them."""
    books = shop.books()
    try:
        with engine_for(books, memory=_MEMORY, threads=1) as engine:
            found = tried(engine, sample, text=text, name=MAPPING, timezone=books.timezone, shown=SHOWN)
    except KeptwordError as error:
        return None, words.refusal(error)
    rows = tuple(
        RowShown(row.number, _cells(row.cells), tuple(_entry(each) for each in row.entries), row.reasons)
        for row in found.rows
    )
    noticed = tuple(problem.seen for problem in found.problems)
    kinds = tuple(sorted(found.kinds.items(), key=lambda each: -each[1]))
    return Preview(rows, found.tried, sum(found.kinds.values()), found.refused, kinds, noticed), ""


def _cells(cells: tuple[str, ...]) -> tuple[str, ...]:
    filled = [cell for cell in cells if cell][:_CELLS]
    return tuple(cell if len(cell) <= _LONGEST_CELL else f"{cell[: _LONGEST_CELL - 1]}…" for cell in filled)


def _entry(fact: Mapping[str, Any]) -> EntryShown:
    due = fact["due_on"] or fact["due_at"]
    return EntryShown(
        kind=fact["kind"],
        subject=fact["subject"] or "",
        day=fact["occurred_on"],
        # To the cent, whatever its size: this is where a comma taken for a point shows.
        amount=f"{fact['amount']:,.2f}" if fact["amount"] is not None else "",
        currency=fact["currency"] or "",
        promise=fact["promise_kind"] or "",
        due=due.date() if isinstance(due, datetime) else due,
        score=fact["score"],
    )
