"""What the facts come to as of a day, from all of them or carried forward from an earlier closing: the same tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Final, cast

import ibis
from ibis.expr.types import BooleanValue, Table

from keptword.closing.configuration import Configuration
from keptword.closing.known import WITHDRAWN, Input, fresh, gone, known, withdrawn_imports
from keptword.closing.promise_book import BOOK_SCHEMA, Spoken, aged, promise_book
from keptword.closing.sealed import Sealed
from keptword.core.accounts import added, fact_sums, negated, promise_sums
from keptword.core.at_once import at_once, cost_per_message
from keptword.core.days import first_of_month
from keptword.core.effort import effort
from keptword.core.lines import lines
from keptword.core.money import NO_RATES, RATE_SCHEMA, in_own_currency, missing_rates, rate_rows
from keptword.core.postings import (
    LARGEST_MAGNITUDE,
    LONGEST_OVERDUE,
    POSTED,
    SEVERITY_SCHEMA,
    anchor_of,
    severity_rows,
    weight_rows,
    weight_schema,
)
from keptword.core.promises import AsOf
from keptword.core.word_of_mouth import bringers, ratings
from keptword.engines import clocks, traits
from keptword.engines.duckdb import Engine

_FEW = ("referral.sent", "referral.joined", "promise.broken")
"""Kinds of which there are few, fetched from the whole journal in one reading."""

ACCOUNT_SCHEMA: Final[dict[str, str]] = {"user_key": "string", **{line.name: POSTED for line in lines()}}
"""The accounts of a closing: one exact sum a line, anchored at 1 January of the closing's year."""

Weighing = Callable[[date, date], Table]
"""Gives the weights of the days from the first to the last, as `weight_rows` has them."""


@dataclass(frozen=True)
class Computed:
    """The tables of a closing, stored in the engine.

    `accounts`: one row per user, one exact sum per line. `promises`: one row per promise, complete for the months in
    `months`; the others are those of the closing carried forward. `brought`: one row per user who recommended the
    business. `effort`, `at_once`, `ratings`, `missing`: the month of the day, up to the day. `road` says which way
    was taken, and why.
    """

    accounts: Table
    promises: Table
    months: tuple[str, ...]
    brought: Table
    effort: Table
    at_once: Table
    ratings: Table
    missing: Table
    road: str


