"""Brings entries into the books: whole files by their source, facts as they are; and takes an import back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from keptword.books.contacts import remembering, stage, staged_at, staying_without, without_entries
from keptword.books.engine import engine_for
from keptword.books.failing import told
from keptword.books.imports_made import ImportMade, imports_made
from keptword.books.opened import Books, Say, pseudonym_secret, writing
from keptword.core.problems import KeptwordError, Problem
from keptword.engines.duckdb import Engine
from keptword.sources.registry import Gathered, gather
from keptword.sources.source import Reading

if TYPE_CHECKING:
    from keptword.intake.door import Posted
    from keptword.intake.lease import Held
    from keptword.intake.pump import Pumped


IMPORT_MEMORY = "1GB"
"""What the engine may hold at most while files are brought in: they go through it and need not fit."""

_COUNTING: Final = "256MB"

WRITING: Final = "Writing the entries …"
SETTLING: Final = "Writing what waits into the journal …"
"""What is told when the files are read, and when their entries go into the journal."""


class Watch:
    """Whoever wants to know more of an import than sentences; this one wants nothing."""

    def over(self, engine: Engine) -> AbstractContextManager[object]:
        """Watch the engine for as long as the `with` lasts."""
        return nullcontext()

    def begun(self, number: int, read: Gathered) -> None:
        """Take note of the number of the import and of what was read, before any of it is safe."""


UNWATCHED: Final = Watch()


@dataclass(frozen=True)
class Imported:
    """What an import brought: its number, what the files were read as, how many entries were new, known, refused.

    `gathered` is what was read, as the report would have it; a table of it cannot be read any more. `waits_for` counts
    entries that are safe and not in the journal yet, because another process is writing there.
    """

    number: int
    gathered: Gathered
    recorded: int
    known: int
    refused: int
    erased: int
    waits_for: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class TakenBack:
    """An import that was taken back, and how many people it told of stay in the address book, with what it told."""

    made: ImportMade
    people: int


@dataclass(frozen=True)
class Recorded:
    """What became of entries posted as they are: at the door, and where the journal was free, in the journal.

    `settled` counts everything that waited, also what others had posted; it is None where another process is writing.
    """

    posted: Posted
    settled: Pumped | None


def settle(books: Books, engine: Engine, *, lease: Held, say: Say) -> Pumped:
    """Bring everything that waits into the journal; for who holds the lease."""
    from keptword.intake import database
    from keptword.intake.pump import pump

    say(SETTLING)
    waits = "writing what waits into the journal"
    with remembering(books, engine, lease=lease) as odd, told(books.folder, doing=waits):
        done = pump(books.journal, engine, staged=books.folder.staged, held=lease)
    done = replace(done, problems=(*done.problems, *odd))
    if done.erased:
        # What was posted of somebody erased is deleted by now, but its bytes are still in the file.
        database.scrub()
    return done


def reading_for(
    books: Books, engine: Engine, *, own_addresses: Sequence[str], say: Say, contacts: bool = False
) -> Reading:
    """Return what files are read with to be brought into the books; with `contacts` for the address book as well."""
    return Reading(
        engine=engine,
        key=pseudonym_secret(),
        recorded_at=datetime.now(UTC),
        timezone=books.timezone,
        leave_out=books.business.settings.leave_out,
        own_addresses=tuple(own_addresses),
        progress=say,
        stored=False,
        contacts=contacts,
    )


def import_files(
    books: Books,
    files: Sequence[Path],
    *,
    mapping: Path | Mapping[Path, Path] | None,
    own_addresses: Sequence[str] = (),
    say: Say,
    watch: Watch = UNWATCHED,
) -> Imported:
    """Bring files into the books: everything the report reads, by source or mapping, several at once.

    The entries are staged in one file, which is the import's from the moment it is on the disk; a run that is killed
    before left nothing behind, one killed after is finished by the next command. Entries that are in the books
    already are counted and not recorded again. Who the customers are goes into the address book.
    """
    from keptword.intake import imports
    from keptword.intake.lease import held

    with engine_for(books, memory=IMPORT_MEMORY) as engine, watch.over(engine):
        reading = reading_for(books, engine, own_addresses=own_addresses, say=say, contacts=True)
        read = gather(reading, files, mapping=mapping)
        number = imports.begin([file.name for file in read.files], read_as=_read_as(read), now=reading.recorded_at)
        watch.begun(number, read)
        say(WRITING)
        # Held while the file is written, so that an erasure can tell one being written from one left behind.
        with held(name=f"import-{number}", wait=0.0):
            staged = books.folder.staged / f"import-{number}.parquet"
            people = staged_at(books.folder.staged, number)
            try:
                rows = engine.write(read.facts, staged, form="parquet")
                stage(engine, read.contacts, path=people)
            except Exception as error:
                staged.unlink(missing_ok=True)
                people.unlink(missing_ok=True)
                raise _not_staged(error) from error
            imports.seal(number, staged, rows=rows)
            imports.finish(number, undated=dict.fromkeys(sorted(read.undated), 0))
        settled = _settled(books, engine, say=say)
        made = imports.shown(number)
        return Imported(
            number=number,
            gathered=read,
            recorded=made.recorded,
            known=made.known,
            refused=made.refused,
            erased=settled.erased if settled else 0,
            waits_for=0 if settled else rows,
            problems=settled.problems if settled else (),
        )


def _settled(books: Books, engine: Engine, *, say: Say) -> Pumped | None:
    """Bring what waits into the journal; None where another process is at it for long, which then brings it in."""
    from keptword.intake.lease import LeaseBusy

    with suppress(LeaseBusy), writing(books, say=say) as lease:
        return settle(books, engine, lease=lease, say=say)
    return None


def _read_as(read: Gathered) -> dict[str, object]:
    files = [[file.name, file.source, file.title, file.rows] for file in read.files]
    return {"files": files, "undated": sorted(read.undated)}


def _not_staged(error: Exception) -> Exception:
    said = str(error).lower()
    if isinstance(error, OSError) or "no space" in said or "could not write" in said:
        return KeptwordError(
            "The entries could not be written into the books: {why}. Make room and import the "
            "files again; nothing of them was recorded.",
            why=str(error).splitlines()[0],
        )
    return error


def post(books: Books, lines: Iterable[str], *, say: Say) -> Recorded:
    """Accept facts as they are, one JSON object a line, and bring them into the journal where that is free.

    What comes back is durable, whether the journal has it yet or another process is writing there.
    """
    from keptword.intake.door import Posted, posting

    done = Posted()
    for some in posting(lines, timezone=books.timezone, now=datetime.now(UTC)):
        done += some
        if done.lines % 10_000 < some.lines:
            say(f"{done.lines:,} entries accepted …")
    return Recorded(done, settle_now(books, say=say))


def settle_now(books: Books, *, say: Say) -> Pumped | None:
    """Bring what waits into the journal and return what became of it; None where another process is at it.

    Then that one, or the next, does.
    """
    from keptword.intake.lease import LeaseBusy

    with suppress(LeaseBusy), writing(books, say=say, wait=0.0) as lease, engine_for(books) as engine:
        return settle(books, engine, lease=lease, say=say)
    return None


def take_back(books: Books, number: int, *, say: Say) -> TakenBack:
    """Take a whole import back: its entries stay recorded and count no more, from the next closing on.

    Recorded as a fact of its own. Whoever has no other entries goes out of the address book; of whoever has some, the
    names and addresses stay as they are. Raises `KeptwordError` for an import nobody made, or one taken back before.
    """
    from keptword.intake import imports

    with writing(books, say=say) as lease, engine_for(books) as engine:
        imports.give_up(number, staged=books.folder.staged, last=books.journal.last_batch())
        # First what waits, so that no entry of the import comes after the word that it is taken back.
        settle(books, engine, lease=lease, say=say)
        is_new = imports.withdraw(number, timezone=books.timezone, now=datetime.now(UTC))
        settle(books, engine, lease=lease, say=say)
        # Again where it was taken back before: a kill may have come between.
        people = without_entries(books, engine, number=number)
        if not is_new:
            raise KeptwordError(
                "Import {number} was taken back before. Give its files again to have them counted again.", number=number
            )
    return TakenBack(next(each for each in imports_made() if each.number == number), people)


def people_staying(books: Books, number: int) -> int:
    """Return how many people an import told of would stay in the address book if it were taken back."""
    with engine_for(books, threads=1, memory=_COUNTING) as engine:
        return staying_without(books, engine, number=number)
