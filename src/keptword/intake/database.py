"""The operational database: Django set up without a web server, for whichever books are opened.

Importing this module sets Django up (0.2 s), so that the models beside it can be imported; every module of this room
imports it first. Nothing outside the room imports it before a command needs the database.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import django
from django.conf import settings
from django.db import DatabaseError, OperationalError, connections
from django.db.migrations.exceptions import MigrationSchemaMissing
from django.db.migrations.executor import MigrationExecutor

from keptword.core.problems import KeptwordError
from keptword.intake.settings import BUSY_SECONDS, database_settings

LABEL: Final = "intake"

_START_SECONDS: Final = 60.0

_TROUBLES: Final = {
    "disk is full": "The disk is full. Make room and start again: what was accepted is kept, and nothing counts twice.",
    "disk i/o error": "The disk does not take what is written to it. Look after the disk, and start again.",
    "readonly": "It may only be read. Open the folder for writing, or copy the books to where you may write.",
    "unable to open": "It cannot be opened. Look whether the folder is there and whether you may write to it.",
    "locked": f"Another program has been writing to it for over {BUSY_SECONDS} seconds. Try again when it is done.",
    "malformed": "It is damaged. Restore the books from the last backup.",
    "not a database": "It is no database. Restore the books from the last backup.",
}


def _configure() -> None:
    if settings.configured:
        return
    settings.configure(**database_settings(), USE_I18N=False)
    django.setup()


_configure()


def connect(path: Path) -> None:
    """Take the SQLite file at `path` as the operational database, created or brought up to date where needed.

    May be called again with another path: what is read and written from then on goes there. Raises `KeptwordError`
    where the file cannot be opened or was made by a newer version.
    """
    # Absolute, so that no name is taken for an address of SQLite's ("file:...") and no change of folder matters.
    name = str(path.absolute())
    if connections.databases["default"]["NAME"] != name:
        connections["default"].close()
        connections.databases["default"]["NAME"] = name
        # A connection knows its file from the settings it was made with.
        del connections["default"]
    with troubles():
        _migrate(path)


def disconnect() -> None:
    """Close the file that is open, so that it can be moved; the next use opens it again."""
    connections["default"].close()


def path() -> Path:
    """Return the file of the operational database that is open."""
    return Path(connections.databases["default"]["NAME"])


def _migrate(file: Path) -> None:
    """Bring the tables up to date; where several processes begin at once, one does it and the others see it done."""
    until = time.monotonic() + _START_SECONDS
    while True:
        try:
            executor = MigrationExecutor(connections["default"])
            _refuse_newer(executor, file)
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
            if plan:
                executor.migrate(executor.loader.graph.leaf_nodes(), plan)
            return
        except (OperationalError, MigrationSchemaMissing) as error:
            connections["default"].close()
            beaten = isinstance(error, MigrationSchemaMissing) or any(
                sign in str(error) for sign in ("already exists", "locked")
            )
            if not beaten or time.monotonic() > until:
                raise
            time.sleep(0.05)


def _refuse_newer(executor: MigrationExecutor, file: Path) -> None:
    applied = {name for label, name in executor.loader.applied_migrations if label == LABEL}
    known = {name for label, name in executor.loader.disk_migrations if label == LABEL}
    if applied - known:
        raise KeptwordError(
            f"{file} was written by a newer version of Keptword than this one. Install the newer version to open these"
            " books; nothing was changed."
        )


@contextmanager
def troubles() -> Iterator[None]:
    """Say what the database complains of as a sentence: a full disk, a file that may only be read, a damaged one."""
    try:
        yield
    except DatabaseError as error:
        said = str(error).lower()
        for sign, sentence in _TROUBLES.items():
            if sign in said:
                raise KeptwordError(f"{path()}: {sentence}") from error
        raise


def scrub() -> None:
    """Rewrite the file so that nothing deleted can be read in it any more; no transaction may be open."""
    with troubles(), connections["default"].cursor() as cursor:
        if connections["default"].vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
