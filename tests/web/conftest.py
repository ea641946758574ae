"""The desk under test: the demo's invented shop, made once a run and copied for whoever changes it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from once import once
from web.cast import Desk, desk_of
from web.serving import Site, serving


@pytest.fixture(scope="session")
def shop_books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Books of an invented shop of 120 customers, two months closed, figures made; never changed: copy them."""
    from keptword.cli.demo import _books, _closed, invent
    from keptword.figures.make import make
    from keptword.intake import database

    def made(place: Path) -> None:
        until = datetime.now(UTC).date() - timedelta(days=1)
        quiet = lambda _: None  # noqa: E731
        day = until.isoformat()
        written = invent(place / "files", kind="shopify", users=120, months=14, seed=1, until=day, say=quiet)
        files = [path for path in written if path.suffix != ".json"]
        books = _books(place / "books", files, since=until - timedelta(days=500), say=quiet)
        _closed(books, until, say=quiet)
        make(books, say=quiet)
        database.disconnect()

    return once(tmp_path_factory, "shop", made) / "books"


@pytest.fixture
def desk(shop_books: Path, tmp_path: Path) -> Iterator[Desk]:
    """The desk over a copy of the shop's books, for tests that change something."""
    from keptword.intake import database

    database.disconnect()
    shutil.copytree(shop_books, tmp_path / "books")
    yield desk_of(tmp_path / "books")
    database.disconnect()


@pytest.fixture(scope="module")
def seen_books(shop_books: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shop's books that the tests of one module share."""
    from keptword.intake import database

    database.disconnect()
    place = tmp_path_factory.mktemp("seen") / "books"
    shutil.copytree(shop_books, place)
    return place


@pytest.fixture
def seen_desk(seen_books: Path) -> Iterator[Desk]:
    """The desk over the books that the tests of one module share: for those that only look."""
    from keptword.intake import database

    # Taken anew by each test: a process has one set of books at a time, and another test may have had others.
    yield desk_of(seen_books)
    database.disconnect()


@pytest.fixture
def site(desk: Desk) -> Iterator[Site]:
    """The desk being served, over books of its own."""
    with serving(desk) as served:
        yield served


@pytest.fixture
def seen_site(seen_desk: Desk) -> Iterator[Site]:
    """The desk being served, over books that the tests of one module share."""
    with serving(seen_desk) as served:
        yield served


@pytest.fixture(scope="session")
def monday_books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Books with forty promises to keep (`web.forty`), figures made; never changed: copy them."""
    from keptword.intake import database
    from web.forty import forty

    def made(place: Path) -> None:
        forty(place / "books")
        database.disconnect()

    database.disconnect()
    return once(tmp_path_factory, "monday", made) / "books"


@pytest.fixture
def monday(monday_books: Path, tmp_path: Path) -> Iterator[Desk]:
    """The desk over a copy of the books with forty promises."""
    from keptword.intake import database

    database.disconnect()
    shutil.copytree(monday_books, tmp_path / "books")
    yield desk_of(tmp_path / "books")
    database.disconnect()


@pytest.fixture
def monday_site(monday: Desk) -> Iterator[Site]:
    """The desk with forty promises, being served."""
    with serving(monday) as served:
        yield served


@pytest.fixture
def empty_desk(tmp_path: Path) -> Iterator[Desk]:
    """The desk over new books with nothing in them: made in no time, for what needs no shop."""
    from keptword.books.folder import Folder
    from keptword.books.opened import begin_books
    from keptword.intake import database

    database.disconnect()
    begin_books(Folder(tmp_path / "books"), name="Alder Tea", currency="EUR", timezone="Europe/Berlin", country="DE")
    yield desk_of(tmp_path / "books")
    database.disconnect()
