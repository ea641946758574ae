"""Puts new files in the place of live ones, in one commit that a second one made at the same time cannot follow."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from deltalake.transaction import RemoveAction

from keptword.journal.layout import MONTH, UPKEEP, JournalFile
from keptword.journal.snapshot import Snapshot
from keptword.journal.writing import Written


def replace(
    snapshot: Snapshot,
    *,
    old: Sequence[JournalFile],
    new: Sequence[Written],
    data_change: bool,
    guard: Callable[[], None],
    doing: str,
) -> None:
    """Commit the removal of `old` and the addition of `new`; `data_change` is False where the rows are the same.

    The files removed stay on the disk for those who are reading them, until `vacuum`.
    """
    added = [file.action(data_change=data_change) for file in new]
    removed = [_removal(file, data_change=data_change) for file in old]
    transaction = (UPKEEP, snapshot.counted(UPKEEP) + 1)
    snapshot.commit([*added, *removed], transaction=transaction, guard=guard, doing=doing)
    for file in old:
        # From now on its age says how long it has not been live, which is what `vacuum` spares readers by.
        with suppress(OSError):
            file.path.touch()


def _removal(file: JournalFile, *, data_change: bool) -> RemoveAction:
    return RemoveAction(
        path=file.name,
        data_change=data_change,
        deletion_timestamp=int(time.time() * 1000),
        size=file.bytes,
        partition_values={MONTH: file.month},
    )
