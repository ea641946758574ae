"""`keptword serve`: the pages, on this computer."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from keptword.cli.options import BooksFolder

if TYPE_CHECKING:
    from keptword.books.folder import Folder


def serve(
    books: BooksFolder = None,
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=0, max=65_535, help="Where it listens; 0 takes a free one.")
    ] = 8321,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Who may reach it: this computer alone unless told.")
    ] = "127.0.0.1",
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", min=1, max=64, help="Processes that answer, each on a core.")
    ] = 1,
    link: Annotated[
        bool,
        typer.Option("--link", help="Print a link that signs the owner in, once; serve only if nothing does yet."),
    ] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
) -> None:
    """Open your books in the browser: who waits, what to do, done from the same page.

    It listens on this computer only. Where there are no books yet it begins them, and where they have no owner yet it
    prints a link by which the first one comes in.
    """
    from keptword.books.folder import books_folder
    from keptword.web import serving

    folder = books_folder(books)
    entrance = ""
    if link and folder.settings.exists():
        at, entrance = _entrance(folder)
        if at:
            typer.echo(at + entrance)
            return
    told = serving.Serving(
        folder=folder,
        host=host,
        port=port or serving.free_port(0, host=host),
        workers=workers,
        browser=not no_browser and serving.has_desktop(),
        entrance=entrance,
    )
    sys.exit(serving.serve(told, say=say))


def _entrance(folder: Folder) -> tuple[str, str]:
    """Return where these books are being served, empty where they are not, and the path of a link to come in by."""
    from keptword.cli.books import opened
    from keptword.web.settings import configure

    configure()
    opened(folder.path)
    from keptword.office.links import entrance
    from keptword.web.addresses import served_at
    from keptword.web.serving import answers

    at = next(filter(answers, served_at()), "")
    outside = os.environ.get("KEPTWORD_ADDRESS", "").strip().rstrip("/")
    return (outside or at) if at else "", entrance()


def say(line: str) -> None:
    """Tell people something while the pages are served."""
    typer.echo(line, err=False)
    sys.stdout.flush()
