"""Brings books back from a backup, whole or not at all; whoever was erased since, as far as is known, stays erased.

What is known of erasures is what the books being replaced know, copies of them beside the place, and what one names:
other books, or a newer backup. A backup brought back on a new computer knows only the erasures of its own time.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tarfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

from keptword.books import contacts
from keptword.books.backup import ARCHIVES, FORMAT, MANIFEST, Hashed, refuse_on_server
from keptword.books.engine import engine_for
from keptword.books.erasing import copies_beside, erase_again
from keptword.books.folder import Folder
from keptword.books.opened import Books, Say, open_books
from keptword.closing.sealed import sealed_closings
from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import Engine, quoted
from keptword.journal.syncing import sync_file, sync_folder

_AT_ONCE: Final = 1024 * 1024


@dataclass(frozen=True)
class Graves:
    """Who was erased from some books: salted digests of keys, and the salt."""

    salt: str
    digests: frozenset[str]

    def holds(self, key: str) -> bool:
        """Whether somebody of this key was erased."""
        return self.digest(key) in self.digests

    def digest(self, key: str) -> str:
        """Return what a tombstone of these books says instead of a key."""
        return hashlib.sha256((self.salt + key).encode()).hexdigest()


@dataclass(frozen=True)
class Restored:
    """Books brought back: of what moment, where the replaced ones are, how many people were erased again.

    `letters` waited to be mailed when the backup was made; since they may have gone out after it, they are not mailed.
    """

    books: Books
    made_at: datetime
    replaced: Path | None
    erased: int
    unknown: int
    letters: int


def restore(
    source: Path, folder: Folder, *, replacing: bool = False, erased: Sequence[Path] = (), say: Say
) -> Restored:
    """Bring the books of a backup back into `folder`, and return them opened.

    All of it is unpacked and checked beside the place, and renamed in the end. Books that are there are refused, unless
    `replacing`: then they are moved beside, and nothing of them is lost. `erased` names books or backups whose
    erasures are to be carried out too. Raises `KeptwordError` where the backup is damaged or not one.
    """
    _refuse(folder, replacing=replacing)
    place = folder.path.absolute()
    part = Folder(place.with_name(f".{place.name}.{uuid.uuid4().hex}.part"))
    from keptword.office.brought_back import hold_back

    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        say("Unpacking …")
        manifest = unpack(source, part.path, say=say)
        graves = [known for path in (place, *copies_beside(place), *erased) if (known := _graves_of(path, say=say))]
        again, unknown = _bury_again(part, graves, say=say)
        letters = hold_back(datetime.now(UTC))
        replaced = _in_place(part.path, place)
    except OSError as error:
        raise KeptwordError(
            f"The books could not be written to {folder.path}: {error.strerror or error}. Make room or name another "
            "folder; what was there before is as it was."
        ) from error
    finally:
        _closed()
        shutil.rmtree(part.path, ignore_errors=True)
    made_at = datetime.fromisoformat(manifest["made_at"])
    return Restored(
        open_books(folder), made_at=made_at, replaced=replaced, erased=again, unknown=unknown, letters=letters
    )


def _refuse(folder: Folder, *, replacing: bool) -> None:
    refuse_on_server(doing="bring back")
    if folder.settings.exists() and not replacing:
        raise KeptwordError(
            f"There are books in {folder.path} already. Name another folder with --books, or say --replace: then they "
            "are moved beside, and the backup takes their place."
        )
    if folder.path.exists() and not folder.settings.exists() and any(folder.path.iterdir()):
        raise KeptwordError(f"{folder.path} is not empty and holds no books. Name another folder with --books.")


def unpack(source: Path, target: Path, *, say: Say = lambda _: None) -> dict[str, Any]:
    """Copy a backup's files into a new folder, checking each, and return its manifest; refuse what is not whole."""
    target.mkdir(parents=True)
    with _opened(source) as files:
        seen = {}
        manifest = None
        for number, (name, file) in enumerate(files, start=1):
            say(f"Unpacking file {number:,} …")
            if name == MANIFEST:
                manifest = _manifest(file.read(), source=source)
                continue
            path = target / _safe(name, source=source)
            path.parent.mkdir(parents=True, exist_ok=True)
            hashed = Hashed(file)
            with path.open("wb") as here:
                shutil.copyfileobj(hashed, here, _AT_ONCE)
            sync_file(path)
            seen[name] = hashed.described
    if manifest is None:
        raise KeptwordError(f"{source} is no backup of Keptword, or its end is missing: there is no {MANIFEST} in it.")
    told = manifest["files"]
    wrong = sorted(name for name in told.keys() | seen.keys() if told.get(name) != seen.get(name))
    if wrong:
        raise KeptwordError(
            f"{source} is damaged: {wrong[0]} is not what was backed up{_and_more(len(wrong))}. Nothing was changed. "
            "Take another backup."
        )
    for folder in [*(each for each in target.rglob("*") if each.is_dir()), target]:
        sync_folder(folder)
    for name in ("staged", "closings"):
        (target / name).mkdir(exist_ok=True)
    return manifest


