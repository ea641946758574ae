"""`keptword quarantine`: lines we could not read, shown, mended and posted again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from keptword.cli.books import counted, opened, tell_settled
from keptword.cli.console import Format, print_rows, progress
from keptword.cli.options import BooksFolder
from keptword.core.problems import KeptwordError

app = typer.Typer(
    help="Lines we could not read: look at them, mend them, post them again.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Limit = Annotated[int, typer.Option("--limit", min=1, help="How many to show.")]
All = Annotated[bool, typer.Option("--all", help="List the lines one by one, not the reasons.")]
Form = Annotated[Format, typer.Option("--format", help="What to print.")]

LINES = {"number": "number", "since": "since", "place": "from", "reason": "why"}
REASONS = {"lines": "lines", "first": "first number", "since": "since", "reason": "why, as of the first"}


@app.callback()
def _quarantine() -> None:
    """Lines we could not read: look at them, mend them, post them again."""


@app.command("list")
def list_(limit: Limit = 20, every: All = False, form: Form = Format.table, books: BooksFolder = None) -> None:
    """List why lines wait to be mended, the most frequent reason first; with --all the lines, the oldest first.

    Reasons that differ only in what a line said are counted as one, and told as the first of those lines has it.
    """
    opened(books)
    from keptword.intake import quarantine

    total = quarantine.count()
    if form is Format.table and not total:
        typer.echo("No line waits to be mended.")
        return
    if every:
        print_rows(_lines(limit), form=form, titles=LINES)
        rest = counted(total - limit, one="line more", several="lines more") if total > limit else ""
    else:
        rows = _reasons()
        print_rows(rows[:limit], form=form, titles=REASONS)
        rest = counted(len(rows) - limit, one="reason more", several="reasons more") if len(rows) > limit else ""
    if form is Format.table:
        waiting = counted(total, one="line waits", several="lines wait")
        more = f" There {'is' if rest.startswith('1 ') else 'are'} {rest}: --limit {total}." if rest else ""
        typer.echo(f"{waiting} to be mended.{more} Look at one: keptword quarantine show NUMBER")


def _lines(limit: int) -> list[dict[str, object]]:
    from keptword.intake import quarantine

    return [
        {"number": each.number, "since": f"{each.since:%Y-%m-%d}", "place": each.place, "reason": each.reason}
        for each in quarantine.listed(limit=limit)
    ]


def _reasons() -> list[dict[str, object]]:
    from keptword.intake import quarantine

    return [
        {"lines": each.count, "first": each.first, "since": f"{each.since:%Y-%m-%d}", "reason": each.reason}
        for each in quarantine.reasons()
    ]


@app.command("show")
def show(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The number it is listed under.")],
    books: BooksFolder = None,
) -> None:
    """Show one line as it came, and why it was refused."""
    opened(books)
    from keptword.intake import quarantine

    line = quarantine.shown(number)
    typer.echo(line.content)
    typer.echo(f"{line.place or 'unknown place'}, {line.since:%Y-%m-%d}: {line.reason}", err=True)


@app.command("replay")
def replay(
    numbers: Annotated[
        list[int] | None, typer.Argument(metavar="[NUMBER...]", help="Which lines; all of them unless told.")
    ] = None,
    mended: Annotated[
        Path | None,
        typer.Option("--mended", metavar="FILE", help="The mended text of the one line named; - reads the input."),
    ] = None,
    books: BooksFolder = None,
) -> None:
    """Post lines again, as they are or mended; what is refused again stays, with the new reason."""
    there = opened(books)
    from keptword.books.recording import settle_now
    from keptword.intake import quarantine

    texts = {}
    if mended is not None:
        if not numbers or len(numbers) != 1:
            raise KeptwordError("--mended goes with the number of one line: keptword quarantine replay 12 --mended F")
        texts = {numbers[0]: _text(mended)}
    with progress(quiet=False) as say:
        say("Posting again …")
        done = quarantine.replay(numbers, texts, timezone=there.timezone, now=datetime.now(UTC))
        settled = settle_now(there, say=say)
    if not done.lines:
        typer.echo("No line waits to be mended.")
        return
    typer.echo(f"{done.accepted:,} accepted, {done.known:,} known already, {done.refused:,} refused again.")
    if tell_settled(settled) or done.refused:
        raise typer.Exit(1)


def _text(path: Path) -> str:
    """Return the mended line as one line of JSON, however it was laid out."""
    try:
        text = typer.get_text_stream("stdin").read() if str(path) == "-" else path.read_text("utf-8")
        return json.dumps(json.loads(text), ensure_ascii=False)
    except OSError as error:
        raise KeptwordError(f"{path} cannot be read: {error.strerror or error}. Name the mended text.") from None
    except ValueError:
        return " ".join(text.split("\n"))
