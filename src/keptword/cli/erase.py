"""`keptword erase`: a customer out of the books, at their request, with a proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from keptword.cli.books import counted, entries, opened
from keptword.cli.console import progress
from keptword.cli.options import BooksFolder, Customer

if TYPE_CHECKING:
    from keptword.books.erasing import Erasure, Presence


def erase(
    customer: Customer,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    books: BooksFolder = None,
) -> None:
    """Erase a customer from your books at their request: entries, record, address, notes, lines that name them.

    There is no way back. What closed days counted of everybody together stays. Importing the same files again does
    not bring them back.
    """
    from keptword.books.erasing import erase as erase_from
    from keptword.books.erasing import presence
    from keptword.books.recording import settle_now
    from keptword.books.whom import whom

    there = opened(books)
    user_key = whom(there, customer)
    if not yes:
        with progress(quiet=False) as say:
            settle_now(there, say=say)
            found = presence(there, user_key, say=say)
        if not found.is_empty:
            typer.echo(f"{_named(user_key, customer)} has in your books: {_counts(found)}.")
            if not typer.confirm("Erase all of it? There is no way back"):
                typer.echo("Nothing was changed.")
                raise typer.Exit(1)
    with progress(quiet=False) as say:
        done = erase_from(there, user_key, say=say)
    _tell(done)
    if done.searched.held or done.searched.unreadable:
        raise typer.Exit(1)


def _named(user_key: str, told: str) -> str:
    return user_key if user_key == told.strip() else f"{told.strip()} ({user_key})"


def _counts(found: Presence) -> str:
    parts = [entries(found.entries)]
    if found.mentions:
        others = counted(found.mentions, one="entry of another customer", several="entries of other customers")
        parts.append(f"a mention in {others}")
    if found.waiting:
        parts.append(f"{entries(found.waiting)} that wait")
    if found.refused:
        parts.append(counted(found.refused, one="line we could not read", several="lines we could not read"))
    if found.closings:
        parts.append(f"their own lines in {counted(len(found.closings), one='closed day', several='closed days')}")
    office = found.office
    if office.contacts:
        parts.append("their row of the address book")
    if office.notes:
        parts.append(counted(office.notes, one="note", several="notes"))
    if office.letters:
        parts.append(counted(office.letters, one="letter", several="letters"))
    return ", ".join(parts)


def _tell(done: Erasure) -> None:
    found, searched = done.found, done.searched
    if found.is_empty:
        typer.echo(f"{found.user_key} was erased before; nothing of them was left to take out.")
    else:
        typer.echo(f"{found.user_key} is erased. Taken out: {_counts(found)}.")
    if done.taken.closings:
        days = ", ".join(str(each.day) for each in done.taken.closings[-5:])
        typer.echo(
            f"Closed days written anew without them: {days}{' and earlier ones' * (len(done.taken.closings) > 5)}."
        )
        typer.echo("What those days counted of everybody together stays as it was closed.")
    if done.taken.leftovers:
        typer.echo(
            f"Removed beside that: {counted(done.taken.leftovers, one='left-over file', several='left-over files')}."
        )
    looked = f"{searched.files:,} files ({searched.bytes:,} bytes) in the folder of the books"
    if searched.held:
        shown = ", ".join(str(path) for path in searched.held[:5])
        sought = "the key or the mail address" if done.mail else "the key"
        typer.echo(f"Searched {looked}: {sought} still stands in {shown}, in what is somebody else's.", err=True)
    elif not searched.unreadable:
        also = ", nor is the mail address" if done.mail else ""
        typer.echo(f"Searched {looked}, byte by byte and inside what is compressed: the key is in none of them{also}.")
    for path in searched.unreadable:
        if path.name not in done.taken.running:
            typer.echo(f"{path} could not be looked into. Look whether it belongs there, and erase again.", err=True)
    for name in done.taken.running:
        typer.echo(f"An import is writing {name}; what it brings of them is left out, and its file removed.", err=True)
    typer.echo("A salted digest of the key stays, so that importing the same files again does not bring them back.")
    typer.echo("Not in the books, and yours to look after: exports, reports and backups made before.")
    for path in done.beside:
        typer.echo(f"{path} is an older copy of these books and may hold them. Remove it when you need it no more.")
