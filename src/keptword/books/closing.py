"""Closes days of the books: settles what is known, computes, seals; and says what a closing says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from keptword.books.engine import engine_for
from keptword.books.failing import told
from keptword.books.opened import Books, Say, writing
from keptword.books.rates import rates_of
from keptword.books.rules import told_rules
from keptword.closing.configuration import Configuration, Input
from keptword.closing.sealed import Sealed, clear_drafts, sealed_closings
from keptword.core.problems import KeptwordError, Problem, Sentence
from keptword.engines.duckdb import Engine


@dataclass(frozen=True)
class Closed:
    """A closed day: the sealed closing, the closing it was carried forward from, whether it had been closed before.

    `later` counts entries of days up to it that came in since it was sealed; the next closing has them. `mended` says
    what was torn, and is put right.
    """

    sealed: Sealed
    before: Sealed | None
    was_closed: bool
    later: int = 0
    mended: tuple[Problem, ...] = ()


def configuration(books: Books) -> Configuration:
    """Return what closings of the books are computed by, besides facts."""
    rates = rates_of(books) if books.folder.rates.exists() else None
    return Configuration(
        currency=books.business.currency,
        timezone=books.timezone,
        rules=told_rules(),
        rates=rates,
        costs=books.business.costs,
    )


def closings(books: Books) -> tuple[Sealed, ...]:
    """Return the sealed closings of the books, the oldest first."""
    return sealed_closings(books.folder.closings)


def closing_of(books: Books, day: date | None) -> Sealed:
    """Return the closing of a day, the last one where none is named; refuse a day that is not closed."""
    done = closings(books)
    if not done:
        raise KeptwordError("No day of these books is closed yet. Close one with: keptword close --as-of DAY")
    if day is None:
        return done[-1]
    found = [each for each in done if each.input.day == day]
    if not found:
        shown = ", ".join(str(each.input.day) for each in done[-5:])
        raise KeptwordError(
            "{day} is not closed. Closed are: {shown}. Close it with: keptword close --as-of {day}",
            day=day,
            shown=shown,
        )
    return found[0]


def close_day(books: Books, day: date | None, *, full: bool = False, say: Say) -> Closed:
    """Close a day, yesterday where none is named: what waits goes into the journal first, then all is computed.

    Raises `KeptwordError` for a day that is not over yet, and for one before the first entry.
    """
    from keptword.books.recording import settle
    from keptword.closing.close import close, foundation

    day = day or books.today - timedelta(days=1)
    if day >= books.today:
        raise KeptwordError(
            "{day} is not over yet: today is {today} in {zone}. Close {before} or an earlier day.",
            day=day,
            today=books.today,
            zone=books.timezone or Sentence("your time zone"),
            before=books.today - timedelta(days=1),
        )
    with writing(books, say=say) as lease, engine_for(books) as engine:
        settled = settle(books, engine, lease=lease, say=say)
        clear_drafts(books.folder.closings)
        upto = Input(day, books.journal.last_batch())
        earlier = {each.input.day: each for each in closings(books)}
        if day in earlier:
            later = _later(books, engine, earlier[day])
            return Closed(earlier[day], None, was_closed=True, later=later, mended=settled.problems)
        _refuse_before_the_first(books, engine, day)
        by = configuration(books)
        before = None if full else foundation(earlier.values(), configuration=by, upto=upto)
        with told(books.folder, doing=Sentence("closing {day}", day=day)):
            facts = books.journal.facts(engine, upto=upto.batch)
            sealed = close(
                engine,
                facts,
                closings=books.folder.closings,
                configuration=by,
                upto=upto,
                full=full,
                say=say,
                guard=lease.check,
            )
    return Closed(sealed, before, was_closed=False, mended=settled.problems)


def _refuse_before_the_first(books: Books, engine: Engine, day: date) -> None:
    days = [file.on_low for file in books.journal.files()]
    if not days:
        raise KeptwordError(
            "There is nothing to close: no entry is in the books yet. Bring some in with: keptword import FILE"
        )
    first = min(days)
    if day < first:
        raise KeptwordError(
            "There is nothing to close on {day}: the first entry is of {first}. Close that day or a later one.",
            day=day,
            first=first,
        )


def _later(books: Books, engine: Engine, sealed: Sealed) -> int:
    facts = books.journal.facts(engine, after=sealed.input.batch)
    late = facts.filter(facts.occurred_on <= sealed.input.day)
    return int(engine.rows(late.agg(count=late.count()))[0]["count"])
