"""The pump: carries sealed batches into the journal, each exactly once, one process at a time."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import ibis
from django.db import connection
from django.db.models import F, Max
from ibis.expr.types import Table

from keptword.core.problems import KeptwordError, Problem
from keptword.core.schema import FACT_SCHEMA, JOURNAL_SCHEMA
from keptword.engines.duckdb import Engine, literal, quoted
from keptword.intake import database, tombstones
from keptword.intake.checking import canonical
from keptword.intake.comparing import difference, digest
from keptword.intake.door import Aside, lay_aside
from keptword.intake.duplicates import ARRIVED_SCHEMA, Buried, Sorted, Workbench, contradictions, sort_out
from keptword.intake.lease import Held
from keptword.intake.models import Batch, Import, Waiting
from keptword.journal.failures import JournalMoved, told
from keptword.journal.table import Journal

AT_ONCE: Final = 100_000
"""Most facts that wait which enter the journal as one batch."""

_FETCHED: Final = 5_000


@dataclass(frozen=True)
class Pumped:
    """How many facts were recorded, said nothing new, were laid aside, and were of people erased.

    `problems` says what was odd about the journal and has been mended.
    """

    recorded: int = 0
    known: int = 0
    refused: int = 0
    erased: int = 0
    problems: tuple[Problem, ...] = ()

    def __add__(self, other: Pumped) -> Pumped:
        return Pumped(
            self.recorded + other.recorded,
            self.known + other.known,
            self.refused + other.refused,
            self.erased + other.erased,
            self.problems + other.problems,
        )


@dataclass(frozen=True)
class _Into:
    """Where a batch goes and what is needed for it."""

    journal: Journal
    engine: Engine
    staged: Path
    held: Held


def pump(journal: Journal, engine: Engine, *, staged: Path, held: Held, at_once: int = AT_ONCE) -> Pumped:
    """Carry what is sealed and what waits into the journal; what comes back is there, and durable.

    First a torn end of the journal is mended and what was begun before is finished, then what waits is recorded, at
    most `at_once` facts a batch, then the files of `staged`. A fact posted before an import was sealed so enters
    before it: an import taken back and given again is new. May be killed anywhere and called again: nothing is lost,
    nothing counts twice. Raises `LeaseLost` where another process has taken over.
    """
    into = _Into(journal, engine, staged=staged, held=held)
    done = Pumped(problems=tuple(journal.heal(guard=held.check)))
    with database.troubles():
        _clear(staged)
        for batch in Batch.objects.filter(state=Batch.State.SEALED, number__isnull=False).order_by("number"):
            done += _record(into, batch)
        # Not what is posted from now on, or a pump beside a busy door would never end.
        last = Waiting.objects.aggregate(last=Max("id"))["last"] or 0
        while sealed := _seal(into, upto=last, at_once=at_once):
            done += _record(into, sealed)
        for batch in Batch.objects.filter(state=Batch.State.SEALED, number__isnull=True).order_by("id"):
            done += _record(into, _numbered(into, batch))
    if journal.needs_upkeep():
        journal.compact(engine, guard=held.check)
        # Whoever reads the journal now keeps the files that were joined.
        journal.vacuum(guard=held.check, spare=timedelta(hours=1))
    return done


def is_waiting() -> bool:
    """Tell whether there is anything to carry into the journal: cheap, to be asked every second."""
    with database.troubles():
        sealed = Batch.objects.filter(state=Batch.State.SEALED).exists()
        return bool(sealed or Waiting.objects.filter(batch__isnull=True).exists())


def _clear(staged: Path) -> None:
    """Remove the files of batches that are in the journal: a kill came between."""
    there = {path.name for path in staged.iterdir()} if staged.is_dir() else set()
    for name in Batch.objects.filter(state=Batch.State.RECORDED, file__in=there).values_list("file", flat=True):
        _remove(staged / name)


def _remove(path: Path) -> None:
    # A file that somebody has open stays on Windows; the next pump removes it.
    with suppress(OSError):
        path.unlink()


def _next_number(into: _Into) -> int:
    given = Batch.objects.aggregate(last=Max("number"))["last"] or 0
    return max(into.journal.last_batch(), int(given)) + 1


def _seal(into: _Into, *, upto: int, at_once: int) -> Batch | None:
    """Seal what waits, up to a row and a size, under the next number; None where nothing does."""
    if not Waiting.objects.filter(batch__isnull=True, pk__lte=upto).exists():
        return None
    number = _next_number(into)
    with into.held.transaction():
        batch: Batch = Batch.objects.create(number=number)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE intake_waiting SET batch_id = %s WHERE id IN (SELECT id FROM intake_waiting"
                " WHERE batch_id IS NULL AND id <= %s ORDER BY id LIMIT %s)",
                [batch.pk, upto, at_once],
            )
            batch.rows = cursor.rowcount
        batch.save(update_fields=["rows"])
    return batch


def _numbered(into: _Into, batch: Batch) -> Batch:
    batch.number = _next_number(into)
    with into.held.transaction():
        batch.save(update_fields=["number"])
    return batch


def _record(into: _Into, batch: Batch) -> Pumped:
    """Bring one numbered batch into the journal, unless it is there, and then forget it here."""
    with told(into.journal.folder, doing="looking for entries that are there already"):
        if into.journal.last_batch() < batch.number:
            with Workbench(into.engine) as bench:
                result = _sorted_out(into, bench, batch=batch)
                _append(into, result.fresh, number=batch.number)
        else:
            # It writes nothing, but makes sure that the disk has what an earlier pump wrote.
            nothing = ibis.table(JOURNAL_SCHEMA, name="nothing")
            into.journal.append(into.engine, nothing, number=batch.number, guard=into.held.check)
    _forget(into, batch)
    return Pumped(batch.recorded, batch.known, batch.refused, batch.erased)


def _append(into: _Into, fresh: Table, *, number: int) -> None:
    try:
        into.journal.append(into.engine, fresh, number=number, guard=into.held.check)
    except JournalMoved:
        # A pump that lost its lease may have come through with this very batch at the last moment.
        into.held.check()
        if into.journal.last_batch() < number:
            raise


def _sorted_out(into: _Into, bench: Workbench, *, batch: Batch) -> Sorted:
    """Decide what becomes of each fact of a batch, and write down what is refused before anything is recorded."""
    if batch.file:
        _show_staged(into, bench, batch=batch)
    else:
        _load_waiting(into, bench, batch=batch)
    result = sort_out(bench, journal=into.journal, buried=Buried(tombstones.salt(), tombstones.buried()))
    now = datetime.now(UTC)
    for pairs in contradictions(bench) if result.refused else ():
        asides = [
            Aside(digest(fact), canonical(fact), reason=difference(before, fact) or "", place=fact.get("source", ""))
            for before, fact in pairs
        ]
        with into.held.transaction():
            lay_aside(asides, now=now)
    batch.recorded, batch.known = result.recorded, result.known
    batch.refused, batch.erased = result.refused, result.erased
    with into.held.transaction():
        batch.save(update_fields=["recorded", "known", "refused", "erased"])
    return result


def _load_waiting(into: _Into, bench: Workbench, *, batch: Batch) -> None:
    """Put the facts of a batch that waited onto the bench."""
    file = into.engine.folder / f"batch-{batch.number}.jsonl"
    rows = Waiting.objects.filter(batch=batch).order_by("id").values_list("id", "content")
    try:
        with file.open("w", encoding="utf-8") as lines:
            for line, content in rows.iterator(chunk_size=_FETCHED):
                lines.write(f'{{"line":{line},{content[1:]}\n')
        empty = into.engine.put("arriving", ARRIVED_SCHEMA, rows=[])
        bench.run(f"CREATE TABLE intake.arrived AS FROM {quoted(empty.get_name())}")
        bench.run(f"DROP TABLE {quoted(empty.get_name())}")
        bench.run(f"COPY intake.arrived FROM {literal(str(file))} (FORMAT json, AUTO_DETECT false)")
    finally:
        _remove(file)


def _show_staged(into: _Into, bench: Workbench, *, batch: Batch) -> None:
    """Put the facts of a staged file onto the bench, as a view: its rows keep their numbers at every try."""
    file = into.staged / batch.file
    if not file.is_file():
        raise KeptwordError(
            "{file} is missing. It held {rows:,} entries of import {import_number} that are not recorded"
            " yet. Put it back from a backup; or give it up with `keptword import --undo {import_number}`, and"
            " import its files again.",
            file=file,
            rows=batch.rows,
            import_number=batch.import_number,
        )
    columns = ", ".join(quoted(column) for column in FACT_SCHEMA)
    bench.run(
        f"CREATE VIEW intake.arrived AS SELECT file_row_number AS line, {columns},"
        f" {batch.import_number or 'NULL'}::BIGINT AS import_number"
        f" FROM read_parquet([{literal(str(file))}], file_row_number = true)"
    )


def _forget(into: _Into, batch: Batch) -> None:
    """Delete what is recorded from the database and from `staged`."""
    with into.held.transaction():
        Waiting.objects.filter(batch=batch).delete()
        batch.state = Batch.State.RECORDED
        batch.save(update_fields=["state"])
        if batch.import_number:
            counted = Import.objects.filter(number=batch.import_number)
            counted.update(
                recorded=F("recorded") + batch.recorded,
                known=F("known") + batch.known,
                refused=F("refused") + batch.refused,
            )
            if not Batch.objects.filter(import_number=batch.import_number, state=Batch.State.SEALED).exists():
                # One killed between sealing its entries and saying so is finished with them.
                counted.update(state=Import.State.RECORDED)
    if batch.file:
        _remove(into.staged / batch.file)
