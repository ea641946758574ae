"""`keptword demo`: the invented shop writes its exports, and they are reported on."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from keptword.cli.console import progress
from keptword.cli.report import Language, report_on_books, write_page

if TYPE_CHECKING:
    from keptword.books.opened import Books

PROMISE = "ships within 2 working days"


DEMO = "made-by-keptword-demo"
"""A file that tells the demo's own books from somebody's: only those are made anew."""


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Where the shop's files and page go.")] = Path(
        "keptword-demo"
    ),
    books: Annotated[Path, typer.Option("--books", metavar="DIR", help="Where the shop's books go.")] = Path(
        "demo-books"
    ),
    language: Annotated[Language, typer.Option("--language", help="The language of the page.")] = Language.en,
) -> None:
    """Show what Keptword does, with an invented shop: its files, its books, the report on them.

    The shop writes its exports; they are brought into books, the last two months are closed, and the books are
    reported on. It ends by itself.
    """
    from keptword.cli.session import Told, with_books
    from keptword.core.rules import Settings
    from keptword.report.shop import Asked
    from keptword.report.terminal import summary

    until = datetime.now(UTC).date() - timedelta(days=1)
    page = out / "report.html"
    with progress(quiet=False) as say:
        written = invent(out, kind="shopify", users=400, months=18, seed=1, until=until.isoformat(), say=say)
        files = [path for path in written if path.suffix != ".json"]
        there = _books(books, files, since=until - timedelta(days=600), say=say)
        closed = _closed(there, until, say=say)
        said = with_books(Told((), Settings(), as_of=until, today=until), there, as_of=until.isoformat())
        asked = Asked(
            as_of=until,
            today=until,
            rules=said.rules,
            settings=said.settings,
            country=said.settings.country,
            business=there.business.name,
        )
        made = report_on_books(there, asked, say=say)
        write_page(made, page, language=language.value)
    typer.echo(summary(made, page=page, language=language.value))
    days = ", ".join(str(day) for day in closed)
    at = f"--books {books.as_posix()}"
    typer.echo(
        f"\nHaiwen is invented: its files are in {out}, its books in {books}, closed as of {days}. To try next:\n"
        f"  {_program()} statement {at}\n"
        f"  {_program()} verify {at}\n"
        f'  {_program()} report {at} --promise "ships within 3 working days" --by carrier\n'
        f'  {_program()} report YOUR-ORDER-EXPORT.csv --promise "what you tell your customers"'
    )


def _books(place: Path, files: Sequence[Path], *, since: date, say: Callable[[str], None]) -> Books:
    """Return the demo's books, made anew, with the shop's files in them and its promise told."""
    from keptword.books import rules
    from keptword.books.folder import Folder
    from keptword.books.opened import begin_books
    from keptword.books.recording import import_files
    from keptword.core.rules import parse_promise

    if (place / DEMO).exists():
        shutil.rmtree(place)
    say("Beginning books …")
    there = begin_books(Folder(place), name="Haiwen Tea", currency="EUR", timezone="Europe/Berlin", country="DE")
    (place / DEMO).write_text("These books are the demo's. It makes them anew each time.\n", encoding="utf-8")
    rules.add(there, replace(parse_promise(PROMISE), since=since))
    import_files(there, files, mapping=None, say=say)
    return there


def _closed(there: Books, until: date, *, say: Callable[[str], None]) -> list[date]:
    """Close the end of the month before last, that of the last, and the day itself; return the days."""
    from keptword.books.closing import close_day

    last = until.replace(day=1) - timedelta(days=1)
    days = sorted({last.replace(day=1) - timedelta(days=1), last, until})
    for each in days:
        close_day(there, each, say=say)
    return days


def _program() -> str:
    """Return how this program is called here: by its name where the shell finds it, else as it was called now."""
    called = Path(sys.argv[0])
    return "keptword" if shutil.which("keptword") or called.name == "__main__.py" else called.as_posix()


def invent(
    folder: Path,
    *,
    kind: Literal["shopify", "woocommerce"],
    users: int,
    months: int,
    seed: int,
    until: str | None,
    say: Callable[[str], None],
) -> list[Path]:
    """Write the invented shop's exports into a folder and return what was written, `truth.json` last."""
    from keptword.cli.session import day
    from keptword.simulate.exports import write
    from keptword.simulate.haiwen import simulate

    last: date = day(until) if until else datetime.now(UTC).date() - timedelta(days=1)
    say("Inventing a shop …")
    world = simulate(seed=seed, until=last, users=users, months=months)
    say("Writing its exports …")
    return write(world, kind=kind, folder=folder)
