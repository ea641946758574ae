"""`keptword quarantine`: lines we could not read, shown, mended and posted again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from keptword.cli.books import opened
from keptword.cli.console import Format, print_rows, progress
from keptword.cli.options import BooksFolder
from keptword.core.problems import KeptwordError

app = typer.Typer(
    help="Lines we could not read: look at them, mend them, post them again.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Limit = Annotated[int, typer.Option("--limit", min=1, help="How many to show.")]
Form = Annotated[Format, typer.Option("--format", help="What to print.")]

TITLES = {"number": "number", "since": "since", "place": "from", "reason": "why"}


@app.callback()
def _quarantine() -> None:
    """Lines we could not read: look at them, mend them, post them again."""


@app.command("list")
def list_(limit: Limit = 20, form: Form = Format.table, books: BooksFolder = None) -> None:
    """List the lines that wait to be mended, the oldest first, and the reasons by how many lines they refused."""
    opened(books)
    from keptword.intake import quarantine

    rows = [
        {"number": each.number, "since": f"{each.since:%Y-%m-%d}", "place": each.place, "reason": each.reason}
        for each in quarantine.listed(limit=limit)
    ]
    total = quarantine.count()
    if form is Format.table and not total:
        typer.echo("No line waits to be mended.")
        return
    print_rows(rows, form=form, titles=TITLES)
    if form is Format.table and total > len(rows):
        typer.echo(f"{total:,} lines wait in all. The reasons, the most frequent first:")
        for reason in quarantine.reasons(limit=10):
            typer.echo(f"  {reason.count:,} lines, first number {reason.first}: {reason.reason}")


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
        settle_now(there, say=say)
    typer.echo(f"{done.accepted:,} accepted, {done.known:,} known already, {done.refused:,} refused again.")


def _text(path: Path) -> str:
    """Return the mended line as one line of JSON, however it was laid out."""
    try:
        text = typer.get_text_stream("stdin").read() if str(path) == "-" else path.read_text("utf-8")
        return json.dumps(json.loads(text), ensure_ascii=False)
    except OSError as error:
        raise KeptwordError(f"{path} cannot be read: {error.strerror or error}.") from None
    except ValueError:
        return " ".join(text.split("\n"))
