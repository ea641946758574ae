"""Reads a promise as a shop writes it, in English or Chinese, and refuses what it cannot read whole."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import time

from keptword.core.problems import KeptwordError, Sentence, listed
from keptword.core.rules import chinese, english
from keptword.core.rules.condition import parse_condition
from keptword.core.rules.language import Language
from keptword.core.rules.model import STARTS, Amount, Rule, rule

_TOLD = 120
"""How many signs of an unreadable promise are told back."""

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_WHERE = re.compile(r"[,，]?\s*(?:\bwhere\b|条件\s*[:：])\s*(?P<condition>.+)$", re.IGNORECASE | re.DOTALL)
_CLOCK = re.compile(r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?(?::00)?\s*(?P<half>[ap]\.?m\.?)?", re.IGNORECASE)


def parse_promise(text: str) -> Rule:
    """Return the rule a sentence states: "ships within 2 working days, ordered before 14:00".

    Every word has to be understood: a promise half read would be another promise. A trailing
    "where country = DE" limits it. Raises `KeptwordError` saying what was read and what was not.
    """
    sentence = text.strip().rstrip(".。!！ ")
    limit = _WHERE.search(sentence)
    condition = parse_condition(limit["condition"]) if limit else None
    unlimited = sentence[: limit.start()] if limit else sentence
    reading = _Reading(text, _language(unlimited), _plain(unlimited))
    cutoff = reading.take_cutoff()
    start = reading.take_start()
    amount, kind = reading.whole(amount=reading.take_amount(), kind=reading.take_kind())
    if start is not None and start.partition(".")[0] != STARTS[kind][0].partition(".")[0]:
        raise reading.refusal(Sentence("a {kind} promise does not count from there", kind=Sentence(kind)))
    return rule(kind, amount, from_kind=start, cutoff=cutoff, where=condition)


def parse_amount(text: str) -> Amount:
    """Return the span written as "2 working days", "one week" or "24小时"; raise `KeptwordError` otherwise."""
    reading = _Reading(text, _language(text), _plain(text))
    amount = reading.take_amount()
    if amount is None or reading.language.leftover(reading.rest):
        raise KeptwordError(
            '"{text}" is not a span of time. Write it like "2 working days", "5 days" or "4 working hours".', text=text
        )
    return amount


def clock_time(text: str) -> time:
    """Return the hour written as "14:00" or "2 pm"; raise `KeptwordError` for any other."""
    found = _CLOCK.fullmatch(_plain(text).strip())
    remedy = Sentence('Write it as "14:00" or "2 pm".')
    if not found:
        raise KeptwordError('"{text}" is not an hour of the day. {remedy}', text=text, remedy=remedy)
    hour, minute, half = int(found["hour"]), int(found["minute"] or 0), found["half"]
    if half:
        if not 1 <= hour <= 12:
            raise KeptwordError('"{text}" is not an hour of the day. {remedy}', text=text, remedy=remedy)
        hour = hour % 12 + (12 if half.lower().startswith("p") else 0)
    elif found["minute"] is None and hour <= 12:
        raise KeptwordError('"{text}" may be morning or afternoon. {remedy}', text=text, remedy=remedy)
    if hour > 23 or minute > 59:
        raise KeptwordError('"{text}" is not an hour of the day. {remedy}', text=text, remedy=remedy)
    return time(hour, minute)


def _language(text: str) -> Language:
    return chinese.LANGUAGE if _CHINESE.search(text) else english.LANGUAGE


def _short(text: str) -> str:
    told = " ".join(text.split())
    return told if len(told) <= _TOLD else f"{told[:_TOLD]}…"


def _plain(text: str) -> str:
    """Return the text in lower case with full-width signs and the several dashes made one."""
    return re.sub("[‐‑‒–—―~]", "-", unicodedata.normalize("NFKC", text)).lower().replace("\u2019", "'")


@dataclass
class _Reading:
    """A sentence being read: what was understood so far, and the rest."""

    text: str
    language: Language
    rest: str
    read: list[str] = field(default_factory=list)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Return the first match and take it out of the rest."""
        found = pattern.search(self.rest)
        if found:
            self.read.append(found[0].strip(" ,;"))
            self.rest = f"{self.rest[: found.start()]} ; {self.rest[found.end() :]}"
        return found

    def take_cutoff(self) -> time | None:
        found = self.take(self.language.cutoff)
        return clock_time(self.language.clock(found)) if found else None

    def take_start(self) -> str | None:
        found = self.take(self.language.start)
        return self.language.starts[found["start"]] if found else None

    def take_amount(self) -> Amount | None:
        idiom = self.take(self.language.idiom)
        if idiom:
            amount = self.language.idiom_amount(idiom)
        else:
            found = self.take(self.language.amount)
            if not found:
                return None
            amount = self.language.amount_of(found)
        if self.language.idiom.search(self.rest) or self.language.amount.search(self.rest):
            raise self.refusal(Sentence("there is more than one span of time"))
        return amount

    def take_kind(self) -> str | None:
        found = {kind for kind, pattern in self.language.kinds.items() if pattern.search(self.rest)}
        if len(found) > 1:
            several = listed([Sentence(kind) for kind in sorted(found)])
            raise self.refusal(
                Sentence("it promises more than one thing ({several}); say them one by one", several=several)
            )
        kind = next(iter(found), None)
        while kind and self.take(self.language.kinds[kind]):
            pass
        if kind is None and self.take(self.language.weak_dispatch):
            kind = "dispatch"
        return kind

    def whole(self, *, amount: Amount | None, kind: str | None) -> tuple[Amount, str]:
        """Return both parts of a promise; refuse what is missing, then what was not understood."""
        if amount is None and kind is None:
            raise self.refusal(Sentence("it says neither what is promised nor within how long"))
        if amount is None:
            raise self.refusal(Sentence("it does not say within how long"))
        if kind is None:
            raise self.refusal(
                Sentence("it does not say whether it is about shipping, delivery, answers, solutions or refunds")
            )
        leftover = self.language.leftover(self.rest)
        if leftover:
            raise self.refusal(Sentence('"{leftover}" was not understood', leftover=leftover))
        return amount, kind

    def refusal(self, why: str) -> KeptwordError:
        so_far = ", ".join(dict.fromkeys(self.read))
        read = Sentence("Read so far: {read}. ", read=so_far) if self.read else ""
        first, second, third = map(Sentence, self.language.examples)
        return KeptwordError(
            'The promise "{text}" cannot be read: {why}. {read}'
            'Write it like "{first}", "{second}" or "{third}". '
            "Conditions and cut-off hours may also stand in a rules file.",
            text=_short(self.text),
            why=why,
            read=read,
            first=first,
            second=second,
            third=third,
        )
