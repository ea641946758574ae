"""The invented shop "Haiwen": eighteen months of tea, parcels and letters, drawn from habits that are known."""

from __future__ import annotations

from datetime import date

import numpy as np

from keptword.core.problems import KeptwordError
from keptword.simulate.catalogue import CODES, COUNTRIES, PRODUCTS
from keptword.simulate.clock import NEVER, Flags, Instants, Numbers, months_before
from keptword.simulate.contacts import draw_messages, draw_reviews
from keptword.simulate.people import draw_people
from keptword.simulate.sales import (
    STAFF,
    WHOLESALERS,
    Baskets,
    Sales,
    delivered,
    draw_baskets,
    draw_sales,
    draw_sent_back,
)
from keptword.simulate.setting import Setting, seconds, setting
from keptword.simulate.world import Kind, Lines, Orders, Shop, World

FIRST_NUMBER = 1001


def simulate(*, seed: int, until: date, users: int = 400, months: int = 18, shop: Shop | None = None) -> World:
    """Return all that happens in the invented shop in the `months` months up to and including the day `until`.

    `users` customers order for the first time in that span; about 1.7 orders each come of it in 18 months,
    and a few more that are no customer's. The same arguments give the same world.
    """
    if users < 1 or months < 1:
        raise KeptwordError(
            f"The invented shop needs at least 1 customer and 1 month, and was given {users} and {months}."
        )
    habits = shop or Shop()
    rng = np.random.default_rng(seed)
    first = _first_day(until, months=months)
    strangers = max(3, users // 40)
    people = draw_people(
        rng, count=users + STAFF + WHOLESALERS + 1 + strangers, at_home=STAFF + WHOLESALERS + 1 + strangers
    )
    scene = setting(habits, rng=rng, people=people, first=first, until=until)
    sales = draw_sales(scene, users=users)
    baskets = draw_baskets(scene, sales)
    orders, sent_back = _orders(scene, sales=sales, baskets=baskets)
    return World(
        shop=habits,
        seed=seed,
        users=users,
        months=months,
        first=first,
        until=until,
        clock=scene.clock,
        people=people,
        orders=orders,
        lines=Lines(
            order=baskets.order.astype(np.int32),
            product=baskets.product.astype(np.int16),
            quantity=baskets.quantity.astype(np.int16),
            refunded=sent_back,
            first=baskets.first.astype(np.int32),
        ),
        messages=draw_messages(scene, sales, strangers=strangers),
        reviews=draw_reviews(scene, orders, late=sales.course.late, product=baskets.product[baskets.first[:-1]]),
    )


def _first_day(until: date, *, months: int) -> date:
    """Return the first of the shop's days; the years are those for which every computer knows the local time."""
    if until.year * 12 - months < 1972 * 12 or until.year > 2900:
        raise KeptwordError(
            f"The invented shop cannot live for {months} months until {until}: it knows the years from 1971 to 2900. "
            "Give a last day and a number of months that lie within them."
        )
    return months_before(until, months=months)


def _orders(scene: Setting, *, sales: Sales, baskets: Baskets) -> tuple[Orders, Flags]:
    """Return the orders as known at the end of the last day, and for each line whether its money went back."""
    count, course = len(sales), sales.course
    discount = (baskets.goods * np.array([off for _, off in CODES])[sales.code] + 50) // 100
    subtotal = baskets.goods - discount
    free_from = np.array([place.free_from for place in COUNTRIES])[sales.country]
    postage = np.array([place.postage for place in COUNTRIES])[sales.country]
    postage = np.where((subtotal >= free_from) | (sales.kind == Kind.ZERO_VALUE), 0, postage)
    cancelled_at = scene.known(course.cancelled_at)
    shipped_at, paid_at = scene.known(course.shipped_at), scene.known(course.paid_at)
    sent_back, back_at, back = _sent_back(
        scene, sales=sales, baskets=baskets, shipped_at=shipped_at, subtotal=subtotal, postage=postage
    )
    called_off = ~np.isnat(cancelled_at) & ~np.isnat(paid_at)
    orders = Orders(
        number=np.arange(FIRST_NUMBER, FIRST_NUMBER + count, dtype=np.int32),
        person=sales.person.astype(np.int32),
        kind=sales.kind.astype(np.int8),
        placed_at=sales.placed_at,
        paid_at=paid_at,
        shipped_at=shipped_at,
        delivered_at=scene.known(delivered(scene, sales)),
        cancelled_at=cancelled_at,
        refunded_at=np.where(called_off, cancelled_at, back_at),
        country=sales.country.astype(np.int8),
        carrier=sales.carrier.astype(np.int8),
        payment=sales.payment.astype(np.int8),
        code=sales.code.astype(np.int8),
        discount=discount.astype(np.int32),
        postage=postage.astype(np.int32),
        subtotal=subtotal.astype(np.int32),
        refunded=np.where(called_off, subtotal + postage, back).astype(np.int32),
        latest_drop=scene.rng.random(count) < 0.03,
        note=scene.choose(np.array([0.93, 0.02, 0.02, 0.01, 0.01, 0.01]), count).astype(np.int8),
    )
    return orders, sent_back


def _sent_back(
    scene: Setting, *, sales: Sales, baskets: Baskets, shipped_at: Instants, subtotal: Numbers, postage: Numbers
) -> tuple[Flags, Instants, Numbers]:
    """Return which lines were paid back after they left, and when and how much each order got back.

    Whoever sends everything back gets the postage too.
    """
    prices = np.array([product.price for product in PRODUCTS])
    wanted = draw_sent_back(scene, baskets, late=sales.course.late)
    at = scene.known(shipped_at + seconds(6 + scene.rng.random(len(sales)) * 18))
    lines = wanted & ~np.isnat(at)[baskets.order] & (subtotal > 0)[baskets.order]
    some = np.bincount(baskets.order, weights=lines, minlength=len(sales)) > 0
    every = np.bincount(baskets.order, weights=~lines, minlength=len(sales)) == 0
    value = np.bincount(baskets.order, weights=lines * baskets.quantity * prices[baskets.product], minlength=len(sales))
    part = np.floor(value * subtotal / np.maximum(baskets.goods, 1)).astype(np.int64)
    return lines, np.where(some, at, NEVER), np.where(every, subtotal + postage, part)
