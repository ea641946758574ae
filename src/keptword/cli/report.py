"""`keptword report`: a shop's own files in, the truth about its word out."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keptword.cli.books import opened
from keptword.cli.console import Format, print_rows, progress
from keptword.cli.options import (
    AsOf,
    BooksFolder,
    Country,
    Cutoff,
    FilesOrBooks,
    Mapping,
    Own,
    Promise,
    Rules,
    Timezone,
    WorkingDays,
)
from keptword.core.problems import KeptwordError

if TYPE_CHECKING:
    from keptword.books.opened import Books
    from keptword.report.model import Report
    from keptword.report.shop import Asked


class Language(StrEnum):
    """The languages a report is written in."""

    en = "en"
    zh = "zh"


def report(
    files: FilesOrBooks = None,
    promise: Promise = None,
    rules: Rules = None,
    as_of: AsOf = None,
    timezone: Timezone = None,
    country: Country = None,
    cutoff: Cutoff = None,
    working_days: WorkingDays = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", metavar="COLUMN", help="Break down by this: carrier, country, product, …"),
    ] = None,
    mapping: Mapping = None,
    own: Own = None,
    books: BooksFolder = None,
    business: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Your business's name.")] = None,
    language: Annotated[Language, typer.Option("--language", help="The language of the page.")] = Language.en,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="PAGE", help="Where to write the page.")] = Path(
        "keptword-report.html"
    ),
    form: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.table,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in your browser.")] = False,
) -> None:
    """Report how well you keep your word, from the files you already have.

    Give your shop's order export, and your mailbox and reviews if you like; without a file your books are read.
    Nothing leaves this computer. The page is written beside you as keptword-report.html; with --format json or csv
    nothing but figures is printed.
    """
    from keptword.cli.session import told, with_books
    from keptword.report.shop import Asked

    said = told(
        promise=promise,
        rules_file=rules,
        as_of=as_of,
        timezone=timezone,
        country=country,
        cutoff=cutoff,
        working_days=working_days,
    )
    kept = None if files else opened(books)
    if kept:
        said = with_books(said, kept, as_of=as_of)
    asked = Asked(
        as_of=said.as_of,
        today=said.today,
        rules=said.rules,
        settings=said.settings,
        by=tuple(by or ()),
        country=said.settings.country,
        business=business or (kept.business.name if kept else None),
    )
    with progress(quiet=False) as say:
        made = (
            report_on_books(kept, asked, say=say)
            if kept
            else report_on(files or (), asked, mapping=mapping, own_addresses=own or (), say=say)
        )
        if form is Format.table:
            write_page(made, out, language=language.value)
    _show(made, page=out, language=language, form=form)
    if open_page and form is Format.table:
        typer.launch(out.resolve().as_uri())


def _show(made: Report, *, page: Path, language: Language, form: Format) -> None:
    from keptword.report.json import as_json
    from keptword.report.terminal import summary

    if form is Format.table:
        typer.echo(summary(made, page=page, language=language.value))
    elif form is Format.json:
        typer.echo(json.dumps(as_json(made), ensure_ascii=False, indent=2))
    else:
        print_rows(months_as_rows(made), form=form)


def report_on(
    files: Sequence[Path],
    asked: Asked,
    *,
    mapping: Path | None = None,
    own_addresses: Sequence[str] = (),
    say: Callable[[str], None],
) -> Report:
    """Read the files and return the report on them; `say` is told what is being done."""
    from keptword.cli.session import gathered
    from keptword.report.build import report as build

    say("Reading …")
    with gathered(files, mapping=mapping, settings=asked.settings, own_addresses=own_addresses, progress=say) as (
        engine,
        read,
    ):
        say("Counting …")
        return build(engine, read, asked=asked)


def report_on_books(books: Books, asked: Asked, *, say: Callable[[str], None]) -> Report:
    """Return the report on the books, by the same code as that on files."""
    from keptword.cli.session import gathered_books
    from keptword.report.build import report as build

    with gathered_books(books, progress=say) as (engine, read):
        say("Counting …")
        return build(engine, read, asked=asked)


def months_as_rows(made: Report) -> list[dict[str, object]]:
    """Return the kept share by month, one row each, for a spreadsheet."""
    return [
        {
            "month": month.first.strftime("%Y-%m"),
            "due": month.share.of,
            "kept": month.share.count,
            "late": month.late,
            "waiting": month.waiting,
            "kept_share": month.share.value,
            "kept_share_low": month.share.low,
            "kept_share_high": month.share.high,
        }
        for month in (made.word.months if made.word else ())
    ]


def write_page(made: Report, path: Path, *, language: str) -> None:
    """Write the report's page; refuse in a sentence where that is not possible."""
    from keptword.report.page import render

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(made, language=language), encoding="utf-8")
    except OSError as error:
        raise KeptwordError(
            f"The page could not be written to {path}: {error.strerror or error}. Name another place with --out."
        ) from None
