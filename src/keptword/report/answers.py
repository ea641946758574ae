"""How the business answers: time to the first answer, who has none, and the messages late orders bring."""

from __future__ import annotations

import ibis
import numpy as np
from ibis.expr.types import Table

from keptword.core.conversations import messages_by_order, unanswered
from keptword.core.obligations import obligations, timed_in_days
from keptword.core.rates import wilson
from keptword.core.working_hours import timed_in_hours
from keptword.report.model import Messages, Replies
from keptword.report.shop import Shop
from keptword.report.word import listed


def replies(shop: Shop, judged: Table | None) -> Replies | None:
    """Return how the business answers; None where the files hold no conversation.

    `judged` are the orders as judged against the promise, where there is one: its late ones are compared with the
    others by the messages they brought. Hours are working hours; a conversation counts from its first message.
    """
    asked = obligations(
        shop.facts, begins=["contact.opened"], done_by=_answered_by(shop), called_off_by=None, as_of=shop.as_of.day
    )
    asked = shop.engine.create("conversations", asked)
    conversations = shop.count(asked)
    if not conversations:
        return None
    windows = shop.hour_clock(ahead=1)
    timed = timed_in_hours(asked, windows, as_of_at=shop.as_of.at)
    taken = shop.engine.columns(timed.filter(timed.taken_seconds.notnull()).select("taken_seconds"))["taken_seconds"]
    hours = np.asarray(taken, dtype="float64") / 3600
    clock = shop.day_clock(shop.calendar, ahead=2)
    in_days = timed_in_days(asked, clock, cutoff_seconds=None, as_of=shop.as_of.day)
    # A conversation counts once it was answered, or a whole working day went by without an answer.
    counted = in_days.filter(in_days.done_on.notnull() | (in_days.observed >= 1))
    day = shop.engine.rows(counted.agg(of=counted.count(), within=(counted.taken <= 1).sum().coalesce(0)))[0]
    open_ones = unanswered(shop.facts, as_of=shop.as_of.day)
    return Replies(
        conversations=conversations,
        answered=len(hours),
        median_hours=float(np.median(hours)) if len(hours) else None,
        ninety_hours=float(np.quantile(hours, 0.9)) if len(hours) else None,
        within_a_day=wilson(day["within"], day["of"]),
        unanswered=listed(shop, open_ones.select("subject", since="since_on", due_on=ibis.null("date"))),
        messages=messages(shop, judged) if judged is not None else None,
    )


def _answered_by(shop: Shop) -> str:
    """Return the kind of fact that tells an answer: where no file holds one, what was asked for being settled."""
    replied = shop.count(shop.facts.filter(shop.facts.kind == "contact.replied").limit(1))
    return "contact.replied" if replied else "contact.resolved"


def messages(shop: Shop, judged: Table) -> Messages | None:
    """Return the messages per order of late orders and of the others; None where no customer wrote at all."""
    due = judged.filter(judged.state.isin(["kept", "late", "waiting"]))
    wrote = messages_by_order(shop.facts, due, as_of=shop.as_of.day)
    rows = due.left_join(wrote, "subject")
    rows = rows.mutate(late=rows.state != "kept")
    counted = {
        row["late"]: row
        for row in shop.engine.rows(
            rows.group_by("late").agg(orders=rows.count(), messages=rows.messages.sum().coalesce(0))
        )
    }
    nothing = {"orders": 0, "messages": 0}
    late, other = counted.get(True, nothing), counted.get(False, nothing)
    if not late["messages"] + other["messages"]:
        return None
    return Messages(
        late_orders=late["orders"],
        late_messages=int(late["messages"]),
        other_orders=other["orders"],
        other_messages=int(other["messages"]),
    )
