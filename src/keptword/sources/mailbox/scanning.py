"""Walks a mailbox file of any size from one message's headers to the next, without looking at what is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from keptword.sources.files.opened import Pace

CHUNK: Final = 1 << 22
LONGEST_HEADERS: Final = 1 << 20
_LONGEST_SEPARATOR: Final = 1 << 12

# A line "From somebody, some time" and then a header. The time tells it from a sentence that begins with "From".
_SEPARATOR: Final = re.compile(
    rb"From(?: [^\r\n]*\d:\d\d[^\r\n]*| -?[ \t]*| \S*@\S*[ \t]*)?\r?\n(?=>?[!-9;-~]+[ \t]*:)"
)
_FIRST: Final = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*")
_END: Final = re.compile(rb"\n(?=\r?\n|From [^\r\n]*\d:\d\d[^\r\n]*\r?\n)")


@dataclass
class _Window:
    """The part of the file in memory; `line` is the number of the line that `counted` lies on."""

    path: Path
    pace: Pace

    def __post_init__(self) -> None:
        self._stream = self.path.open("rb", buffering=0)
        self.held = b""
        self.whole = False
        self._line, self._counted, self._read = 1, 0, 0

    def close(self) -> None:
        self._stream.close()

    def more(self, keep: int) -> int:
        """Read another piece, keeping what is held from the place `keep` on; returns how far places have moved."""
        self.line_at(keep)
        piece = self._stream.read(CHUNK)
        self.whole = not piece
        self._read += len(piece)
        self.pace.at(self._read)
        self.held = self.held[keep:] + piece
        self._counted -= keep
        return keep

    def line_at(self, place: int) -> int:
        """Return the number of the line at a place, which never lies before one asked for earlier."""
        self._line += self.held.count(b"\n", self._counted, place)
        self._counted = place
        return self._line


def header_blocks(path: Path, *, pace: Pace) -> Iterator[tuple[int, bytes]]:
    """Give each message of a mailbox as the number of its first line and its headers as they stand, oldest place first.

    What follows the headers is passed over unread, a piece of the file at a time: memory does not grow with the
    file nor with a letter. A line that begins with "From " starts a message only where it carries a time, and a
    header follows; so a letter with such a sentence stays one, quoted with ">" or not.
    """
    window = _Window(path, pace)
    try:
        window.more(0)
        first = _FIRST.match(window.held)
        at = first.end() if first else 0
        while at >= 0:
            at -= _whole_headers(window, at)
            end = _END.search(window.held, at, at + LONGEST_HEADERS)
            stop = end.start() if end else min(len(window.held), at + LONGEST_HEADERS)
            yield window.line_at(at), window.held[at:stop]
            at = _next(window, stop)
    finally:
        window.close()


def _whole_headers(window: _Window, at: int) -> int:
    """Read on until the headers that begin at the place are held; returns how far places have moved."""
    moved = 0
    while not window.whole and len(window.held) - (at - moved) < LONGEST_HEADERS:
        if _END.search(window.held, at - moved, max(len(window.held) - _LONGEST_SEPARATOR, 0)):
            break
        moved += window.more(at - moved)
    return moved


def _next(window: _Window, place: int) -> int:
    """Return where the next message begins, or -1 at the end of the file."""
    while True:
        found = window.held.find(b"\nFrom", place)
        if found < 0:
            if window.whole:
                return -1
            keep = max(len(window.held) - 5, place)
            place = keep - window.more(keep)
        elif not window.whole and len(window.held) - found < _LONGEST_SEPARATOR:
            place = found - window.more(found)
        elif _SEPARATOR.match(window.held, found + 1):
            return found + 1
        else:
            place = found + 1
