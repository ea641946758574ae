"""`keptword backup` and `keptword restore`: the books at one moment, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keptword.cli.books import counted, opened
from keptword.cli.console import progress
from keptword.cli.options import BooksFolder


def backup(
    target: Annotated[
        Path, typer.Argument(metavar="FILE.tar.gz|DIR", help="The file to write, or a folder that is not there yet.")
    ],
    books: BooksFolder = None,
) -> None:
    """Back up your books: every entry, every closed day, your rules and settings, as of one moment.

    Others may go on working. What the backup holds is personal data; keep it where your books may be kept.
    """
    from keptword.books.backup import back_up

    there = opened(books)
    with progress(quiet=False) as say:
        made = back_up(there, target, say=say)
    days = counted(len(made.closed), one="closed day", several="closed days")
    typer.echo(f"{made.path} holds your books as of {made.made_at:%Y-%m-%d %H:%M} UTC: {made.files:,} files, {days}.")
    typer.echo(f"Bring them back with: keptword restore {made.path} --books DIR")


def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="The backup: a file or a folder.")],
    books: BooksFolder = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Move books that are there beside, and put the backup in their place.")
    ] = False,
    erased: Annotated[
        list[Path] | None,
        typer.Option(
            "--erased", metavar="BOOKS", help="Other books, or a newer backup: whom they erased is erased here too."
        ),
    ] = None,
) -> None:
    """Bring your books back from a backup, whole or not at all; every file is checked first.

    Customers who were erased stay erased, as far as is known: by the books replaced, by older copies beside them, and
    by what you name with --erased. A backup alone knows only of those erased before it was made.
    """
    from keptword.books.folder import books_folder
    from keptword.books.restoring import restore as bring_back

    with progress(quiet=False) as say:
        done = bring_back(source, books_folder(books), replacing=replace, erased=erased or (), say=say)
    place = done.books.folder.path
    typer.echo(f"The books of {done.books.business.name} are back in {place}, as of {done.made_at:%Y-%m-%d %H:%M} UTC.")
    if done.erased:
        typer.echo(f"Erased again: {counted(done.erased, one='customer', several='customers')} who had been since.")
    if done.unknown:
        typer.echo(
            f"{counted(done.unknown, one='customer', several='customers')} erased elsewhere could not be found here.",
            err=True,
        )
    if done.letters:
        notes = counted(done.letters, one="note to a customer", several="notes to customers")
        typer.echo(f"{notes} waited to be mailed, and may have been since. Look at them on the page Waiting.")
    if done.replaced:
        typer.echo(f"The books that were there are in {done.replaced} now. Remove them when you need them no more.")
    elif not erased:
        typer.echo("Customers you erased after that moment are in these books again:")
        typer.echo("look through your requests since then, and erase them again, or restore once more with --erased.")
