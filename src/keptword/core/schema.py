"""The vocabulary everything speaks: the columns of a fact and the catalogue of its kinds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from itertools import takewhile
from typing import Final

from keptword.core.problems import Sentence

SCHEMA_VERSION: Final = 2
"""Raised by one whenever a column or a kind is added, renamed or given another meaning."""

DECIMAL: Final = "decimal(18, 4)"


@dataclass(frozen=True)
class Column:
    """One column of the facts: its Ibis type and what it holds, in one sentence."""

    name: str
    type: str
    meaning: str


COLUMNS: Final[tuple[Column, ...]] = (
    Column("fact_id", "string", "Unique for ever: source, kind and the source's own id."),
    Column("kind", "string", "What happened, from the catalogue."),
    Column("user_key", "string", "Whom the business served: a pseudonym; empty where nobody is known."),
    Column("occurred_at", "timestamp(6)", "When it happened, UTC."),
    Column("recorded_at", "timestamp(6)", "When we learned it, UTC."),
    Column("occurred_on", "date", "The business's local day of it, decided once on the way in."),
    Column(
        "clock_seconds", "int32", "What the business's clock showed, in seconds since midnight; empty for a mere day."
    ),
    Column("promise_id", "string", "The promise it makes, moves or ends."),
    Column("promise_kind", "string", "What is promised, where a promise is made: dispatch, delivery, reply, …"),
    Column("due_at", "timestamp(6)", "The instant a promise falls due, UTC; for a day, the end of that local day."),
    Column("due_on", "date", "The local day a promise falls due, where it names a day and not an hour."),
    Column("subject", "string", "What it is about: `order:1042`, `product:85123A`, `conversation:7`."),
    Column("stage", "string", "Where on the user's way: attention, attraction, registration, …"),
    Column("channel", "string", "Through what: web, shop, mail, phone, wechat, …"),
    Column("member", "string", "Which employee acted, where the owner has switched that on."),
    Column("other_user", "string", "The other end of a word of mouth: a pseudonym."),
    Column("amount", DECIMAL, "Money, in `currency`."),
    Column("cost", DECIMAL, "Goods, shipping and fees, in `currency`; empty where unknown."),
    Column("currency", "string", "ISO 4217 code of `amount` and `cost`."),
    Column("seconds", "float64", "Time the user spent."),
    Column("steps", "int32", "Acts, forms, contacts and retries the user spent."),
    Column("score", "float64", "A rating, rescaled to 0..1."),
    Column("attributes", "string", "The rest, as a JSON object of texts, numbers and lists of texts."),
    Column("source", "string", "Where it came from: file and line, or request id."),
)

FACT_SCHEMA: Final[dict[str, str]] = {column.name: column.type for column in COLUMNS}

JOURNAL_COLUMNS: Final[tuple[Column, ...]] = (
    Column("import_number", "int64", "The import that brought it; empty where it was posted by itself."),
    Column("batch", "int64", "The batch by which it came into the journal, counted from 1."),
    Column("fact_hash", "int64", "Eight bytes of `fact_id`'s MD5, so that duplicates are found fast."),
)

JOURNAL_SCHEMA: Final[dict[str, str]] = FACT_SCHEMA | {column.name: column.type for column in JOURNAL_COLUMNS}

STAGES: Final = ("attention", "attraction", "registration", "transaction", "forwarding", "service")

PROMISE_KINDS: Final = (
    "dispatch",
    "delivery",
    "reply",
    "resolution",
    "refund",
    "reward",
    "stock",
    "price",
    "roadmap",
    "privacy",
    "standing",
)

ALWAYS_REQUIRED: Final = ("fact_id", "kind", "occurred_at", "recorded_at", "occurred_on", "source")


@dataclass(frozen=True)
class Kind:
    """One kind of fact: what it says, the stage it belongs to, the columns it cannot do without.

    `required` names the columns beyond `ALWAYS_REQUIRED`.
    """

    name: str
    sentence: str
    stage: str
    required: tuple[str, ...] = ()


_SUBJECT = ("subject",)
_USER = ("user_key",)
_USER_SUBJECT = ("user_key", "subject")
_PROMISE = ("promise_id",)

KINDS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("page.viewed", "A user looked at a page.", "attention", _SUBJECT),
        Kind("content.read", "A user read an article, a story or a guide.", "attention", _SUBJECT),
        Kind("product.viewed", "A user looked at a product.", "attraction", _SUBJECT),
        Kind("product.saved", "A user put a product on a list or into a basket.", "attraction", _SUBJECT),
        Kind("list.subscribed", "A user asked to be written to.", "attraction", _USER),
        Kind("user.registered", "A user opened a customer login.", "registration", _USER),
        Kind("consent.given", "A user allowed a use of their data.", "registration", _USER_SUBJECT),
        Kind(
            "consent.withdrawn",
            "A user took a permission back; for offers, the subject is consent:marketing, :offers or :newsletter.",
            "registration",
            _USER_SUBJECT,
        ),
        Kind("checkout.started", "A user began to pay.", "transaction", _SUBJECT),
        Kind("order.placed", "A user ordered.", "transaction", _SUBJECT),
        Kind("order.paid", "An order was paid.", "transaction", _SUBJECT),
        Kind("order.shipped", "An order left the house.", "service", _SUBJECT),
        Kind("order.cancelled", "An order, or a part of it, was called off.", "service", _SUBJECT),
        Kind("order.delivered", "An order arrived.", "service", _SUBJECT),
        Kind("order.returned", "A user sent an order, or a part of it, back.", "service", _SUBJECT),
        Kind("order.refunded", "Money went back to a user.", "service", _SUBJECT),
        Kind("subscription.renewed", "A user's subscription went on.", "transaction", _SUBJECT),
        Kind("reward.earned", "A user won a prize, points or a voucher.", "service", _SUBJECT),
        Kind("reward.claimed", "A user got the prize, points or voucher they had won.", "service", _SUBJECT),
        Kind("review.posted", "A user rated the business or a product.", "forwarding", ("subject", "score")),
        Kind("review.hidden", "The business took a user's review out of sight.", "forwarding", _SUBJECT),
        Kind("review.edited", "The business changed a user's review.", "forwarding", _SUBJECT),
        Kind("referral.sent", "A user recommended the business to somebody.", "forwarding", _USER),
        Kind("referral.joined", "Somebody recommended became a user.", "forwarding", ("user_key", "other_user")),
        Kind("content.shared", "A user passed something of the business on.", "forwarding", _SUBJECT),
        Kind("story.told", "A user told their own experience in public.", "forwarding", _SUBJECT),
        Kind("contact.opened", "A user wrote or called, and waits for an answer.", "service", _SUBJECT),
        Kind("contact.replied", "The business answered a user.", "service", _SUBJECT),
        Kind("contact.resolved", "What a user asked for was settled.", "service", _SUBJECT),
        Kind("contact.reopened", "What seemed settled was not.", "service", _SUBJECT),
        Kind("complaint.made", "A user complained.", "service", _SUBJECT),
        Kind("survey.answered", "A user answered a survey.", "service", ("subject", "score")),
        Kind("idea.posted", "A user proposed something.", "service", _SUBJECT),
        Kind("idea.voted", "A user supported a proposal.", "service", _SUBJECT),
        Kind("promise.made", "The business promised a user something.", "service", ("promise_id", "promise_kind")),
        Kind(
            "promise.renegotiated",
            "The user agreed, by an act of their own, to another due moment.",
            "service",
            ("promise_id", "due_at"),
        ),
        Kind("promise.kept", "What was promised was done.", "service", _PROMISE),
        Kind("promise.broken", "It became certain that what was promised will not be done.", "service", _PROMISE),
        Kind(
            "promise.released", "The user agreed, by an act of their own, to call a promise off.", "service", _PROMISE
        ),
        Kind("apology.sent", "The business owned up to a user.", "service", _USER),
        Kind("remedy.given", "The business made good for something it had failed in.", "service", _SUBJECT),
        Kind("update.published", "The business told its users what changed.", "attention", _SUBJECT),
        Kind("offer.sent", "The business wrote to a user to sell something.", "attraction", _USER),
        Kind("beta.invited", "A user was invited to try something early.", "attraction", _USER_SUBJECT),
        Kind("beta.joined", "A user began to try something early.", "attraction", _USER_SUBJECT),
        Kind("redline.crossed", "The business did what it says it never does.", "service", _SUBJECT),
        Kind("import.withdrawn", "The business took a whole import back.", "service", _SUBJECT),
        Kind("action.taken", "The business acted on a recommendation.", "service", _USER_SUBJECT),
        Kind("action.withheld", "A user was left out of an action on purpose, to compare.", "service", _USER_SUBJECT),
    )
}


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `name`, or None where none is near."""
    written = name.strip().lower()
    found = get_close_matches(written, list(known), n=5, cutoff=0.5)
    # Of names equally alike, the one that begins alike for longest: "order.payed" means order.paid, not order.placed.

    def likeness(each: str) -> tuple[float, int]:
        matcher = SequenceMatcher(a=each, b=written)
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(each, written, strict=False))
        return round(matcher.ratio(), 1), len(list(alike))

    return max(found, key=likeness) if found else None


def unknown(what: str, name: str, *, known: Iterable[str]) -> str:
    """Return the sentence that refuses an unknown kind or column and names the nearest known one."""
    known = list(known)
    near = nearest(name, known)
    if near:
        hint = Sentence('Did you mean "{near}"?', near=near)
    else:
        hint = Sentence("Known are: {known}.", known=", ".join(known))
    return Sentence('"{name}" is not a known {what}. {hint}', name=name, what=Sentence(what), hint=hint)
