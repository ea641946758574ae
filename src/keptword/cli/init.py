"""`keptword init`: new books."""

from __future__ import annotations

from typing import Annotated

import typer

from keptword.cli.options import BooksFolder


def init(
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Your business's name.")],
    currency: Annotated[str, typer.Option("--currency", metavar="CODE", help="Your books' money, like EUR.")],
    timezone: Annotated[
        str,
        typer.Option("--timezone", metavar="ZONE", help="Yours, like Europe/Berlin: where your days begin and end."),
    ],
    books: BooksFolder = None,
    country: Annotated[
        str | None, typer.Option("--country", metavar="CODE", help="Yours, like DE: its public holidays and its law.")
    ] = None,
) -> None:
    """Begin books: a folder that remembers every entry, once, for ever.

    Then bring your files in with `keptword import`, tell what you promise with `keptword rules add`, and close days
    with `keptword close`.
    """
    from keptword.books.folder import books_folder
    from keptword.books.opened import begin_books

    folder = books_folder(books)
    made = begin_books(folder, name=name, currency=currency, timezone=timezone, country=country)
    business = made.business
    typer.echo(
        f"The books of {business.name} are in {folder.path}, kept in {business.currency}, days as in {made.timezone}."
    )
    typer.echo(
        "Next: keptword import YOUR-ORDER-EXPORT.csv\n"
        '      keptword rules add "ships within 2 working days"\n'
        "      keptword report"
    )
