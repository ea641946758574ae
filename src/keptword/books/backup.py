"""Backs the books up as they are at one moment: database, journal and closings that belong together, and their hashes.

The lease is held, so that nothing moves from the database into the journal meanwhile; others may go on posting. What
was accepted before the backup began is in it. A backup is a folder, or one file ending in `.tar.gz`.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Protocol

from keptword import __version__
from keptword.books.contacts import staged_at
from keptword.books.opened import Books, Say, writing
from keptword.closing.sealed import MANIFEST as CLOSING_MANIFEST
from keptword.closing.sealed import clear_drafts, sealed_closings
from keptword.core.problems import KeptwordError
from keptword.intake.settings import ADDRESS, on_server
from keptword.journal.layout import COPY, LOG
from keptword.journal.syncing import sync_file, sync_folder

FORMAT: Final = 1
MANIFEST: Final = "backup.json"
ARCHIVES: Final = (".tar.gz", ".tgz")

_AT_ONCE: Final = 1024 * 1024
_OWN: Final = ("desk.sqlite3", "journal", "staged", "closings", "figures", "uploads")
"""What is not taken as it lies there: most of it is taken piece by piece; figures are made anew, uploads pass."""


@dataclass(frozen=True)
class BackedUp:
    """A backup made: where it is, of what moment, how many files and bytes it holds, and how many days are closed."""

    path: Path
    made_at: datetime
    files: int
    bytes: int
    closed: tuple[date, ...]


class Shelf(Protocol):
    """Where a backup is written to, file by file."""

    def put(self, name: str, source: Path) -> dict[str, Any]:
        """Write one file under a name, and return its size and SHA-256."""

    def finish(self, manifest: bytes) -> None:
        """Write the manifest, which comes last."""


def back_up(books: Books, target: Path, *, say: Say) -> BackedUp:
    """Write a backup of the books to `target`, a file ending in `.tar.gz` or a folder, and return what it holds.

    It is written under another name and renamed once it is whole and synced. Raises `KeptwordError` where there is
    something at `target` already, where it lies within the books, or where it cannot be written.
    """
    _refuse(books, target)
    part = target.absolute().with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    try:
        with writing(books, say=say) as lease:
            made = _written(books, part, named=target.name, say=say)
            lease.check()
        _synced(part)
        part.rename(target)
        sync_folder(target.absolute().parent)
    except (OSError, sqlite3.Error) as error:
        raise KeptwordError(
            f"The backup could not be written to {target}: {getattr(error, 'strerror', None) or error}. Make room or "
            "name another place; the books are as they were."
        ) from error
    finally:
        _removed(part)
    return BackedUp(target, made_at=made[0], files=made[1], bytes=made[2], closed=made[3])


def refuse_on_server(*, doing: str) -> None:
    """Raise KeptwordError where the database is on a server: only its own programs can copy it."""
    if on_server():
        raise KeptwordError(
            f"These books keep their database in the PostgreSQL that {ADDRESS} names, which Keptword alone cannot "
            f"{doing}. Stop what serves and writes these books, then take both: the database with pg_dump (and back "
            "with pg_restore), and the books folder as it is. When they are opened, it is checked that they belong "
            "together. More is in docs/serving.md."
        )


def _refuse(books: Books, target: Path) -> None:
    refuse_on_server(doing="back up")
    if target.resolve().is_relative_to(books.folder.path.resolve()):
        raise KeptwordError(
            f"{target} lies within the books themselves. Write the backup somewhere else, best on another disk."
        )
    if target.exists():
        raise KeptwordError(f"{target} is there already. Name another file for this backup, or move that one away.")
    if not target.absolute().parent.is_dir():
        raise KeptwordError(f"There is no folder {target.absolute().parent}. Make it, or name another place.")


def _written(books: Books, part: Path, *, named: str, say: Say) -> tuple[datetime, int, int, tuple[date, ...]]:
    from keptword.intake import tombstones

    # So that books that come from this backup know each other's erasures, however early it was made.
    tombstones.salt()
    clear_drafts(books.folder.closings)
    made_at = datetime.now(UTC)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="keptword-", ignore_cleanup_errors=True)))
        say("Copying the database …")
        copy_database(books.folder.database, scratch / books.folder.database.name)
        shelf: Shelf = stack.enter_context(_archive(part)) if named.endswith(ARCHIVES) else _Folder(part)
        described = {}
        sources = dict(_sources(books, database=scratch / books.folder.database.name))
        for number, (name, source) in enumerate(sources.items(), start=1):
            say(f"Writing {number:,} of {len(sources):,} files …")
            described[name] = shelf.put(name, source)
        days = tuple(each.input.day for each in sealed_closings(books.folder.closings))
        manifest = {
            "format": FORMAT,
            "keptword": __version__,
            "books": books.business.name,
            "made_at": made_at.isoformat(),
            "batch": books.journal.last_batch(),
            "closed": [day.isoformat() for day in days],
            "files": described,
        }
        shelf.finish((json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode())
    return made_at, len(described), sum(each["bytes"] for each in described.values()), days


def copy_database(source: Path, target: Path) -> None:
    """Copy a database that others may be writing, as it is at one moment, and leave the lease free in the copy."""
    with closing(sqlite3.connect(source, timeout=60)) as there, closing(sqlite3.connect(target)) as here:
        # All at once: in several steps it would begin anew whenever somebody posts in between.
        there.backup(here, pages=-1)
        here.execute("PRAGMA journal_mode = DELETE")
        with here:
            here.execute("UPDATE intake_lease SET holder = ''")


def _sources(books: Books, *, database: Path) -> Iterator[tuple[str, Path]]:
    """Each file of the backup under its name in the books: only what is live, nothing half written."""
    folder = books.folder
    yield folder.database.name, database
    for file in books.journal.files():
        yield f"{folder.journal.name}/{file.name}", file.path
    for part in (LOG, COPY):
        for path in sorted((folder.journal / part).glob("*")):
            if path.is_file() and "#" not in path.name and not path.name.startswith((".", "_commit_")):
                yield f"{folder.journal.name}/{part}/{path.name}", path
    for sealed in sealed_closings(folder.closings):
        for name in (*sealed.files, CLOSING_MANIFEST):
            yield f"{folder.closings.name}/{sealed.folder.name}/{name}", sealed.folder / name
    # What an import handed over before the database was copied; what it hands over since is not the backup's.
    for name in _staged(database):
        if (folder.staged / name).is_file():
            yield f"{folder.staged.name}/{name}", folder.staged / name
    for path in sorted(folder.path.iterdir()):
        own = path.name.startswith(_OWN) or path.name.startswith(".") or path.name.endswith(".part")
        for other in () if own else _files_of(path):
            yield other.relative_to(folder.path).as_posix(), other


def _staged(database: Path) -> list[str]:
    """The files an import handed over that are not taken in yet: of entries, and of people for the address book."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT file, state, import_number FROM intake_batch WHERE file <> '' ORDER BY file")
        told = list(rows)
    entries = [str(name) for name, state, _ in told if state == "sealed"]
    return [*entries, *(staged_at(Path(), number).name for number in sorted({each for *_, each in told if each}))]


