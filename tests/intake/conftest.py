"""Books for the tests of the door and the pump, on a path that is not easy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intake.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Empty books, open."""
    return Desk.made(tmp_path / "Meine Bücher 100 %")


@pytest.fixture
def django_commits(desk: Desk) -> Iterator[Callable[[], int]]:
    """Count the transactions on this connection from here on."""
    from django.db import connection

    said: list[str] = []

    connection.ensure_connection()
    raw = connection.connection
    raw.set_trace_callback(said.append)
    yield lambda: sum(sql.startswith("COMMIT") for sql in said)
    raw.set_trace_callback(None)