class Closer:
    """Computes closings of one journal in one engine."""

    def __init__(
        self,
        engine: Engine,
        facts: Table,
        *,
        configuration: Configuration,
        upto: Input,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.engine = engine
        self.facts = facts
        self.configuration = configuration
        self.upto = upto
        self.say = say
        self.as_of: AsOf = clocks.as_of(upto.day, timezone=configuration.timezone)
        self.anchor = anchor_of(upto.day)
        few = facts.filter(facts.kind.isin([WITHDRAWN, *_FEW]) & (facts.batch <= upto.batch))
        self.few = engine.create("few", few)
        self.withdrawn = engine.create("withdrawn", withdrawn_imports(self.few, batch=upto.batch))

    def from_all(self) -> Computed:
        """Compute from all facts known."""
        engine = self.engine
        told = known(self.facts, self.upto, withdrawn=self.withdrawn)
        self.say("Adding up the accounts …")
        sums = self.posted(told)
        self.say("Judging the promises …")
        book = self._book(Spoken(told, told, moves=told))
        sums = engine.create("accounts", added(sums, self.posted_by(book, as_of=self.as_of)))
        return self._rest(sums, book, months=_months(engine, book), whole_book=book, road="from all entries")

    def told(self) -> Table:
        """Return the facts that are known at the end of the day: one row each, with the columns of the journal."""
        return known(self.facts, self.upto, withdrawn=self.withdrawn)

    def carried(self, before: Sealed) -> Computed:
        """Compute from an earlier closing and what is new since: the same tables for less work."""
        engine, earlier = self.engine, before.input
        earlier_end = clocks.as_of(earlier.day, timezone=self.configuration.timezone)
        newly = engine.create(
            "newly_withdrawn",
            self.withdrawn.anti_join(withdrawn_imports(self.few, batch=earlier.batch), "import_number"),
        )
        new = engine.create("fresh", fresh(self.facts, before=earlier, upto=self.upto, withdrawn=self.withdrawn))
        old = (
            engine.create("gone", gone(self.facts, before=earlier, newly_withdrawn=newly))
            if _any(engine, newly)
            else None
        )
        self.say("Adding what is new to the accounts …")
        sums = added(before.table(engine, "accounts"), self.posted(new))
        if old is not None:
            sums = self._without_strangers(added(sums, negated(self.posted(old))), old)
        self.say("Judging the promises that moved …")
        previous = (
            before.table(engine, "promises") if before.has("promises") else engine.put("none", BOOK_SCHEMA, rows=[])
        )
        touching = new if old is None else ibis.union(new, old, distinct=False)
        changed, replaced = self._moved(previous, touching, earlier=earlier)
        sums = added(
            sums,
            self.posted_by(changed, as_of=self.as_of),
            negated(self.posted_by(replaced, as_of=earlier_end)),
        )
        accounts = engine.create("accounts", sums)
        months = tuple(sorted({*_months(engine, changed), *_months(engine, replaced)}))
        touched = [month for month in months if month in before.months("promises")]
        book = changed
        if touched:
            kept = before.table(engine, "promises", months=touched).anti_join(replaced, "promise_id")
            book = engine.create("book", ibis.union(kept.select(*BOOK_SCHEMA), changed, distinct=False))
        whole = ibis.union(previous.anti_join(replaced, "promise_id").select(*BOOK_SCHEMA), changed, distinct=False)
        return self._rest(accounts, book, months=months, whole_book=whole, road=f"carried forward from {earlier.day}")

    def _without_strangers(self, sums: Table, old: Table) -> Table:
        """Leave out whom nothing is known of any more, now that an import was taken back."""
        told = known(self.facts, self.upto, withdrawn=self.withdrawn)
        theirs = self.engine.create("theirs", old.filter(old.user_key.notnull()).select("user_key").distinct())
        strangers = self.engine.create("strangers", theirs.anti_join(told, "user_key"))
        return sums.anti_join(strangers, "user_key")

    def _moved(self, previous: Table, touching: Table, *, earlier: Input) -> tuple[Table, Table]:
        """Return the promises that may stand otherwise now, as they stand, and the same as they stood before."""
        engine, rules = self.engine, self.configuration.rules
        known_now = self.told()
        subjects = engine.create("subjects", touching.filter(touching.subject.notnull()).select("subject").distinct())
        named = touching.filter(touching.promise_id.notnull()).select("promise_id").distinct()
        if rules:
            # A rule is judged on all facts of a subject; what it promised about that subject is told by its name.
            begins = reduce(or_, (previous.promise_id.startswith(each.rule.rule_id + "/") for each in rules))
            by_rule = previous.filter(begins).semi_join(subjects, "subject").select("promise_id")
            moved_by_hand = previous.filter(begins).semi_join(named, "promise_id").select("subject")
            subjects = engine.create("subjects", ibis.union(subjects, moved_by_hand, distinct=True))
            named = ibis.union(named, by_rule, distinct=True)
        named = engine.create("named", named)
        spoken = Spoken(
            told=engine.create("about", known_now.semi_join(named, "promise_id")),
            ruled=engine.create("ruled", known_now.semi_join(subjects, "subject")) if rules else known_now,
            moves=known_now,
        )
        heard = self._book(spoken)
        unsettled = previous.filter(_unsettled(previous, on=earlier.day))
        quiet = engine.create("quiet", unsettled.anti_join(named, "promise_id").anti_join(heard, "promise_id"))
        changed = engine.create("changed", ibis.union(heard, aged(quiet, as_of=self.as_of), distinct=False))
        touched = ibis.union(named, heard.select("promise_id"), quiet.select("promise_id"), distinct=True)
        replaced = engine.create("replaced", previous.semi_join(touched, "promise_id").select(*BOOK_SCHEMA))
        return changed, replaced

    def _book(self, spoken: Spoken) -> Table:
        rules = self.configuration.rules
        by_name: Callable[[str], Table] = lambda name: traits.trait(self.engine, spoken.ruled, name=name)  # noqa: E731
        return promise_book(self.engine, spoken, rules=rules, as_of=self.as_of, traits=by_name)

    def _weights(self, first: date, last: date) -> Table:
        return self.engine.put(
            "weights", weight_schema(lines()), rows=weight_rows(lines(), anchor=self.anchor, first=first, last=last)
        )

    def posted(self, facts: Table, *, weights: Weighing | None = None) -> Table:
        """Return what facts post to the accounts, summed: one row per `user_key`.

        At this closing's anchor, unless other `weights` are given: a function of the first and the last day wanted.
        """
        engine, own = self.engine, self.configuration.currency
        foreign = facts.amount.notnull() & facts.currency.notnull() & (facts.currency.upper() != own)
        seen = engine.rows(
            facts.agg(
                first=facts.occurred_on.min(),
                last=facts.occurred_on.max(),
                foreign=foreign.any(),
                outsized=(~_postable(facts)).any(),
            )
        )[0]
        first, last = seen["first"], seen["last"]
        if first is None:
            return engine.put("no_sums", ACCOUNT_SCHEMA, rows=[])
        posted = facts
        if seen["foreign"]:
            posted = self.own_money(facts, first=first, last=last)
        if seen["foreign"] or seen["outsized"]:
            posted = posted.filter(_postable(posted))
        weighing = weights or self._weights
        return engine.create("sums", fact_sums(posted, lines=lines(), weights=weighing(first, last)))

    def own_money(self, facts: Table, *, first: date, last: date) -> Table:
        """Return facts of these days with `amount` in the business's currency, empty where no rate is known."""
        booked = self.booked(facts, first=first, last=last)
        return booked.mutate(amount=booked.own_amount)

    def booked(self, facts: Table, *, first: date, last: date) -> Table:
        """Return facts of these days with `own_amount` and `own_cost`, their money in the business's currency."""
        rows = rate_rows(
            self.configuration.rates or NO_RATES, currency=self.configuration.currency, first=first, last=last
        )
        return in_own_currency(
            facts, self.engine.put("rates", RATE_SCHEMA, rows=rows), currency=self.configuration.currency
        )

    def posted_by(self, book: Table, *, as_of: AsOf, weights: Weighing | None = None) -> Table:
        """Return what promises post, as they stood at the end of a day, summed as `posted` does."""
        engine = self.engine
        earliest = ibis.least(book.made_on, book.kept_on.coalesce(book.made_on))
        span = engine.rows(book.agg(first=earliest.min()))[0]
        if span["first"] is None:
            return engine.put("no_sums", ACCOUNT_SCHEMA, rows=[])
        severities = engine.put("severities", SEVERITY_SCHEMA, rows=severity_rows())
        weighed = (weights or self._weights)(span["first"], self.upto.day)
        summed = promise_sums(book, lines=lines(), weights=weighed, severities=severities, as_of=as_of)
        return engine.create("promise_sums", summed)

    def _rest(self, accounts: Table, book: Table, *, months: tuple[str, ...], whole_book: Table, road: str) -> Computed:
        """Add what is counted for the month of the day, and who brought whom."""
        engine, last = self.engine, self.upto.day
        first = last.replace(day=1)
        self.say("Counting the month …")
        told = known(self.facts, self.upto, withdrawn=self.withdrawn)
        month = told.filter(told.occurred_on >= ibis.literal(first))
        month = engine.create("month", self.booked(month, first=first, last=last))
        message_cost = self.message_cost()
        failed = whole_book.filter(whole_book.outcome.isin(["late", "broken"]))
        few = known(self.few, self.upto, withdrawn=self.withdrawn)
        said = few.filter((few.kind == "promise.broken") & (few.occurred_on < ibis.literal(first)))
        heard = ibis.union(month, self.booked(said, first=first, last=last), distinct=False)
        return Computed(
            accounts=accounts,
            promises=book,
            months=months,
            brought=engine.create("brought", bringers(few, first=date.min, last=last)),
            effort=engine.create("effort", effort(month, first=first, last=last)),
            at_once=engine.create("at_once", at_once(heard, failed, first=first, last=last, message_cost=message_cost)),
            ratings=engine.create("ratings", ratings(month, first=first, last=last)),
            missing=engine.create("missing", missing_rates(month)),
            road=road,
        )

    def message_cost(self) -> Decimal | None:
        """Return what it costs to answer one message on the day, in the business's currency; None where unknown."""
        told = self.configuration.costs
        return cost_per_message(
            currency=self.configuration.currency,
            minutes=Decimal(told["minutes_per_message"]) if "minutes_per_message" in told else None,
            wage=Decimal(told["wage_per_hour"]) if "wage_per_hour" in told else None,
            rates=self.configuration.rates,
            day=self.upto.day,
        )


def _postable(facts: Table) -> BooleanValue:
    """Whether nothing a fact says is too large for the sums, or no number: such a fact is recorded and not posted."""
    amount, seconds = facts.amount.abs().coalesce(0), facts.seconds.abs().coalesce(0.0)
    return cast(BooleanValue, (amount < int(LARGEST_MAGNITUDE)) & (seconds < LARGEST_MAGNITUDE))


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


def _months(engine: Engine, book: Table) -> tuple[str, ...]:
    months = engine.rows(book.select(month=first_of_month(book.made_on)).distinct())
    return tuple(sorted(f"{row['month']:%Y-%m}" for row in months))
