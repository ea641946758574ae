"""The promise book of a closing: every promise made by its day, told or by rule, with what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import ibis
from ibis.expr.types import Table

from keptword.closing.by_rule import promises_by_rule
from keptword.closing.configuration import ToldRule
from keptword.core.promises import AsOf, outcomes
from keptword.core.schema import FACT_SCHEMA
from keptword.engines.duckdb import Engine
from keptword.engines.judging import Traits

BOOK_SCHEMA: Final[dict[str, str]] = {
    "promise_id": "string",
    "promise_kind": "string",
    "user_key": "string",
    "subject": "string",
    "made_at": "timestamp(6)",
    "made_on": "date",
    "due_at": "timestamp(6)",
    "due_on": "date",
    "kept_at": "timestamp(6)",
    "kept_on": "date",
    "broken_on": "date",
    "vague": "boolean",
    "outcome": "string",
}

JUDGED: Final = (
    *("fact_id", "kind", "user_key", "subject", "promise_id", "promise_kind"),
    *("occurred_at", "occurred_on", "clock_seconds", "due_at", "due_on", "attributes"),
)
"""The columns of a fact that promises are judged by; attributes hold what a rule's condition is about."""

MOVES: Final = ("promise.renegotiated", "promise.kept", "promise.broken", "promise.released")
"""What can be done about a promise once it is made."""

PROMISE_FACTS: Final = ("promise.made", *MOVES)
"""The kinds of fact that promises are told by."""


@dataclass(frozen=True)
class Spoken:
    """The facts a promise book is judged from.

    `told` holds all facts of the promises that were told, `ruled` all facts of the subjects that rules are judged on,
    `moves` all facts in which people did something about a promise. From all facts, each of them is simply all.
    """

    told: Table
    ruled: Table
    moves: Table


def promise_book(engine: Engine, spoken: Spoken, *, rules: Sequence[ToldRule], as_of: AsOf, traits: Traits) -> Table:
    """Return every promise made by the end of the day: one row each, with the columns of `BOOK_SCHEMA`, stored."""
    told = engine.create("told", outcomes(spoken.told, as_of=as_of).select(*BOOK_SCHEMA))
    if not rules:
        return told
    by_rule = [promises_by_rule(engine, spoken.ruled, told=each, as_of=as_of, traits=traits) for each in rules]
    ruled = ibis.union(*(rows.select(*BOOK_SCHEMA, "called_off_on") for rows in by_rule), distinct=False)
    # Whoever told a promise under the name of a rule's meant that one.
    made = engine.create("by_rule", ruled.anti_join(told, "promise_id"))
    moves = spoken.moves.filter(spoken.moves.kind.isin(MOVES)).semi_join(made, "promise_id")
    moves = engine.create("moves", moves.select(*JUDGED))
    if not engine.rows(moves.agg(count=moves.count()))[0]["count"]:
        return engine.create("book", ibis.union(told, made.select(*BOOK_SCHEMA), distinct=False))
    # What people later did about a promise made by rule counts as it does for any other.
    moved = made.semi_join(moves, "promise_id")
    retold = engine.create("retold", ibis.union(_as_facts(moved), moves, distinct=False))
    rejudged = outcomes(retold, as_of=as_of).select(*BOOK_SCHEMA)
    still = made.anti_join(moves, "promise_id").select(*BOOK_SCHEMA)
    return engine.create("book", ibis.union(told, still, rejudged, distinct=False))


def _as_facts(made: Table) -> Table:
    """The promises of rules as facts: that they were made, and kept or called off where they were."""

    def fact(rows: Table, kind: str, *, at: str, on: str) -> Table:
        given = {
            "fact_id": rows.promise_id + ":" + kind,
            "kind": ibis.literal(kind),
            "occurred_at": rows[at],
            "occurred_on": rows[on],
            **{name: rows[name] for name in ("user_key", "subject", "promise_id", "promise_kind", "due_at", "due_on")},
        }
        types = {name: FACT_SCHEMA[name] for name in JUDGED}
        return rows.select(
            **{name: given[name].cast(type_) if name in given else ibis.null(type_) for name, type_ in types.items()}
        )

    begun = fact(made, "promise.made", at="made_at", on="made_on")
    kept = fact(made.filter(made.kept_at.notnull()), "promise.kept", at="kept_at", on="kept_on")
    off = made.filter(made.outcome == "released").mutate(called_off_at=ibis._.called_off_on.cast("timestamp(6)"))
    off = fact(off, "promise.released", at="called_off_at", on="called_off_on")
    return ibis.union(begun, kept, off, distinct=False)


def aged(book: Table, *, as_of: AsOf) -> Table:
    """Return promises as they stand on a later day where nothing was heard of them: those due by then are broken."""
    day, at = ibis.literal(as_of.day), ibis.literal(as_of.at)
    over = book.due_on.notnull().ifelse(book.due_on <= day, book.due_at <= at)
    lapsed = (book.outcome == "open") & over.coalesce(False)
    return book.mutate(outcome=lapsed.ifelse("broken", book.outcome))
