"""Users come, look around, win prizes and decide to buy: as often as their trust makes them."""

from __future__ import annotations

from typing import Final

import numpy as np

from keptword.simulate.catalogue import PRODUCTS
from keptword.simulate.clock import Floats, Numbers
from keptword.simulate.story.log import CHANNELS, DAY_SECONDS, SUBJECTS
from keptword.simulate.story.orders import draw_orders
from keptword.simulate.story.promises import NEVER, Terms
from keptword.simulate.story.scene import Scene
from keptword.simulate.story.texts import PRIZES
from keptword.simulate.story.trust import likely

NEED_SHARE: Final = 0.016
"""Of the users, the share that on a day needs something the shop has."""
VISIT: Final = 0.9
"""Added to a user's trust, the log odds that in need they come here."""
CHECKOUT: Final = 0.1
"""Added to a user's trust, the log odds that a visit goes on to the checkout."""
BOUGHT_SHARE: Final = 0.75
REFERRED_SHARE: Final = 0.5
"""Of the newcomers, the share that comes because of somebody's word, while there is such a word."""

_DEMAND: Final = np.cumsum([product.demand for product in PRODUCTS])
_CHANNEL: Final = {name: number for number, name in enumerate(CHANNELS, start=1)}
_SUBJECT: Final = {name: number for number, name in enumerate(SUBJECTS, start=1)}


def welcome(scene: Scene, day: int) -> Numbers:
    """Have the day's newcomers register and allow what they allow; return them."""
    rng, log = scene.rng, scene.log
    users = np.arange(scene.crowd.there(day - 1), scene.crowd.there(day))
    at = scene.moments(day, len(users)) - 600
    some = scene.chance(0.75, len(users))
    steps = scene.phase(day).form_steps
    log.add(
        "user.registered",
        users[some],
        at=at[some],
        channel=_CHANNEL["web"],
        steps=steps,
        seconds=np.round(rng.gamma(4, 6 * steps, int(some.sum()))),
    )
    for kind, share, more in (
        ("consent.given", 0.5, {"subject": _SUBJECT["consent"], "number": 1}),
        ("list.subscribed", 0.25, {}),
    ):
        chosen = some & scene.chance(share, len(users))
        log.add(kind, users[chosen], at=at[chosen] + 20, channel=_CHANNEL["web"], **more)
    waiting = scene.recommended
    by_word = np.flatnonzero(scene.chance(REFERRED_SHARE, len(users)))[: len(waiting)]
    log.add(
        "referral.joined",
        users[by_word],
        at=at[by_word] + 10,
        other_user=waiting[: len(by_word)],
        channel=_CHANNEL["web"],
    )
    scene.recommended = waiting[len(by_word) :]
    return users


def draw_visits(scene: Scene, day: int, *, newcomers: Numbers) -> None:
    """Draw the day's visits, and what comes of them; newcomers come in any case."""
    there = scene.crowd.there(day)
    in_need = scene.rng.integers(0, max(there, 1), scene.rng.binomial(there, NEED_SHARE))
    trust = scene.trust.of(in_need, day=day)
    come = scene.chance(likely(trust + VISIT + scene.phase(day).pull), len(in_need))
    users = np.unique(np.concatenate([in_need[come], newcomers]))
    at = scene.moments(day, len(users))
    _browse(scene, users, at=at)
    _win_prizes(scene, users, at=at + 240, day=day)
    trust = scene.trust.of(users, day=day)
    _buy(scene, users, at=at + 400, trust=trust, day=day)


def _browse(scene: Scene, users: Numbers, *, at: Numbers) -> None:
    """Write down what visitors look at: pages, products, articles, and what they put by."""
    rng, log = scene.rng, scene.log
    channel = np.where(scene.crowd.currency[users] == 1, _CHANNEL["wechat"], _CHANNEL["web"])
    product = np.searchsorted(_DEMAND[:-1], rng.random(len(users)) * _DEMAND[-1], side="right") + 1
    other = rng.integers(1, len(PRODUCTS) + 1, len(users))
    page = rng.integers(1, 7, len(users))
    for kind, share, subject, number, after, mean in (
        ("page.viewed", 0.85, "page", page, 0, 25.0),
        ("product.viewed", 0.8, "product", product, 60, 45.0),
        ("product.viewed", 0.3, "product", other, 150, 35.0),
        ("content.read", 0.08, "article", page, 30, 120.0),
        ("product.saved", 0.1, "product", product, 140, 3.0),
    ):
        chosen = scene.chance(share, len(users))
        log.add(
            kind,
            users[chosen],
            at=at[chosen] + after,
            subject=_SUBJECT[subject],
            number=number[chosen],
            channel=channel[chosen],
            seconds=np.round(rng.gamma(2, mean / 2, int(chosen.sum())), 1),
        )


def _win_prizes(scene: Scene, users: Numbers, *, at: Numbers, day: int) -> None:
    """Let visitors of the points campaign win prizes, each promised within 30 days; none is ever delivered."""
    chosen = scene.chance(scene.phase(day).prize_share, len(users))
    users, at = users[chosen], at[chosen]
    if not len(users):
        return
    numbers = scene.serial("reward", len(users))
    prize = scene.rng.integers(1, len(PRIZES) + 1, len(users))
    channel = scene.rng.choice([_CHANNEL["wechat"], _CHANNEL["weibo"], _CHANNEL["web"]], len(users))
    log = scene.log
    log.add(
        "reward.earned",
        users,
        at=at,
        subject=_SUBJECT["reward"],
        number=numbers,
        channel=channel,
        steps=scene.rng.integers(3, 9, len(users)),
        seconds=np.round(scene.rng.gamma(4, 20, len(users))),
        note=prize,
    )
    terms = Terms(
        kind="reward",
        subject=_SUBJECT["reward"],
        users=users,
        numbers=numbers,
        at=at,
        kept_at=np.full(len(at), NEVER),
        due_on=at // DAY_SECONDS + 30,
    )
    scene.disappoint(scene.promises.make(terms, channel=channel, note=prize))
    recovery = scene.course.starts_recovery()
    if recovery is not None:
        owned_up = scene.chance(0.75, len(users))
        when = recovery + scene.rng.integers(0, 45, len(users))
        scene.plan("amends", users[owned_up], numbers[owned_up], day=when[owned_up])


def _buy(scene: Scene, users: Numbers, *, at: Numbers, trust: Floats, day: int) -> None:
    """Have visitors go to the checkout as their trust makes them, and order."""
    chosen = scene.chance(likely(trust + CHECKOUT), len(users))
    users, at = users[chosen], at[chosen]
    steps = scene.phase(day).checkout_steps + scene.rng.integers(0, 3, len(users))
    scene.log.add(
        "checkout.started",
        users,
        at=at,
        subject=_SUBJECT["product"],
        number=scene.rng.integers(1, len(PRODUCTS) + 1, len(users)),
        channel=_CHANNEL["web"],
        steps=steps,
        seconds=np.round(scene.rng.gamma(4, 8 * steps)),
    )
    bought = scene.chance(BOUGHT_SHARE, len(users))
    draw_orders(scene, users[bought], at=at[bought] + 200, day=day)
