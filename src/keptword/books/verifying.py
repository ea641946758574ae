"""Verifies closings: computes them again from all entries, and looks whether the books agree with themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import duckdb
from ibis.expr.types import Table

from keptword.books.changes import changed_parts
from keptword.books.checks import Check, Found, held
from keptword.books.closing import closing_of, closings, configuration
from keptword.books.disagreements import of_accounts, of_promises, of_rows
from keptword.books.engine import engine_for
from keptword.books.invariants import balanced, counted_once, founded, one_outcome
from keptword.books.opened import Books, Say
from keptword.books.spoken import counted, spoken_day
from keptword.closing.between import book_of
from keptword.closing.close import ORDER
from keptword.closing.comparing import compared
from keptword.closing.compute import Closer, Computed
from keptword.closing.configuration import Configuration
from keptword.closing.sealed import MANIFEST, Sealed
from keptword.engines.duckdb import Engine

TITLES: Final[Mapping[str, str]] = {
    "accounts": "customers' records",
    "brought": "who brought whom",
    "effort": "what it takes to deal with us",
    "at_once": "what late and unkept promises cost at once",
    "ratings": "ratings",
    "missing": "money without a rate",
    "promises": "promises",
}
"""What the tables of a closing are called where people read of them."""


EVERYBODY: Final = ("effort", "at_once", "ratings", "missing")
"""Tables that count everybody together: an erasure leaves them as they were sealed."""


@dataclass(frozen=True)
class Verified:
    """A closing verified: its day, what is to be said beforehand, and one check after another."""

    day: date
    notes: tuple[str, ...]
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether everything agrees."""
        return all(check.holds for check in self.checks)


def verify(books: Books, day: date | None, *, say: Say) -> Verified:
    """Verify the closing of a day, the last one where none is named: against its files, all facts, and the one before.

    Nothing is changed. Raises `KeptwordError` where the day is not closed or the journal cannot be read.
    """
    sealed = closing_of(books, day)
    done = closings(books)
    before = [each for each in done if each.input.day < sealed.input.day]
    with engine_for(books) as engine:
        facts = books.journal.facts(engine)
        return verified(
            engine,
            facts,
            sealed=sealed,
            before=before[-1] if before else None,
            configuration=configuration(books),
            say=say,
            last_batch=books.journal.last_batch(),
        )


def verified(
    engine: Engine,
    facts: Table,
    *,
    sealed: Sealed,
    before: Sealed | None,
    configuration: Configuration,
    say: Say = lambda _: None,
    last_batch: int | None = None,
) -> Verified:
    """Verify a sealed closing against the facts of its journal, and with the closing before it."""
    upto = sealed.input
    changes = changed_parts(sealed.configuration, configuration.parts(until=upto.day))
    say("Looking at the sealed files …")
    checks = [_files(each) for each in (sealed, before) if each]
    if last_batch is not None and last_batch < upto.batch:
        said = f"The closing read {upto.batch:,} batches of entries, but only {last_batch:,} are in the books now."
        checks.append(Check(said, holds=False))
    say("Looking for entries that count twice …")
    checks.append(counted_once(engine, facts))
    closer = Closer(engine, facts, configuration=configuration, upto=upto, say=say)
    again = closer.from_all()
    say("Comparing …")
    kept = _kept_as_closed(sealed)
    checks += [_compared(closer, sealed, name=name, again=again) for name in (*ORDER, "promises") if name not in kept]
    if kept:
        checks.append(_not_compared(sealed, kept))
    checks += _agreeing(closer, sealed, before=before)
    return Verified(upto.day, _notes(upto.day, changes), tuple(checks))


def _notes(day: date, changes: Sequence[str]) -> tuple[str, ...]:
    if not changes:
        return ()
    return (
        f"Since {spoken_day(day)} was closed, this changed, and figures below may differ for it: {'; '.join(changes)}.",
    )


def _kept_as_closed(sealed: Sealed) -> tuple[str, ...]:
    """Return the tables that still count people who were erased since: entries cannot tell them any more."""
    together = EVERYBODY if sealed.erased else ()
    return together if sealed.carries else (*together, "brought")


def _not_compared(sealed: Sealed, kept: Sequence[str]) -> Check:
    who = counted(sealed.erased, one="customer", several="customers") if sealed.erased else "Somebody others met"
    was = "was" if sealed.erased <= 1 else "were"
    titles = ", ".join(TITLES[name] for name in kept)
    return held(f"{who} {was} erased at their request since. Kept as it was closed, and not compared: {titles}.")


def _files(sealed: Sealed) -> Check:
    """Check that the files of a closing are what was sealed, that none is missing and none was added."""
    day = spoken_day(sealed.input.day)
    damaged = sealed.damaged()
    there = {path.relative_to(sealed.folder).as_posix() for path in sealed.folder.rglob("*") if path.is_file()}
    strange = sorted(there - {*sealed.files, MANIFEST})
    if not damaged and not strange:
        return held(
            f"The files of {day} are as they were sealed: {counted(len(sealed.files), one='file', several='files')}."
        )
    found = [
        Found(f"{name} is {'not what was sealed' if name in there else 'missing'}. Bring it back from a backup.")
        for name in damaged
    ]
    found += [Found(f"{name} was not sealed with the others.") for name in strange]
    return Check(f"The files of {day} are not as they were sealed.", holds=False, found=tuple(found))


def _compared(closer: Closer, sealed: Sealed, *, name: str, again: Computed) -> Check:
    """Check that a sealed table is the one computed again, row for row."""
    title, engine = TITLES[name], closer.engine
    by = ("promise_id",) if name == "promises" else ORDER[name]
    try:
        table = book_of(engine, sealed) if name == "promises" else sealed.table(engine, name)
        seen = compared(engine, table, again=getattr(again, name), by=by)
        if seen.columns:
            odd = Found(f"Only one of the two has: {', '.join(seen.columns)}.")
            return Check(f"Computed again, {title} has other columns than were sealed.", holds=False, found=(odd,))
        if not seen.differing:
            rows = counted(seen.rows, one="row", several="rows")
            return held(f"Computed again from all entries, {title}: {rows}, all the same.")
        found = _found(closer, name, seen=seen, table=table, again=again)
    except (duckdb.Error, KeyError) as error:
        return _unreadable(title, error)
    more = max(seen.differing - len(seen.differences), 0)
    rows = counted(seen.differing, one="row differs", several="rows differ")
    said = f"Computed again from all entries, {title}: {rows}."
    return Check(said, holds=False, found=found, more=more)


def _found(closer: Closer, name: str, *, seen: Any, table: Table, again: Computed) -> tuple[Found, ...]:
    if name == "accounts":
        return of_accounts(closer, seen, book=again.promises)
    if name == "promises":
        return of_promises(closer, seen, sealed=table, again=again.promises)
    return of_rows(seen, title=TITLES[name].capitalize())


def _unreadable(title: str, error: Exception) -> Check:
    first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return Check(f"What was sealed of {title} cannot be read: {first}", holds=False)


def _agreeing(closer: Closer, sealed: Sealed, *, before: Sealed | None) -> list[Check]:
    """Check what the sealed tables must say of themselves and of each other."""
    try:
        book = book_of(closer.engine, sealed)
        checks = [one_outcome(closer.engine, book), founded(closer, sealed, book=book)]
        return checks + balanced(closer, sealed, before=before)
    except (duckdb.Error, KeyError) as error:
        return [_unreadable("this closing or the one before it", error)]
