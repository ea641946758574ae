"""Who orders when and what: customers who come, come back or stay away, and the orders that are no customer's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from keptword.simulate.catalogue import (
    BOGUS,
    CARRIERS,
    COUNTRIES,
    MANUAL,
    PAYMENT_SHARES,
    PRODUCTS,
    REPLACEMENT,
    SEASON_WEIGHTS,
    TEAM,
    WEEKDAY_WEIGHTS,
)
from keptword.simulate.clock import DAY, Days, Flags, Instants, Numbers
from keptword.simulate.dispatch import Course, draw_course
from keptword.simulate.setting import Setting, seconds
from keptword.simulate.world import Kind

STAFF, WHOLESALERS = 4, 6
"""How many people of the shop's own order for themselves, and how many shops order from it."""


@dataclass(frozen=True)
class Sales:
    """One element per order: who, what kind, when, and what became of it, beyond the last day too."""

    person: Numbers
    kind: Numbers
    placed_at: Instants
    country: Numbers
    carrier: Numbers
    payment: Numbers
    code: Numbers
    course: Course

    def __len__(self) -> int:
        """Return how many orders there are."""
        return len(self.person)

    def take(self, positions: Numbers) -> Sales:
        """Return the orders at these positions, in this order."""
        course = Course(**{name: column[positions] for name, column in vars(self.course).items()})
        rest = {name: column[positions] for name, column in vars(self).items() if name != "course"}
        return Sales(**rest, course=course)


def together(parts: list[Sales]) -> Sales:
    """Return the orders of all parts, oldest first."""
    course = {name: np.concatenate([vars(part.course)[name] for part in parts]) for name in vars(parts[0].course)}
    rest = {name: np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0]) if name != "course"}
    all_of_them = Sales(**rest, course=Course(**course))
    return all_of_them.take(np.argsort(all_of_them.placed_at, kind="stable"))


def draw_sales(setting: Setting, *, users: int) -> Sales:
    """Return every order until the last day, oldest first; `users` customers place at least one."""
    rng, shop = setting.rng, setting.shop
    spread = shop.return_spread
    stays = rng.beta(shop.return_share * spread, (1 - shop.return_share) * spread, users)
    person = np.arange(users)
    placed = setting.moment(_first_days(setting, users))
    parts = []
    while len(person):
        part = _ordered(setting, person=person, placed=placed, kind=Kind.ORDINARY)
        parts.append(part)
        chance = stays[person] * np.where(part.course.late, shop.return_after_late, 1.0)
        chance *= np.where(np.isnat(part.course.cancelled_at), 1.0, shop.return_after_cancelled)
        pause = 10 + np.floor(rng.gamma(1.4, 40.0, len(person))).astype(np.int64)
        placed = setting.moment(setting.clock.day(part.placed_at) + pause)
        back = (rng.random(len(person)) < chance) & (placed < setting.end)
        person, placed = person[back], placed[back]
    return together(parts + _left_out(setting, together(parts), users=users))


def _first_days(setting: Setting, count: int) -> Days:
    """Return the days on which customers first order: a growing shop, with its seasons and its week."""
    days = np.arange(setting.first, setting.until + 1)
    growth = np.linspace(1.0, 1.9, len(days))
    season = np.asarray(SEASON_WEIGHTS)[days.astype("datetime64[M]").astype(np.int64) % 12]
    week = np.asarray(WEEKDAY_WEIGHTS)[(days.astype(np.int64) + 3) % 7]
    return days[setting.choose(growth * season * week, count)]


def _ordered(setting: Setting, *, person: Numbers, placed: Instants, kind: Kind) -> Sales:
    """Return one order of that kind for each person and instant, and what became of it."""
    rng, count = setting.rng, len(person)
    country = setting.people.country[person].astype(np.int64)
    bounds = np.cumsum([place.carriers for place in COUNTRIES], axis=1)
    carrier = (rng.random(count)[:, None] > bounds[country]).sum(axis=1).clip(max=len(CARRIERS) - 1)
    payment = setting.choose(np.asarray(PAYMENT_SHARES), count)
    code = np.where(rng.random(count) < 0.09, rng.integers(1, 3, count), 0)
    if kind is Kind.TEST:
        payment[:] = BOGUS
    elif kind is Kind.ZERO_VALUE:
        payment[:], code[:] = MANUAL, REPLACEMENT
    elif kind is Kind.STAFF:
        code[:] = TEAM
    elif kind is Kind.WHOLESALE:
        code[:] = 0
    course = draw_course(setting, placed=placed, country=country, carrier=carrier, payment=payment)
    kinds = np.full(count, int(kind), np.int64)
    return Sales(person, kinds, placed, country, carrier, payment, code, course)


