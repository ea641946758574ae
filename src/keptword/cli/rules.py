"""`keptword rules`: what the business promises to everybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keptword.cli.books import opened
from keptword.cli.console import Format, print_rows, progress
from keptword.cli.options import BooksFolder, Cutoff
from keptword.core.problems import KeptwordError

if TYPE_CHECKING:
    from keptword.core.rules import Rule

app = typer.Typer(
    help="What you promise to everybody: told once, kept in versions.", no_args_is_help=True, rich_markup_mode=None
)

Sentence = Annotated[
    str | None, typer.Argument(metavar="[SENTENCE]", help='What you tell customers: "ships within 2 working days".')
]
File = Annotated[
    Path | None, typer.Option("--file", metavar="TOML", help="A file of rules instead; see docs/rules.md.")
]
Since = Annotated[str | None, typer.Option("--since", metavar="DAY", help="The first day it holds; today unless told.")]
Where = Annotated[
    str | None, typer.Option("--where", metavar="CONDITION", help='For whom, like "country = DE"; everybody else.')
]
ShownAt = Annotated[
    str | None, typer.Option("--shown-at", metavar="PLACE", help='Where customers read it, like "product page".')
]
Form = Annotated[Format, typer.Option("--format", help="What to print.")]

TITLES = {"rule": "rule", "says": "says", "since": "since", "until": "until", "told": "told on"}


@app.callback()
def _rules() -> None:
    """What you promise to everybody: told once, kept in versions."""


@app.command("list")
def list_(form: Form = Format.table, books: BooksFolder = None) -> None:
    """List your rules in all their versions."""
    opened(books)
    from keptword.books.rules import versions
    from keptword.core.rules import describe

    rows = [
        {
            "rule": each.told.rule.rule_id,
            "says": describe(each.told.rule),
            "since": each.told.rule.since,
            "until": each.told.rule.until,
            "told": each.told_on,
        }
        for each in versions()
    ]
    if form is Format.table and not rows:
        typer.echo('You have told no rule yet. Tell one: keptword rules add "ships within 2 working days"')
        return
    print_rows(rows, form=form, titles=TITLES)


@app.command("add")
def add(
    sentence: Sentence = None,
    file: File = None,
    since: Since = None,
    cutoff: Cutoff = None,
    where: Where = None,
    shown_at: ShownAt = None,
    books: BooksFolder = None,
) -> None:
    """Tell a rule, or a new version of one; promises made before stay as they were made."""
    there = opened(books)
    from keptword.books import rules as kept
    from keptword.core.rules import describe

    for rule in _told(sentence, file, since=since, cutoff=cutoff, where=where, shown_at=shown_at):
        told = kept.add(there, rule).told.rule
        typer.echo(f"{told.rule_id}: {describe(told)} It makes promises from {told.since} on.")


@app.command("preview")
def preview(
    sentence: Sentence = None,
    file: File = None,
    cutoff: Cutoff = None,
    where: Where = None,
    books: BooksFolder = None,
) -> None:
    """Say what a rule would have made of the entries in your books, without telling it to anybody."""
    there = opened(books)
    from keptword.books.preview import previewed

    for rule in _told(sentence, file, since=None, cutoff=cutoff, where=where, shown_at=None):
        with progress(quiet=False) as say:
            seen = previewed(there, rule, say=say)
        typer.echo(seen.sentence)


@app.command("end")
def end(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Its name, as `keptword rules list` shows it.")],
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="Its last day; today unless told.")] = None,
    books: BooksFolder = None,
) -> None:
    """End a rule: from the next day on it makes no promises; those made stay."""
    there = opened(books)
    from keptword.books import rules as kept

    version = kept.end(there, rule, on=_day(on))
    if version is None:
        typer.echo(f"{rule} had not begun and is called off. It made no promises.")
        return
    ended = version.told.rule
    typer.echo(f"{ended.rule_id} makes its last promises on {ended.until}. Those made stay and are kept on the books.")


def _told(
    sentence: str | None,
    file: Path | None,
    *,
    since: str | None,
    cutoff: str | None,
    where: str | None,
    shown_at: str | None,
) -> tuple[Rule, ...]:
    from keptword.cli.session import told
    from keptword.core.rules import parse_condition

    if (sentence is None) == (file is None):
        raise KeptwordError('Tell one rule as a sentence, like "ships within 2 working days", or name a file: --file F')
    rules = told(promise=sentence, rules_file=file, as_of=None, timezone=None, country=None, cutoff=cutoff).rules
    if not rules:
        raise KeptwordError(f"{file} holds no rule.")
    begins, condition = _day(since), parse_condition(where) if where else None
    return tuple(
        replace(
            rule,
            since=begins or rule.since,
            where=condition or rule.where,
            shown_at=shown_at or rule.shown_at,
        )
        for rule in rules
    )


def _day(text: str | None) -> date | None:
    from keptword.cli.session import day

    return None if text is None else day(text)
