"""The books this process serves: opened once, and what the business says about itself read anew when it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from threading import Lock

from keptword.books.folder import Folder, read_business
from keptword.books.opened import Books, open_books

_lock = Lock()
_open: dict[str, tuple[Books, int]] = {}


def take(folder: Folder) -> Books:
    """Open the books of a folder; what the pages say from then on is about them."""
    books = open_books(folder)
    with _lock:
        _open["books"] = (books, folder.settings.stat().st_mtime_ns)
    return books


def books() -> Books:
    """Return the books being served, with their settings as they are written now."""
    with _lock:
        there, read_at = _open["books"]
        changed = there.folder.settings.stat().st_mtime_ns
        if changed != read_at:
            there = replace(there, business=read_business(there.folder))
            _open["books"] = (there, changed)
    return there


def now() -> datetime:
    """Return this moment, in UTC."""
    return datetime.now(UTC)
