"""`keptword export`: everything about one customer, to hand to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from keptword.cli.books import entries, opened
from keptword.cli.console import progress
from keptword.cli.options import BooksFolder, Customer


def export(
    customer: Customer,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="The file to write; printed unless told.")
    ] = None,
    books: BooksFolder = None,
) -> None:
    """Give out everything your books hold about one customer, as one JSON file they can read.

    Their entries, the promises to them and what became of each, our record with what stands behind it, their row of the
    address book, notes and letters, and lines we could not read that name them.
    """
    from keptword.books.exporting import exported
    from keptword.books.whom import whom
    from keptword.core.problems import KeptwordError

    there = opened(books)
    if out and out.exists():
        raise KeptwordError(f"{out} is there already. Name another file with --out, or move that one away.")
    with progress(quiet=False) as say:
        told = exported(there, whom(there, customer), say=say)
    text = json.dumps(told, ensure_ascii=False, indent=2)
    if out is None:
        typer.echo(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise KeptwordError(
            f"{out} could not be written: {error.strerror or error}. Name another file with --out."
        ) from None
    typer.echo(f"{out}: {entries(len(told['entries']))}, {len(told['promises']):,} promises as of {told['as_of']}.")
    typer.echo("It holds personal data. Hand it to that customer alone, and remove it when they have it.")
