"""Keptword: do you keep your word to your customers? See it, fix it, show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from os import PathLike

    from keptword.books.reading import Reading

__version__: str


def open(books: str | PathLike[str] | None = None) -> Reading:
    """Open the books in a folder for reading, as in a notebook; `KEPTWORD_BOOKS`, else `./books`, where none is named.

    Nothing in the folder is changed, and whoever writes to it need not stop. Raises `KeptwordError` where there are no
    books, where they cannot be read, or where what a notebook needs is not installed.
    """
    from keptword.books.reading import open_for_reading

    return open_for_reading(books)


def __getattr__(name: str) -> str:
    """Return `__version__`, read only when somebody asks: looking it up would slow every start."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    return version("keptword")
