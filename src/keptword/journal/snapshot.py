"""One look at the journal: the files that were live at one version, and the commit that may follow it."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, CommitProperties, PostCommitHookProperties, RemoveAction, Transaction

from keptword.core.problems import KeptwordError, Sentence
from keptword.core.schema import SCHEMA_VERSION
from keptword.journal.failures import RESTORE, told
from keptword.journal.layout import (
    LOG,
    MONTH,
    STATISTICS,
    VERSION_PROPERTY,
    JournalFile,
    copy_path,
    delta_schema,
    entries_of,
    entry_path,
)
from keptword.journal.syncing import sync_file, sync_folder

ACTIONS: Final = "keptword.actions"
"""In the first line of a log entry: how many lines follow it, so that one cut off between two lines is known."""

NO_HOOKS: Final = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
"""Checkpoints are written, synced and looked at by our own upkeep, before any entry they replace is removed."""


@dataclass(frozen=True)
class Snapshot:
    """The journal as of one version. It does not see its own commit: open a new one."""

    folder: Path
    table: DeltaTable

    def version(self) -> int:
        """Return the number of the log entry this snapshot ends with."""
        return int(self.table.version())

    def counted(self, application: str) -> int:
        """Return the last number committed by PUMP or UPKEEP, 0 where none was."""
        return int(self.table.transaction_version(application) or 0)

    def files(self) -> tuple[JournalFile, ...]:
        """Return the live files, ordered by month and path."""
        actions = self.table.get_add_actions(flatten=True)
        columns = {name: actions.column(name).to_pylist() for name in actions.column_names}
        rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
        return tuple(sorted((self._file(row) for row in rows), key=lambda file: (file.month, file.name)))

    def identity(self) -> str:
        """Return what tells this journal from every other."""
        return str(self.table.metadata().id)

    def _file(self, row: dict[str, Any]) -> JournalFile:
        name = unquote(row["path"])
        return JournalFile(
            path=self.folder / name,
            name=name,
            rows=row["num_records"],
            bytes=row["size_bytes"],
            month=row["partition.month"],
            batch_low=row["min.batch"],
            batch_high=row["max.batch"],
            on_low=row["min.occurred_on"],
            on_high=row["max.occurred_on"],
        )

    def commit(
        self,
        actions: Sequence[AddAction | RemoveAction],
        *,
        transaction: tuple[str, int],
        guard: Callable[[], None],
        doing: str,
    ) -> None:
        """Write the next log entry and sync it; JournalMoved where anybody has written one since this snapshot.

        No retry is allowed to deltalake: with one, it would place a stale removal after somebody else's commit.
        """
        properties = CommitProperties(
            app_transactions=[Transaction(*transaction)],
            max_commit_retries=0,
            custom_metadata={ACTIONS: len(actions) + 1},
        )
        with told(self.folder, doing=doing):
            sync_entry(self.folder, version=self.version())
        guard()
        with told(self.folder, doing=doing):
            self.table.create_write_transaction(
                list(actions),
                "append",
                delta_schema(),
                partition_by=[MONTH],
                commit_properties=properties,
                post_commithook_properties=NO_HOOKS,
            )
            settle(self.folder, version=self.version() + 1)


def sync_entry(folder: Path, *, version: int) -> None:
    """Sync one log entry and the log's folder; after this, a power cut no longer tears it."""
    sync_file(entry_path(folder, version=version))
    sync_folder(folder / LOG)


def settle(folder: Path, *, version: int) -> None:
    """Sync the last log entry and keep a copy of it in place of the one before; nothing is forgotten before this.

    Whoever deletes what the entry replaced, or the batch it recorded, relies on the entry alone from then on.
    """
    sync_entry(folder, version=version)
    copy, entry = copy_path(folder, version=version), entry_path(folder, version=version)
    content = entry.read_bytes()
    if copy.exists() and (copy.read_bytes() == content or not is_whole(entry)):
        return
    copy.parent.mkdir(exist_ok=True)
    draft = copy.with_suffix(f".{uuid.uuid4()}")
    draft.write_bytes(content)
    sync_file(draft)
    draft.replace(copy)
    for older in copy.parent.iterdir():
        if older != copy:
            older.unlink(missing_ok=True)
    sync_folder(copy.parent)
    sync_folder(folder)


def is_whole(path: Path) -> bool:
    """Whether every line of a log entry is there; those of other programs do not say how many there should be."""
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except ValueError:
        return False
    if not lines or not all(isinstance(line, dict) for line in lines):
        return False
    said = lines[0].get("commitInfo", {}).get(ACTIONS)
    return said is None or said == len(lines) - 1


