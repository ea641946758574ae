"""What the facts come to as of a day, from all of them or carried forward from an earlier closing: the same tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Final, cast

import ibis
from ibis.expr.types import BooleanValue, Table

from keptword.closing.configuration import Configuration, Input
from keptword.closing.known import WITHDRAWN, known, withdrawn_imports
from keptword.closing.promise_book import Spoken, promise_book
from keptword.core.accounts import added, fact_sums, promise_sums
from keptword.core.at_once import COSTING, at_once, cost_per_message
from keptword.core.days import first_of_month
from keptword.core.effort import effort
from keptword.core.lines import lines
from keptword.core.money import NO_RATES, RATE_SCHEMA, in_own_currency, missing_rates, rate_rows
from keptword.core.postings import (
    LARGEST_MAGNITUDE,
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

_FEW: Final = {
    (WITHDRAWN,): ("subject",),
    ("promise.broken", "referral.joined", "referral.sent"): ("promise_id", "user_key", "other_user"),
}
"""Kinds of which there are few, looked for in the whole journal, with what is read of them.

To read all their columns took longer than to add up the accounts.
"""

_KNOWN_BY: Final = ("kind", "occurred_on", "batch", "import_number")

ACCOUNT_SCHEMA: Final[dict[str, str]] = {"user_key": "string", **{line.name: POSTED for line in lines()}}
"""The accounts of a closing: one exact sum a line, anchored at 1 January of the closing's year."""

Weighing = Callable[[date, date], Table]
"""Gives the weights of the days from the first to the last, as `weight_rows` has them."""


@dataclass(frozen=True)
class Computed:
    """The tables of a closing, stored in the engine.

    `accounts`: one row per user, one exact sum per line. `promises`: one row per promise, complete for the months in
    `months`; the others are those of the closing carried forward. `brought`: one row per user who recommended the
    business. `effort`, `at_once`, `ratings`: the month of the day, up to the day. `missing`: all money without a rate.
    `road` says which way was taken.
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
        self.few = engine.create("few", _few(facts.filter(facts.batch <= upto.batch)))
        self.withdrawn = engine.create("withdrawn", withdrawn_imports(self.few, batch=upto.batch))

    def from_all(self) -> Computed:
        """Compute from all facts known."""
        engine = self.engine
        told = known(self.facts, self.upto, withdrawn=self.withdrawn)
        self.say("Adding up the accounts …")
        sums = self.posted(told)
        self.say("Judging the promises …")
        book = self.book(Spoken(told, told, moves=told))
        sums = engine.create("accounts", added(sums, self.posted_by(book, as_of=self.as_of)))
        failed = book.filter(book.outcome.isin(["late", "broken"]))
        return self.finished(sums, book, months=months_of(engine, book), failed=failed, road="from all entries")

    def told(self) -> Table:
        """Return the facts that are known at the end of the day: one row each, with the columns of the journal."""
        return known(self.facts, self.upto, withdrawn=self.withdrawn)

    def book(self, spoken: Spoken) -> Table:
        """Return the promise book judged from these facts: one row per promise, with the columns of `BOOK_SCHEMA`."""
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
            fits = _postable(posted)
            posted = posted.mutate(amount=fits.ifelse(posted.amount, None), seconds=fits.ifelse(posted.seconds, None))
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

    @cached_property
    def month(self) -> Table:
        """The facts known of the month of the day."""
        told = self.told()
        return told.filter(told.occurred_on >= ibis.literal(self.upto.day.replace(day=1)))

    @cached_property
    def costing(self) -> Table:
        """The facts of the month that tell what failed promises cost, and all that say one was broken; stored."""
        first, last = self.upto.day.replace(day=1), self.upto.day
        few = known(self.few, self.upto, withdrawn=self.withdrawn)
        said = few.filter((few.kind == "promise.broken") & (few.occurred_on < ibis.literal(first)))
        month = self.month.filter(self.month.kind.isin(COSTING))
        booked = self.booked(ibis.union(month, said, distinct=False), first=first, last=last)
        return self.engine.create("costing", booked)

    def finished(self, accounts: Table, book: Table, *, months: tuple[str, ...], failed: Table, road: str) -> Computed:
        """Add to accounts and promises what is counted for the month of the day, and who brought whom.

        `failed` holds the promises that were late or broken, at least those that something in the month may follow.
        """
        engine, last = self.engine, self.upto.day
        first = last.replace(day=1)
        self.say("Counting the month …")
        few = known(self.few, self.upto, withdrawn=self.withdrawn)
        costs = at_once(self.costing, failed, first=first, last=last, message_cost=self.message_cost())
        return Computed(
            accounts=accounts,
            promises=book,
            months=months,
            brought=engine.create("brought", bringers(few, first=date.min, last=last)),
            effort=engine.create("effort", effort(self.month, first=first, last=last)),
            at_once=engine.create("at_once", costs),
            ratings=engine.create("ratings", ratings(self.month, first=first, last=last)),
            missing=engine.create("missing", self._missing()),
            road=road,
        )

    def _missing(self) -> Table:
        """Return the money of all facts known that has no rate; accounts have posted none of it."""
        told = self.told()
        foreign = told.filter(told.currency.upper() != self.configuration.currency)
        foreign = self.engine.create("foreign", foreign.select("occurred_on", "currency", "amount", "cost"))
        span = self.engine.rows(foreign.agg(first=foreign.occurred_on.min(), last=foreign.occurred_on.max()))[0]
        first, last = span["first"] or self.upto.day, span["last"] or self.upto.day
        return missing_rates(self.booked(foreign, first=first, last=last))

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


def _few(facts: Table) -> Table:
    """Return the facts of the kinds in `_FEW`, empty in all columns that are not read of them."""
    parts = []
    for kinds, read in _FEW.items():
        rows = facts.filter(facts.kind.isin(kinds))
        empty = {name: ibis.null(type_) for name, type_ in facts.schema().items() if name not in (*_KNOWN_BY, *read)}
        parts.append(rows.mutate(**empty).select(*facts.columns))
    return ibis.union(*parts, distinct=False)


def _postable(facts: Table) -> BooleanValue:
    """Whether what a fact measures fits the sums; where it does not, or is no number, it is recorded and not posted."""
    amount, seconds = facts.amount.abs().coalesce(0), facts.seconds.abs().coalesce(0.0)
    return cast(BooleanValue, (amount < int(LARGEST_MAGNITUDE)) & (seconds < LARGEST_MAGNITUDE))


def months_of(engine: Engine, book: Table) -> tuple[str, ...]:
    """Return the months in which promises of a book were made, in order: `2031-03`, …"""
    months = engine.rows(book.select(month=first_of_month(book.made_on)).distinct())
    return tuple(sorted(f"{row['month']:%Y-%m}" for row in months))
