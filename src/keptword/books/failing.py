"""Says what stopped work on the books: a full disk, too little memory, or a file of theirs that is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from keptword.books.folder import Folder
from keptword.closing.sealed import sealed_closings
from keptword.core.problems import KeptwordError, Sentence
from keptword.engines.duckdb import Engine, literal
from keptword.journal.failures import RESTORE, is_short, sentence
from keptword.journal.reading import damage
from keptword.journal.table import Journal


@contextmanager
def told(folder: Folder, *, doing: str) -> Iterator[None]:
    """Raise KeptwordError in place of a failure of the disk, or of a damaged file; `doing` says what was tried.

    Which file it is is looked for only then: every one is read. A failure of another kind goes on as it is.
    """
    try:
        yield
    except (OSError, duckdb.Error) as failure:
        if is_short(failure):
            raise KeptwordError(sentence(failure, folder=folder.path, doing=doing)) from failure
        found = _damaged(folder)
        if found:
            raise KeptwordError(
                "{found}, which stopped us {doing}. {restore}", found=found, doing=Sentence(doing), restore=RESTORE
            ) from failure
        if isinstance(failure, OSError | duckdb.IOException):
            raise KeptwordError(sentence(failure, folder=folder.path, doing=doing)) from failure
        raise


def _damaged(folder: Folder) -> str | None:
    """Return which file of the journal or of a closing is not as it was written, the first found; None where none."""
    for sealed in sealed_closings(folder.closings):
        for name in sealed.damaged():
            return Sentence("{path} is missing or damaged", path=sealed.folder / name)
    with Engine() as engine:
        for file in Journal(folder.journal).files():
            problem = damage(file)
            if problem:
                return Sentence(
                    "{path} is missing or damaged; it held {rows:,} entries", path=problem.where, rows=file.rows
                )
            try:
                engine.sql(f"SELECT max(hash(fact)) FROM read_parquet({literal(str(file.path))}) AS fact").fetchall()
            except duckdb.Error as error:
                return Sentence(
                    "{path} is damaged ({why}); it held {rows:,} entries",
                    path=file.path,
                    why=str(error).splitlines()[0],
                    rows=file.rows,
                )
    return None
