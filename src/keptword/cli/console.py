"""What the command line says besides results: progress, complaints, and where the details lie."""

from __future__ import annotations

import errno
import json
import re
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FIGURE = re.compile(r"[^A-Za-z\u4e00-\u9fff]*(?: [A-Z]{3})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Format(StrEnum):
    """How results are printed: for people, for programs, for spreadsheets."""

    table = "table"
    json = "json"
    csv = "csv"


def complain(sentence: str) -> int:
    """Print a complaint and return the exit status that goes with it."""
    typer.echo(sentence, err=True)
    return 1


def stopped() -> int:
    """Say that the person stopped the command, and return its exit status."""
    typer.echo("Stopped. Nothing is left half done; what was recorded before that is kept.", err=True)
    return 130


def unforeseen(error: Exception) -> int:
    """Say in a sentence that a defect was met, keep the details in a file, and return the exit status.

    A full disk is none, wherever it is met.
    """
    if _is_full(error):
        first = str(error).strip().splitlines()[0]
        return complain(f"The disk is full ({first}). Nothing accepted is lost. Make room, then run the command again.")
    folder = Path(tempfile.gettempdir())
    path = folder / "keptword-last-error.txt"
    try:
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        where = f"The details are in {path}"
    except OSError:
        where = "The details could not be written down"
    first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    typer.echo(
        f"Keptword met something it did not foresee: {first}\nYour files were not changed. {where}; "
        "please send them with a report of what you did, without your customers' data.",
        err=True,
    )
    return 70


def _is_full(error: Exception) -> bool:
    said = str(error).lower()
    return getattr(error, "errno", None) in _FULL or "no space left" in said or "disk is full" in said


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show on the terminal what is being done; in a pipe, or when quiet, show nothing."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("Starting …", spinner="dots") as status:
        yield status.update


def print_rows(rows: Sequence[dict[str, Any]], *, form: Format, titles: dict[str, str] | None = None) -> None:
    """Print rows as a table for people, as a JSON list, or as CSV; `titles` names the columns for people."""
    if form is Format.json:
        typer.echo(json.dumps(list(rows), ensure_ascii=False, indent=2, default=str))
        return
    names = list(rows[0]) if rows else list(titles or {})
    if form is Format.csv:
        import csv

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([["" if row[name] is None else row[name] for name in names] for row in rows])
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    shown = [name for name in names if titles is None or name in titles]
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in shown:
        cells = ["" if row[name] is None else str(row[name]) for row in rows]
        figures = all(_FIGURE.fullmatch(cell) for cell in cells)
        numbers = figures and not any(_DAY.fullmatch(cell) for cell in cells)
        # A figure cut short or broken over two lines would be another figure; a text may go on below.
        whole = max((len(cell) for cell in cells), default=0) if figures else None
        table.add_column(
            (titles or {}).get(name, name), justify="right" if numbers else "left", min_width=whole, overflow="fold"
        )
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in shown))
    Console().print(table)
