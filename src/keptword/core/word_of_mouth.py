"""Word of mouth: who brought whom, and how the business and its goods are rated."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final, cast

import ibis
from ibis.expr.types import BooleanValue, Table

from keptword.core.exact import FRACTION, exact, sum_of

GOOD_SCORE: Final = Decimal("0.75")
"""A good rating is at least this: four stars of five."""

BAD_SCORE: Final = Decimal("0.5")
"""A bad rating is at most this: three stars of five."""

RATINGS: Final = ("review.posted", "survey.answered")


def _within(facts: Table, *, first: date, last: date) -> BooleanValue:
    return cast(BooleanValue, facts.occurred_on.between(ibis.literal(first), ibis.literal(last)))


def _recommendations(facts: Table, *, first: date, last: date) -> Table:
    """One row per recommendation sent or followed: `bringer`, `brought` (empty where sent), `occurred_on`."""
    theirs = facts.filter(
        _within(facts, first=first, last=last) & facts.kind.isin(["referral.sent", "referral.joined"])
    )
    joined = theirs.kind == "referral.joined"
    rows = theirs.select(
        "occurred_on",
        bringer=joined.ifelse(theirs.other_user, theirs.user_key),
        brought=joined.ifelse(theirs.user_key, None),
    )
    # Nobody brings themselves.
    return rows.filter(rows.bringer.notnull() & (rows.brought.isnull() | (rows.brought != rows.bringer)))


def bringers(facts: Table, *, first: date, last: date) -> Table:
    """Return who recommended the business from `first` to `last`, local days: one row per user, in order of their key.

    Columns: `user_key`, `brought` (different users who joined on this one's word), `sent` (recommendations), and
    `first_on`, `last_on` of either. Whoever joined on two people's word counts with both.
    """
    rows = _recommendations(facts, first=first, last=last)
    counted = rows.group_by(user_key="bringer").agg(
        brought=rows.brought.nunique(),
        sent=rows.count(where=rows.brought.isnull()),
        first_on=rows.occurred_on.min(),
        last_on=rows.occurred_on.max(),
    )
    return counted.order_by("user_key")


def recommended(facts: Table, *, first: date, last: date) -> Table:
    """Count recommendations from `first` to `last`: one row.

    Columns: `senders` (users who sent one), `sent`, `bringers` (users somebody joined on the word of), `brought`
    (users who joined, each counted once).
    """
    rows = _recommendations(facts, first=first, last=last)
    was_sent = rows.brought.isnull()
    return rows.agg(
        senders=rows.bringer.nunique(where=was_sent),
        # Of no rows at all, one engine counts none and another nothing.
        sent=rows.count(where=was_sent).coalesce(0),
        bringers=rows.bringer.nunique(where=~was_sent),
        brought=rows.brought.nunique(),
    )


def ratings(facts: Table, *, first: date, last: date) -> Table:
    """Return how users rated from `first` to `last`, local days: one row per kind and target, in that order.

    Columns: `kind` (a review or a survey), `target` (what the subject begins with: order, product, shop, …),
    `ratings`, `score_sum` (decimal, each score rounded to six places before it is added; the mean is `score_sum` /
    `ratings`), `good` and `bad` (see `GOOD_SCORE`, `BAD_SCORE`), `good_share`, `bad_share` (0..1).
    """
    given = facts.filter(_within(facts, first=first, last=last) & facts.kind.isin(RATINGS))
    given = given.select("kind", target=given.subject.split(":")[0], score=exact(given.score))
    given = given.filter(given.score.notnull())
    counted = given.group_by("kind", "target").agg(
        ratings=given.count(),
        score_sum=sum_of(given.score),
        good=given.count(where=given.score >= ibis.literal(GOOD_SCORE, type=FRACTION)),
        bad=given.count(where=given.score <= ibis.literal(BAD_SCORE, type=FRACTION)),
    )
    shares = {"good_share": counted.good / counted.ratings, "bad_share": counted.bad / counted.ratings}
    return counted.mutate(**shares).order_by("kind", "target")
