"""`keptword close`: a day closed for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from keptword.cli.books import counted, entries, opened, say_problems
from keptword.cli.console import progress
from keptword.cli.options import BooksFolder

if TYPE_CHECKING:
    from keptword.books.closing import Closed


def close(
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DAY", help="The day to close; yesterday unless told.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Compute from all entries instead of carrying the last closing forward.")
    ] = False,
    books: BooksFolder = None,
) -> None:
    """Close a day: what every customer's account, every promise and the month come to at its end, sealed.

    A closed day never changes; what is heard later is in the next closing.
    """
    from keptword.books.closing import close_day
    from keptword.cli.session import day

    there = opened(books)
    with progress(quiet=False) as say:
        done = close_day(there, None if as_of is None else day(as_of), full=full, say=say)
    _tell(done)


def _tell(done: Closed) -> None:
    say_problems(done.mended)
    closed = done.sealed.input.day
    if done.was_closed:
        typer.echo(f"{closed} was closed before and stays as it is: {done.sealed.folder}")
        if done.later:
            typer.echo(f"{entries(done.later)} up to that day came in since; the next closing has them.")
        return
    files = done.sealed.manifest["files"]
    promises = sum(each["rows"] for name, each in files.items() if name.startswith("promises/"))
    accounts = counted(files["accounts.parquet"]["rows"], one="customer", several="customers")
    road = f"carried forward from {done.before.input.day}" if done.before else "from all entries"
    told = counted(promises, one="promise", several="promises")
    typer.echo(f"{closed} is closed, {road}: {accounts}, {told}.")
    if files["missing.parquet"]["rows"]:
        typer.echo(
            "Some money of this month is in currencies without a rate and was left out, not taken as 1: see "
            "keptword statement.",
            err=True,
        )
    typer.echo(f"It is in {done.sealed.folder}. See what moved: keptword statement")
