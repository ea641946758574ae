"""`keptword verify`: a closed day computed again from all entries, and the books held against themselves."""

from __future__ import annotations

from typing import Annotated

import typer

from keptword.cli.books import opened
from keptword.cli.console import progress
from keptword.cli.options import BooksFolder


def verify(
    closing: Annotated[
        str | None, typer.Option("--closing", metavar="DAY", help="The closed day to verify; the last unless told.")
    ] = None,
    books: BooksFolder = None,
) -> None:
    """Verify a closed day: its files, all its figures from the entries behind them, and the day closed before it.

    One sentence for each thing that holds. Where two disagree it says whose account, which promise and which entries,
    and ends with status 1. Nothing is changed.
    """
    from keptword.books.spoken import counted, spoken_day
    from keptword.books.verifying import verify as verified
    from keptword.cli.session import day

    there = opened(books)
    with progress(quiet=False) as say:
        done = verified(there, day(closing) if closing else None, say=say)
    for note in done.notes:
        typer.echo(note, err=True)
    for check in done.checks:
        typer.echo(check.said if check.holds else f"NOT SO: {check.said}")
        for found in check.found:
            typer.echo(f"  {found}")
        if check.more:
            typer.echo(f"  … and {check.more:,} more.")
    failed = sum(not check.holds for check in done.checks)
    if failed:
        things = counted(failed, one="thing does", several="things do")
        typer.echo(f"{things} not agree in the books of {spoken_day(done.day)}.", err=True)
        raise typer.Exit(1)
    typer.echo(f"{spoken_day(done.day)} is as its entries say.")
