"""The engine that work on books runs in."""

from __future__ import annotations

import os

import duckdb

from keptword.books.opened import Books
from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import Engine


def engine_for(books: Books, *, threads: int | None = None, memory: str | None = None) -> Engine:
    """Return a fresh engine; what does not fit in its memory goes to the disk the system keeps temporary files on.

    `memory` is its limit where KEPTWORD_MEMORY tells none.
    """
    memory = os.environ.get("KEPTWORD_MEMORY", memory)
    try:
        return Engine(memory=memory, threads=threads)
    except duckdb.ParserException:
        raise KeptwordError(
            f'KEPTWORD_MEMORY is "{memory}", which is no amount of memory. Set it to one such as 2GB, or unset it.'
        ) from None