def _files_of(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(each for each in path.rglob("*") if each.is_file() and not each.name.startswith("."))


class _Folder:
    """A backup as a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def put(self, name: str, source: Path) -> dict[str, Any]:
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as there, target.open("wb") as here:
            hashed = Hashed(there)
            shutil.copyfileobj(hashed, here, _AT_ONCE)
        return hashed.described

    def finish(self, manifest: bytes) -> None:
        (self.folder / MANIFEST).write_bytes(manifest)


class _Archive:
    """A backup as one compressed file."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self.archive = archive

    def put(self, name: str, source: Path) -> dict[str, Any]:
        with source.open("rb") as there:
            hashed = Hashed(there)
            entry = tarfile.TarInfo(name)
            entry.size = os.fstat(there.fileno()).st_size
            entry.mtime = int(source.stat().st_mtime)
            self.archive.addfile(entry, hashed)
        return hashed.described

    def finish(self, manifest: bytes) -> None:
        entry = tarfile.TarInfo(MANIFEST)
        entry.size = len(manifest)
        self.archive.addfile(entry, io.BytesIO(manifest))


@contextmanager
def _archive(path: Path) -> Iterator[_Archive]:
    # Nearly all of it is compressed already: more than a little effort would be wasted on it.
    with tarfile.open(path, "w:gz", compresslevel=1, format=tarfile.PAX_FORMAT) as archive:
        yield _Archive(archive)


class Hashed(io.RawIOBase):
    """A file that is hashed while it is read."""

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file = file
        self._hash = hashlib.sha256()
        self._size = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes."""
        chunk: bytes = self._file.read(size)
        self._hash.update(chunk)
        self._size += len(chunk)
        return chunk

    @property
    def described(self) -> dict[str, Any]:
        """The size and the SHA-256 of what was read."""
        return {"bytes": self._size, "sha256": self._hash.hexdigest()}


def _synced(part: Path) -> None:
    for path in _files_of(part):
        sync_file(path)
    if part.is_dir():
        for folder in [*(each for each in part.rglob("*") if each.is_dir()), part]:
            sync_folder(folder)


def _removed(part: Path) -> None:
    if part.is_dir():
        shutil.rmtree(part, ignore_errors=True)
    else:
        part.unlink(missing_ok=True)
