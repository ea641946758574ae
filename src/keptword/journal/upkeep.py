"""Keeps the journal small and quick by itself: few files, a short log, nothing on the disk that is not live."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import Engine
from keptword.journal.failures import told
from keptword.journal.layout import (
    LAST_CHECKPOINT,
    LOG,
    MONTH,
    PUMP,
    UPKEEP,
    JournalFile,
    checkpoints_of,
    entries_of,
    version_of,
)
from keptword.journal.reading import parquet, refuse_damaged
from keptword.journal.rewriting import replace
from keptword.journal.snapshot import Snapshot, open_snapshot
from keptword.journal.syncing import sync_file, sync_folder
from keptword.journal.writing import Written, removed_unless_committed, write_months

SMALL: Final = 64 * 1024 * 1024
"""Bytes from which a file is left as it is: joining it again would cost more than reading one file more."""

FEW: Final = 4
"""Small files of one month from which they are joined: with fewer, much would be rewritten to save little."""

MANY: Final = 24
"""Small files of one month from which upkeep is needed."""

MANY_IN_ALL: Final = 240
"""Small files of all months, beyond one each, from which upkeep is needed: late facts leave a few in every month."""

LONG_LOG: Final = 100
"""Log entries from which upkeep is needed: opening the journal took 7 ms with 50 of them, 40 ms with 2,000."""

SHORT_LOG: Final = 20
"""Log entries that `vacuum` leaves as they are."""


def is_needed(folder: Path) -> bool:
    """Whether small files or log entries have piled up."""
    piles = [len(files) for files in _small_by_month(open_snapshot(folder)).values()]
    excess = sum(pile - 1 for pile in piles)
    return max(piles, default=0) >= MANY or excess >= MANY_IN_ALL or len(entries_of(folder)) >= LONG_LOG


def _small_by_month(snapshot: Snapshot) -> dict[str, list[JournalFile]]:
    months: dict[str, list[JournalFile]] = defaultdict(list)
    for file in snapshot.files():
        if file.bytes < SMALL:
            months[file.month].append(file)
    return dict(months)


def compact(folder: Path, engine: Engine, *, guard: Callable[[], None]) -> int:
    """Join the small files of each month that has FEW or more, ordered by user; return how many were joined.

    One commit for all of them, which says that no row changed. The files replaced stay on the disk until `vacuum`.
    """
    doing = "joining small files of the journal"
    snapshot = open_snapshot(folder)
    piles = [files for files in _small_by_month(snapshot).values() if len(files) >= FEW]
    if not piles:
        return 0
    written: list[Written] = []
    with removed_unless_committed(folder, written):
        for files in piles:
            refuse_damaged(files)
            with told(folder, doing=doing):
                written += write_months(engine, folder, source=parquet(engine, files))
        old = [file for files in piles for file in files]
        refuse_other_rows(folder, before=sum(file.rows for file in old), after=sum(file.rows for file in written))
        replace(snapshot, old=old, new=written, data_change=False, guard=guard, doing=doing)
    return len(old)


def refuse_other_rows(folder: Path, *, before: int, after: int) -> None:
    """Raise KeptwordError where rewriting files would lose rows, or make them twice."""
    if before != after:
        raise KeptwordError(
            "{folder}: rewriting files of the journal would have made {after:,} entries of {before:,}. Nothing was "
            "changed. A file may be damaged: make a copy of the books, then restore a backup (`keptword restore`).",
            folder=folder,
            after=after,
            before=before,
        )


def vacuum(folder: Path, *, guard: Callable[[], None], spare: timedelta) -> int:
    """Delete what no live entry of the log names, and shorten the log; return how many files were deleted.

    Orphans of killed writers and half-written leftovers go too. Files that ceased to be live less than `spare` ago
    stay, for those who are reading them. The folder is listed *before* the log is read: what somebody commits in
    between is live by then, and what is written later is not in the list.
    """
    doing = "deleting old files of the journal"
    with told(folder, doing=doing):
        listed = _data_files(folder) + _leftovers(folder)
    live = {file.path for file in open_snapshot(folder).files()}
    youngest = time.time() - spare.total_seconds()
    guard()
    with told(folder, doing=doing):
        dead = [path for path in listed if path not in live and (not spare or path.stat().st_mtime <= youngest)]
        for path in dead:
            path.unlink(missing_ok=True)
        for emptied in {path.parent for path in dead if path.parent.name != LOG}:
            sync_folder(emptied)
    shorten_log(folder, guard=guard)
    return len(dead)


def _data_files(folder: Path) -> list[Path]:
    return [path for path in folder.glob(f"{MONTH}=*/**/*") if path.is_file()]


def _leftovers(folder: Path) -> list[Path]:
    """Log entries and checkpoints that a killed writer had not finished naming."""
    return [path for path in (folder / LOG).iterdir() if path.name.startswith("_commit_") or "#" in path.name]


def shorten_log(folder: Path, *, guard: Callable[[], None]) -> None:
    """Put one checkpoint in the place of the log's entries; none is deleted before it is synced and read again."""
    if len(entries_of(folder)) <= SHORT_LOG:
        return
    doing = "shortening the journal's log"
    before = open_snapshot(folder)
    guard()
    with told(folder, doing=doing):
        before.table.create_checkpoint()
        for path in [*checkpoints_of(folder), folder / LOG / LAST_CHECKPOINT]:
            sync_file(path)
        sync_folder(folder / LOG)
    after = open_snapshot(folder)
    if _content(before) != _content(after):
        raise KeptwordError(
            "{log}: the log read otherwise once it was made shorter, so none of it was deleted and nothing "
            "is lost. Make a copy of the books and report this, please: it is a defect of Keptword.",
            log=folder / LOG,
        )
    guard()
    with told(folder, doing=doing):
        # Oldest first: a kill in between leaves a log that has lost only what its checkpoint holds.
        for path in entries_of(folder) + checkpoints_of(folder):
            if version_of(path) < before.version():
                path.unlink(missing_ok=True)
        sync_folder(folder / LOG)


def _content(snapshot: Snapshot) -> tuple[object, ...]:
    return snapshot.version(), snapshot.counted(PUMP), snapshot.counted(UPKEEP), snapshot.files()
