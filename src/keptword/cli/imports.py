"""`keptword import`: files into the books, and a whole import taken back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keptword.cli.books import counted, entries, opened, say_problems
from keptword.cli.console import Format, print_rows, progress
from keptword.cli.options import BooksFolder, Mapping, Own

if TYPE_CHECKING:
    from keptword.books.recording import Imported

TITLES = {"import": "import", "on": "on", "files": "files", "new": "new", "known": "known", "state": "state"}


def import_(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE...]", help="Your shop's exports; several at once are fine.")
    ] = None,
    mapping: Mapping = None,
    own: Own = None,
    books: BooksFolder = None,
    undo: Annotated[
        int | None, typer.Option("--undo", metavar="NUMBER", help="Take a whole import back; it counts no more.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the imports made so far.")] = False,
) -> None:
    """Bring files into your books: everything the report takes. What is in them already is not recorded twice.

    A run that was stopped is simply started again. Lines nobody can read go to FILE.rejected.csv with the reason.
    """
    from keptword.books.recording import import_files, take_back
    from keptword.core.problems import KeptwordError

    if not (files or listed or undo is not None):
        raise KeptwordError("Name the files to bring in: keptword import YOUR-ORDER-EXPORT.csv")
    there = opened(books)
    with progress(quiet=False) as say:
        if undo is not None:
            taken = take_back(there, undo, say=say)
        made = import_files(there, files, mapping=mapping, own_addresses=own or (), say=say) if files else None
    if undo is not None:
        typer.echo(
            f"Import {undo} is taken back: its {entries(taken.made.recorded)} count no more, from the next closing on. "
            "Days closed before stay as they are."
        )
        if taken.people:
            stay = counted(taken.people, one="customer stays", several="customers stay")
            typer.echo(f"{stay} in the address book, with the names and addresses it told: there are other entries.")
    if made is not None:
        _tell(made)
    if listed:
        rows = _rows()
        if rows:
            print_rows(rows, form=Format.table, titles=TITLES)
        else:
            typer.echo("No import was made yet. Make one: keptword import YOUR-ORDER-EXPORT.csv")


def _tell(made: Imported) -> None:
    for file in made.gathered.files:
        typer.echo(f"{file.name}: {file.title}, {file.rows:,} lines.")
        if file.refused:
            typer.echo(f"  {file.refused:,} lines could not be read; they are in {file.rejected_to}, with the reason.")
    for reason, count in made.gathered.left_out.items():
        typer.echo(f"Left out by rule: {count:,} ({reason}).")
    if made.waits_for:
        typer.echo(
            f"Import {made.number}: {entries(made.waits_for)} accepted. Another process is writing the books; "
            "that one, or the next command, brings them in."
        )
        return
    told = f"Import {made.number}: {entries(made.recorded)} new"
    if made.known:
        told += f", {made.known:,} in the books already"
    if made.refused:
        told += f", {made.refused:,} laid aside because the books say otherwise (see: keptword quarantine list)"
    if made.erased:
        told += f", {made.erased:,} of people who were erased left out"
    typer.echo(told + ".")
    say_problems((*made.gathered.problems, *made.problems))


def _rows() -> list[dict[str, object]]:
    from keptword.books.imports_made import imports_made

    return [
        {
            "import": each.number,
            "on": f"{each.started_at:%Y-%m-%d}",
            "files": ", ".join(name for name, *_ in each.read),
            "new": each.recorded,
            "known": each.known,
            "state": "taken back" if each.withdrawn else "in the books" if each.state == "recorded" else "unfinished",
        }
        for each in imports_made()
    ]
