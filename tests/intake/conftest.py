"""Books for the tests of the door and the pump, on a path that is not easy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intake.desk import Desk
from keptword.intake import database


@pytest.fixture(autouse=True)
def _emptied() -> None:
    """Where these tests run on a server (tests/test_postgres.py), begin each with an empty database on it."""
    if not database.is_file():
        emptied()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Empty books, open."""
    return Desk.made(tmp_path / "Meine Bücher 100 %")


@pytest.fixture
def django_commits(desk: Desk) -> Iterator[Callable[[], int]]:
    """Count the transactions on this connection from here on."""
    from django.db import connection

    if not database.is_file():
        pytest.skip("only SQLite tells each statement it is given")
    said: list[str] = []

    connection.ensure_connection()
    raw = connection.connection
    raw.set_trace_callback(said.append)
    yield lambda: sum(sql.startswith("COMMIT") for sql in said)
    raw.set_trace_callback(None)


def emptied() -> None:
    """Empty every table of ours on the server but the audit log, which lets nobody; rows count from 1 again."""
    from django.db import connection

    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        own = [name for name in names if name.startswith(("intake_", "office_")) and name != "office_audit"]
        if own:
            cursor.execute(f"TRUNCATE {', '.join(own)} RESTART IDENTITY CASCADE")
