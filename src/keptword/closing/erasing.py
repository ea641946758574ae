"""Takes people out of sealed closings: their own rows go, what was counted of everybody stays as it was sealed.

A closing that holds them is written anew file by file, under a manifest that says how many people were taken out and
never who. The new files are ready in a folder beside it before the first one takes its place, so that an erasure
killed half way is finished by whoever looks next, without knowing who was meant.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from keptword.closing.close import ORDER
from keptword.closing.sealed import MANIFEST, READY, Sealed, digest_of, finish_replacing, sealed_closings
from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import Engine, literal, quoted
from keptword.journal.syncing import sync_file, sync_folder

_PEOPLE: Final = ("accounts", "brought", "promises")
"""The tables with a row for somebody; all others count everybody together."""


@dataclass(frozen=True)
class ErasedFrom:
    """What an erasure took out of one closing: its day, and how many rows."""

    day: date
    rows: int


@dataclass
class _Seen:
    """Files looked at already, by what they hold: closings share the months that did not move."""

    holds: dict[str, int] = field(default_factory=dict)
    written: dict[str, Path] = field(default_factory=dict)


def holding(closings: Path, engine: Engine, *, user_keys: Sequence[str]) -> tuple[ErasedFrom, ...]:
    """Return the closings that hold rows of these people, the oldest first, with how many."""
    seen = _Seen()
    found = []
    for sealed in sealed_closings(closings):
        rows = sum(_files_with(engine, sealed, user_keys=user_keys, seen=seen).values())
        if rows:
            found.append(ErasedFrom(sealed.input.day, rows))
    return tuple(found)


def erase(
    closings: Path, engine: Engine, *, user_keys: Sequence[str], guard: Callable[[], None]
) -> tuple[ErasedFrom, ...]:
    """Take people out of every closing and return the closings that held them; erasing again is no error."""
    finish_replacing(closings)
    seen = _Seen()
    done = []
    for sealed in sealed_closings(closings):
        files = _files_with(engine, sealed, user_keys=user_keys, seen=seen)
        if not files:
            continue
        draft = closings / f".{uuid.uuid4().hex}.part"
        try:
            manifest = _written_anew(engine, sealed, draft=draft, files=files, user_keys=user_keys, seen=seen)
            _write(draft / MANIFEST, manifest)
            guard()
            draft.rename(closings / f".{sealed.folder.name}{READY}")
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        sync_folder(closings)
        finish_replacing(closings)
        done.append(ErasedFrom(sealed.input.day, sum(files.values())))
    return tuple(done)


def no_foundation(closings: Path, *, guard: Callable[[], None]) -> None:
    """Note in every closing that none is to be carried forward from it: entries it stands on are there no more."""
    for sealed in sealed_closings(closings):
        if sealed.carries:
            guard()
            draft = closings / f".{uuid.uuid4().hex}.part"
            try:
                _write(draft / MANIFEST, {**sealed.manifest, "carries": False})
                (draft / MANIFEST).replace(sealed.folder / MANIFEST)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
            sync_folder(sealed.folder)


def _files_with(engine: Engine, sealed: Sealed, *, user_keys: Sequence[str], seen: _Seen) -> dict[str, int]:
    """Return the files of a closing that hold one of the people, with how many rows."""
    found = {}
    for name in sealed.files:
        if name.split("/")[0].removesuffix(".parquet") not in _PEOPLE:
            continue
        told = sealed.manifest["files"][name]["sha256"]
        if told not in seen.holds:
            row = engine.sql(
                f"SELECT count(*) FROM read_parquet({literal(str(sealed.folder / name))}, hive_partitioning = false) "
                "WHERE user_key IN (SELECT unnest(?::VARCHAR[]))",
                [list(user_keys)],
            ).fetchone()
            seen.holds[told] = int(row[0]) if row else 0
        if seen.holds[told]:
            found[name] = seen.holds[told]
    return found


def _written_anew(
    engine: Engine, sealed: Sealed, *, draft: Path, files: dict[str, int], user_keys: Sequence[str], seen: _Seen
) -> dict[str, Any]:
    """Write the files without the people into a folder, and return the manifest that goes with them."""
    described = dict(sealed.manifest["files"])
    people = set()
    for name, gone in files.items():
        old, target = sealed.folder / name, draft / name
        if digest_of(old) != described[name]["sha256"]:
            raise KeptwordError(
                "{old} is not what was sealed. Restore the books from a backup (keptword restore), or remove the "
                "folder {name} and close that day again; then erase again.",
                old=old,
                name=sealed.folder.name,
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        named = engine.sql(
            f"SELECT DISTINCT user_key FROM read_parquet({literal(str(old))}, hive_partitioning = false) "
            "WHERE user_key IN (SELECT unnest(?::VARCHAR[]))",
            [list(user_keys)],
        ).fetchall()
        people |= {key for (key,) in named}
        rows = described[name]["rows"] - gone
        if not rows and "/" in name:
            del described[name]
            continue
        _rewrite(engine, old, target=target, user_keys=user_keys, seen=seen, told=described[name]["sha256"])
        described[name] = {"rows": rows, "bytes": target.stat().st_size, "sha256": digest_of(target)}
    return {**sealed.manifest, "files": described, "erased": int(sealed.manifest.get("erased", 0)) + len(people)}


def _rewrite(engine: Engine, old: Path, *, target: Path, user_keys: Sequence[str], seen: _Seen, told: str) -> None:
    """Write a file without the people, as sealing would have written it; one written for another closing is shared."""
    before = seen.written.get(told)
    if before is not None and before.exists():
        try:
            os.link(before, target)
            return
        except OSError:
            pass
    by = ", ".join(quoted(column) for column in ORDER.get(old.stem, ("promise_id",)))
    table = quoted(engine.fresh("left"))
    engine.sql(
        f"CREATE TABLE {table} AS SELECT * FROM read_parquet({literal(str(old))}, hive_partitioning = false) "
        "WHERE user_key IS NULL OR user_key NOT IN (SELECT unnest(?::VARCHAR[]))",
        [list(user_keys)],
    )
    try:
        options = "FORMAT parquet, COMPRESSION zstd"
        engine.sql(f"COPY (SELECT * FROM {table} ORDER BY {by}) TO {literal(str(target))} ({options})")
    finally:
        engine.sql(f"DROP TABLE {table}")
    sync_file(target)
    # Where it is going to be, once it is in its place.
    seen.written[told] = old


def _write(path: Path, manifest: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    sync_file(path)
