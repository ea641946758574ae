"""What orders tell without any promise: refunds and cancellations by product, and who came back."""

from __future__ import annotations

import ibis
import numpy as np

from keptword.core.days import first_of_quarter
from keptword.core.differences import stand_out
from keptword.core.orders import by_product, came_back
from keptword.core.rates import shrunk, wilson
from keptword.report.model import Product, Products, Quarter, Returning, Reviews
from keptword.report.shop import Shop

SHOWN_PRODUCTS = 15
"""How many products a report lists; the rest are counted."""

FOUR_STARS = 0.75
TWO_STARS = 0.25
"""Four and two stars of five, as scores from 0 to 1."""

ENOUGH_ORDERS = 10
"""Below so many orders a product is not shown alone."""


def products(shop: Shop) -> Products | None:
    """Return refunds and cancellations by product, the most often refunded first; None where no product is known."""
    if "product" not in shop.trait_names:
        return None
    rows = shop.engine.rows(by_product(shop.orders, shop.trait("product")).order_by("label"))
    if not rows:
        return None
    if not any(row["refunded"] or row["cancelled"] for row in rows) and "order.refunded" in shop.gathered.undated:
        return None
    totals = np.array([row["orders"] for row in rows])
    refunded, cancelled = (np.array([row[what] for row in rows]) for what in ("refunded", "cancelled"))
    of_refunded, of_cancelled = shrunk(refunded, totals), shrunk(cancelled, totals)
    found = stand_out(refunded, totals)
    listed = [
        Product(
            label=row["label"],
            orders=row["orders"],
            refunded=of_refunded.shares[place],
            cancelled=of_cancelled.shares[place],
            stands_out=found[place].direction == "more",
        )
        for place, row in enumerate(rows)
        if row["orders"] >= ENOUGH_ORDERS
    ]
    listed.sort(key=lambda product: (-(product.refunded.value or 0.0), -product.orders, product.label))
    whole = shop.engine.rows(
        shop.orders.agg(
            orders=shop.orders.count(),
            refunded=shop.orders.refunded.sum().coalesce(0),
            cancelled=shop.orders.cancelled.sum().coalesce(0),
        )
    )[0]
    return Products(
        products=tuple(listed[:SHOWN_PRODUCTS]),
        refunded=wilson(whole["refunded"], whole["orders"]),
        cancelled=wilson(whole["cancelled"], whole["orders"]),
        others=len(rows) - min(len(listed), SHOWN_PRODUCTS),
    )


def returning(shop: Shop) -> Returning | None:
    """Return who came back within 90 days, by quarter of first purchase; None where nobody could have yet."""
    back = came_back(shop.orders, as_of=shop.as_of.day)
    back = back.mutate(quarter=first_of_quarter(back.first_on))
    rows = shop.engine.rows(
        back.group_by("quarter").agg(customers=back.count(), back=back.back.sum()).order_by("quarter")
    )
    if not rows:
        return None
    return Returning(
        share=wilson(sum(row["back"] for row in rows), sum(row["customers"] for row in rows)),
        quarters=tuple(Quarter(row["quarter"], wilson(row["back"], row["customers"])) for row in rows),
    )


def reviews(shop: Shop) -> Reviews | None:
    """Return what customers say in their reviews up to the day; None where no file holds any."""
    posted = shop.facts.filter(
        (shop.facts.kind == "review.posted") & (shop.facts.occurred_on <= ibis.literal(shop.as_of.day))
    )
    row = shop.engine.rows(
        posted.agg(
            count=posted.count(),
            good=(posted.score >= FOUR_STARS).sum().coalesce(0),
            bad=(posted.score <= TWO_STARS).sum().coalesce(0),
        )
    )[0]
    if not row["count"]:
        return None
    return Reviews(good=wilson(row["good"], row["count"]), bad=wilson(row["bad"], row["count"]))
