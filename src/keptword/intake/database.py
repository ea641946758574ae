"""The operational database: Django set up without a web server, for whichever books are opened.

It is a SQLite file in the books folder, or the PostgreSQL that `KEPTWORD_DATABASE_URL` names. Importing this module
sets Django up (0.2 s), so that the models beside it can be imported; every module of this room imports it first.
Nothing outside the room imports it before a command needs the database.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, OperationalError, connections
from django.db.migrations.exceptions import MigrationSchemaMissing
from django.db.migrations.executor import MigrationExecutor

from keptword.core.problems import KeptwordError, Sentence
from keptword.intake.settings import ADDRESS, BUSY_SECONDS, database_settings

LABELS: Final = ("intake", "office")
"""The rooms whose tables there are."""

_START_SECONDS: Final = 60.0

_MIGRATING: Final = 0x6B657074
"""The number of the lock on a database server under which its tables are made: "kept" in letters."""

_TROUBLES: Final = {
    "disk is full": "The disk is full. Make room and start again: what was accepted is kept, and nothing counts twice.",
    "disk i/o error": "The disk does not take what is written to it. Look after the disk, and start again.",
    "readonly": "It may only be read. Open the folder for writing, or copy the books to where you may write.",
    "unable to open": "It cannot be opened. Look whether the folder is there and whether you may write to it.",
    "locked": Sentence(
        "Another program has been writing to it for over {seconds} seconds. Try again when it is done.",
        seconds=BUSY_SECONDS,
    ),
    "malformed": "It is damaged. Restore the books from the last backup.",
    "not a database": "It is no database. Restore the books from the last backup.",
}

_SERVER_TROUBLES: Final = {
    "no space left": "Its disk is full. Make room there and start again: what was accepted is kept.",
    "authentication failed": Sentence("It does not know that name and password. Look at {address}.", address=ADDRESS),
    "no password supplied": Sentence("It asks for a password. Write one into {address}.", address=ADDRESS),
    "does not exist": Sentence(
        "There is no such database or role. Make it there, or look at {address}.", address=ADDRESS
    ),
    "too many clients": "It takes no more connections. Raise its max_connections, or start fewer workers.",
    "remaining connection slots": "It takes no more connections. Raise its max_connections, or start fewer workers.",
    "permission denied": "This role may not do that. Make it the owner of the database.",
    "read-only": "It may only be read, as a copy of another. Name the one that may be written.",
    "deadlock": "Two wrote the same at once, and one had to yield. Try again.",
    "connection": Sentence(
        "It does not answer. Look whether it runs, and whether {address} names it.", address=ADDRESS
    ),
    "could not translate host": Sentence("Its machine is not known by that name. Look at {address}.", address=ADDRESS),
    "resolve host": Sentence("Its machine is not known by that name. Look at {address}.", address=ADDRESS),
    "terminating": "It was stopped. Try again once it runs.",
}


def _configure() -> None:
    if settings.configured:
        return
    settings.configure(**database_settings(), USE_I18N=False)
    django.setup()


_configure()


def connect(path: Path) -> None:
    """Take the SQLite file at `path` as the operational database, created or brought up to date where needed.

    May be called again with another path: what is read and written from then on goes there. Where a server is named,
    that one is taken, whatever the path. Raises `KeptwordError` where it cannot be opened or was made by a newer
    version.
    """
    if is_file():
        # Absolute, so that no name is taken for an address of SQLite's ("file:...") and no change of folder matters.
        name = str(path.absolute())
        if connections.databases["default"]["NAME"] != name:
            connections["default"].close()
            connections.databases["default"]["NAME"] = name
            # A connection knows its file from the settings it was made with.
            del connections["default"]
    with troubles():
        _migrate()


def disconnect() -> None:
    """Close the connection, so that a file can be moved; the next use opens it again."""
    connections["default"].close()


def is_file() -> bool:
    """Tell whether the database is a file in the books folder, and not a server's."""
    return bool(connections.databases["default"]["ENGINE"] == "django.db.backends.sqlite3")


