"""The phrases that several sentences share: periods, spans of time, names out of files."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from keptword.core.rules import Amount, Unit
from keptword.report.model import Report
from keptword.words import Words

FEW: Final = 20
"""Below so many, a share in 100 would sound surer than it is: the two numbers themselves are said."""

_LONGEST_NAME: Final = 80

_INVISIBLE: Final = re.compile("[\u202a-\u202e\u2066-\u2069\ue000-\uf8ff]")
"""Characters that turn the direction of what follows them, and those no font knows: none belongs into a name."""


def name(text: str) -> str:
    """Return a name out of a file as it may stand in a sentence: one line, of decent length, kept to itself.

    A name written from right to left is isolated, so that it does not turn the sentence around it.
    """
    shown = line(text, longest=_LONGEST_NAME)
    turned = any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in shown)
    return f"\u2068{shown}\u2069" if turned else shown


def line(text: str, *, longest: int) -> str:
    """Return a text out of a file as one line of at most `longest` visible characters."""
    # A cell may hold a megabyte: no more of it is looked at than can be shown.
    visible = _INVISIBLE.sub("", text[: 4 * longest])
    shown = " ".join("".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in visible).split())
    cut = len(shown) > longest or len(text) > 4 * longest
    return shown[: longest - 1].rstrip() + "…" if cut else shown


def subject(text: str) -> str:
    """Return what something is about without the kind it belongs to: "#1387" for `order:#1387`."""
    _, colon, rest = text.partition(":")
    return name(rest if colon and rest else text)


def amount(words: Words, amount: Amount) -> str:
    """Return how long a promise allows, as in "2 working days"."""
    return _span(words, amount, key="amount")


def within(words: Words, amount: Amount) -> str:
    """Return how long a promise allows, as in "within 2 working days"."""
    return _span(words, amount, key="within")


def _span(words: Words, amount: Amount, *, key: str) -> str:
    if amount.number == 0:
        return words.say(f"{key}.same_working_day" if amount.working else f"{key}.same_day")
    return words.say(f"{key}.{amount.unit.replace(' ', '_')}", count=amount.number)


def unit(report: Report) -> Unit:
    """Return what the days of the promise that can be kept are: working days, unless the promise told counts all."""
    return "days" if report.keepable_unit == "days" else "working days"


def days(words: Words, count: int) -> str:
    """Return a number of days, as in "6 days"."""
    return words.say("count.day", count=count)


def period(words: Words, report: Report) -> str:
    """Return the time the report looks at, as a sentence begins: "In the 12 months to 24 November 2031"."""
    first = report.first_on
    if first is None or first > report.as_of:
        return words.say("period.days", count=1, day=words.day(report.as_of))
    length = (report.as_of - first).days + 1
    if length < 75:
        return words.say("period.days", count=length, day=words.day(report.as_of))
    if length < 3 * 366:
        return words.say("period.months", count=round(length / 30.44), day=words.day(report.as_of))
    return words.say("period.since", first=words.day(first))


def for_kind(words: Words, prefix: str, *, kind: str) -> str:
    """Return the key made for this kind of promise, or the one for any other where there is none."""
    key = prefix + kind
    return key if words.has(key) else f"{prefix}other"


def things(words: Words, count: int, *, kind: str) -> str:
    """Return what a kind of promise is about, counted: "412 orders"."""
    return words.say(for_kind(words, "things.", kind=kind), count=count)
