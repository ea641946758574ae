"""Makes figures: works out from the journal, as of now, what the pages read, and writes it as one new file."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from keptword.books.closing import configuration
from keptword.books.engine import engine_for
from keptword.books.failing import told
from keptword.books.opened import Books, Say
from keptword.closing.compute import Closer
from keptword.closing.configuration import Input
from keptword.engines.duckdb import literal
from keptword.figures import documents
from keptword.figures.broken_down import broken_down
from keptword.figures.crossings import crossed
from keptword.figures.draft import FILE, Draft
from keptword.figures.months import months
from keptword.figures.people import entries_of, people
from keptword.figures.product_months import product_months
from keptword.figures.promises import promises
from keptword.figures.reading import generations
from keptword.figures.state import local_now, state_of
from keptword.figures.steps import steps
from keptword.figures.subjects import subjects
from keptword.figures.tables import FORMAT
from keptword.figures.waiting import waiting
from keptword.journal.syncing import sync_file, sync_folder

MEMORY: Final = "2GB"
"""What the engine may hold at most; the rest of it goes to the disk for a while."""

KEPT: Final = 2
"""How many files are kept: the newest, and one for who is still reading."""

SPARED_SECONDS: Final = 600
"""A file younger than this is kept in any case."""


TABLES_MADE: Final = (
    *(subjects, promises, waiting, people, entries_of),
    *(months, broken_down, product_months, steps, crossed),
)
"""What writes each table, in order: a later one may read what an earlier one wrote."""


@dataclass(frozen=True)
class Made:
    """Figures made: their number, the file, the last batch of the journal in them, as of when, how long it took."""

    number: int
    path: Path
    batch: int
    today: date
    made_at: datetime
    seconds: float


def make(books: Books, *, say: Say, now: datetime | None = None, threads: int | None = None) -> Made:
    """Work out figures of all that is in the journal, as of now, and write them as the newest file.

    Somebody who makes some at the same time is waited for. A file is seen by readers once it is whole; one that was
    being written when its process was killed is removed by the next. `now` is another moment than the present one,
    `threads` how many the engine may use, where not as many as there are processors.
    """
    from keptword.intake.lease import held

    began = time.monotonic()
    with held(name="figures", wait=None) as lease, told(books.folder, doing="working out the figures"):
        place = books.folder.figures
        place.mkdir(exist_ok=True)
        _clear(place)
        number = max(lease.fence, *(each + 1 for each, _ in generations(place)), 1)
        path = place / f"{number}.duckdb"
        part = path.with_name(path.name + ".part")
        moment = now or datetime.now(UTC)
        made = _Making(books, moment=moment, number=number)
        try:
            batch = made.write(part, say=say, threads=threads)
            sync_file(part)
            lease.check()
            part.replace(path)
        finally:
            _clear(place)
        sync_folder(place)
        _retire(place)
    return Made(number, path, batch, made.today, moment, time.monotonic() - began)


class _Making:
    """One make: from the books as they are, as of a moment."""

    def __init__(self, books: Books, *, moment: datetime, number: int) -> None:
        self.books = books
        self.moment = moment
        self.number = number
        self.today = local_now(books.timezone, moment)

    def write(self, part: Path, *, say: Say, threads: int | None) -> int:
        """Write the file and return the last batch of the journal that is in it."""
        books = self.books
        with engine_for(books, threads=threads, memory=MEMORY) as engine:
            say("Reading the journal …")
            batch = books.journal.last_batch()
            state = state_of(books, batch=batch, today=self.today)
            facts = books.journal.facts(engine, upto=batch)
            by = configuration(books)
            engine.sql(f"ATTACH {literal(str(part))} AS {FILE}")
            closer = Closer(engine, facts, configuration=by, upto=Input(self.today, batch))
            settings = books.business.settings
            entries = sum(file.rows for file in books.journal.files())
            draft = Draft(
                engine, closer, entries, now=self.moment, timezone=books.timezone, country=settings.country, say=say
            )
            for table in TABLES_MADE:
                table(draft)
            documents.write(draft, books, made=self._about(state))
            engine.sql(f"DETACH {FILE}")
        return batch

    def _about(self, state: dict[str, Any]) -> dict[str, Any]:
        made_at = self.moment.astimezone(UTC).isoformat()
        return {"format": FORMAT, "number": self.number, "made_at": made_at, "today": str(self.today), "of": state}


def _clear(place: Path) -> None:
    """Remove what makes that were killed left behind; for who holds the lease."""
    for path in place.iterdir():
        if ".part" in path.name:
            path.unlink(missing_ok=True)


def _retire(place: Path) -> None:
    """Remove files older than the last ones, but none that was made just now: somebody may be opening it."""
    for _, path in generations(place)[:-KEPT]:
        # On Windows a file that somebody has open stays until the next time.
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > SPARED_SECONDS:
                path.unlink()