def path() -> Path:
    """Return the file of the operational database that is open."""
    return Path(connections.databases["default"]["NAME"])


def named() -> str:
    """Return what people call the database that is open: its file, or its name and where its server is."""
    told = connections.databases["default"]
    return str(path()) if is_file() else f'The database "{told["NAME"]}" on {told["HOST"] or "this computer"}'


def _migrate() -> None:
    """Bring the tables up to date; where several processes begin at once, one does it and the others see it done."""
    until = time.monotonic() + _START_SECONDS
    while True:
        try:
            if _planned():
                with _alone():
                    executor = MigrationExecutor(connections["default"])
                    executor.migrate(executor.loader.graph.leaf_nodes())
            return
        except (OperationalError, MigrationSchemaMissing) as error:
            connections["default"].close()
            beaten = isinstance(error, MigrationSchemaMissing) or any(
                sign in str(error) for sign in ("already exists", "locked")
            )
            if not beaten or time.monotonic() > until:
                raise
            time.sleep(0.05)


def _planned() -> bool:
    """Tell whether there is anything to bring up to date; refuse a database of a newer version."""
    executor = MigrationExecutor(connections["default"])
    _refuse_newer(executor)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def _alone() -> Iterator[None]:
    """On a server, keep others from making the same tables; a file keeps them away by itself."""
    if is_file():
        yield
        return
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATING])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATING])


def _refuse_newer(executor: MigrationExecutor) -> None:
    for label in LABELS:
        applied = {name for room, name in executor.loader.applied_migrations if room == label}
        known = {name for room, name in executor.loader.disk_migrations if room == label}
        if applied - known:
            raise KeptwordError(
                "{database} was written by a newer version of Keptword than this one. Install the newer version to "
                "open these books; nothing was changed.",
                database=named(),
            )


@contextmanager
def troubles() -> Iterator[None]:
    """Say what the database complains of as a sentence: a full disk, a file that may only be read, a damaged one."""
    try:
        yield
    except ImproperlyConfigured as error:
        if "psycopg" not in str(error):
            raise
        raise KeptwordError(
            "{address} names a PostgreSQL, and what speaks to one is not installed. Install it with: pip install "
            '"keptword[postgres]"',
            address=ADDRESS,
        ) from error
    except Error as error:
        said = str(error).lower()
        for sign, sentence in (_TROUBLES if is_file() else _SERVER_TROUBLES).items():
            if sign in said:
                raise KeptwordError("{database}: {sentence}", database=named(), sentence=Sentence(sentence)) from error
        raise


def scrub() -> None:
    """Rewrite the tables so that nothing deleted can be read in them any more; no transaction may be open."""
    with troubles(), connections["default"].cursor() as cursor:
        if is_file():
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            cursor.execute(f"VACUUM (FULL) {', '.join(_own_tables(cursor))}")


def texts_holding(key: str) -> Iterator[tuple[str, str]]:
    """Return what the tables on a server hold that has a text in it: the table's name, and the whole of each column.

    A file is searched as every other file of the books is.
    """
    connection = connections["default"]
    with troubles(), connection.cursor() as cursor:
        for table in _own_tables(cursor):
            for column in connection.introspection.get_table_description(cursor, table):
                name = connection.ops.quote_name(column.name)
                cursor.execute(f"SELECT {name}::text FROM {table} WHERE position(%s in {name}::text) > 0", [key])
                yield from ((table, str(text)) for (text,) in cursor.fetchall())


def _own_tables(cursor: Any) -> list[str]:
    names = connections["default"].introspection.table_names(cursor)
    return [name for name in names if name.startswith(tuple(f"{label}_" for label in LABELS))]


def live() -> None:
    """Let go of a connection that has broken, or is old; the next use opens another. Between two turns of work."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
