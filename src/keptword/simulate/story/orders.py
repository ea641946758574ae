"""Orders and what becomes of them: paid, sent, delivered in time or not, called off, sent back, talked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from keptword.simulate.clock import Flags, Numbers
from keptword.simulate.story.log import CHANNELS, DAY_SECONDS, NONE, SUBJECTS
from keptword.simulate.story.phases import Phase
from keptword.simulate.story.promises import NEVER, Terms
from keptword.simulate.story.scene import Scene
from keptword.simulate.story.texts import STARS
from keptword.simulate.story.trust import likely

BASKET_CENTS: Final = 3_400
"""Median of an order in euro cents."""
COST_SHARE: Final = 0.55
CANCELLED_SHARE: Final = 0.025
RETURNED_SHARE: Final = 0.07
LOYALTY_SHARE: Final = 0.10
"""Of the orders outside the campaign, those that earn a voucher promised within 21 days; nearly all come."""
LOYALTY_DAYS: Final = 21
SUBSCRIBED_SHARE: Final = 0.03
REVIEWED_SHARE: Final = 0.14

_CHANNEL: Final = {name: number for number, name in enumerate(CHANNELS, start=1)}
_SUBJECT: Final = {name: number for number, name in enumerate(SUBJECTS, start=1)}


@dataclass(frozen=True)
class Orders:
    """The orders of one day: one element each, moments on the wall clock, `NEVER` where it does not happen."""

    users: Numbers
    numbers: Numbers
    at: Numbers
    cents: Numbers
    due_on: Numbers
    """The day they are meant to arrive, as days since 1970."""
    paid_at: Numbers
    cancelled_at: Numbers
    shipped_at: Numbers
    delivered_at: Numbers

    @property
    def late(self) -> Flags:
        """Which arrive after the day meant, or not at all, and are not called off."""
        late: Flags = (self.delivered_at // DAY_SECONDS > self.due_on) & (self.cancelled_at == NEVER)
        return late


def draw_orders(scene: Scene, users: Numbers, *, at: Numbers, day: int) -> None:
    """Draw orders placed at these moments and everything that follows from them."""
    if not len(users):
        return
    orders = _drawn(scene, users, at=at, phase=scene.phase(day))
    _write(scene, orders)
    _promise_delivery(scene, orders, phase=scene.phase(day))
    if not scene.phase(day).prize_share:
        _reward(scene, orders)
    _plan(scene, orders)
    _talk(scene, orders, day=day)


def _drawn(scene: Scene, users: Numbers, *, at: Numbers, phase: Phase) -> Orders:
    """Draw the course of orders as the shop is in that phase."""
    rng, count = scene.rng, len(users)
    cancelled = scene.chance(CANCELLED_SHARE, count)
    paid = ~cancelled | scene.chance(0.7, count)
    lost = scene.chance(phase.lost_share, count)
    in_time = scene.chance(phase.in_time_share, count)
    days = np.where(
        in_time, rng.integers(2, phase.delivery_days + 1, count), phase.delivery_days + rng.geometric(0.3, count)
    )
    sent = np.maximum(days - rng.integers(1, 3, count), 1)
    return Orders(
        users=users,
        numbers=scene.serial("order", count),
        at=at,
        cents=np.round(BASKET_CENTS * np.exp(rng.normal(0, 0.5, count))).astype(np.int64),
        due_on=at // DAY_SECONDS + phase.delivery_days,
        paid_at=np.where(paid, at + rng.integers(20, 120, count), NEVER),
        cancelled_at=np.where(cancelled, scene.office(at, days=rng.integers(1, 4, count)), NEVER),
        shipped_at=np.where(cancelled, NEVER, scene.office(at, days=sent)),
        delivered_at=np.where(cancelled | lost, NEVER, scene.office(at, days=np.maximum(days, sent + 1))),
    )


def _about(orders: Orders, chosen: Flags) -> dict[str, Any]:
    return {"users": orders.users[chosen], "subject": _SUBJECT["order"], "number": orders.numbers[chosen]}


def _write(scene: Scene, orders: Orders) -> None:
    """Write down what happens to orders; what lies after the story's end falls away later."""
    money = scene.money(orders.users, orders.cents)
    known = scene.chance(0.8, len(orders.users))
    share = COST_SHARE + scene.rng.normal(0, 0.04, len(orders.users))
    cost = np.where(known, np.round(money["amount"] * share).astype(np.int64), NONE)
    every = np.ones(len(orders.users), bool)
    scene.log.add("order.placed", **_about(orders, every), at=orders.at, channel=_CHANNEL["shop"], cost=cost, **money)
    for kind, at in (
        ("order.paid", orders.paid_at),
        ("order.cancelled", orders.cancelled_at),
        ("order.shipped", orders.shipped_at),
        ("order.delivered", orders.delivered_at),
    ):
        chosen = at < NEVER
        paid = {name: column[chosen] for name, column in money.items()} if kind == "order.paid" else {}
        scene.log.add(kind, **_about(orders, chosen), at=at[chosen], channel=_CHANNEL["shop"], **paid)


