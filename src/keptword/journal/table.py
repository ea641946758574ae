"""The journal of one business: what others call; the work is done by the modules beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from keptword.core.problems import Problem
from keptword.engines.duckdb import Engine
from keptword.journal import erasing, healing, reading, upkeep, writing
from keptword.journal.erasing import Erased
from keptword.journal.layout import PUMP, JournalFile
from keptword.journal.snapshot import create_table, open_snapshot

if TYPE_CHECKING:
    from ibis.expr.types import Table


@dataclass(frozen=True)
class Journal:
    """The Delta table of facts in one folder; every method looks at it afresh.

    Whatever writes takes `guard`, which is called right before the commit and raises where the lease is lost.
    """

    folder: Path

    @staticmethod
    def create(folder: Path) -> Journal:
        """Make an empty journal; KeptwordError where there is something in the folder already."""
        create_table(folder)
        return Journal(folder)

    @staticmethod
    def open(folder: Path) -> Journal:
        """Return the journal of a folder; KeptwordError where it is missing, unreadable or of a newer layout."""
        open_snapshot(folder)
        return Journal(folder)

    def last_batch(self) -> int:
        """Return the number of the last batch recorded, 0 where none is."""
        return open_snapshot(self.folder).counted(PUMP)

    def version(self) -> int:
        """Return the version of the Delta table: the number of its last log entry."""
        return open_snapshot(self.folder).version()

    def identity(self) -> str:
        """Return what tells this journal from every other: given when it was made, and kept wherever it is copied."""
        return open_snapshot(self.folder).identity()

    def files(self) -> tuple[JournalFile, ...]:
        """Return the live files, ordered by month and path."""
        return open_snapshot(self.folder).files()

    def facts(self, engine: Engine, *, upto: int | None = None, after: int | None = None) -> Table:
        """Return the facts of batches above `after` and up to `upto` as a view in the engine: JOURNAL_SCHEMA.

        One row per fact, those of withdrawn imports included. KeptwordError where a file is missing or damaged.
        """
        return reading.facts(self.folder, engine, upto=upto, after=after)

    def append(self, engine: Engine, rows: Table, *, number: int, guard: Callable[[], None]) -> int:
        """Record a sealed batch exactly once and return the rows written, 0 where it is recorded already.

        `rows` holds JOURNAL_SCHEMA, whose `batch` becomes `number`. On return all of it is synced to the disk. A batch
        without rows is recorded too, so that `last_batch` counts it.
        """
        return writing.append(self.folder, engine, rows=rows, number=number, guard=guard)

    def needs_upkeep(self) -> bool:
        """Whether small files or log entries have piled up, so that `compact` and `vacuum` are worth their while."""
        return upkeep.is_needed(self.folder)

    def compact(self, engine: Engine, *, guard: Callable[[], None]) -> int:
        """Join the small files of each month that has several, ordered by user; return how many were joined.

        The files replaced stay on the disk until `vacuum`.
        """
        return upkeep.compact(self.folder, engine, guard=guard)

    def vacuum(self, *, guard: Callable[[], None], spare: timedelta = timedelta(0)) -> int:
        """Delete every file that is not live, shorten the log, and return how many files were deleted.

        Files that ceased to be live less than `spare` ago stay, for those who are still reading them.
        """
        return upkeep.vacuum(self.folder, guard=guard, spare=spare)

    def erase(self, engine: Engine, user_keys: Sequence[str], *, guard: Callable[[], None]) -> Erased:
        """Erase people from the live files and delete every file that is not live; return what was done.

        Their own entries go, and in others' entries `other_user` is emptied. Somebody unknown is no error.
        """
        return erasing.erase(self.folder, engine, user_keys=user_keys, guard=guard)

    def heal(self, *, guard: Callable[[], None]) -> list[Problem]:
        """Set a torn end of the log aside, and return what was seen: that, and each data file missing or damaged.

        To be called before writing, each time somebody has taken the lease.
        """
        return healing.heal(self.folder, guard=guard)
