"""`keptword demo`: the invented shop writes its exports, its books are made of them, and opened in the browser."""

from __future__ import annotations

import os
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
    from keptword.report.model import Report

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
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
) -> None:
    """Show what Keptword does, with an invented shop: its files, its books, and those in the browser.

    The shop writes its exports; they are brought into books, the last two months are closed, and the books are
    reported on, then opened in the browser, signed in, on this computer only, until Ctrl-C. Where there is no terminal
    it ends by itself and says how to go on.
    """
    # Whatever database is set for books of one's own: the invented shop's stay in their folder.
    os.environ.pop("KEPTWORD_DATABASE_URL", None)
    from keptword.web.settings import configure

    configure()
    made, page = _invented(out, books, language=language)
    from keptword.report.terminal import summary

    typer.echo(summary(made, page=page, language=language.value))
    at = f"--books {books.as_posix()}"
    typer.echo(
        f"\nHaiwen is invented: its files are in {out}, its books in {books}. To try next:\n"
        f"  {_program()} statement {at}\n"
        f'  {_program()} report {at} --promise "ships within 3 working days" --by carrier\n'
        f'  {_program()} report YOUR-ORDER-EXPORT.csv --promise "what you tell your customers"\n'
    )
    if sys.stdout.isatty() and sys.stdin.isatty() and not os.environ.get("CI"):
        sys.exit(_served(books, browser=not no_browser))
    typer.echo(f"To open the books in the browser: {_program()} serve {at} --link")


def _served(books: Path, *, browser: bool) -> int:
    """Serve the demo's books, signed in by a link, until Ctrl-C."""
    from keptword.books.folder import Folder
    from keptword.cli.serve import say
    from keptword.office.links import entrance
    from keptword.web import serving

    told = serving.Serving(
        folder=Folder(books),
        port=serving.free_port(serving.PORT),
        browser=browser and serving.has_desktop(),
        entrance=entrance(),
    )
    return serving.serve(told, say=say)


def _invented(out: Path, books: Path, *, language: Language) -> tuple[Report, Path]:
    """Make the shop's files, its books and the report on them; return the report and its page."""
    from keptword.cli.session import Told, with_books
    from keptword.core.rules import Settings
    from keptword.report.shop import Asked

    until = datetime.now(UTC).date() - timedelta(days=1)
    page = out / "report.html"
    with progress(quiet=False) as say:
        written = invent(out, kind="shopify", users=400, months=18, seed=1, until=until.isoformat(), say=say)
        files = [path for path in written if path.suffix != ".json"]
        there = _books(books, files, since=until - timedelta(days=600), say=say)
        _closed(there, until, say=say)
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
        _peopled(there, say=say)
    return made, page


def _peopled(there: Books, *, say: Callable[[str], None]) -> None:
    """Let somebody own the books, who comes in by a link alone, and make what the pages show."""
    from django.contrib.auth.hashers import make_password

    from keptword.office.models import Member
    from keptword.office.rights import Role
    from keptword.web import shop
    from keptword.web.work.figuring import figure

    Member.objects.create(
        mail="ada@example.org",
        name="Ada",
        role=Role.OWNER.value,
        password=make_password(None),
        joined_at=datetime.now(UTC),
    )
    shop.take(there.folder)
    figure(None, books=there, say=say)


def _books(place: Path, files: Sequence[Path], *, since: date, say: Callable[[str], None]) -> Books:
    """Return the demo's books, made anew, with the shop's files in them and its promise told."""
    from keptword.books import rules
    from keptword.books.folder import Folder
    from keptword.books.opened import begin_books
    from keptword.books.recording import import_files
    from keptword.core.rules import parse_promise

    if (place / DEMO).exists():
        _refuse_served(place)
        shutil.rmtree(place)
    say("Beginning books …")
    there = begin_books(Folder(place), name="Haiwen Tea", currency="EUR", timezone="Europe/Berlin", country="DE")
    (place / DEMO).write_text("These books are the demo's. It makes them anew each time.\n", encoding="utf-8")
    rules.add(there, replace(parse_promise(PROMISE), since=since))
    import_files(there, files, mapping=None, say=say)
    return there


def _refuse_served(place: Path) -> None:
    """Raise KeptwordError where the books to be made anew are open in the browser."""
    from keptword.core.problems import KeptwordError
    from keptword.intake import database
    from keptword.intake.lease import holder

    database.connect(place / "desk.sqlite3")
    serving = holder("work")
    database.disconnect()
    if serving is not None:
        raise KeptwordError(
            f"The books in {place} are open: {serving} serves them. End that first, with Ctrl-C where it runs, or name "
            "another folder with --books."
        )


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
