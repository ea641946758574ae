"""What a business may say it never does, as checks over facts and promises: each gives the times it was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import ibis
from ibis.expr.types import Table

from keptword.core.red_line_kinds import MARKETING, OWED_FROM_MADE

CROSSING: Final[dict[str, str]] = {
    "check": "string",
    "user_key": "string",
    "subject": "string",
    "occurred_on": "date",
    "promise_id": "string",
    "fact_id": "string",
}
"""The columns of a crossing: which check, to whom, about what, on which day, the promise or the fact that shows it."""

REFUND_DAYS: Final = 14
"""Days within which money must be back where the law of the business's country is not known to say otherwise."""


@dataclass(frozen=True)
class Known:
    """What checks look at: the facts known, the promise book of the same day, and what the law says of refunds."""

    facts: Table
    book: Table
    refund_days: int = REFUND_DAYS


def reward_not_delivered(known: Known) -> Table:
    """Return each prize or reward that was not delivered by its day: late, or not at all."""
    return _failed(known.book, kind="reward", check="reward_not_delivered")


def refund_late(known: Known) -> Table:
    """Return each refund later than promised, and each later than the law allows; each order counts once.

    By law: an order called off or sent back, with money that came back more than `refund_days` days after. One for
    which no money came back at all is not known to be owed any: it was perhaps never paid.
    """
    promised = _failed(known.book, kind="refund", check="refund_late")
    facts = known.facts
    ended = facts.filter(facts.kind.isin(["order.cancelled", "order.returned"]))
    ended = ended.group_by("subject").agg(ended_on=ended.occurred_on.min(), user_key=ended.user_key.min())
    back = facts.filter(facts.kind == "order.refunded")
    back = back.group_by("subject").agg(back_on=back.occurred_on.min(), fact_id=back.fact_id.min())
    rows = ended.inner_join(back, "subject")
    allowed = ibis.interval(days=known.refund_days)
    late = rows.filter(rows.back_on > (rows.ended_on + allowed).cast("date"))
    late = late.anti_join(promised.filter(promised.subject.notnull()), "subject")
    return ibis.union(
        promised,
        _crossing(late, check="refund_late", on="back_on"),
        distinct=False,
    )


def offer_to_unsubscribed(known: Known) -> Table:
    """Return each offer to somebody who had taken back the permission to write, and had not given it again."""
    facts = known.facts
    told = facts.filter(
        (facts.kind == "list.subscribed")
        | (facts.kind.isin(["consent.given", "consent.withdrawn"]) & facts.subject.isin(MARKETING))
    ).select("user_key", "kind", told_at="occurred_at", told_id="fact_id")
    offers = facts.filter(facts.kind == "offer.sent")
    pairs = offers.inner_join(told, "user_key").filter(lambda row: row.told_at <= row.occurred_at)
    last = ibis.row_number().over(group_by="fact_id", order_by=[ibis.desc(pairs.told_at), ibis.desc(pairs.told_id)])
    newest = pairs.mutate(place=last).filter(lambda row: row.place == 0)
    return _crossing(newest.filter(newest.kind_right == "consent.withdrawn"), check="offer_to_unsubscribed")


def offer_to_owed(known: Known) -> Table:
    """Return each offer to somebody who was waiting for something promised at that moment."""
    book = known.book
    waits = book.filter(book.outcome != "released").select(
        "user_key",
        "promise_id",
        "kept_at",
        "broken_on",
        from_at=book.promise_kind.isin(OWED_FROM_MADE).ifelse(book.made_at, book.due_at),
    )
    offers = known.facts.filter(known.facts.kind == "offer.sent").drop("promise_id")
    pairs = offers.inner_join(waits, "user_key")
    waiting = pairs.filter(
        (pairs.from_at <= pairs.occurred_at)
        & (pairs.kept_at.isnull() | (pairs.kept_at > pairs.occurred_at))
        & (pairs.broken_on.isnull() | (pairs.broken_on > pairs.occurred_on))
    )
    first = ibis.row_number().over(group_by="fact_id", order_by=[waiting.from_at, waiting.promise_id])
    once = waiting.mutate(place=first).filter(lambda row: row.place == 0)
    return _crossing(once, check="offer_to_owed", promise="promise_id")


def price_higher_than_shown(known: Known) -> Table:
    """Return each order paid with more than what was shown when it was placed, or when paying began.

    Only where both moments name an amount in one currency; what was shown last before paying counts.
    """
    facts = known.facts
    shown = facts.filter(facts.kind.isin(["checkout.started", "order.placed"]) & facts.amount.notnull())
    shown = shown.select("subject", "currency", shown="amount", shown_at="occurred_at", shown_id="fact_id")
    paid = facts.filter((facts.kind == "order.paid") & facts.amount.notnull())
    pairs = paid.inner_join(shown, ["subject", "currency"]).filter(lambda row: row.shown_at <= row.occurred_at)
    last = ibis.row_number().over(group_by="fact_id", order_by=[ibis.desc(pairs.shown_at), ibis.desc(pairs.shown_id)])
    newest = pairs.mutate(place=last).filter(lambda row: row.place == 0)
    return _crossing(newest.filter(newest.amount > newest.shown), check="price_higher_than_shown")


def review_changed(known: Known) -> Table:
    """Return each review that was hidden or edited."""
    facts = known.facts
    return _crossing(facts.filter(facts.kind.isin(["review.hidden", "review.edited"])), check="review_changed")


def told(known: Known) -> Table:
    """Return each time somebody of the business recorded that a red line was crossed."""
    facts = known.facts
    return _crossing(facts.filter(facts.kind == "redline.crossed"), check="told")


CHECKS: Final[dict[str, Callable[[Known], Table]]] = {
    "reward_not_delivered": reward_not_delivered,
    "refund_late": refund_late,
    "offer_to_unsubscribed": offer_to_unsubscribed,
    "offer_to_owed": offer_to_owed,
    "price_higher_than_shown": price_higher_than_shown,
    "review_changed": review_changed,
}
"""The checks that are ready, by name."""


def crossings(known: Known) -> Table:
    """Return every crossing that the checks find: one row each, with the columns of `CROSSING`."""
    return ibis.union(*(check(known) for check in CHECKS.values()), told(known), distinct=False)


def _failed(book: Table, *, kind: str, check: str) -> Table:
    rows = book.filter((book.promise_kind == kind) & book.outcome.isin(["late", "broken"]))
    due_day = rows.due_on.coalesce(rows.due_at.cast("date"))
    # Said before its day not to be kept, it failed then.
    failed_on = ibis.least(due_day.coalesce(rows.broken_on), rows.broken_on.coalesce(due_day))
    on = failed_on.coalesce(rows.made_on)
    return _crossing(rows.mutate(failed_on=on), check=check, on="failed_on", promise="promise_id", fact=None)


def _crossing(
    rows: Table, *, check: str, on: str = "occurred_on", promise: str | None = None, fact: str | None = "fact_id"
) -> Table:
    empty = ibis.null("string")
    return rows.select(
        check=ibis.literal(check),
        user_key=rows.user_key,
        subject=rows.subject,
        occurred_on=rows[on],
        promise_id=rows[promise] if promise else empty,
        fact_id=rows[fact] if fact else empty,
    )
