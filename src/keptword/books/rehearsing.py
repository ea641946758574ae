"""Rehearses an import: what files would bring into the books, counted, and nothing written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from keptword.books.engine import engine_for
from keptword.books.failing import told
from keptword.books.opened import Books, Say
from keptword.books.recording import IMPORT_MEMORY, UNWATCHED, WRITING, Watch, reading_for
from keptword.engines.duckdb import literal
from keptword.sources.registry import FileRead, Gathered, gather

COMPARING = "Comparing with what is there …"


@dataclass(frozen=True)
class Rehearsed:
    """What files would bring: entries new, known, contradicting, of people erased; whom and when they are about.

    `to_come` counts those of days to come, which is what dates become that are read in the wrong order. `kinds` counts
    the entries by kind. A table of `gathered` cannot be read any more.
    """

    gathered: Gathered
    new: int
    known: int
    refused: int
    erased: int
    customers: int
    first_on: date | None
    last_on: date | None
    to_come: int
    kinds: Mapping[str, int]

    @property
    def files(self) -> tuple[FileRead, ...]:
        """What each file was read as."""
        return self.gathered.files

    @property
    def entries(self) -> int:
        """All of them."""
        return self.new + self.known + self.refused + self.erased


def rehearse(
    books: Books,
    files: Sequence[Path],
    *,
    mapping: Mapping[Path, Path],
    own_addresses: Sequence[str] = (),
    say: Say,
    watch: Watch = UNWATCHED,
) -> Rehearsed:
    """Read files as `recording.import_files` does, count what they would bring, and leave everything as it is."""
    from keptword.intake.rehearsing import compared

    with engine_for(books, memory=IMPORT_MEMORY) as engine, watch.over(engine):
        reading = reading_for(books, engine, own_addresses=own_addresses, say=say)
        read = gather(reading, files, mapping=mapping, rehearsal=True)
        say(WRITING)
        staged = engine.folder / "rehearsed.parquet"
        with told(books.folder, doing="reading the files"):
            engine.write(read.facts, staged, form="parquet")
        say(COMPARING)
        with told(books.folder, doing="looking for entries that are there already"):
            there = compared(books.journal, engine, file=staged)
        entries = f"read_parquet({literal(str(staged))})"
        customers, first_on, last_on, to_come = engine.sql(
            "SELECT count(DISTINCT user_key), min(occurred_on), max(occurred_on), count(*) FILTER (occurred_on > ?)"
            f" FROM {entries}",
            [books.today],
        ).fetchall()[0]
        kinds = engine.sql(f"SELECT kind, count(*) FROM {entries} GROUP BY kind ORDER BY kind").fetchall()
    return Rehearsed(
        gathered=read,
        new=there.new,
        known=there.known,
        refused=there.refused,
        erased=there.erased,
        customers=int(customers),
        first_on=first_on,
        last_on=last_on,
        to_come=int(to_come),
        kinds={str(kind): int(count) for kind, count in kinds},
    )
