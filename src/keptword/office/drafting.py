"""Drafts a note to a customer in plain words: what we promised, what happened, when it will be; no excuse, no offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from keptword.words import Words, without_marks

LONGEST: Final = 10_000
"""Characters a note may have."""

LONGEST_SUBJECT: Final = 200

_ORDER: Final = "order:"


@dataclass(frozen=True)
class Owed:
    """One thing somebody waits for: a promise, or (`kind` is empty) an answer to what they wrote.

    `what` is what was promised where it was told in words of its own, `due_time` the hour where it names one.
    """

    kind: str
    subject: str
    since_on: date
    what: str = ""
    due_on: date | None = None
    due_time: str = ""
    days_late: int | None = None
    """Days since it was due: 0 where the hour has passed today; None where it is not due yet."""

    @property
    def is_late(self) -> bool:
        """Whether we owe them an apology: it is past due, or they have waited for an answer."""
        return self.days_late is not None or not self.kind


@dataclass(frozen=True)
class Asked:
    """Who is written to and by whom, and the new day we name, where we know one."""

    name: str
    business: str
    by: str
    new_day: date | None


@dataclass(frozen=True)
class Draft:
    """A note as drafted, and whether it says sorry."""

    subject: str
    body: str
    apologises: bool


def drafted(words: Words, owed: Sequence[Owed], *, asked: Asked) -> Draft:
    """Return the note to one person about all they wait for, in the language of the words."""
    several = len(owed) > 1
    sorry = any(each.is_late for each in owed)
    parts = [_say(words, "letters.greeting_name", name=asked.name) if asked.name else _say(words, "letters.greeting")]
    parts += [_joined(words, [*_told(words, each), *([] if several else _when(words, each, asked))]) for each in owed]
    if several and (sorry or asked.new_day):
        parts.append(_when_all(words, asked.new_day))
    if sorry:
        failed = any(each.days_late is not None for each in owed)
        parts.append(_say(words, "letters.sorry" if failed else "letters.sorry_waited"))
    # To somebody who waits for nothing, there is nothing to be said but what the colleague adds.
    parts += [_say(words, "letters.end") if owed else "", f"{asked.by}\n{asked.business}"]
    subject = _say(words, "letters.subject_several") if several else _subject(words, owed[0]) if owed else ""
    return Draft(subject[:LONGEST_SUBJECT], "\n\n".join(parts)[:LONGEST], sorry)


def _told(words: Words, owed: Owed) -> list[str]:
    """Return what was promised and what happened."""
    if not owed.kind:
        return [_say(words, "letters.wrote", day=words.day(owed.since_on))]
    if owed.days_late is None:
        return [_promised(words, owed), _say(words, "letters.to_come" if owed.due_on else "letters.not_forgotten")]
    late = [_say(words, "letters.days_late", count=owed.days_late)] if owed.days_late else []
    return [_promised(words, owed), _say(words, f"letters.late_{owed.kind}"), *late]


def _promised(words: Words, owed: Owed) -> str:
    order = _order(words, owed.subject)
    if owed.due_on is None:
        what = _bare(owed.what) or _say(words, f"letters.thing_{owed.kind}", order=order)
        return _say(words, "letters.promised_no_day", day=words.day(owed.since_on), what=what)
    day = words.day(owed.due_on)
    by = _say(words, "letters.hour", day=day, time=owed.due_time) if owed.due_time else day
    if owed.what:
        return _say(words, "letters.promised_said", what=_bare(owed.what), day=by)
    return _say(words, f"letters.promised_{owed.kind}", order=order, day=by)


def _when(words: Words, owed: Owed, asked: Asked) -> list[str]:
    """Return when it will be: the new day, that we do not know it, or nothing where the day promised still stands."""
    if asked.new_day is not None:
        return [_say(words, f"letters.when_{owed.kind or 'reply'}", day=words.day(asked.new_day))]
    return [_say(words, "letters.when_unknown")] if owed.is_late else []


def _when_all(words: Words, new_day: date | None) -> str:
    if new_day is None:
        return _say(words, "letters.when_unknown")
    return _say(words, "letters.when_all", day=words.day(new_day))


def _subject(words: Words, owed: Owed) -> str:
    if not owed.kind:
        return _say(words, "letters.subject_wrote", day=words.day(owed.since_on))
    if owed.subject.startswith(_ORDER):
        return _say(words, "letters.subject_order", order=owed.subject.removeprefix(_ORDER))
    return _say(words, "letters.subject")


def _order(words: Words, subject: str) -> str:
    if subject.startswith(_ORDER):
        return _say(words, "letters.order", number=subject.removeprefix(_ORDER))
    return _say(words, "letters.order_unnamed")


def _bare(what: str) -> str:
    """Return what was told without the stop at its end: it stands within a sentence here."""
    return " ".join(what.split()).rstrip(".。!！;； ")


def _joined(words: Words, sentences: Sequence[str]) -> str:
    return _say(words, "list.space").join(sentences)


def _say(words: Words, key: str, /, *, count: float | None = None, **values: str) -> str:
    return without_marks(words.say(key, count=count, **values))