def _promise_delivery(scene: Scene, orders: Orders, *, phase: Phase) -> None:
    """Promise some of the orders for a day: a few agree to another one in time, those called off are released."""
    dated = scene.chance(phase.dated_share, len(orders.users))
    arrives = orders.delivered_at < NEVER
    moved = orders.late & arrives & scene.chance(0.08, len(orders.users))
    asked_at = scene.office(orders.due_on * DAY_SECONDS, days=-1)
    terms = Terms(
        kind="delivery",
        subject=_SUBJECT["order"],
        users=orders.users[dated],
        numbers=orders.numbers[dated],
        at=orders.at[dated],
        kept_at=orders.delivered_at[dated],
        due_on=orders.due_on[dated],
        released_at=orders.cancelled_at[dated],
        moved_at=np.where(moved, asked_at, NEVER)[dated],
        moved_to=(orders.delivered_at // DAY_SECONDS + 1)[dated],
    )
    scene.disappoint(scene.promises.make(terms, channel=_CHANNEL["shop"]))


def _reward(scene: Scene, orders: Orders) -> None:
    """Let some orders earn a voucher, promised for a day and sent."""
    chosen = scene.chance(LOYALTY_SHARE, len(orders.users)) & (orders.cancelled_at == NEVER)
    users, at, count = orders.users[chosen], orders.at[chosen] + 60, int(chosen.sum())
    if not count:
        return
    days = scene.rng.integers(3, LOYALTY_DAYS, count) + np.where(scene.chance(0.06, count), LOYALTY_DAYS, 0)
    sent_at = np.where(scene.chance(0.02, count), NEVER, scene.office(at, days=days))
    numbers = scene.serial("reward", count)
    subject = _SUBJECT["reward"]
    scene.log.add("reward.earned", users, at=at, channel=_CHANNEL["shop"], subject=subject, number=numbers)
    terms = Terms(
        kind="reward",
        subject=subject,
        users=users,
        numbers=numbers,
        at=at,
        kept_at=sent_at,
        due_on=at // DAY_SECONDS + LOYALTY_DAYS,
    )
    scene.disappoint(scene.promises.make(terms, channel=_CHANNEL["mail"]))
    got = sent_at < NEVER
    about = {"subject": subject, "number": numbers[got], "channel": _CHANNEL["mail"]}
    scene.log.add("reward.claimed", users[got], at=sent_at[got], steps=2, **about)


def _plan(scene: Scene, orders: Orders) -> None:
    """Put on the agenda who will write, who will send back, who gets money back, whose subscription goes on."""
    rng, count, log = scene.rng, len(orders.users), scene.log
    arrives = orders.delivered_at < NEVER
    asks = scene.chance(np.where(orders.late, 0.25, 0.07), count)
    when = np.where(orders.late, orders.due_on - log.first_day + 1, log.day(orders.at)) + rng.integers(1, 3, count)
    upset = (orders.late & scene.chance(0.4, count)).astype(np.int64)
    scene.plan("contact", orders.users[asks], upset[asks], day=when[asks])
    back = arrives & scene.chance(RETURNED_SHARE, count)
    returned = log.day(orders.delivered_at) + rng.integers(2, 13, count)
    off = (orders.cancelled_at < NEVER) & (orders.paid_at < NEVER)
    for chosen, day, sent in ((back, returned, 1), (off, log.day(orders.cancelled_at), 0)):
        columns = (orders.users, orders.numbers, orders.cents, np.full(count, sent), orders.cancelled_at)
        scene.plan("refund", *(column[chosen] for column in columns), day=day[chosen])
    subscribes = scene.chance(SUBSCRIBED_SHARE, count) & arrives
    numbers = scene.serial("subscription", int(subscribes.sum()))
    scene.plan("renewal", orders.users[subscribes], numbers, day=log.day(orders.at[subscribes]) + 30)


def _talk(scene: Scene, orders: Orders, *, day: int) -> None:
    """Have users rate what arrived, recommend the shop, share and tell, as pleased as they are."""
    rng, log, count = scene.rng, scene.log, len(orders.users)
    arrives = orders.delivered_at < NEVER
    trust = scene.trust.of(orders.users, day=day)
    pleased = trust - np.where(orders.late, 1.5, 0.0)
    at = orders.delivered_at + rng.integers(1, 15, count) * DAY_SECONDS
    chosen = arrives & scene.chance(REVIEWED_SHARE, count)
    stars = np.clip(np.round(4.6 + 0.5 * pleased + rng.normal(0, 0.9, count)), 1, 5).astype(np.int64)
    log.add(
        "review.posted",
        **_about(orders, chosen),
        at=at[chosen],
        channel=_CHANNEL["web"],
        score=(stars[chosen] - 1) / 4,
        note=stars[chosen] + STARS,
    )
    recommends = arrives & scene.chance(0.3 * likely(pleased), count)
    log.add("referral.sent", orders.users[recommends], at=at[recommends] + 300, channel=_CHANNEL["wechat"])
    soon = log.day(at[recommends]) + 1
    scene.plan("recommended", orders.users[recommends], day=soon)
    for kind, share, subject, number in (
        ("content.shared", 0.02, "article", rng.integers(1, 7, count)),
        ("story.told", 0.01, "order", orders.numbers),
        ("idea.posted", 0.01, "idea", orders.numbers),
    ):
        some = arrives & scene.chance(share, count)
        about = {"subject": _SUBJECT[subject], "number": number[some]}
        log.add(kind, orders.users[some], at=at[some] + 900, channel=_CHANNEL["weibo"], **about)
