"""Files given to the desk, each lot in a folder of its own: raw data of people, kept only until it is taken in."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from keptword.books.folder import Folder
from keptword.core.problems import KeptwordError, Sentence

KEPT_FOR: Final = timedelta(hours=24)
"""How long a lot may lie here, taken in or not."""

LEASE: Final = "uploads"
"""The lease held by whoever reads a lot for long, so that an erasure leaves it to him."""

_TOKEN: Final = re.compile("[0-9a-f]{24}")
_ABOUT: Final = "about.json"
_BYTES: Final = 120
_ODD: Final = '<>:"/\\|?*'
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class File:
    """One file of a lot: its place in it (from 1), its name made safe, its bytes and their SHA-256."""

    place: int
    name: str
    size: int
    digest: str


@dataclass(frozen=True)
class Lot:
    """Files given at once. `left_out` are places of files not to be taken in, `own` the business's own addresses."""

    folder: Path
    at: datetime
    files: tuple[File, ...]
    left_out: tuple[int, ...] = ()
    own: tuple[str, ...] = ()
    troubles: tuple[tuple[str, str], ...] = field(default=())
    """Names of files that were not kept, each with the key of the reason: `empty`, `twice`."""

    @property
    def token(self) -> str:
        """What names the lot."""
        return self.folder.name

    def path(self, file: File) -> Path:
        """Return where a file of the lot lies."""
        return place_of(self.folder, file.place) / file.name

    def beside(self, file: File, ending: str) -> Path:
        """Return a place beside a file's folder for what is made of it: its mapping, its first rows."""
        return self.folder / f"{file.place}.{ending}"

    def file(self, place: int) -> File:
        """Return the file at a place; KeptwordError where there is none."""
        for file in self.files:
            if file.place == place:
                return file
        raise KeptwordError(_GONE)


_GONE: Final = Sentence(
    "These files are here no more: files are kept for a day at most, and not beyond the erasing of a customer. "
    "Drop them again."
)


def begin(folder: Folder) -> Path:
    """Make the folder of a new lot, which only this account can read, and return it."""
    folder.uploads.mkdir(mode=0o700, exist_ok=True)
    place = folder.uploads / secrets.token_hex(12)
    place.mkdir(mode=0o700)
    return place


def place_of(lot: Path, place: int) -> Path:
    """Return the folder of the file at a place: each has its own, so that two of one name do not meet."""
    return lot / str(place)


def safe_name(told: str) -> str:
    """Return a file's name without what could lead elsewhere, hide what it is, or be refused by a disk."""
    name = unicodedata.normalize("NFC", told).replace("\\", "/").rpartition("/")[2]
    name = "".join(sign for sign in name if unicodedata.category(sign)[0] not in "CZ" or sign == " ")
    name = "".join("-" if sign in _ODD else sign for sign in name).strip(". ")
    if _DEVICE.fullmatch(name):
        name = f"file-{name}"
    return _cut(name) or "file"


def _cut(name: str) -> str:
    """Return a name of at most `_BYTES` bytes, with its ending."""
    if len(name.encode()) <= _BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    tail = dot + ending if stem and len(ending.encode()) <= 12 else ""
    head = name.encode()[: _BYTES - len(tail.encode())].decode("utf-8", "ignore")
    return head.strip(". ") + tail


def keep(lot: Lot) -> Lot:
    """Write down what is known of a lot, which makes it whole, and return it."""
    content = {**asdict(lot), "at": lot.at.isoformat(), "folder": ""}
    write(lot.folder / _ABOUT, content)
    return lot


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write a document of a lot, so that nobody sees half of it."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        os.replace(part, path)  # noqa: PTH105 - as one step on every system
    except FileNotFoundError:
        raise KeptwordError(_GONE) from None
    except OSError as error:
        raise KeptwordError(
            "The books folder took no more ({why}). Make room and drop the files again.", why=error.strerror or error
        ) from error
    finally:
        part.unlink(missing_ok=True)


def read(path: Path) -> dict[str, Any] | None:
    """Return a document of a lot, None where there is none."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def found(folder: Folder, token: str) -> Lot:
    """Return a lot by its token; KeptwordError where there is none, or none any more."""
    place = folder.uploads / token
    told = read(place / _ABOUT) if _TOKEN.fullmatch(token) else None
    if told is None:
        raise KeptwordError(_GONE)
    return Lot(
        folder=place,
        at=datetime.fromisoformat(told["at"]),
        files=tuple(File(**file) for file in told["files"]),
        left_out=tuple(told["left_out"]),
        own=tuple(told["own"]),
        troubles=tuple((name, why) for name, why in told["troubles"]),
    )


def remove(lot: Lot, *, spare: Sequence[str] = ()) -> None:
    """Remove a lot; of its files those whose paths (within the lot) are named stay until they are too old."""
    kept = {lot.folder / name for name in (*spare, *([_ABOUT] if spare else []))}
    for path in sorted(lot.folder.rglob("*"), reverse=True):
        if path not in kept and path.is_file():
            path.unlink(missing_ok=True)
    if not kept:
        shutil.rmtree(lot.folder, ignore_errors=True)


def clear(folder: Folder, *, now: datetime, spare: Collection[str] = ()) -> int:
    """Remove lots older than a day, but for those named, and return how many."""
    removed = 0
    for place in _lots(folder):
        about = read(place / _ABOUT)
        since = datetime.fromisoformat(about["at"]) if about else datetime.fromtimestamp(place.stat().st_mtime, UTC)
        if place.name not in spare and now - since > KEPT_FOR:
            shutil.rmtree(place, ignore_errors=True)
            removed += 1
    return removed


def _lots(folder: Folder) -> list[Path]:
    return sorted(path for path in folder.uploads.iterdir()) if folder.uploads.is_dir() else []


def remove_all(folder: Folder) -> tuple[int, tuple[str, ...]]:
    """Remove every lot, since nobody can tell whose data is in it; return how many files, and those being read now.

    Files that are just arriving find their lot gone.
    """
    from keptword.intake.lease import LeaseBusy, held

    lots = _lots(folder)
    if not lots:
        return 0, ()
    try:
        with held(name=LEASE, wait=0.0):
            removed = [_removed(place) for place in lots]
    except LeaseBusy:
        removed = [None] * len(lots)
    being_read = (place.name for place, count in zip(lots, removed, strict=True) if count is None)
    return sum(count or 0 for count in removed), tuple(f"{folder.uploads.name}/{name}" for name in being_read)


def _removed(place: Path) -> int | None:
    """Remove a lot and return how many files were in it; None where the system keeps it, since a file of it is open."""
    try:
        # Under another name first: nothing that is arriving is added to it any more.
        gone = place.rename(place.with_name(f"{secrets.token_hex(12)}.gone"))
    except OSError:
        return None
    count = sum(1 for path in gone.rglob("*") if path.is_file())
    shutil.rmtree(gone)
    return count
