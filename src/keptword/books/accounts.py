"""Our record with one customer as of a closing: promises and their outcomes, lines, and the entries behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ibis.expr.types import Table

from keptword.books.closing import closing_of, configuration
from keptword.books.disagreements import entries_by_promise
from keptword.books.engine import engine_for
from keptword.books.opened import Books, Say
from keptword.books.spoken import ENTRIES, OUTCOMES, PROMISES, spoken_day
from keptword.closing.between import book_of
from keptword.closing.compute import Closer
from keptword.closing.configuration import Configuration
from keptword.closing.line_totals import added_up, left_of, rounded
from keptword.closing.sealed import Sealed
from keptword.closing.traced import fact_postings, promise_postings
from keptword.core.lines import Line, lines
from keptword.core.postings import anchor_of
from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import Engine


@dataclass(frozen=True)
class Entry:
    """One entry, or one promise, behind a line: when, what, about what, from where, and what is left of it.

    `left` is exact: the entries of a line add up to its balance, to the last digit.
    """

    on: date
    what: str
    about: str | None
    source: str
    left: Decimal


@dataclass(frozen=True)
class AccountLine:
    """One line of a customer's record: its balance in its own unit, and the entries behind it, newest first.

    `behind` is what the entries known come to; it differs from `balance` only where something in the books, or
    what they are computed by, has been changed since the day was closed.
    """

    line: Line
    balance: Decimal
    entries: tuple[Entry, ...]

    @property
    def behind(self) -> Decimal:
        """What is left of the entries, added up."""
        return added_up(entry.left for entry in self.entries)


@dataclass(frozen=True)
class Promised:
    """One promise made to the customer: what, when, until when, and what became of it."""

    promise_id: str
    promise_kind: str
    about: str | None
    made_on: date
    due_on: date | None
    kept_on: date | None
    outcome: str


@dataclass(frozen=True)
class Account:
    """A business's record with one customer, as of the day of a closing."""

    user_key: str
    as_of: date
    currency: str
    promises: tuple[Promised, ...]
    lines: tuple[AccountLine, ...]
    notes: tuple[str, ...] = field(default_factory=tuple)

    def count(self, *outcomes: str) -> int:
        """Return how many promises stand like that."""
        return sum(promise.outcome in outcomes for promise in self.promises)

    @property
    def verdict(self) -> str:
        """How we kept our word to this customer, in a sentence."""
        decided = self.count("kept", "late", "broken")
        waiting = self.count("open")
        rest = f" {waiting:,} more {'waits' if waiting == 1 else 'wait'}." if waiting else ""
        if not decided:
            said = "No promise to this customer has been decided yet." if self.promises else "We promised them nothing."
            return said + rest
        failed = [f"{self.count(name):,} {OUTCOMES[name]}" for name in ("late", "broken") if self.count(name)]
        but = f": {', '.join(failed)}" if failed else ""
        promises = "promise" if decided == 1 else "promises"
        return f"We kept {self.count('kept'):,} of {decided:,} {promises} to this customer{but}.{rest}"


def account(books: Books, user_key: str, *, day: date | None, say: Say) -> Account:
    """Return our record with one customer as of the closing of a day, the last one where none is named.

    Raises `KeptwordError` where the day is not closed, or where nobody of that key was known by then.
    """
    sealed = closing_of(books, day)
    with engine_for(books) as engine:
        say("Reading …")
        facts = books.journal.facts(engine, upto=sealed.input.batch)
        return account_of(engine, facts, user_key=user_key, sealed=sealed, configuration=configuration(books))


def account_of(engine: Engine, facts: Table, *, user_key: str, sealed: Sealed, configuration: Configuration) -> Account:
    """Return the record of a customer as of a sealed closing; `facts` is the journal the closing read."""
    sums = engine.rows(_of(sealed.table(engine, "accounts"), user_key))
    book = engine.create("theirs", _of(book_of(engine, sealed), user_key))
    promises = engine.rows(book.order_by("made_on", "promise_id"))
    if not sums and not promises:
        # No other key is named: whoever may ask for one customer is not told of another.
        raise KeptwordError(
            f"Nothing is known, as of {spoken_day(sealed.input.day)}, of a customer with this key. Look whether it is "
            "written as your entries have it, small letters and large ones too."
        )
    closer = Closer(engine, facts, configuration=configuration, upto=sealed.input)
    entries = _entries_of_facts(closer, user_key)
    for name, some in _entries_of_promises(closer, book, promises=promises).items():
        entries.setdefault(name, []).extend(some)
    found = _lines(sums[0] if sums else {}, entries=entries, sealed=sealed)
    return Account(
        user_key=user_key,
        as_of=sealed.input.day,
        currency=str(sealed.configuration.get("currency") or configuration.currency),
        promises=tuple(_promised(row) for row in promises),
        lines=found,
        notes=_notes(found),
    )


