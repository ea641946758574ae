"""Who writes to the invented shop and when it answers, and what people say of it afterwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from keptword.simulate import texts
from keptword.simulate.catalogue import PRODUCTS
from keptword.simulate.clock import NEVER, Flags, Instants, Numbers
from keptword.simulate.sales import Sales
from keptword.simulate.setting import Setting, seconds
from keptword.simulate.world import Kind, Messages, Orders, Reviews

HOUR = np.timedelta64(3600, "s")
NONE = -1


@dataclass(frozen=True)
class _Letters:
    """One element per message; `answers` and `conversation` count within all letters, in the order they were made."""

    sent_at: Instants
    from_shop: Flags
    person: Numbers
    order: Numbers
    answers: Numbers
    conversation: Numbers
    text: Numbers


def draw_messages(setting: Setting, sales: Sales, *, strangers: int) -> Messages:
    """Return the shop's mail until the last day, oldest first: questions, answers, and what follows them.

    Late orders bring about five times as many conversations as others. A few come from strangers. Some
    questions are never answered, some only after the customer has asked again.
    """
    asked = _questions(setting, sales, strangers=strangers)
    rng, shop, count = setting.rng, setting.shop, len(asked.sent_at)
    worked = np.exp(rng.normal(np.log(shop.answer_hours), 0.8, count)) * 3600
    answered_at = setting.hours.after(asked.sent_at, np.floor(worked).astype(np.int64))
    out_of_hours = rng.random(count) < 0.04
    soon = asked.sent_at + seconds(0.3 + rng.random(count) * 5, unit=HOUR)
    answered_at = np.where(out_of_hours, soon, answered_at)
    answered_at[rng.random(count) >= shop.answered_share] = NEVER
    opening = np.arange(count)
    nagged = asked.sent_at + seconds(14 + rng.random(count) * 30, unit=HOUR)
    nagged[(rng.random(count) >= 0.5) | (nagged >= answered_at)] = NEVER
    thanked = answered_at + seconds(0.2 + rng.random(count) * 20, unit=HOUR)
    thanked[rng.random(count) >= 0.12] = NEVER
    parts = [
        asked,
        _following(setting, asked, at=nagged, answers=opening, text=texts.FOLLOWING),
        _following(setting, asked, at=answered_at, answers=opening, text=texts.ANSWERING),
        _following(setting, asked, at=thanked, answers=opening + 2 * count, text=texts.THANKING),
    ]
    return _sorted(setting, parts, shop_part=2)


def _questions(setting: Setting, sales: Sales, *, strangers: int) -> _Letters:
    """Return the messages that open a conversation, in no order: about orders, and a few from strangers."""
    rng, shop, course = setting.rng, setting.shop, sales.course
    ordinary = sales.kind == Kind.ORDINARY
    expected = np.where(course.late, shop.conversations_late, shop.conversations_other) * ordinary
    order = np.repeat(np.arange(len(sales)), rng.poisson(expected))
    late = course.late[order]
    base = setting.clock.day(np.where(np.isnat(course.paid_at), sales.placed_at, course.paid_at)[order])
    over = setting.day_end(setting.plain.after(setting.plain.begin(base), shop.promise_working_days))
    waited = np.clip((course.shipped_at[order] - over).astype(np.int64) / 86_400, 1.0, 12.0)
    waited[np.isnat(course.shipped_at[order])] = 6.0
    worried = setting.clock.day(over + seconds(rng.random(len(order)) * waited))
    curious = setting.clock.day(sales.placed_at[order] + seconds(rng.exponential(5.0, len(order)).clip(max=40)))
    at = setting.moment(np.where(late, worried, curious))
    at = np.maximum(at, sales.placed_at[order] + 3600)
    text = np.where(
        late,
        rng.integers(texts.LATE.start, texts.LATE.stop, len(order)),
        rng.integers(texts.OTHER.start, texts.OTHER.stop, len(order)),
    )
    known = at < setting.end
    begin = len(setting.people) - strangers
    days = setting.first + rng.integers(0, (setting.until - setting.first).astype(int) + 1, strangers)
    count = int(known.sum()) + strangers
    return _Letters(
        sent_at=np.concatenate([at[known], setting.moment(days)]),
        from_shop=np.zeros(count, bool),
        person=np.concatenate([sales.person[order[known]], begin + np.arange(strangers)]),
        order=np.concatenate([order[known], np.full(strangers, NONE)]),
        answers=np.full(count, NONE),
        conversation=np.arange(count),
        text=np.concatenate([text[known], texts.STRANGERS.start + np.arange(strangers) % len(texts.STRANGERS)]),
    )


def _following(setting: Setting, asked: _Letters, *, at: Instants, answers: Numbers, text: range) -> _Letters:
    """Return one further message in each conversation; those that never happen carry NaT."""
    count = len(at)
    return _Letters(
        sent_at=at,
        from_shop=np.zeros(count, bool),
        person=asked.person,
        order=asked.order,
        answers=answers,
        conversation=asked.conversation,
        text=setting.rng.integers(text.start, text.stop, count),
    )


def _sorted(setting: Setting, parts: list[_Letters], *, shop_part: int) -> Messages:
    """Return the messages known at the end of the last day, oldest first; the part at `shop_part` is the shop's."""
    columns = {name: np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0])}
    columns["from_shop"] = np.repeat(np.arange(len(parts)) == shop_part, len(parts[0].sent_at))
    happened = np.flatnonzero(columns["sent_at"] < setting.end)
    chosen = happened[np.argsort(columns["sent_at"][happened], kind="stable")]
    place = np.full(len(columns["sent_at"]) + 1, NONE)
    place[chosen] = np.arange(len(chosen))
    return Messages(
        sent_at=columns["sent_at"][chosen],
        from_shop=columns["from_shop"][chosen],
        person=columns["person"][chosen].astype(np.int32),
        order=columns["order"][chosen].astype(np.int32),
        answers=place[columns["answers"][chosen]].astype(np.int32),
        conversation=place[columns["conversation"][chosen]].astype(np.int32),
        text=columns["text"][chosen].astype(np.int16),
    )


def draw_reviews(setting: Setting, orders: Orders, *, late: Flags, product: Numbers) -> Reviews:
    """Return the reviews until the last day, oldest first; whoever waited, and whose goods leak, rates lower.

    `product` is the one of each order that is reviewed.
    """
    rng, count = setting.rng, len(orders)
    wrote = (rng.random(count) < setting.shop.review_share) & (orders.kind == Kind.ORDINARY)
    day = setting.clock.day(orders.delivered_at[wrote]) + rng.integers(2, 21, int(wrote.sum()))
    order = np.flatnonzero(wrote)[~np.isnat(day)]
    at = setting.moment(day[~np.isnat(day)])
    order, at = order[at < setting.end], at[at < setting.end]
    leaks = np.array([item.refund for item in PRODUCTS])[product[order]] > 0.2
    bad = np.where(late[order], 0.30, 0.07) + np.where(leaks, 0.3, 0.0)
    rating = np.where(
        rng.random(len(order)) < bad, 1 + rng.integers(0, 3, len(order)), 4 + (rng.random(len(order)) < 0.75)
    )
    sort = np.argsort(at, kind="stable")
    return Reviews(
        posted_at=at[sort],
        order=order[sort].astype(np.int32),
        product=product[order[sort]].astype(np.int16),
        rating=rating[sort].astype(np.int8),
        text=rng.integers(0, 6, len(order)).astype(np.int16),
    )
