"""What conversations tell: who waits for an answer, and how many messages orders bring."""

from __future__ import annotations

from datetime import date

import ibis
from ibis.expr.types import Table

MESSAGE_DAYS = 60
"""How long after an order a message of the same customer is counted with it."""


def unanswered(facts: Table, *, as_of: date) -> Table:
    """Return the conversations whose last word is a customer's: one row each.

    Columns: `subject`, `user_key`, `since_at`, `since_on` (the first message since the last answer).
    """
    kinds = ("contact.opened", "contact.reopened", "contact.replied", "contact.resolved")
    known = facts.filter(facts.kind.isin(kinds) & (facts.occurred_on <= ibis.literal(as_of)) & facts.subject.notnull())
    answer = known.kind.isin(["contact.replied", "contact.resolved"])
    last = known.group_by("subject").agg(answered_at=known.occurred_at.max(where=answer))
    questions = known.filter(known.kind.isin(["contact.opened", "contact.reopened"]))
    open_ones = questions.inner_join(last, "subject")
    open_ones = open_ones.filter(open_ones.answered_at.isnull() | (open_ones.occurred_at > open_ones.answered_at))
    return open_ones.group_by("subject").agg(
        user_key=open_ones.user_key.max(),
        since_at=open_ones.occurred_at.min(),
        since_on=open_ones.occurred_on.min(),
    )


def messages_by_order(facts: Table, orders: Table, *, as_of: date) -> Table:
    """Count each customer's messages with their latest order before it: one row per order with messages.

    `orders` has `subject`, `user_key`, `event_at`, `event_on`. Columns: `subject`, `messages`. A message counts with
    an order at most `MESSAGE_DAYS` old; one of nobody known, or without an order, with none.
    """
    asked = facts.filter(
        (facts.kind == "contact.opened") & facts.user_key.notnull() & (facts.occurred_on <= ibis.literal(as_of))
    ).select("fact_id", "user_key", "occurred_at", "occurred_on")
    theirs = orders.select("user_key", "event_at", "event_on", order="subject")
    rows = asked.inner_join(theirs, "user_key")
    rows = rows.filter(
        (rows.event_at <= rows.occurred_at) & (rows.occurred_on <= rows.event_on + ibis.interval(days=MESSAGE_DAYS))
    )
    latest = ibis.row_number().over(group_by="fact_id", order_by=[rows.event_at.desc(), rows.order])
    matched = rows.mutate(place=latest).filter(lambda row: row.place == 0)
    return matched.group_by(subject="order").agg(messages=matched.count())
