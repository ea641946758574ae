"""Sealed closings on disk: written whole or not at all, never changed, each with a manifest of what is in it.

A closing is a folder `closings/2031-03-31/` of Parquet files and `manifest.json`. The manifest tells the day, the batch
of the journal up to which facts were read, the configuration, and the size and SHA-256 of every file; nothing of the
road taken, so that two closings of the same input are equal byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from keptword.closing.configuration import Input
from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import Engine, literal, quoted
from keptword.journal.syncing import sync_folder, sync_written

if TYPE_CHECKING:
    from ibis.expr.types import Table

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"

READY: Final = ".ready"
"""The ending of a folder of new files, synced, that are to take the place of those of the closing it is named for."""


@dataclass(frozen=True)
class Sealed:
    """One sealed closing: its folder and what its manifest says."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def input(self) -> Input:
        """The day it closes and the batch up to which it read."""
        return Input(date.fromisoformat(self.manifest["day"]), int(self.manifest["batch"]))

    @property
    def configuration(self) -> Mapping[str, Any]:
        """What it was computed by besides facts, as `Configuration.parts` gave it."""
        parts: Mapping[str, Any] = self.manifest["configuration"]
        return parts

    @property
    def carries(self) -> bool:
        """Whether a later closing may be carried forward from it: not where somebody was erased whom others met."""
        return bool(self.manifest.get("carries", True))

    @property
    def erased(self) -> int:
        """How many people were erased from it since it was sealed; what it counts of everybody still has them."""
        return int(self.manifest.get("erased", 0))

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The names of its files within the folder, in order."""
        return tuple(self.manifest["files"])

    def has(self, table: str) -> bool:
        """Tell whether it holds any rows of a table."""
        return any(_belongs(name, table) for name in self.files)

    def table(self, engine: Engine, table: str, *, months: Sequence[str] | None = None) -> Table:
        """Return one of its tables as a view in the engine: `accounts`, `promises`, …; of some months where named."""
        names = [name for name in self.files if _belongs(name, table)]
        if months is not None:
            names = [name for name in names if Path(name).stem in months]
        if not names:
            raise KeyError(table)
        paths = ", ".join(literal(str(self.folder / name)) for name in names)
        view = engine.fresh(table)
        engine.sql(f"CREATE VIEW {quoted(view)} AS SELECT * FROM read_parquet([{paths}], hive_partitioning = false)")
        return engine.table(view)

    def months(self, table: str) -> tuple[str, ...]:
        """Return the months a table kept by month has files for: `2031-03`, …"""
        return tuple(Path(name).stem for name in self.files if name.startswith(f"{table}/"))

    def damaged(self) -> tuple[str, ...]:
        """Return the names of files that are missing or not what was sealed."""
        told = self.manifest["files"]
        return tuple(name for name in self.files if digest_of(self.folder / name) != told[name]["sha256"])


def _belongs(name: str, table: str) -> bool:
    return name == f"{table}.parquet" or name.startswith(f"{table}/")


def sealed_closings(folder: Path) -> tuple[Sealed, ...]:
    """Return the closings under `folder`, the oldest first; what was left unfinished is none."""
    if not folder.is_dir():
        return ()
    found = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    return tuple(_read(path) for path in found)


def _read(folder: Path) -> Sealed:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise KeptwordError(
            "The closing {closing} cannot be read: {file} is missing or damaged ({error}). "
            'Remove that folder and close the day again, or bring it back with "keptword restore".',
            closing=folder.name,
            file=path.name,
            error=error,
        ) from None
    if manifest.get("format", 0) > FORMAT:
        raise KeptwordError(
            "The closing {closing} was made by a newer Keptword (its format is {manifest}, this one "
            "reads up to {newest}). Install the newer Keptword and try again.",
            closing=folder.name,
            manifest=manifest["format"],
            newest=FORMAT,
        )
    return Sealed(folder, manifest)


class Drafting:
    """A closing being written, in a folder of its own beside the others until `seal`."""

    def __init__(self, closings: Path, engine: Engine) -> None:
        self.engine = engine
        self.closings = closings
        self.folder = closings / f".{uuid.uuid4().hex}.part"
        self.folder.mkdir(parents=True)
        self._written: dict[str, int] = {}

    def write(self, name: str, rows: Table, *, by: Sequence[str], unless_empty: bool = False) -> int:
        """Write a table as one Parquet file in the order of `by`, which tells its rows apart; return how many rows.

        With `unless_empty` a table without rows leaves no file.
        """
        path = self.folder / f"{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        ordered = rows.order_by([rows[column] for column in by])
        options = "FORMAT parquet, COMPRESSION zstd"
        done = self.engine.sql(f"COPY ({self.engine.compile(ordered)}) TO {literal(str(path))} ({options})").fetchone()
        count = int(done[0]) if done else 0
        if unless_empty and not count:
            path.unlink()
        else:
            self._written[f"{name}.parquet"] = count
        return count

    def take_over(self, before: Sealed, name: str) -> None:
        """Take a file of an earlier closing as it is: the same file under two names where the disk can do that."""
        target = self.folder / name
        target.parent.mkdir(exist_ok=True)
        try:
            os.link(before.folder / name, target)
        except OSError:
            shutil.copyfile(before.folder / name, target)
        self._written[name] = int(before.manifest["files"][name]["rows"])

    def seal(
        self, *, upto: Input, configuration: Mapping[str, Any], guard: Callable[[], None] = lambda: None
    ) -> Sealed:
        """Write the manifest, sync everything, and put the closing in its place.

        Where the day was closed meanwhile, that closing stays and is returned.
        """
        files = {
            name: {"rows": rows, "bytes": (self.folder / name).stat().st_size, "sha256": digest_of(self.folder / name)}
            for name, rows in sorted(self._written.items())
        }
        manifest = {
            "format": FORMAT,
            "day": upto.day.isoformat(),
            "batch": upto.batch,
            "configuration": dict(configuration),
            "files": files,
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        (self.folder / MANIFEST).write_text(text, encoding="utf-8")
        sync_written([self.folder / name for name in (*files, MANIFEST)], top=self.folder)
        guard()
        place = self.closings / upto.day.isoformat()
        try:
            self.folder.rename(place)
        except OSError:
            if not (place / MANIFEST).exists():
                raise
            return _read(place)
        sync_folder(self.closings)
        return _read(place)


@contextmanager
def drafting(closings: Path, engine: Engine) -> Iterator[Drafting]:
    """Begin a closing; whatever is left of it, and of ones that were killed, is removed in the end."""
    closings.mkdir(parents=True, exist_ok=True)
    draft = Drafting(closings, engine)
    try:
        yield draft
    finally:
        shutil.rmtree(draft.folder, ignore_errors=True)


def clear_drafts(closings: Path) -> None:
    """Remove what killed closings left behind, and finish what killed erasures did; only for who holds the lease."""
    finish_replacing(closings)
    for path in closings.glob(".*.part") if closings.is_dir() else ():
        shutil.rmtree(path, ignore_errors=True)


def finish_replacing(closings: Path) -> None:
    """Put the files of every folder that is READY in the place of those of its closing, and its manifest last."""
    for ready in sorted(closings.glob(f".*{READY}")) if closings.is_dir() else ():
        place = closings / ready.name.removeprefix(".").removesuffix(READY)
        # Without it everything is in its place already.
        if (ready / MANIFEST).exists():
            _replace(ready, place=place)
        shutil.rmtree(ready)
        sync_folder(closings)


def _replace(ready: Path, *, place: Path) -> None:
    files = json.loads((ready / MANIFEST).read_text("utf-8"))["files"]
    for name in files:
        if (ready / name).exists():
            # Another file under the name, not other bytes in it: closings that share the old file keep it.
            (ready / name).replace(place / name)
    for path in [path for path in place.rglob("*.parquet") if path.relative_to(place).as_posix() not in files]:
        path.unlink()
    for folder in [path for path in place.iterdir() if path.is_dir()]:
        sync_folder(folder)
        if not any(folder.iterdir()):
            folder.rmdir()
    (ready / MANIFEST).replace(place / MANIFEST)
    sync_folder(place)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
