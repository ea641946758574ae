"""Everything that happened in an invented shop, as columns: the truth from which exports are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from keptword.simulate.clock import Clock, Flags, Instants
from keptword.simulate.people import People


class Kind(IntEnum):
    """What kind of order it is; only ordinary ones are customers' orders, the others are left out by rule."""

    ORDINARY = 0
    TEST = 1
    STAFF = 2
    WHOLESALE = 3
    ZERO_VALUE = 4


@dataclass(frozen=True)
class Shop:
    """The invented shop's habits: what the truth is drawn from. Shares are 0..1, shifts are in log odds."""

    name: str = "Haiwen"
    time_zone: str = "Europe/Berlin"
    country: str = "DE"
    currency: str = "EUR"
    domain: str = "haiwen.example"
    promise_working_days: int = 2
    kept_by_month: tuple[float, ...] = (0.78, 0.83, 0.89, 0.89, 0.86, 0.72, 0.56, 0.65, 0.80, 0.82, 0.77, 0.74)
    """Share leaving within the promise in each calendar month, before carrier and country shift it."""
    on_time_days: tuple[float, ...] = (0.10, 0.48, 0.42)
    """How the orders in time spread over 0, 1 and 2 working days."""
    late_days: tuple[float, ...] = (0.38, 0.24, 0.15, 0.09, 0.06, 0.04)
    """How the late ones spread over 3, 4, … working days; the rest wait longer, one day fewer by a third each."""
    stalled_days: int = 10
    stalled_share: float = 0.35
    """Share of the orders of the last `stalled_days` working days that lie five more days or longer."""
    forgotten_share: float = 0.0015
    cancelled_early_share: float = 0.013
    cancelled_waiting_share: float = 0.07
    """Of those that wait five working days or longer, the share called off while they wait."""
    unpaid_share: float = 0.08
    """Of the orders to be paid by bank transfer, the share never paid."""
    return_share: float = 0.40
    """Mean over customers of the probability that an order is followed by another one."""
    return_spread: float = 4.0
    """How alike customers are in that: the sum of the two numbers of their beta distribution."""
    return_after_late: float = 0.85
    """What a late order does to that probability: it is multiplied by this."""
    return_after_cancelled: float = 0.6
    refund_when_late: float = 1.3
    """What a late order does to the probability that a line is sent back."""
    conversations_late: float = 0.30
    conversations_other: float = 0.06
    """Conversations opened per order, on average."""
    answered_share: float = 0.93
    answer_hours: float = 5.0
    """Median working hours until the first answer."""
    opens: int = 9
    closes: int = 17
    review_share: float = 0.17


@dataclass(frozen=True)
class Orders:
    """One element per order, oldest first. NaT: it had not happened by the end of the last day. Money in cents."""

    number: NDArray[np.int32]
    person: NDArray[np.int32]
    kind: NDArray[np.int8]
    placed_at: Instants
    paid_at: Instants
    shipped_at: Instants
    delivered_at: Instants
    cancelled_at: Instants
    refunded_at: Instants
    country: NDArray[np.int8]
    carrier: NDArray[np.int8]
    payment: NDArray[np.int8]
    code: NDArray[np.int8]
    discount: NDArray[np.int32]
    postage: NDArray[np.int32]
    subtotal: NDArray[np.int32]
    """The lines less the discount, without postage, tax included."""
    refunded: NDArray[np.int32]
    latest_drop: Flags
    note: NDArray[np.int8]

    def __len__(self) -> int:
        """Return how many orders there are."""
        return len(self.number)


@dataclass(frozen=True)
class Lines:
    """One element per line of an order, in the order of the orders. `order` is a position in `Orders`."""

    order: NDArray[np.int32]
    product: NDArray[np.int16]
    quantity: NDArray[np.int16]
    refunded: Flags
    first: NDArray[np.int32]
    """For each order and one past the last: where its lines begin."""


@dataclass(frozen=True)
class Messages:
    """One element per message, oldest first. `order`, `answers` and `conversation` are positions."""

    sent_at: Instants
    from_shop: Flags
    person: NDArray[np.int32]
    """The customer or the stranger at the other end."""
    order: NDArray[np.int32]
    """The order that brought it; -1 where none did."""
    answers: NDArray[np.int32]
    """The message it replies to; -1 where it opens a conversation."""
    conversation: NDArray[np.int32]
    """The message that opened the conversation, itself where it does."""
    text: NDArray[np.int16]

    def __len__(self) -> int:
        """Return how many messages there are."""
        return len(self.sent_at)


@dataclass(frozen=True)
class Reviews:
    """One element per review, oldest first. `order` is a position, `rating` is 1 to 5."""

    posted_at: Instants
    order: NDArray[np.int32]
    product: NDArray[np.int16]
    rating: NDArray[np.int8]
    text: NDArray[np.int16]


@dataclass(frozen=True)
class World:
    """All that happened in the shop from the first day to the last, both included."""

    shop: Shop
    seed: int
    users: int
    months: int
    first: date
    until: date
    clock: Clock
    people: People
    orders: Orders
    lines: Lines
    messages: Messages
    reviews: Reviews
