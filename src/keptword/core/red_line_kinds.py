"""The checks of red lines by name, and the kinds of fact, of promise and of consent that they look at."""

from __future__ import annotations

from typing import Final

OWED_FROM_MADE: Final = ("refund", "reward", "resolution", "reply")
"""Promises for which somebody waits from the moment they are made; for others, from when they are due."""

MARKETING: Final = ("consent:marketing", "consent:offers", "consent:newsletter", "marketing", "offers", "newsletter")
"""The subjects of consents that allow offers; a permission taken back for anything else says nothing about them."""

LOOKED_AT: Final = (
    *("order.cancelled", "order.returned", "order.refunded", "list.subscribed", "consent.given", "consent.withdrawn"),
    *("offer.sent", "checkout.started", "order.placed", "order.paid", "review.hidden", "review.edited"),
    "redline.crossed",
)
"""The kinds of fact that checks look at."""

NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "reward_not_delivered": (),
    "refund_late": ("order.refunded",),
    "offer_to_unsubscribed": ("offer.sent", "consent.withdrawn"),
    "offer_to_owed": ("offer.sent",),
    "price_higher_than_shown": ("order.paid",),
    "review_changed": ("review.posted",),
}
"""Of what kinds some facts must be there before a check says anything; without them nobody can tell."""

READY: Final = tuple(NEEDS)
"""The names of the checks that are ready."""
