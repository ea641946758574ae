"""The shop's books, made once, and figures of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from books.tea_shop import quiet
from figures.shop import NOW, copied, grown
from keptword.books.opened import Books
from keptword.figures.make import make
from keptword.figures.reading import Reader, current, forget
from keptword.intake import database
from once import once


@dataclass(frozen=True)
class Figured:
    """Books, with the figures made of them."""

    books: Books
    reader: Reader


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the shop's books, that nobody has open and that have no figures."""

    def made(place: Path) -> None:
        grown(place / "books")
        database.disconnect()

    return once(tmp_path_factory, "figures", made) / "books"


@pytest.fixture
def books(shop: Path, tmp_path: Path) -> Iterator[Books]:
    """A copy of the books for one test, on a path that is not easy."""
    there = copied(shop, tmp_path / "Meine Bücher 100 %")
    yield there
    forget(there.folder)


@pytest.fixture(scope="session")
def figured(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Figured:
    """Figures as of a Monday morning, only to be read."""
    books = copied(shop, tmp_path_factory.mktemp("figured") / "books")
    make(books, say=quiet, now=NOW)
    reader = current(books.folder)
    assert reader is not None
    database.disconnect()
    return Figured(books, reader)
