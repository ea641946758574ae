"""What other processes do while books are erased from or backed up: erase until killed, post until killed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from books.tea_shop import line, quiet
from keptword.books.erasing import erase
from keptword.books.folder import Folder
from keptword.books.opened import open_books
from keptword.intake import door


def erase_one(folder: str, told: str, user_key: str) -> None:
    """Erase somebody, and say beforehand that it is about to begin."""
    books = open_books(Folder(Path(folder)))
    Path(told).touch()
    erase(books, user_key, say=quiet)


def post_on(folder: str, told: str) -> None:
    """Post again and again until killed, and write down after each hundred how many are acknowledged."""
    open_books(Folder(Path(folder)))

    def lines() -> Iterator[str]:
        for number in range(1_000_000):
            yield line(
                f"load:{number}", "order.placed", day="2025-03-01", user_key=f"u{number % 50}", subject="order:1"
            )

    count = 0
    with Path(told).open("a", encoding="ascii") as acknowledged:
        for done in door.posting(lines(), timezone="Europe/Berlin", now=datetime.now(UTC)):
            count += done.lines
            acknowledged.write(f"{count}\n")
            acknowledged.flush()
