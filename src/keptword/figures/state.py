"""Whether the newest figures are of the books as they are: looked at by every page, and so without what makes them."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keptword.core.calendars.zones import local_day
from keptword.figures.reading import current
from keptword.journal.layout import entries_of

if TYPE_CHECKING:
    from keptword.books.opened import Books


def local_now(timezone: str | None, now: datetime) -> date:
    """Return the local day of a moment."""
    return local_day(now.astimezone(UTC).replace(tzinfo=None), timezone)


def state_of(books: Books, *, batch: int, today: date) -> dict[str, Any]:
    """Return what figures of the books depend on: the last batch, the local day, and all that was told about them."""
    return {"batch": batch, "today": str(today), "told": _told(books)}


_batches: dict[Path, tuple[object, int]] = {}


def _last_batch(books: Books) -> int:
    """Return the number of the last batch recorded, looked up only where the journal's log has another last entry."""
    place = books.folder.journal
    entries = entries_of(place)
    seen = entries[-1].stat() if entries else None
    newest = (entries[-1].name, seen.st_ino, seen.st_mtime_ns) if seen else None
    known, batch = _batches.get(place, (None, 0))
    if newest is None or known != newest:
        batch = books.journal.last_batch()
        _batches[place] = (newest, batch)
    return batch


def _told(books: Books) -> str:
    """Return the digest of the rules, the settings and the rates."""
    from keptword.books.rules import told_rules

    digest = hashlib.sha256()
    for path in (books.folder.settings, books.folder.rates):
        with suppress(FileNotFoundError):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    for each in told_rules():
        digest.update(repr(each).encode())
    return digest.hexdigest()


def needed(books: Books, *, now: datetime | None = None) -> bool:
    """Return whether the newest figures are not of the books as they are: of their entries, rules, settings, day."""
    reader = current(books.folder)
    if reader is None:
        return True
    today = local_now(books.timezone, now or datetime.now(UTC))
    return bool(reader.said("made")["of"] != state_of(books, batch=_last_batch(books), today=today))
