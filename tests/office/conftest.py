"""The operational database of what people work on, on both kinds of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from keptword.intake import database
from postgres import server, why_not

if TYPE_CHECKING:
    from keptword.office.models import Member

NOW = datetime(2031, 3, 9, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def postgres_address() -> Iterator[str]:
    """The address of an empty database on a real PostgreSQL."""
    if why_not():
        pytest.skip(str(why_not()))
    with server() as address:
        yield address


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An office database with its tables, shared by the tests of a module; gives the name of its kind."""
    import dj_database_url
    from django.conf import settings
    from django.db import connections

    before = connections.databases["default"]
    if not database.is_file():
        pytest.skip("this run has a server of its own, and these tests bring theirs")
    if request.param == "postgresql":
        address = request.getfixturevalue("postgres_address")
        connections["default"].close()
        connections.databases["default"] = {**before, "OPTIONS": {}, **dj_database_url.parse(address)}
        del connections["default"]
    settings.SECRET_KEY = "not a secret: these books are invented"
    database.connect(Path(tmp_path_factory.mktemp("office")) / "desk.sqlite3")
    yield request.param
    connections["default"].close()
    connections.databases["default"] = before
    del connections["default"]


@pytest.fixture
def hire(office: str) -> Callable[..., Member]:
    """A way to have colleagues; whoever was there before is not any more."""
    from keptword.office.models import Link, Member, RecoveryCode, Session, Tried

    for table in (Tried, Session, Link, RecoveryCode, Member):
        table.objects.all().delete()

    def hired(name: str, role: str = "agent", **told: object) -> Member:
        mail = f"{name}@example.org"
        return Member.objects.create(mail=mail, name=name.title(), role=role, password="!", joined_at=NOW, **told)

    return hired
