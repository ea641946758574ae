"""The engine that work on books runs in."""

from __future__ import annotations

import os

from keptword.books.opened import Books
from keptword.engines.duckdb import Engine


def engine_for(books: Books, *, threads: int | None = None) -> Engine:
    """Return a fresh engine; what does not fit in its memory goes to the disk the system keeps temporary files on."""
    return Engine(memory=os.environ.get("KEPTWORD_MEMORY"), threads=threads)
