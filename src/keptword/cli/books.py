"""What commands on books begin with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from keptword.books.opened import Books
    from keptword.core.problems import Problem


def opened(told: Path | None) -> Books:
    """Return the books told, else those of `KEPTWORD_BOOKS`, else those in `./books`."""
    from keptword.books.folder import books_folder
    from keptword.books.opened import open_books

    return open_books(books_folder(told))


def say_problems(problems: tuple[Problem, ...]) -> None:
    """Tell what was odd, on standard error."""
    for problem in problems:
        typer.echo(str(problem), err=True)


Say = Callable[[str], None]


def counted(count: int, *, one: str, several: str) -> str:
    """Return "1 entry", "2,000 entries"."""
    return f"{count:,} {one if count == 1 else several}"


def entries(count: int) -> str:
    """Return "1 entry", "2,000 entries"."""
    return counted(count, one="entry", several="entries")
