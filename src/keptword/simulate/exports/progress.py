"""How the writers of exports go through an invented shop's orders, and how they tell how far they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

Progress = Callable[[str, float], None]
"""Told now and then: the name of the file being written, and the share of it that is, 0..1."""

CHUNK: Final = 20_000


def chunks(count: int, *, newest_first: bool = False) -> Iterator[tuple[int, int]]:
    """Give the bounds of stretches of at most `CHUNK` positions from 0 to `count`, the last stretch first if wanted."""
    begins = list(range(0, count, CHUNK))
    for begin in reversed(begins) if newest_first else begins:
        yield begin, min(begin + CHUNK, count)
