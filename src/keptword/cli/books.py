"""What commands on books begin with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from keptword.books.folder import Folder
    from keptword.books.opened import Books
    from keptword.core.problems import Problem
    from keptword.intake.pump import Pumped


_worked_on: list[Folder] = []


def opened(told: Path | None) -> Books:
    """Return the books told, else those of `KEPTWORD_BOOKS`, else those in `./books`."""
    from keptword.books.folder import books_folder
    from keptword.books.opened import open_books

    folder = books_folder(told)
    _worked_on.append(folder)
    books = open_books(folder)
    say_problems(books.mended)
    return books


def explained(error: Exception) -> str | None:
    """Return the sentence for an error of the engine, where a file of the books worked on is behind it; else None."""
    import duckdb

    from keptword.books.failing import told
    from keptword.core.problems import KeptwordError

    if not isinstance(error, duckdb.Error) or not _worked_on:
        return None
    try:
        with told(_worked_on[-1], doing="reading these books"):
            raise error
    except KeptwordError as known:
        return str(known)
    except duckdb.Error:
        return None


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
