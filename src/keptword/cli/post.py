"""`keptword post`: entries as they are, one a line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from keptword.cli.books import entries, opened, tell_settled
from keptword.cli.console import progress
from keptword.cli.options import BooksFolder


def post(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A file of entries, one JSON object a line; else the input.")
    ] = None,
    books: BooksFolder = None,
) -> None:
    """Record entries as they are: one JSON object a line, as `keptword facts` writes them.

    What is accepted is safe on the disk before this ends. What cannot be read is laid aside with the reason: see
    `keptword quarantine list`.
    """
    from keptword.books.recording import post as post_lines

    there = opened(books)
    with progress(quiet=False) as say:
        recorded = post_lines(there, _lines(file), say=say)
    done = recorded.posted
    if not done.lines:
        typer.echo("There was no entry to record: what was given is empty.", err=True)
        raise typer.Exit(1)
    told = f"{entries(done.accepted)} accepted"
    if done.known:
        told += f", {done.known:,} known already"
    typer.echo(told + ".")
    if done.refused:
        typer.echo(f"{entries(done.refused)} laid aside with the reason: keptword quarantine list", err=True)
    if tell_settled(recorded.settled) or done.refused:
        raise typer.Exit(1)


def _lines(file: Path | None) -> Iterator[str]:
    from keptword.core.problems import KeptwordError

    if file is None:
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        yield from sys.stdin
        return
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            yield from lines
    except OSError as error:
        raise KeptwordError(f"{file} cannot be read: {error.strerror or error}. Name a file of entries.") from None
