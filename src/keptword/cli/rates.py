"""`keptword rates`: what other currencies were worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keptword.cli.books import opened
from keptword.cli.console import Format, print_rows
from keptword.cli.options import BooksFolder

TITLES = {"currency": "currency", "rates": "days", "first": "from", "last": "to", "source": "source"}


def rates(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE...]", help="Tables of rates: the European Central Bank's CSV, or your own."),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.table,
    books: BooksFolder = None,
) -> None:
    """Tell your books what other currencies were worth on each day, or list what they know.

    Closings turn money of other currencies into yours by the rate of its day. Money without a rate is left out and
    counted, never taken as 1.
    """
    from keptword.books.rates import add_rates, known

    there = opened(books)
    if files:
        typer.echo(f"{add_rates(there, files):,} rates are new.")
    rows = [
        {"currency": each.currency, "rates": each.rates, "first": each.first, "last": each.last, "source": each.source}
        for each in known(there)
    ]
    if form is Format.table and not rows:
        typer.echo(
            f"No rates are known; money in other currencies than {there.business.currency} is left out of closings. "
            "Give the European Central Bank's table: keptword rates eurofxref-hist.csv"
        )
        return
    print_rows(rows, form=form, titles=TITLES)
