"""Imports: which files were taken, what became of their entries, and taking a whole one back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from keptword.core.calendars.zones import zone
from keptword.core.problems import KeptwordError
from keptword.intake import database
from keptword.intake.checking import canonical, checked
from keptword.intake.door import accept, stamped
from keptword.intake.models import Batch, Import
from keptword.journal.failures import told
from keptword.journal.syncing import sync_file, sync_folder


@dataclass(frozen=True)
class Imported:
    """One import: its files, what they were read as, how far it got, and what became of its entries.

    `undated` counts, by kind, what was left out because no moment was known.
    """

    number: int
    files: tuple[str, ...]
    read_as: Mapping[str, Any]
    started_at: datetime
    state: str
    recorded: int
    known: int
    refused: int
    undated: Mapping[str, int]
    withdrawn_at: datetime | None


def begin(files: Sequence[str], *, read_as: Mapping[str, Any], now: datetime) -> int:
    """Note down that an import begins and return its number, counted from 1."""
    with database.troubles():
        made = Import.objects.create(files=list(files), read_as=dict(read_as), started_at=now)
    return int(made.number)


def seal(number: int, file: Path, *, rows: int) -> int:
    """Hand a finished Parquet file of `staged/` (columns FACT_SCHEMA) to the pump; return the id of its batch.

    The file and its folder are synced first. Handing the same file over again changes nothing; a name that another
    import has used is refused, because the pump deletes the files of that name.
    """
    with told(file.parent, doing="writing down what was read"):
        sync_file(file)
        sync_folder(file.parent)
    with database.troubles():
        batch, _ = Batch.objects.get_or_create(file=file.name, defaults={"import_number": number, "rows": rows})
    if batch.import_number != number:
        raise KeptwordError(
            "{file} has the name of a file of import {import_number}; give it one of its own.",
            file=file,
            import_number=batch.import_number,
        )
    return int(batch.pk)


def sealed(number: int) -> dict[str, int]:
    """Return the files an import has handed over, recorded or not, with their rows: what need not be redone."""
    with database.troubles():
        return dict(Batch.objects.filter(import_number=number).order_by("pk").values_list("file", "rows"))


def finish(number: int, *, undated: Mapping[str, int]) -> None:
    """Note down that all of an import is sealed, and what was left out for want of a moment, by kind."""
    with database.troubles(), transaction.atomic(durable=True):
        left = Batch.objects.filter(import_number=number, state=Batch.State.SEALED).exists()
        state = Import.State.SEALED if left else Import.State.RECORDED
        Import.objects.filter(number=number).update(state=state, undated=dict(undated))


def shown(number: int) -> Imported:
    """Return one import; KeptwordError where there is none of that number."""
    with database.troubles():
        row = Import.objects.filter(number=number).first()
    if row is None:
        raise KeptwordError("There is no import {number} in these books.", number=number)
    return _imported(row)


def listed() -> list[Imported]:
    """Return all imports, oldest first."""
    with database.troubles():
        return [_imported(row) for row in Import.objects.order_by("number")]


def withdraw(number: int, *, timezone: str | None, now: datetime) -> bool:
    """Take a whole import back: a fact that says so waits from now on. Return False where that was done before.

    Its entries stay in the journal and are not counted in what is closed from then on.
    """
    import_ = shown(number)
    if import_.withdrawn_at is not None:
        return False
    if Batch.objects.filter(import_number=number, state=Batch.State.SEALED).exists():
        # The word would come before the entries, and take back none of them.
        raise KeptwordError(
            "Import {number} is not in the books yet. Let it be finished, then take it back.", number=number
        )
    moment = stamped(now)
    said = {
        "fact_id": f"keptword:import.withdrawn:{number}",
        "kind": "import.withdrawn",
        "occurred_at": moment,
        "subject": f"import:{number}",
        "source": "keptword import",
    }
    fact = checked(canonical(said), zone=zone(timezone), now=moment)
    with database.troubles(), transaction.atomic(durable=True):
        # Of two who take it back at once, one does.
        mine = Import.objects.filter(number=number, withdrawn_at__isnull=True).update(withdrawn_at=now)
        if mine:
            accept([(fact, "")], asides=[], now=now)
    return bool(mine)


def give_up(number: int, *, staged: Path, last: int) -> int:
    """Wait no more for files of an import that are gone from `staged`, and return how many those are.

    Their entries were never recorded: `last` is the last batch of the journal. Only for who holds the lease.
    """
    with database.troubles(), transaction.atomic(durable=True):
        waiting = Batch.objects.filter(import_number=number, state=Batch.State.SEALED).exclude(file="")
        gone = [batch for batch in waiting if not (staged / batch.file).exists()]
        for batch in gone:
            # A number that was given and not used is free again.
            batch.number = batch.number if batch.number is not None and batch.number <= last else None
            batch.state = Batch.State.RECORDED
            batch.save(update_fields=["number", "state"])
    return len(gone)


def _imported(row: Import) -> Imported:
    return Imported(
        number=row.number,
        files=tuple(row.files),
        read_as=row.read_as,
        started_at=row.started_at,
        state=str(row.state),
        recorded=row.recorded,
        known=row.known,
        refused=row.refused,
        undated=row.undated,
        withdrawn_at=row.withdrawn_at,
    )
