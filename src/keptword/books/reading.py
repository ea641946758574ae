"""The books as a notebook reads them: entries, promises and closings as Ibis tables, and nothing is ever written.

Neither Django nor the operational database is needed: the journal and the sealed closings say it all.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from importlib.util import find_spec
from os import PathLike
from pathlib import Path

import ibis
from ibis.expr.types import Table

from keptword.books.closing import closing_of, closings
from keptword.books.engine import engine_for
from keptword.books.facts import live_facts
from keptword.books.folder import FORMAT, books_folder
from keptword.books.opened import Books
from keptword.closing.promise_book import BOOK_SCHEMA
from keptword.closing.sealed import Sealed
from keptword.core.accounts import balances
from keptword.core.lines import lines, lines_hash
from keptword.core.postings import anchor_of
from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import Engine, quoted
from keptword.journal.layout import entries_of
from keptword.journal.snapshot import is_whole
from keptword.journal.table import Journal

NEEDED = ("pandas", "pyarrow", "pyarrow_hotfix")
"""What the extra for notebooks brings, and Ibis needs to run an expression itself."""


def open_for_reading(told: str | PathLike[str] | None = None) -> Reading:
    """Open the books in the folder told, else in that of `KEPTWORD_BOOKS`, else in `./books`; see `keptword.open`."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise KeptwordError(
            "Reading books from Python needs more than the commands do, and it is not installed here "
            f'({", ".join(missing)}). Install it with: pip install "keptword[notebook]"'
        )
    folder = books_folder(Path(told) if told is not None else None)
    business = folder.business()
    if business.format < FORMAT:
        raise KeptwordError(
            f"{folder.path}: these books were written by an older Keptword (format {business.format}; this one reads "
            f"{FORMAT}). Reading changes nothing, so bring them up to date with a command first, such as: "
            f"keptword statement --books {folder.path}"
        )
    Journal.open(folder.journal)
    return Reading(Books(folder, business))


class Reading:
    """The books of one business, open for reading.

    Every table is an Ibis table on one DuckDB in memory, so that they can be joined with each other, and gives itself
    as pandas (`.to_pandas()`) or Arrow (`.to_pyarrow()`, `.to_pyarrow_batches()`). Entries that still wait to be taken
    into the journal are not in it yet. To see what came in since, open the books again.
    """

    def __init__(self, books: Books) -> None:
        self._books = books
        self._shown = Shown(engine_for(books))
        self._days: dict[date, ClosedDay] = {}

    def __repr__(self) -> str:
        last = f"closed up to {self.closings[-1]}" if self.closings else "no day closed yet"
        return f"The books of {self.name} ({self.currency}, {self.timezone}): {last}"

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the memory; no table of these books can be asked afterwards. The end of Python does it too."""
        self._shown.close()

    @property
    def name(self) -> str:
        """The business's name."""
        return self._books.business.name

    @property
    def currency(self) -> str:
        """The currency the books are kept in."""
        return self._books.business.currency

    @property
    def timezone(self) -> str | None:
        """The business's time zone."""
        return self._books.timezone

    @cached_property
    def facts(self) -> Table:
        """The entries that count: one row each, with the columns of the glossary; those of imports taken back left out.

        They are those that were in the journal when this was first asked. Raises `KeptwordError` where a file of the
        journal is missing or damaged.
        """
        _refuse_torn(self._books.folder.journal)
        return self._shown.table("facts", live_facts(self._books, self._shown.engine))

    @property
    def closings(self) -> tuple[date, ...]:
        """The days that are closed, the oldest first."""
        return tuple(sealed.input.day for sealed in closings(self._books))

    def closing(self, day: date | str | None = None) -> ClosedDay:
        """Return the closing of a day (a date, or `"2031-10-31"`), the last one where none is named.

        Raises `KeptwordError` for a day that is not closed, and where its files are not as they were sealed.
        """
        sealed = closing_of(self._books, _day(day))
        return self._days.setdefault(sealed.input.day, ClosedDay(sealed, self._shown))

    @property
    def promises(self) -> Table:
        """The promises as they stood at the end of the last closed day: those of `closing()`."""
        return self.closing().promises


