"""Mends what a power cut can leave of the log, and says what only a backup can mend."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path

from keptword.core.problems import KeptwordError, Problem
from keptword.journal.failures import RESTORE, told
from keptword.journal.layout import (
    LAST_CHECKPOINT,
    LOG,
    TORN,
    checkpoints_of,
    copies_of,
    copy_path,
    entries_of,
    entry_path,
    version_of,
)
from keptword.journal.reading import damage
from keptword.journal.snapshot import is_whole, open_snapshot, settle
from keptword.journal.syncing import sync_file, sync_folder

_PARQUET = b"PAR1"


def heal(folder: Path, *, guard: Callable[[], None]) -> list[Problem]:
    """Mend a torn end of the log and sync what is there; return what was seen, nothing where all is well.

    A torn entry is put right from its copy, and so is a last one that is gone. Where the power failed before there was
    one, it is set aside: its batch still waits in intake, and what it replaced is still on the disk, since both go only
    after the copy is kept. A missing or damaged data file is a Problem too: reading the journal is refused until a
    backup is restored.
    """
    doing = "looking whether the journal is whole"
    problems: list[Problem] = []
    with told(folder, doing=doing):
        torn = _torn_entries(folder)
        checkpoints = _torn_checkpoints(folder)
        lost = _lost_entry(folder)
    if torn or checkpoints or lost:
        guard()
        with told(folder, doing=doing):
            problems += [_mended(folder, path) for path in torn]
            problems += [_brought_back(folder, lost)] if lost else []
            for path in checkpoints:
                _set_aside(folder, path)
    snapshot = open_snapshot(folder)
    with told(folder, doing=doing):
        settle(folder, version=snapshot.version())
    return problems + [problem for file in snapshot.files() if (problem := damage(file))]


def _torn_entries(folder: Path) -> list[Path]:
    """The entries at the log's end that are not whole, the last first; the very first only where it has a copy."""
    torn = []
    for path in reversed(entries_of(folder)):
        if is_whole(path) or (version_of(path) == 0 and not _has_copy(folder, path)):
            break
        torn.append(path)
    return torn


def _has_copy(folder: Path, entry: Path) -> bool:
    copy = copy_path(folder, version=version_of(entry))
    return copy.exists() and is_whole(copy)


def _lost_entry(folder: Path) -> Path | None:
    """The last entry of the log where it is gone and its copy is not: no power cut does that, but a hand or a disk.

    A copy is kept only of an entry that was synced, so what it records happened. KeptwordError where more are gone.
    """
    there, kept = entries_of(folder), [path for path in copies_of(folder) if is_whole(path)]
    if not there or not kept or version_of(kept[-1]) <= version_of(there[-1]):
        return None
    lost = entry_path(folder, version=version_of(kept[-1]))
    if version_of(lost) > version_of(there[-1]) + 1:
        raise KeptwordError(
            "{log}: the journal's log has lost its end: it stops at {stops}, and {lost} was its last entry. {restore}",
            log=folder / LOG,
            stops=there[-1].name,
            lost=lost.name,
            restore=RESTORE,
        )
    return None if lost.exists() else lost


def _torn_checkpoints(folder: Path) -> list[Path]:
    """Checkpoints that are not whole Parquet files, and the pointer to the last one where it points at nothing whole.

    The entries a checkpoint replaces are deleted only after it is synced, so without a torn one nothing is missing.
    """
    checkpoints = checkpoints_of(folder)
    torn = [path for path in checkpoints if not _is_parquet(path)]
    pointer = folder / LOG / LAST_CHECKPOINT
    if pointer.exists() and _points_at(pointer) not in {version_of(path) for path in checkpoints if path not in torn}:
        torn.append(pointer)
    return torn


def _is_parquet(path: Path) -> bool:
    content = path.read_bytes()
    return len(content) > 2 * len(_PARQUET) and content.startswith(_PARQUET) and content.endswith(_PARQUET)


def _points_at(pointer: Path) -> int | None:
    try:
        return int(json.loads(pointer.read_text(encoding="utf-8"))["version"])
    except (ValueError, KeyError, TypeError):
        return None


def _mended(folder: Path, entry: Path) -> Problem:
    """Put a torn entry right from its copy, or set it aside where there is none."""
    has_copy = _has_copy(folder, entry)
    aside = _set_aside(folder, entry).relative_to(folder).as_posix()
    if has_copy:
        _copy_back(folder, entry)
        end = "It was put right from its copy, and nothing is lost."
    else:
        end = "What it was to record still waits and is recorded now, and nothing is lost."
    return Problem(
        str(entry),
        f"the last record of the journal was half written, as after a power cut. {end} "
        f"You need not do anything; the torn one is kept as {aside}.",
    )


def _brought_back(folder: Path, entry: Path) -> Problem:
    """Put an entry that is gone back from its copy."""
    _copy_back(folder, entry)
    return Problem(
        str(entry),
        "the last record of the journal was gone. It was brought back from its copy, and nothing is lost. "
        "Programs that tidy up should leave this folder alone.",
    )


def _copy_back(folder: Path, entry: Path) -> None:
    draft = folder / TORN / f"{uuid.uuid4()}.json"
    draft.parent.mkdir(exist_ok=True)
    draft.write_bytes(copy_path(folder, version=version_of(entry)).read_bytes())
    sync_file(draft)
    draft.replace(entry)
    sync_folder(folder / LOG)


def _set_aside(folder: Path, path: Path) -> Path:
    """Move a torn file of the log to where it can be looked at and is read no more; return where."""
    aside = folder / TORN / f"{path.stem}-{uuid.uuid4()}{path.suffix}"
    aside.parent.mkdir(exist_ok=True)
    path.replace(aside)
    for changed in (aside.parent, folder, folder / LOG):
        sync_folder(changed)
    return aside
