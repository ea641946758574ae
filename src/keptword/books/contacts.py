"""Carries who the customers are from an import into the address book: once the entries are safe, and whatever happens.

They wait in a file of their own beside the entries, which is gone as soon as the address book has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb

from keptword.closing.known import withdrawn_imports
from keptword.core.problems import Problem
from keptword.engines.duckdb import Engine, literal, quoted
from keptword.journal.syncing import sync_file
from keptword.sources.contacts import CONTACT_SCHEMA

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from ibis.expr.types import Table

    from keptword.books.opened import Books
    from keptword.intake.lease import Held

STAGED: Final = re.compile(r"import-(\d+)\.people\.parquet")
"""How the files are called in which people wait for the address book."""

_FETCHED: Final = 10_000
_TORN: Final = (
    "Names and addresses of an import could not be read any more ({error}); its entries are in the books. Give its "
    "files again, and the names come in: nothing counts twice."
)


def staged_at(folder: Path, number: int) -> Path:
    """Return where the people of an import wait."""
    return folder / f"import-{number}.people.parquet"


def stage(engine: Engine, contacts: Table | None, *, path: Path) -> None:
    """Write who an import is about to a file; where it is about nobody, there is none. Before its entries are sealed.

    The file is synced, so that whoever finds the entries sealed finds it whole.
    """
    if contacts is None:
        return
    if engine.write(contacts, path, form="parquet"):
        sync_file(path)
    else:
        path.unlink()


def waiting(staged: Path) -> list[tuple[int, Path]]:
    """Return the files of people that wait, each with the number of its import, the oldest first."""
    there = staged.iterdir() if staged.is_dir() else ()
    return sorted((int(found[1]), path) for path in there if (found := STAGED.fullmatch(path.name)))


@contextmanager
def remembering(books: Books, engine: Engine, *, lease: Held) -> Iterator[list[Problem]]:
    """Bring the people that wait into the address book, beside whatever is done in the `with` block, and remove them.

    Beside it, because the journal keeps the engine busy, and the address book the database. At the end of the block all
    of them are in the book, and the list it gives says what was odd. Also finishes what a killed import left: where its
    entries were sealed, its people come in; where they were not, there is no such import, and the file is removed. May
    be killed anywhere.
    """
    odd: list[Problem] = []
    ready = [path for number, path in waiting(books.folder.staged) if _is_sealed(path, number=number)]
    if not ready:
        yield odd
        return
    # A cursor of its own, made before the engine is used by two.
    cursor = engine.connection.cursor()
    with ThreadPoolExecutor(1, thread_name_prefix="keptword-people") as beside:
        done = beside.submit(_remember, ready, cursor, lease=lease)
        yield odd
        odd += done.result()


def _remember(ready: Sequence[Path], cursor: DuckDBPyConnection, *, lease: Held) -> list[Problem]:
    from keptword.intake import database
    from keptword.office.people import remember

    odd = []
    try:
        for path in ready:
            try:
                # Whoever has taken the lease over may have erased somebody meanwhile: then nothing is written any more.
                remember(_rows(cursor, path), now=datetime.now(UTC), within=lease.transaction)
            except duckdb.Error as error:
                odd.append(Problem(path.name, _TORN.format(error=str(error).splitlines()[0])))
            _remove(path)
    finally:
        # Of this thread alone; it would stay open as long as the thread is remembered.
        database.disconnect()
    return odd


def _is_sealed(path: Path, *, number: int) -> bool:
    """Whether the entries of an import are safe, so that its people may come; one that never was is removed."""
    from keptword.intake import imports
    from keptword.intake.lease import LeaseBusy, held

    if imports.sealed(number):
        return True
    with suppress(LeaseBusy), held(name=f"import-{number}", wait=0.0):
        if imports.sealed(number):
            return True
        _remove(path)
    return False


def without_entries(books: Books, engine: Engine, *, number: int) -> int:
    """Take those out of the address book of whom only an import told that is taken back; return how many stay.

    Who has entries of another import, or a note or letter at the desk, stays, with whatever the import told of names
    and addresses: nobody can tell any more what stood there before.
    """
    from keptword.office.people import forget

    alone, staying = _told_of(books, engine, number=number)
    forget(alone)
    return staying


def staying_without(books: Books, engine: Engine, *, number: int) -> int:
    """Return how many people an import told of would stay in the address book if it were taken back."""
    return _told_of(books, engine, number=number)[1]


def _told_of(books: Books, engine: Engine, *, number: int) -> tuple[list[str], int]:
    """Return the keys of whom only an import tells, and how many others it tells of are in the address book."""
    from keptword.office.forgetting import keys_at_work
    from keptword.office.people import counted

    last = books.journal.last_batch()
    facts = books.journal.facts(engine, upto=last)
    there = quoted(facts.get_name())
    withdrawn = quoted(engine.create("taken_back", withdrawn_imports(facts, batch=last)).get_name())
    rows = engine.sql(
        "SELECT user_key, bool_or(import_number IS NULL OR import_number <> $1 AND import_number NOT IN "
        f"(SELECT import_number FROM {withdrawn} WHERE import_number IS NOT NULL)) FROM {there} "
        f"WHERE user_key IN (SELECT user_key FROM {there} WHERE import_number = $1) GROUP BY user_key",
        [number],
    ).fetchall()
    at_work = keys_at_work()
    alone = [str(key) for key, elsewhere in rows if not elsewhere and key not in at_work]
    return alone, counted({str(key) for key, _ in rows} - {*alone})


def _rows(cursor: DuckDBPyConnection, path: Path) -> Iterator[Sequence[Any]]:
    """Give the people of a file, by their key: so that they fall on the same pages of the database."""
    columns = ", ".join(CONTACT_SCHEMA)
    cursor.execute(f"SELECT {columns} FROM read_parquet([{literal(str(path))}]) ORDER BY user_key")
    while some := cursor.fetchmany(_FETCHED):
        yield from some


def _remove(path: Path) -> None:
    # A file that somebody has open stays on Windows; the next command removes it.
    with suppress(OSError):
        path.unlink()
