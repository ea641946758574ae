"""Carries a closing forward: the tables of a later day from those of an earlier one and what is new since."""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import cast

import ibis
from ibis.expr.types import BooleanValue, Table

from keptword.closing.by_rule import kinds_of
from keptword.closing.compute import Closer, Computed, months_of
from keptword.closing.configuration import Input
from keptword.closing.known import fresh, gone, withdrawn_imports
from keptword.closing.looking_up import about
from keptword.closing.promise_book import BOOK_SCHEMA, JUDGED, PROMISE_FACTS, Spoken, aged
from keptword.closing.sealed import Sealed
from keptword.core.accounts import added, negated
from keptword.core.postings import LONGEST_OVERDUE
from keptword.engines import clocks
from keptword.engines.duckdb import Engine


def carried(closer: Closer, before: Sealed) -> Computed:
    """Compute a closing from an earlier one: the same tables as from all facts, for the work of what is new.

    The work goes by what is new, but for three readings: of the journal for the facts about promises that moved, of the
    earlier promise book for what may matter, and of the accounts, which are written whole.
    """
    engine, earlier = closer.engine, before.input
    new = engine.create("fresh", fresh(closer.facts, before=earlier, upto=closer.upto, withdrawn=closer.withdrawn))
    old = _taken_back(closer, earlier)
    closer.say("Judging the promises that moved …")
    moved = _Moved(closer, before, touching=new if old is None else ibis.union(new, old, distinct=False))
    closer.say("Adding what is new to the accounts …")
    postings = [
        closer.posted(new),
        closer.posted_by(moved.changed, as_of=closer.as_of),
        negated(closer.posted_by(moved.replaced, as_of=moved.earlier_end)),
        *([negated(closer.posted(old))] if old is not None else []),
    ]
    accounts = _accounts(closer, before, postings=postings, old=old)
    months = tuple(sorted({*months_of(engine, moved.changed), *months_of(engine, moved.replaced)}))
    return closer.finished(
        accounts,
        moved.book(months),
        months=months,
        failed=moved.failed(),
        road=f"carried forward from {earlier.day}",
    )


def _taken_back(closer: Closer, earlier: Input) -> Table | None:
    """Return the facts counted before whose import was taken back since; None where none was."""
    engine = closer.engine
    newly = closer.withdrawn.anti_join(withdrawn_imports(closer.few, batch=earlier.batch), "import_number")
    newly = engine.create("newly_withdrawn", newly)
    if not _any(engine, newly):
        return None
    return engine.create("gone", gone(closer.facts, before=earlier, newly_withdrawn=newly))


def _accounts(closer: Closer, before: Sealed, *, postings: list[Table], old: Table | None) -> Table:
    """Return the accounts with postings added: only those of users who have any are summed anew."""
    engine = closer.engine
    posted = engine.create("posted", added(*postings))
    earlier = before.table(engine, "accounts")
    summed = added(earlier.semi_join(posted, "user_key"), posted)
    accounts = ibis.union(earlier.anti_join(posted, "user_key"), summed.select(*earlier.columns), distinct=False)
    if old is not None:
        # Nothing is known any more of some whose entries were all taken back.
        theirs = engine.create("theirs", old.filter(old.user_key.notnull()).select("user_key").distinct())
        strangers = engine.create("strangers", theirs.anti_join(closer.told(), "user_key"))
        accounts = accounts.anti_join(strangers, "user_key")
    return engine.create("accounts", accounts)