def _and_more(count: int) -> str:
    return f", nor are {count - 1:,} other files" if count > 1 else ""


def _safe(name: str, *, source: Path) -> Path:
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or "\\" in name or ":" in parts.parts[0]:
        raise KeptwordError(f'{source} holds a file named "{name}", which would be written elsewhere. It is refused.')
    return Path(*parts.parts)


def _manifest(content: bytes, *, source: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(content)
        number = int(manifest["format"])
        datetime.fromisoformat(manifest["made_at"])
        dict(manifest["files"])
    except (ValueError, KeyError, TypeError):
        raise KeptwordError(f"{source} is damaged: its {MANIFEST} cannot be read. Take another backup.") from None
    if number > FORMAT:
        raise KeptwordError(
            f"{source} was made by a newer Keptword (its format is {number}, this one knows up to {FORMAT}). Install "
            "the newer Keptword to restore it; nothing was changed."
        )
    return manifest


@contextmanager
def _opened(source: Path) -> Iterator[Iterator[tuple[str, Any]]]:
    """Give the files of a backup one after another: name and content."""
    if source.is_dir():
        yield _of_folder(source)
        return
    if not source.exists():
        raise KeptwordError(f"There is no backup {source}. Look whether its name is written right.")
    try:
        with tarfile.open(source, "r:gz") as archive:
            yield _of_archive(archive)
    except (tarfile.TarError, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise KeptwordError(
            f"{source} is no backup, or is damaged ({error}). A backup is a folder, or a file ending in {ARCHIVES[0]}."
        ) from error


def _of_folder(source: Path) -> Iterator[tuple[str, Any]]:
    # What a file browser leaves in folders begins with a dot; nothing of a backup does.
    for path in sorted(path for path in source.rglob("*") if path.is_file() and not path.name.startswith(".")):
        with path.open("rb") as file:
            yield path.relative_to(source).as_posix(), file


def _of_archive(archive: tarfile.TarFile) -> Iterator[tuple[str, Any]]:
    for member in archive:
        # Links and devices have no place in a backup, and are passed over: what is missing is then said.
        file = archive.extractfile(member) if member.isreg() else None
        if file is not None:
            yield member.name, file


def _graves_of(path: Path, *, say: Say) -> Graves | None:
    """Return who was erased from books or before a backup, None where nobody was or there are none."""
    if path.is_file() or (path / MANIFEST).exists():
        target = path.absolute().with_name(f".{path.name}.{uuid.uuid4().hex}.part")
        try:
            say(f"Reading who was erased from {path.name} …")
            unpack(path, target)
            return graves(target / "desk.sqlite3")
        finally:
            shutil.rmtree(target, ignore_errors=True)
    return graves(path / "desk.sqlite3")


def graves(database: Path) -> Graves | None:
    """Return who was erased according to an operational database, None where nobody was or there is none."""
    if not database.exists():
        return None
    try:
        with closing(sqlite3.connect(database, timeout=60)) as connection:
            salt = connection.execute("SELECT value FROM intake_kept WHERE key = 'tombstone salt'").fetchone()
            digests = connection.execute("SELECT digest FROM intake_tombstone").fetchall()
    except sqlite3.Error as error:
        raise KeptwordError(
            f"{database}: it cannot be read who was erased ({error}). Move these books elsewhere first, and restore "
            "into an empty folder; then erase again whom you know of."
        ) from error
    return Graves(salt[0], frozenset(digest for (digest,) in digests)) if salt and digests else None


def _bury_again(part: Folder, known: Sequence[Graves], *, say: Say) -> tuple[int, int]:
    """Erase again whoever was erased after the backup; return how many people, and how many digests lead nowhere."""
    from keptword.intake import tombstones

    books = open_books(part)
    salt, there = tombstones.salt(), set(tombstones.buried())
    fresh = [replace(each, digests=each.digests - there if each.salt == salt else each.digests) for each in known]
    fresh = [each for each in fresh if each.digests]
    if not fresh:
        return 0, 0
    found = sorted(key for key in _keys(books, say=say) if any(each.holds(key) for each in fresh))
    # Of those in the books with the same salt who left no trace in the backup the tombstones are taken over too.
    tombstones.bury_digests((one for each in fresh if each.salt == salt for one in each.digests), now=datetime.now(UTC))
    if found:
        erase_again(books, found, say=say)
    foreign = {digest for each in fresh if each.salt != salt for digest in each.digests}
    return len(found), len(foreign - {each.digest(key) for each in fresh for key in found})


def _keys(books: Books, *, say: Say) -> set[str]:
    """Return every word in the books that may be somebody's key."""
    from keptword.intake import tombstones
    from keptword.office import forgetting

    say("Looking for people who were erased since …")
    keys = {*tombstones.words(), *forgetting.keys()}
    with engine_for(books) as engine:
        facts = quoted(books.journal.facts(engine).get_name())
        keys |= _column(engine, f"SELECT user_key FROM {facts} UNION SELECT other_user FROM {facts}")
        for sealed in sealed_closings(books.folder.closings):
            for table in ("accounts", "brought", "promises"):
                if sealed.has(table):
                    view = quoted(sealed.table(engine, table).get_name())
                    keys |= _column(engine, f"SELECT DISTINCT user_key FROM {view}")
        people_waiting = [path for _, path in contacts.waiting(books.folder.staged)]
        for path in people_waiting:
            keys |= _column(engine, "SELECT DISTINCT user_key FROM read_parquet(?)", [str(path)])
        for path in {*books.folder.staged.glob("*.parquet")} - {*people_waiting}:
            rows = "SELECT user_key, other_user FROM read_parquet(?)"
            keys |= _column(engine, f"SELECT DISTINCT unnest([user_key, other_user]) FROM ({rows})", [str(path)])
    return keys


def _column(engine: Engine, select: str, parameters: Sequence[Any] | None = None) -> set[str]:
    return {key for (key,) in engine.sql(select, parameters).fetchall() if key is not None}


def _in_place(part: Path, place: Path) -> Path | None:
    """Rename the new books into their place, and return where the old ones went."""
    _closed()
    replaced = None
    if place.exists() and any(place.iterdir()):
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        replaced = place.with_name(f"{place.name}-before-restore-{stamp}")
        _free(place)
        place.rename(replaced)
    elif place.exists():
        place.rmdir()
    part.rename(place)
    sync_folder(place.parent)
    return replaced


def _free(place: Path) -> None:
    """Wait until nobody writes the books that are to be replaced; refuse where somebody goes on doing so."""
    from keptword.intake import database
    from keptword.intake.lease import LeaseBusy, held

    if not (place / "desk.sqlite3").exists():
        return
    try:
        database.connect(place / "desk.sqlite3")
        with held(name="journal", wait=60.0):
            pass
    except LeaseBusy:
        raise
    except KeptwordError:
        # Of a newer version, or damaged: it is moved as it is.
        pass
    finally:
        _closed()


def _closed() -> None:
    """Close the database, so that its folder can be renamed on every system."""
    from keptword.intake import database

    database.disconnect()
