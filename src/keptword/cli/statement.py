"""`keptword statement`: what a period came to, between two closed days."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keptword.cli.books import opened
from keptword.cli.console import Format, print_rows, progress
from keptword.cli.options import BooksFolder, Form

if TYPE_CHECKING:
    from keptword.books.statement import Statement


def statement(
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="DAY", help="The closed day the period follows; the last but one unless told."),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--to", metavar="DAY", help="The closed day the period ends with; the last unless told."),
    ] = None,
    form: Form = Format.table,
    books: BooksFolder = None,
) -> None:
    """Say what a period between two closed days came to: promises, records, what it took, what failing cost.

    What there was at its beginning and what moved come to what there was at its end, exactly.
    """
    from keptword.books.statement import statement as between
    from keptword.books.statement_figures import as_json, figures
    from keptword.cli.session import day

    there = opened(books)
    with progress(quiet=False) as say:
        made = between(there, since=day(since) if since else None, until=day(until) if until else None, say=say)
    if form is Format.table:
        _tell(made)
    elif form is Format.json:
        typer.echo(json.dumps(as_json(made), ensure_ascii=False, indent=2, default=str))
    else:
        print_rows(figures(made), form=form)


def _tell(made: Statement) -> None:
    from keptword.books.spoken import spoken_day
    from keptword.books.statement_tables import tables

    typer.echo(f"{made.business or 'Statement'}, {spoken_day(made.first)} to {spoken_day(made.last)}")
    for table in tables(made):
        typer.echo(f"\n{table.title}")
        if table.rows:
            rows: list[dict[str, Any]] = [dict(row) for row in table.rows]
            print_rows(rows, form=Format.table)
        for sentence in table.sentences:
            typer.echo(sentence)
    if made.notes:
        typer.echo("")
    for note in made.notes:
        typer.echo(note)
