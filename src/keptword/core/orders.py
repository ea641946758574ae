"""What orders tell without any promise: who ordered, who came back, what was called off or paid back."""

from __future__ import annotations

from datetime import date

import ibis
from ibis.expr.types import Table

COMING_BACK_DAYS = 90
"""How long a customer has to come back, counted from the day of the first order."""


def placed_orders(facts: Table, *, as_of: date) -> Table:
    """Return the orders placed by the end of `as_of`: one row per order.

    Columns: `subject`, `user_key`, `placed_at`, `placed_on`, `left` (it has shipped), `called_off` (it was cancelled
    before it left), `cancelled`, `refunded` (some money went back), `amount`, `currency`.
    """
    kinds = ("order.placed", "order.paid", "order.shipped", "order.cancelled", "order.refunded")
    known = facts.filter(facts.kind.isin(kinds) & (facts.occurred_on <= ibis.literal(as_of)) & facts.subject.notnull())

    def happened(kind: str) -> ibis.expr.types.BooleanValue:
        return (known.kind == kind).any()

    begun = known.kind.isin(["order.placed", "order.paid"])
    gathered = known.group_by("subject").agg(
        user_key=known.user_key.max(),
        placed_at=known.occurred_at.min(where=begun),
        placed_on=known.occurred_on.min(where=begun),
        left=happened("order.shipped"),
        cancelled=happened("order.cancelled"),
        refunded=happened("order.refunded"),
        amount=known.amount.max(where=known.kind == "order.placed"),
        currency=known.currency.max(where=known.kind == "order.placed"),
    )
    placed = gathered.filter(gathered.placed_on.notnull())
    return placed.mutate(called_off=placed.cancelled & ~placed.left)


def came_back(orders: Table, *, as_of: date) -> Table:
    """Return who bought again: one row per customer whose first order is `COMING_BACK_DAYS` old at the end of `as_of`.

    Columns: `first_on`, `back` (another order followed within those days). Orders called off do not count, nor do
    orders of nobody known.
    """
    bought = orders.filter(orders.user_key.notnull() & ~orders.called_off)
    first = bought.group_by("user_key").agg(first_at=bought.placed_at.min(), first_on=bought.placed_on.min())
    first = first.filter(first.first_on + ibis.interval(days=COMING_BACK_DAYS) <= ibis.literal(as_of))
    rows = bought.inner_join(first, "user_key")
    later = (rows.placed_at > rows.first_at) & (rows.placed_on <= rows.first_on + ibis.interval(days=COMING_BACK_DAYS))
    return rows.group_by("user_key", "first_on").agg(back=later.any())


def by_product(orders: Table, products: Table) -> Table:
    """Count refunds and cancellations by product: one row per product.

    `products` has `subject`, `value`, one row per order and product in it. Columns: `label`, `orders`, `refunded`,
    `cancelled`: an order of several products counts with each of them.
    """
    rows = orders.inner_join(products, "subject")
    return rows.group_by(label="value").agg(
        orders=rows.count(), refunded=rows.refunded.sum(), cancelled=rows.cancelled.sum()
    )