def _of(rows: Table, user_key: str) -> Table:
    return rows.filter(rows.user_key == user_key)


def _lines(sums: dict[str, Any], *, entries: dict[str, list[Entry]], sealed: Sealed) -> tuple[AccountLine, ...]:
    day = sealed.input.day
    found = []
    for line in lines():
        posted, behind = Decimal(sums.get(line.name) or 0), entries.get(line.name, [])
        if posted or behind:
            balance = left_of(posted, line=line, anchor=anchor_of(day), as_of=day)
            newest = sorted(behind, key=lambda entry: (entry.on, entry.source), reverse=True)
            found.append(AccountLine(line, balance, tuple(newest)))
    return tuple(found)


def _notes(found: Sequence[AccountLine]) -> tuple[str, ...]:
    return tuple(
        f'The entries known behind "{each.line.title}" come to {rounded(each.behind)}, not to what was sealed. '
        "Something changed since the day was closed; keptword verify says what."
        for each in found
        if each.behind != each.balance
    )


def _entries_of_facts(closer: Closer, user_key: str) -> dict[str, list[Entry]]:
    engine = closer.engine
    theirs = engine.create("theirs", _of(closer.told(), user_key))
    posts = {row["fact_id"]: row for row in engine.rows(fact_postings(closer, theirs))}
    found: dict[str, list[Entry]] = {}
    for row in engine.rows(theirs.select("fact_id", "kind", "subject", "source", "occurred_on").order_by("fact_id")):
        for line, left in _left(closer, posts.get(row["fact_id"], {})):
            what = ENTRIES.get(row["kind"], row["kind"])
            entry = Entry(row["occurred_on"], what, row["subject"], row["source"] or row["fact_id"], left)
            found.setdefault(line, []).append(entry)
    return found


def _entries_of_promises(closer: Closer, book: Table, *, promises: Sequence[dict[str, Any]]) -> dict[str, list[Entry]]:
    engine = closer.engine
    sources = entries_by_promise(closer, book)
    by_name = {row["promise_id"]: row for row in promises}
    found: dict[str, list[Entry]] = {}
    for posts in engine.rows(promise_postings(closer, book, as_of=closer.as_of).order_by("promise_id")):
        row = by_name[posts["promise_id"]]
        behind = ", ".join(dict.fromkeys(each.source or each.fact_id for each in sources.get(row["promise_id"], ())))
        for line, left in _left(closer, posts):
            entry = Entry(posted_on(row), spoken_promise(row), row["subject"], behind or row["promise_id"], left)
            found.setdefault(line, []).append(entry)
    return found


def _left(closer: Closer, posts: dict[str, Any]) -> list[tuple[str, Decimal]]:
    """Return what is left of one posting on the closing's day, for each line it posts to."""
    anchor, day = closer.anchor, closer.upto.day
    return [
        (line.name, left_of(posts[line.name], line=line, anchor=anchor, as_of=day))
        for line in lines()
        if posts.get(line.name)
    ]


def spoken_promise(promise: dict[str, Any]) -> str:
    """Return what was promised and what became of it: "sending, promised 3 March: late"."""
    kind = PROMISES.get(promise["promise_kind"], promise["promise_kind"])
    return f"{kind}, promised on {spoken_day(promise['made_on'])}: {OUTCOMES.get(promise['outcome'])}"


def posted_on(promise: dict[str, Any]) -> date:
    """Return the day on which a decided promise counts: the day it was kept, else that it was due or said to be broken.

    As `accounts.promise_sums` has it; a due moment that names an hour is of its day in UTC.
    """
    made: date = promise["made_on"]
    kept: date | None = promise["kept_on"]
    if promise["outcome"] == "kept" and kept is not None:
        return kept
    broken: date | None = promise["broken_on"]
    due: date | None = promise["due_on"] or (promise["due_at"].date() if promise["due_at"] else broken)
    if promise["outcome"] == "broken" and broken is not None and due is not None:
        due = min(due, broken)
    return max(due or made, made)


def _promised(row: dict[str, Any]) -> Promised:
    due = row["due_on"] or (row["due_at"].date() if row["due_at"] else None)
    return Promised(
        row["promise_id"], row["promise_kind"], row["subject"], row["made_on"], due, row["kept_on"], row["outcome"]
    )
