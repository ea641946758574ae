"""What late and broken promises cost at once: money given back, remedies, and the messages they bring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, cast

import ibis
from ibis.expr.types import BooleanValue, Table

from keptword.core.exact import MONEY, MONEY_SUM, sum_of
from keptword.core.money import EURO, Rates

MESSAGE_DAYS: Final = 60
"""How long after a promise failed a message that names no order is put down to it."""

MESSAGES: Final = ("contact.opened", "contact.reopened", "complaint.made")

COSTING: Final = ("promise.broken", "order.refunded", "remedy.given", *MESSAGES)
"""The kinds of fact that tell what a failed promise costs; `at_once` needs no others."""


@dataclass(frozen=True)
class Assumed:
    """A figure that is not from this shop, until the settings say otherwise: who gives it, and how sure it is."""

    value: Decimal
    unit: str
    source: str
    grade: str = "P"


MINUTES_PER_MESSAGE: Final = Assumed(
    Decimal(5),
    "minutes",
    "Assumed: trade reports put the work on one mail at 4 to 6 minutes; a week of one's own, timed, is better.",
)

WAGE_PER_HOUR: Final = Assumed(
    Decimal(33),
    EURO,
    "Assumed: an hour of work in services cost 33.3 EUR in the European Union in 2024 (Eurostat, labour cost levels).",
)


def cost_per_message(
    *,
    currency: str,
    minutes: Decimal | None = None,
    wage: Decimal | None = None,
    rates: Rates | None = None,
    day: date | None = None,
) -> Decimal | None:
    """Return what it costs to answer one message, in the business's currency, to four places.

    `minutes` a message and `wage` an hour (in `currency`) come from the settings; what they leave out is assumed. The
    assumed wage is in euros, told in `currency` by the rate of `day`; None where no rate is known, as then the
    cost is not known either.
    """
    if wage is None:
        same = Decimal(1) if currency == WAGE_PER_HOUR.unit else None
        known = rates.factor(WAGE_PER_HOUR.unit, into=currency, day=day) if rates and day else None
        factor = same or known
        if factor is None:
            return None
        wage = WAGE_PER_HOUR.value * factor
    each = (MINUTES_PER_MESSAGE.value if minutes is None else minutes) * wage / 60
    return each.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def at_once(facts: Table, promises: Table, *, first: date, last: date, message_cost: Decimal | None) -> Table:
    """Add up what failed promises cost from `first` to `last`, local days: one row per `promise_kind`, in its order.

    `facts` has `own_amount` and `own_cost` (see `in_own_currency`); `promises` has the columns of `outcomes`, as of
    `last`. A promise failed when it was late, or is broken; from that moment on, what follows is put down to it,
    each entry to one promise: one it names, else the last that failed. Nobody knows whether it would have come anyway.

    - `late` and `broken`: promises kept late in that time; promises broken that failed in it.
    - `refunds`, `refund_amount` and `remedies` (vouchers, replacements), `remedy_amount`: those that name the subject
      of a failed promise, at their amount, else at their cost. A refund is no cost of a late refund.
    - `messages`, `message_cost`: messages that name the subject, or name no order and are of the same user, at most
      `MESSAGE_DAYS` after it failed; each at `message_cost`, empty where that is None.
    - `left_out`: refunds and remedies whose money has no rate. `not_told`: those that tell no money.

    Amounts are decimal(38, 4). Kinds of which none failed then, and that cost nothing, have no row.
    """
    failed = _failed(facts, promises)
    within = facts.filter(facts.occurred_on.between(ibis.literal(first), ibis.literal(last)))
    costs = _added(_put_down(within, failed), message_cost=message_cost)
    fell = failed.failed_on.between(ibis.literal(first), ibis.literal(last))
    kept = failed.kept_on.between(ibis.literal(first), ibis.literal(last))
    kinds = failed.group_by("promise_kind").agg(
        late=failed.count(where=(failed.outcome == "late") & kept),
        broken=failed.count(where=(failed.outcome == "broken") & fell),
    )
    rows = kinds.left_join(costs, "promise_kind").drop("promise_kind_right")
    # A kind whose failures cost nothing in that time has no costs to join.
    none = {name: rows[name].coalesce(ibis.literal(0, type=costs[name].type())) for name in _SUMS}
    if message_cost is not None:
        none["message_cost"] = rows.message_cost.coalesce(ibis.literal(Decimal(0), type=MONEY_SUM))
    rows = rows.mutate(**none)
    return rows.filter(rows.late + rows.broken + rows.refunds + rows.remedies + rows.messages > 0).order_by(
        "promise_kind"
    )


_SUMS: Final = ("refunds", "refund_amount", "remedies", "remedy_amount", "messages", "left_out", "not_told")


def _failed(facts: Table, promises: Table) -> Table:
    """One row per promise late or broken; `said_on` is the day it was said to be broken, `failed_on` when it failed."""
    said = facts.filter(facts.kind == "promise.broken")
    said = said.group_by(said_of="promise_id").agg(said_on=said.occurred_on.min())
    those = promises.filter(promises.outcome.isin(["late", "broken"]))
    rows = those.left_join(said, those.promise_id == said.said_of)
    due_day = rows.due_on.coalesce(rows.due_at.date())
    return rows.select(
        "promise_id",
        "promise_kind",
        "outcome",
        "due_at",
        "said_on",
        "kept_on",
        failed_on=ibis.least(due_day.coalesce(rows.said_on), rows.said_on.coalesce(due_day)),
        owner="user_key",
        about="subject",
    )


def _put_down(within: Table, failed: Table) -> Table:
    """One row per entry that followed a failed promise: `kind`, its money, and the `promise_kind` it is put down to."""
    entries = within.filter(within.kind.isin(["order.refunded", "remedy.given", *MESSAGES])).select(
        "fact_id",
        "kind",
        "user_key",
        "subject",
        "occurred_at",
        "occurred_on",
        told=within.amount.notnull() | within.cost.notnull(),
        money=within.own_amount.coalesce(within.own_cost),
    )
    named = entries.inner_join(failed, entries.subject == failed.about)
    is_owed = (named.kind == "order.refunded") & (named.promise_kind == "refund")
    named = named.filter(_followed(named) & ~is_owed).mutate(named=ibis.literal(1))
    loose = entries.filter(entries.kind.isin(MESSAGES) & ~entries.subject.startswith("order:").coalesce(False))
    theirs = loose.inner_join(failed, loose.user_key == failed.owner)
    soon = theirs.occurred_on <= theirs.failed_on + ibis.interval(days=MESSAGE_DAYS)
    theirs = theirs.filter(_followed(theirs) & soon).mutate(named=ibis.literal(0))
    both = ibis.union(named, theirs.select(*named.columns), distinct=False)
    order = [both.named.desc(), both.failed_on.desc(), both.promise_id]
    place = ibis.row_number().over(group_by="fact_id", order_by=order)
    return both.mutate(place=place).filter(lambda row: row.place == 0)


def _followed(pairs: Table) -> BooleanValue:
    """Whether an entry came after the due moment, or on the day the promise was said to be broken, or later."""
    after_due = (pairs.occurred_at >= pairs.due_at).coalesce(False)
    after_word = (pairs.occurred_on >= pairs.said_on).coalesce(False)
    return cast(BooleanValue, after_due | after_word)


def _added(entries: Table, *, message_cost: Decimal | None) -> Table:
    refund, remedy = entries.kind == "order.refunded", entries.kind == "remedy.given"
    message = entries.kind.isin(MESSAGES)
    counted = entries.group_by("promise_kind").agg(
        refunds=entries.count(where=refund),
        refund_amount=sum_of(refund.ifelse(entries.money, None)),
        remedies=entries.count(where=remedy),
        remedy_amount=sum_of(remedy.ifelse(entries.money, None)),
        messages=entries.count(where=message),
        left_out=entries.count(where=(refund | remedy) & entries.told & entries.money.isnull()),
        not_told=entries.count(where=(refund | remedy) & ~entries.told),
    )
    if message_cost is None:
        return counted.mutate(message_cost=ibis.null(MONEY_SUM))
    each = ibis.literal(message_cost, type=MONEY)
    return counted.mutate(message_cost=(counted.messages.cast("decimal(18, 0)") * each).cast(MONEY_SUM))