def _left_out(setting: Setting, ordinary: Sales, *, users: int) -> list[Sales]:
    """Return the orders that are no customer's: tests, the staff's own, wholesale, and replacements for nothing."""
    rng, orders = setting.rng, len(ordinary)
    replaced = ordinary.take(np.sort(rng.choice(orders, min(orders, max(2, orders // 110)), replace=False)))
    again = replaced.placed_at + seconds(8 + rng.random(len(replaced)) * 14)
    in_time = again < setting.end
    parts = [_ordered(setting, person=replaced.person[in_time], placed=again[in_time], kind=Kind.ZERO_VALUE)]
    begin = users
    for kind, people, share in ((Kind.STAFF, STAFF, 90), (Kind.WHOLESALE, WHOLESALERS, 80), (Kind.TEST, 1, 250)):
        count = max(3, orders // share)
        person = begin + rng.integers(0, people, count)
        days = setting.first + rng.integers(0, (setting.until - setting.first).astype(int) + 1, count)
        parts.append(_ordered(setting, person=person, placed=setting.moment(days), kind=kind))
        begin += people
    return parts


def delivered(setting: Setting, sales: Sales) -> Instants:
    """Return when each order arrived; NaT where it never left."""
    transit = (
        np.array([carrier.days for carrier in CARRIERS])[sales.carrier]
        + np.array([0 if place.code == setting.shop.country else 2 for place in COUNTRIES])[sales.country]
    )
    days = transit - 1 + setting.rng.gamma(1.5, 0.7, len(sales))
    return sales.course.shipped_at + seconds(days, unit=DAY)


@dataclass(frozen=True)
class Baskets:
    """One element per line of an order, in the order of the orders; and the sums each order comes to, in cents."""

    order: Numbers
    product: Numbers
    quantity: Numbers
    first: Numbers
    goods: Numbers


def draw_baskets(setting: Setting, sales: Sales) -> Baskets:
    """Return what was ordered: one to five different products an order."""
    rng, orders = setting.rng, len(sales)
    sizes = 1 + setting.choose(np.array([0.52, 0.27, 0.13, 0.06, 0.02]), orders)
    first = np.concatenate([[0], np.cumsum(sizes)])
    order = np.repeat(np.arange(orders), sizes)
    product = np.empty(len(order), np.int64)
    appeal = np.log([item.demand for item in PRODUCTS])
    prices = np.array([item.price for item in PRODUCTS])
    for start in range(0, orders, 100_000):  # one random number per order and product: not all at once
        stop = min(start + 100_000, orders)
        keys = appeal + rng.gumbel(size=(stop - start, len(PRODUCTS)))
        best = np.argsort(-keys, axis=1)[:, : int(sizes.max())]
        wanted = np.arange(best.shape[1]) < sizes[start:stop, None]
        product[first[start] : first[stop]] = best[wanted]
    quantity = 1 + setting.choose(np.array([0.82, 0.13, 0.05]), len(order))
    quantity = np.where(sales.kind[order] == Kind.WHOLESALE, quantity * 6, quantity)
    goods = np.bincount(order, weights=quantity * prices[product], minlength=orders).astype(np.int64)
    return Baskets(order, product, quantity, first, goods)


def draw_sent_back(setting: Setting, baskets: Baskets, *, late: Flags) -> Flags:
    """Return for each line whether it is sent back, given which orders are late."""
    chance = np.array([item.refund for item in PRODUCTS])
    factor = np.where(late[baskets.order], setting.shop.refund_when_late, 1.0)
    return setting.rng.random(len(baskets.order)) < chance[baskets.product] * factor