class ClosedDay:
    """What one closing says: its day and its tables, as they were sealed."""

    def __init__(self, sealed: Sealed, shown: Shown) -> None:
        _refuse_damaged(sealed)
        self._sealed = sealed
        self._shown = shown

    def __repr__(self) -> str:
        return f"The closing of {self.day}"

    @property
    def day(self) -> date:
        """The day at whose end it stands."""
        return self._sealed.input.day

    @cached_property
    def accounts(self) -> Table:
        """The accounts: one row per `user_key`, one double per line, what is left of it at the end of the day.

        In each line's own unit: what `lines.toml` calls its magnitude. KeptwordError where this Keptword has other
        lines than the one that closed the day: `sums` can be read all the same.
        """
        if self._sealed.configuration["lines"] != lines_hash():
            raise KeptwordError(
                f"{self.day} was closed with other lines of the account than this Keptword has, so that what is left "
                "of them cannot be told. Read the sums (.sums), close a later day, or use the Keptword that closed it."
            )
        left = balances(self._inner("accounts"), lines=lines(), anchor=anchor_of(self.day), as_of=self.day)
        return self._shown.table("balances", left)

    @cached_property
    def sums(self) -> Table:
        """The exact sums behind `accounts`: decimals, each posting weighed as on 1 January of the closing's year."""
        return self._shown.table("sums", self._inner("accounts"))

    @cached_property
    def promises(self) -> Table:
        """The promise book: one row per promise ever made, with its `outcome` at the end of the day."""
        return self._shown.table("promises", self._inner("promises", empty=BOOK_SCHEMA))

    @cached_property
    def effort(self) -> Table:
        """What customers spent in the month, up to the day: one row per `stage`, `kind` and `channel`."""
        return self._shown.table("effort", self._inner("effort"))

    @cached_property
    def at_once(self) -> Table:
        """What late and broken promises cost in the month, up to the day: one row per `promise_kind`."""
        return self._shown.table("at_once", self._inner("at_once"))

    @cached_property
    def brought(self) -> Table:
        """Who recommended the business, ever: one row per `user_key`."""
        return self._shown.table("brought", self._inner("brought"))

    @cached_property
    def ratings(self) -> Table:
        """How customers rated in the month, up to the day: one row per `kind` and `target`."""
        return self._shown.table("ratings", self._inner("ratings"))

    @cached_property
    def missing(self) -> Table:
        """Money of the month that no rate was known for, and that was left out: one row per `currency`."""
        return self._shown.table("missing", self._inner("missing"))

    def _inner(self, name: str, *, empty: Mapping[str, str] | None = None) -> Table:
        """One of its tables for the engine; where it holds no rows, an empty one of the schema told."""
        if empty is not None and not self._sealed.has(name):
            return self._shown.engine.put("none", empty, rows=[])
        return self._sealed.table(self._shown.engine, name)


class Shown:
    """The engine of a reading, and Ibis' own backend on its connection."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._backend = ibis.duckdb.from_connection(engine.connection)
        # Every table holds the backend, so the engine ends with the last of them, not with the books opened in passing.
        self.close = weakref.finalize(self._backend, engine.close)

    def table(self, stem: str, expression: Table) -> Table:
        """Return what an expression comes to as a table that runs itself; nothing is computed before it is asked."""
        name = self.engine.fresh(stem)
        self.engine.sql(f"CREATE VIEW {quoted(name)} AS {self.engine.compile(expression)}")
        return self._backend.table(name)


def _day(told: date | str | None) -> date | None:
    if told is None:
        return None
    try:
        # A moment, of Python's or of pandas', is taken for its day.
        return date.fromisoformat(str(told)[:10])
    except ValueError:
        raise KeptwordError(f'"{told}" is no day. Write it as YYYY-MM-DD, such as "2031-10-31".') from None


def _refuse_torn(journal: Path) -> None:
    """Refuse a journal whose last record is half written: without it, the last entries would be missing unsaid."""
    last = entries_of(journal)[-1:]
    if last and not is_whole(last[0]):
        raise KeptwordError(
            f"{last[0]}: the last record of the journal is half written, as after a power cut, so that not all entries "
            'can be read. Nothing is lost: the next "keptword post", "import" or "close" puts it right by itself; '
            "then open the books again."
        )


def _refuse_damaged(sealed: Sealed) -> None:
    """Refuse a closing that lacks a file or has one of another size; `verify` alone reads them through."""
    for name, told in sealed.manifest["files"].items():
        path = sealed.folder / name
        if not path.is_file() or path.stat().st_size != told["bytes"]:
            raise KeptwordError(
                f"The closing of {sealed.input.day} is not as it was sealed: {path} is missing or damaged. Bring it "
                'back with "keptword restore"; "keptword verify" tells what else there is.'
            )
