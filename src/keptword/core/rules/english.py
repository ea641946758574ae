"""The English words by which a promise is read."""

from __future__ import annotations

import re
from typing import Final

from keptword.core.rules.language import Language
from keptword.core.rules.model import Amount, Unit

_NUMBERS: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fourteen": 14, "fifteen": 15, "twenty": 20,
    "twenty-four": 24, "thirty": 30, "forty-eight": 48, "seventy-two": 72,
}  # fmt: skip
_DIGITS: Final = r"\d+(?:\.\d+)?"
_WORDS: Final = rf"\b(?:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\b"
# Neither the 2 of "-2", which nobody can promise, nor the 5 of "1,5".
_NUMBER: Final = rf"(?<!\d)(?<!\d[.,])(?<!-){_DIGITS}|{_WORDS}"

_STARTS: Final = {
    "payment": "order.paid", "paying": "order.paid", "order": "order.placed", "ordering": "order.placed",
    "purchase": "order.placed", "checkout": "order.placed", "dispatch": "order.shipped",
    "shipment": "order.shipped", "shipping": "order.shipped", "arrival": "order.delivered",
    "delivery": "order.delivered", "return": "order.returned", "cancellation": "order.cancelled",
}  # fmt: skip

# Words and phrases that leave a promise what it is. What is missing here is refused, so doubtful ones stay out.
_FILLER_PHRASES: Final = re.compile(
    r"\b(?:not? later than|or less|less than|or sooner|at (?:the )?latest|at (?:the )?most|up to)\b"
)
_FILLERS: Final = frozenset(
    """
    a all always an and any are as be been being between by customer customers each email emails enquiries
    enquiry every everyone everything first for from get gets goods got guaranteed has have if in inquiries
    inquiry inside is it its item items letter letters mail mails max maximum message messages money must next
    of on order ordered orders our out package packages paid parcel parcels person placed please product
    products promise promised promises purchase question questions received request requests return returns
    send sends sent shall that the their them then they time times to under us we when will with within you your
    """.split()  # noqa: SIM905
)

_ORDERED: Final = r"\b(?:order\w*|plac\w*|paid|payment\w*|purchase\w*|bought|received)\b[\s\w]{0,20}?"
_CLOSING: Final = r"\bcut-?\s?off(?:\s+(?:hour|time))?(?:\s+(?:is|at|of))?:?"
_HOUR: Final = r"(?P<hour>noon|midday|\d{1,2}(?:[:.]\d{2})?(?:\s*[ap]\.?m\b\.?|\s*o'clock)?)"


def _clock(cutoff: re.Match[str]) -> str:
    hour = cutoff["hour"].replace("o'clock", "").strip()
    return "12:00" if hour in ("noon", "midday") else hour


def _idiom_amount(idiom: re.Match[str]) -> Amount:
    # A shop's "next day" skips its days off, as its "same day" does, unless it says otherwise.
    return Amount(0 if idiom["which"] == "same" else 1, "days" if idiom["calendar"] else "working days")


def _amount_of(found: re.Match[str]) -> Amount:
    told = found["upper"] or found["number"]
    number = float(_NUMBERS.get(told) or told)
    named = found["unit"]
    if named in ("week", "weeks"):
        return Amount(number * 7, "days")
    working = bool(found["working"]) or named.startswith("w")
    hours = named.startswith("h")
    unit: Unit = ("working hours" if hours else "working days") if working else ("hours" if hours else "days")
    return Amount(number, unit)


def _leftover(rest: str) -> str:
    words = re.findall(r"[^\s,;:.!?()\"]+", _FILLER_PHRASES.sub(" ", rest))
    return " ".join(word for word in words if word.strip("-'") and word not in _FILLERS)


LANGUAGE: Final = Language(
    # "By 2 pm" alone may be the hour of shipping; only of an order is it surely the cut-off.
    cutoff=re.compile(
        rf"(?:\bbefore|{_ORDERED}\b(?:by|until|till|up to)|{_CLOSING})\s*(?:at\s+)?{_HOUR}"
        r"(?!\w|\s*(?:working|business|days?|hours?|hrs?|h|weeks?)\b)"
    ),
    clock=_clock,
    start=re.compile(
        r"\b(?:of|after|from|following|since)\s+(?:(?:the|your|receiving|an?)\s+)*"
        rf"(?P<start>{'|'.join(sorted(_STARTS, key=len, reverse=True))})\b"
    ),
    starts=_STARTS,
    idiom=re.compile(
        r"\b(?P<which>same|next|following)[\s-]+(?:(?P<calendar>calendar)[\s-]+)?"
        r"(?:(?:working|business|work)[\s-]*)?day\b"
    ),
    idiom_amount=_idiom_amount,
    amount=re.compile(
        rf"(?:(?:{_NUMBER})\s*(?:-|to|or|and)\s*(?P<upper>{_DIGITS}|{_WORDS})|(?P<number>{_NUMBER}))[\s-]*"
        r"(?P<working>working|business|work|office)?[\s-]*"
        r"(?P<unit>workdays?|weekdays?|days?|hours?|hrs?|h|weeks?)\b"
    ),
    amount_of=_amount_of,
    kinds={
        "dispatch": re.compile(
            r"\b(?:ship(?:s|ped|ping|ments?)?|d[ei]spatch(?:es|ed|ing)?|lea(?:ve|ves|ving)|goes out)\b"
        ),
        "delivery": re.compile(r"\b(?:deliver(?:s|ed|y|ies|ing)?|arriv(?:e|es|ed|al|ing))\b"),
        "reply": re.compile(r"\b(?:repl(?:y|ies|ied|ying)|answer(?:s|ed|ing)?|respon(?:d|ds|ded|ding|se|ses))\b"),
        "resolution": re.compile(
            r"\b(?:(?:re)?solv(?:e|es|ed|ing)|(?:re)?solutions?|settl(?:e|es|ed|ing)|fix(?:es|ed|ing)?)\b"
        ),
        "refund": re.compile(r"\b(?:refund(?:s|ed|ing)?|reimburs(?:e|es|ed|ing|ement)|money[\s-]+back)\b"),
        "reward": re.compile(r"\b(?:rewards?|prizes?|points|vouchers?)\b"),
    },
    weak_dispatch=re.compile(r"\b(?:send(?:s|ing)?|sent|post(?:s|ed)?)\b"),
    leftover=_leftover,
    examples=("ships within 2 working days", "delivered within 5 days", "we reply within 4 working hours"),
)
