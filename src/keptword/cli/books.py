"""What commands on books begin with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from keptword.books.opened import Books
    from keptword.core.problems import Problem
    from keptword.intake.pump import Pumped


def opened(told: Path | None) -> Books:
    """Return the books told, else those of `KEPTWORD_BOOKS`, else those in `./books`."""
    from keptword.books.folder import books_folder
    from keptword.books.opened import open_books

    books = open_books(books_folder(told))
    say_problems(books.mended)
    return books


def say_problems(problems: tuple[Problem, ...]) -> None:
    """Tell what was odd, on standard error."""
    for problem in problems:
        typer.echo(str(problem), err=True)


def tell_settled(done: Pumped | None) -> bool:
    """Tell what became of entries that waited, where it is not plainly that they are recorded; whether any was refused.

    Says nothing of those that were accepted and are new.
    """
    if done is None:
        typer.echo("Another process is writing the books; what was accepted is safe, and recorded when it is done.")
        return False
    say_problems(done.problems)
    said = [f"{done.known:,} said nothing new"] if done.known else []
    said += [f"{done.erased:,} were of people who were erased, and left out"] if done.erased else []
    if said:
        typer.echo(f"Of what waited, {' and '.join(said)}.")
    if done.refused:
        typer.echo(
            f"{entries(done.refused)} laid aside, because the books say otherwise under the same id: "
            "keptword quarantine list",
            err=True,
        )
    return bool(done.refused)


Say = Callable[[str], None]


def counted(count: int, *, one: str, several: str) -> str:
    """Return "1 entry", "2,000 entries"."""
    return f"{count:,} {one if count == 1 else several}"


def entries(count: int) -> str:
    """Return "1 entry", "2,000 entries"."""
    return counted(count, one="entry", several="entries")
