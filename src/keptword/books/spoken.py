"""What entries, promises and lines are called where people read of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from keptword.core.lines import Line

ENTRIES: Final[dict[str, str]] = {
    "page.viewed": "looked at a page",
    "content.read": "read an article",
    "product.viewed": "looked at a product",
    "product.saved": "saved a product",
    "list.subscribed": "asked to be written to",
    "user.registered": "opened a login",
    "consent.given": "allowed a use of their data",
    "consent.withdrawn": "took a permission back",
    "checkout.started": "began to pay",
    "order.placed": "ordered",
    "order.paid": "paid an order",
    "order.shipped": "order left the house",
    "order.cancelled": "order called off",
    "order.delivered": "order arrived",
    "order.returned": "sent an order back",
    "order.refunded": "money given back",
    "subscription.renewed": "subscription went on",
    "reward.earned": "won a prize, points or a voucher",
    "reward.claimed": "got what was won",
    "review.posted": "wrote a review",
    "review.hidden": "we took their review out of sight",
    "review.edited": "we changed their review",
    "referral.sent": "recommended us",
    "referral.joined": "came on a recommendation",
    "content.shared": "passed something of ours on",
    "story.told": "told their story in public",
    "contact.opened": "wrote or called",
    "contact.replied": "we answered",
    "contact.resolved": "settled what was asked",
    "contact.reopened": "wrote again about what seemed settled",
    "complaint.made": "complained",
    "survey.answered": "answered a survey",
    "idea.posted": "proposed something",
    "idea.voted": "supported a proposal",
    "promise.made": "we promised something",
    "promise.renegotiated": "agreed to another day",
    "promise.kept": "we did what was promised",
    "promise.broken": "we said it will not be done",
    "promise.released": "called the promise off",
    "apology.sent": "we apologised",
    "remedy.given": "we made good",
    "update.published": "we told what changed",
    "offer.sent": "we sent an offer",
    "beta.invited": "invited to try something early",
    "beta.joined": "tried something early",
    "redline.crossed": "we did what we say we never do",
    "import.withdrawn": "an import taken back",
    "action.taken": "we acted on a recommendation",
    "action.withheld": "left out on purpose, to compare",
}
"""What each kind of entry says of a customer."""

OUTCOMES: Final[dict[str, str]] = {
    "open": "waiting",
    "kept": "kept",
    "late": "late",
    "broken": "not kept",
    "released": "called off",
}

PROMISES: Final[dict[str, str]] = {
    "dispatch": "sending",
    "delivery": "delivery",
    "reply": "answer",
    "resolution": "settling",
    "refund": "refund",
    "reward": "prize",
    "stock": "stock",
    "price": "price",
    "roadmap": "announced date",
    "privacy": "privacy",
    "standing": "standing promise",
}
"""What each kind of promise is called."""

STAGES: Final[dict[str, str]] = {
    "attention": "getting to know us",
    "attraction": "choosing",
    "registration": "signing up",
    "transaction": "buying",
    "forwarding": "passing on",
    "service": "being served",
}


_COLUMNS: Final[dict[str, str]] = {
    "outcome": "what became of it",
    "vague": "without a date",
    "subject": "what it is about",
    "promise_kind": "what was promised",
    "facts": "entries",
    "users": "customers",
    "user_key": "customer",
    "broken": "not kept",
}


def column(name: str) -> str:
    """Return what a column of a closing is called where people read of it."""
    return _COLUMNS.get(name) or name.replace("_", " ")


def unit(line: Line, *, currency: str) -> str:
    """Return what a line is counted in."""
    units = {"amount": currency, "minutes": "minutes", "steps": "steps", "severity": "full delays"}
    return units.get(line.magnitude, "times")


def fading(line: Line) -> str:
    """Return how fast a line fades, as in "fades by half in 180 days"."""
    return f"fades by half in {line.half_life_days} days" if line.half_life_days else "does not fade"


def number(value: Decimal, *, places: int = 2) -> str:
    """Return a number as people read it, with thousands set apart; no minus before nothing."""
    shown = round(value, places)
    return f"{shown if shown else abs(shown):,.{places}f}"


def spoken_day(day: date) -> str:
    """Return a day as people write it: "31 October 2031"."""
    return f"{day.day} {day:%B} {day.year}"


def counted(count: int, *, one: str, several: str) -> str:
    """Return "1 entry", "2,000 entries"."""
    return f"{count:,} {one if count == 1 else several}"