class _Moved:
    """The promises that may stand otherwise than in the earlier closing.

    `changed` is how they stand now, `replaced` how they stood: one row per promise each, with `BOOK_SCHEMA`.
    """

    def __init__(self, closer: Closer, before: Sealed, *, touching: Table) -> None:
        self._closer, self._before = closer, before
        self._engine = engine = closer.engine
        self.earlier_end = clocks.as_of(before.input.day, timezone=closer.configuration.timezone)
        named = touching.filter(touching.promise_id.notnull()).select("promise_id").distinct()
        named = engine.create("named", named)
        subjects = touching.filter(touching.subject.notnull()).select("subject").distinct()
        subjects = engine.create("subjects", ibis.union(subjects, *self._spoken_of(named), distinct=True))
        self._earlier = self._relevant(subjects, named)
        heard = self._heard(subjects, named)
        silent = self._earlier.filter(_unsettled(self._earlier, on=before.input.day))
        quiet = engine.create("quiet", silent.anti_join(self._named, "promise_id").anti_join(heard, "promise_id"))
        self.changed = engine.create("changed", ibis.union(heard, aged(quiet, as_of=closer.as_of), distinct=False))
        touched = ibis.union(self._named, heard.select("promise_id"), quiet.select("promise_id"), distinct=True)
        self.replaced = engine.create("replaced", self._earlier.semi_join(touched, "promise_id"))

    def _spoken_of(self, named: Table) -> list[Table]:
        """Return the subjects of promises of rules that are named: all that rules say of these is judged anew."""
        prefixes = [each.rule.rule_id + "/" for each in self._closer.configuration.rules]
        of_rules = [(named.filter(named.promise_id.startswith(prefix)), len(prefix)) for prefix in prefixes]
        # A subject may hold anything: it is what comes after the name of the rule.
        rest = [rows.select(subject=rows.promise_id.substr(length)) for rows, length in of_rules]
        return rest or [named.filter(ibis.literal(False)).select(subject="promise_id")]

    def _relevant(self, subjects: Table, named: Table) -> Table:
        """Read from the earlier book, once, every promise that may matter for the later closing."""
        engine, before = self._engine, self._before
        if not before.has("promises"):
            return engine.put("earlier", BOOK_SCHEMA, rows=[])
        book, costing = before.table(engine, "promises"), self._closer.costing
        first = ibis.literal(self._closer.upto.day.replace(day=1) - timedelta(days=1))
        days = ibis.greatest(*(day.coalesce(book.made_on) for day in (book.kept_on, book.due_on, book.broken_on)))
        days = ibis.greatest(days, book.due_at.date().coalesce(book.made_on))
        failed = book.outcome.isin(["late", "broken"]) & (
            (days >= first) | book.subject.isin(costing.subject) | book.user_key.isin(costing.user_key)
        )
        touched = book.promise_id.isin(named.promise_id) | book.subject.isin(subjects.subject)
        return engine.create("earlier", book.filter(touched | failed | _unsettled(book, on=before.input.day)))

    def _heard(self, subjects: Table, named: Table) -> Table:
        """Judge again every promise that a new fact names, or that a rule makes about a subject of one."""
        closer, engine, rules = self._closer, self._engine, self._closer.configuration.rules
        slim = closer.told().select(*JUDGED)
        ruled = slim
        if rules:
            # What a rule promised about a subject is told by its name, and judged on all facts of the subject.
            by_rule = self._earlier.filter(
                reduce(or_, (self._earlier.promise_id.startswith(each.rule.rule_id + "/") for each in rules))
            )
            named = ibis.union(named, by_rule.semi_join(subjects, "subject").select("promise_id"), distinct=True)
            ruled = about(engine, slim, those=subjects, kinds=kinds_of(rules))
        self._named = engine.create("named", named)
        told = about(engine, slim, those=self._named, kinds=PROMISE_FACTS)
        return closer.book(Spoken(told, ruled, moves=slim))

    def book(self, months: tuple[str, ...]) -> Table:
        """Return the whole book of the months that moved."""
        there = [month for month in months if month in self._before.months("promises")]
        if not there:
            return self.changed
        kept = self._before.table(self._engine, "promises", months=there).anti_join(self.replaced, "promise_id")
        return self._engine.create("book", ibis.union(kept.select(*BOOK_SCHEMA), self.changed, distinct=False))

    def failed(self) -> Table:
        """Return the promises late or broken by now that something in the month may follow."""
        unmoved = self._earlier.anti_join(self.replaced, "promise_id").select(*BOOK_SCHEMA)
        rows = ibis.union(unmoved, self.changed, distinct=False)
        return rows.filter(rows.outcome.isin(["late", "broken"]))


def _unsettled(book: Table, *, on: date) -> BooleanValue:
    """Whether a promise stands otherwise on another day although nothing is heard of it.

    Open ones fall due; one overdue weighs more each day, until it counts as never done.
    """
    due_day = book.due_on.coalesce(book.due_at.date())
    settled_before = ibis.literal(on - timedelta(days=LONGEST_OVERDUE + 2))
    growing = (book.outcome == "broken") & book.broken_on.isnull() & (due_day >= settled_before)
    return cast(BooleanValue, (book.outcome == "open") | growing.coalesce(False))


def _any(engine: Engine, rows: Table) -> bool:
    return bool(engine.rows(rows.limit(1).select(one=ibis.literal(1))))