def create_table(folder: Path) -> None:
    """Write the first log entry of an empty journal into `folder`, and sync it."""
    refuse_escapes(folder)
    if folder.is_dir() and any(folder.iterdir()) and not _was_cut_short(folder):
        raise KeptwordError(
            "{folder}: there is something here already. Choose another folder for new books.", folder=folder
        )
    with told(folder, doing="making the journal"):
        folder.mkdir(parents=True, exist_ok=True)
        for torn in entries_of(folder):
            torn.unlink()
        DeltaTable.create(
            folder.resolve().as_uri(),
            delta_schema(),
            partition_by=[MONTH],
            name="journal",
            configuration={
                "delta.dataSkippingStatsColumns": ",".join(STATISTICS),
                VERSION_PROPERTY: str(SCHEMA_VERSION),
            },
            raise_if_key_not_exists=False,
            commit_properties=CommitProperties(custom_metadata={ACTIONS: 2}),
            post_commithook_properties=NO_HOOKS,
        )
        settle(folder, version=0)
        sync_folder(folder.parent)


def _was_cut_short(folder: Path) -> bool:
    """Whether this is a journal whose very first entry a power cut tore, so that nothing can be in it yet."""
    others = [path for path in folder.iterdir() if path.name != LOG]
    return not others and not any(is_whole(path) for path in entries_of(folder))


def open_snapshot(folder: Path) -> Snapshot:
    """Return the journal as it is now; KeptwordError where it is missing, unreadable or of a newer layout."""
    refuse_escapes(folder)
    if not (folder / LOG).is_dir():
        raise KeptwordError(
            "{folder}: there is no journal here. If these are your books, the folder was moved or deleted: name the "
            "right one with --books, or restore a backup (`keptword restore`).",
            folder=folder,
        )
    try:
        table = _opened(folder)
    except TableNotFoundError as failure:
        raise KeptwordError(
            "{log}: the journal's log has lost its beginning. {restore}", log=folder / LOG, restore=RESTORE
        ) from failure
    except (DeltaError, OSError) as failure:
        raise KeptwordError(_unreadable(folder, failure=failure)) from failure
    _refuse_newer(folder, said=table.metadata().configuration.get(VERSION_PROPERTY))
    return Snapshot(folder, table)


def _opened(folder: Path) -> DeltaTable:
    address = folder.resolve().as_uri()
    try:
        return DeltaTable(address)
    except (DeltaError, OSError):
        # Upkeep in another process may have put a checkpoint in the place of an entry we were about to read.
        return DeltaTable(address)


def _unreadable(folder: Path, *, failure: Exception) -> str:
    restore_then = Sentence(
        "restore the books from a backup made before that (`keptword restore`), then run the command again."
    )
    entries = entries_of(folder)
    last = entries[-1] if entries else folder / LOG
    return Sentence(
        "{last}: the journal's log cannot be read ({why}). If the power failed while "
        "something was being recorded, the next `keptword post` or `keptword import` mends it by itself. If not: "
        "{restore}",
        last=last,
        why=str(failure).splitlines()[0],
        restore=restore_then,
    )


def _refuse_newer(folder: Path, *, said: str | None) -> None:
    version = int(said) if said and said.isdigit() else 0
    if version > SCHEMA_VERSION:
        raise KeptwordError(
            "{folder}: this journal was written by a newer Keptword (its layout is number {version}, this one knows "
            "{schema_version}). Install the newer Keptword, then run the command again; nothing was changed.",
            folder=folder,
            version=version,
            schema_version=SCHEMA_VERSION,
        )


def refuse_escapes(folder: Path) -> None:
    """Raise KeptwordError for a path such as `a%20b`: deltalake 1.6 writes there and then looks in `a b`."""
    found = re.search(r"%[0-9A-Fa-f]{2}", str(folder.resolve()))
    if found:
        raise KeptwordError(
            "{folder}: the path holds {found}, which the journal's library takes for an encoded character. "
            "Rename the folder so that no two digits or letters a to f follow a % directly, then run the command "
            "again.",
            folder=folder,
            found=found.group(),
        )


def statistics(row: dict[str, Any]) -> str:
    """Return what the log says about a file: its rows, and the least and greatest of each of STATISTICS.

    `row` holds `rows`, and `low_…` and `high_…` for each of those columns.
    """
    return json.dumps(
        {
            "numRecords": row["rows"],
            "minValues": {column: _plain(row[f"low_{column}"]) for column in STATISTICS},
            "maxValues": {column: _plain(row[f"high_{column}"]) for column in STATISTICS},
            "nullCount": dict.fromkeys(STATISTICS, 0),
        }
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
