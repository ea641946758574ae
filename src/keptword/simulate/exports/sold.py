"""A stretch of an invented shop's orders as plain Python values, which writers go through much faster than arrays."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from keptword.simulate.catalogue import PRODUCTS, Product
from keptword.simulate.world import World


class Sold(NamedTuple):
    """One order: positions in the tables of the catalogue, money in cents."""

    number: int
    person: int
    kind: int
    country: int
    carrier: int
    payment: int
    code: int
    note: int
    latest_drop: bool
    discount: int
    postage: int
    subtotal: int
    refunded: int
    items: list[tuple[Product, int]]
    """What was ordered, and how many of it."""

    @property
    def total(self) -> int:
        """What was to be paid."""
        return self.subtotal + self.postage


def sold(world: World, *, begin: int, end: int) -> list[Sold]:
    """Return the orders at the positions from `begin` to before `end`, oldest first."""
    first = world.lines.first[begin : end + 1].tolist()
    products = world.lines.product[first[0] : first[-1]].tolist()
    items = [PRODUCTS[product] for product in products]
    pairs = list(zip(items, world.lines.quantity[first[0] : first[-1]].tolist(), strict=True))
    bounds = [place - first[0] for place in first]
    baskets = [pairs[low:high] for low, high in pairwise(bounds)]
    columns = [getattr(world.orders, name)[begin:end].tolist() for name in Sold._fields if name != "items"]
    return [Sold(*row) for row in zip(*columns, baskets, strict=True)]
