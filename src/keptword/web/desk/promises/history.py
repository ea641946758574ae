"""The history of one promise: what the figures hold of it, and what colleagues did at the desk, in one line of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from keptword.figures.reading import Reader
from keptword.office import acts
from keptword.office.acts import Told
from keptword.office.people import several
from keptword.web import shop, spoken
from keptword.web.keeping.standing import Promise
from keptword.web.keeping.telling import hour_of, teller
from keptword.web.pages import local_day, money
from keptword.words import Words, without_marks

MOST: Final = 60
"""Entries of the figures that are shown of one promise."""


@dataclass(frozen=True)
class Line:
    """One thing that happened: the day, the hour where it is known, what, by which colleague, and what was said."""

    on: date
    time: str
    said: str
    by: str
    more: str
    held: bool


@dataclass(frozen=True)
class History:
    """All that is known of one promise beside its row: how it came, how much it is about, what can be undone."""

    lines: tuple[Line, ...]
    held: tuple[Told, ...]
    channel: str
    mail: str
    how_much: tuple[str, str] | None


def history(reader: Reader, promise: Promise, *, words: Words) -> History:
    """Return the history of a promise, the first thing first."""
    now = shop.now()
    told = acts.about(promise.promise_id)
    own = {each.fact["source"] for each in told}
    entries = [row for row in _entries(reader, promise) if row["source"] not in own]
    lines = [_entry(row, words=words) for row in entries] + [_act(each, words=words, now=now) for each in told]
    if not any(row["kind"] == "promise.made" for row in entries) and not any(t.kind == "promise.made" for t in told):
        lines.append(_made(promise, reader=reader, words=words))
    person = several([promise.user_key]).get(promise.user_key) if promise.user_key else None
    made = next((each.fact for each in told if each.kind == "promise.made"), {})
    row = next((row for row in entries if row["kind"] == "promise.made"), {})
    return History(
        lines=tuple(line for _, line in sorted(lines, key=lambda each: each[0])),
        held=tuple(each for each in told if each.until > now and not each.posted),
        channel=spoken.channel(words, promise.channel),
        mail=person.mail if person else "",
        how_much=_money(made or row),
    )


def _entries(reader: Reader, promise: Promise) -> list[dict[str, Any]]:
    """Return the entries of the customer that name the promise or what it is about."""
    if not promise.user_key:
        return []
    return reader.rows(
        f"""SELECT occurred_at, occurred_on, kind, promise_id, channel, amount, currency, source FROM entries_of
        WHERE user_key = $key AND (promise_id = $name OR (subject = $about AND promise_id IS NULL))
        ORDER BY occurred_at LIMIT {MOST}""",
        {"key": promise.user_key, "name": promise.promise_id, "about": promise.subject or promise.promise_id},
    )


def _entry(row: Mapping[str, Any], *, words: Words) -> tuple[datetime, Line]:
    said = spoken.entry(words, row["kind"])
    amount = _money(row)
    # Midnight exactly is mostly a mere day.
    time = hour_of(row["occurred_at"])
    line = Line(
        row["occurred_on"],
        "" if time == "00:00" else time,
        said=said,
        by="",
        more=money(words, Decimal(amount[1]), currency=amount[0]) if amount else "",
        held=False,
    )
    return row["occurred_at"], line


def _act(each: Told, *, words: Words, now: datetime) -> tuple[datetime, Line]:
    naive = each.at.astimezone(UTC).replace(tzinfo=None)
    line = Line(
        local_day(each.at),
        hour_of(naive),
        said=spoken.entry(words, each.kind),
        by=each.member,
        more=_said_more(each, words=words),
        held=each.until > now and not each.posted,
    )
    return naive, line


def _said_more(each: Told, *, words: Words) -> str:
    """Return what a colleague said to it: the new day, how the customer agreed, in what words, a reason, a remedy."""
    attributes = each.fact.get("attributes", {})
    parts = []
    if each.kind == "promise.renegotiated":
        day = each.fact.get("due_on")
        at = datetime.fromisoformat(each.fact["due_at"]).astimezone(UTC).replace(tzinfo=None)
        when = words.short_day(date.fromisoformat(day) if day else local_day(at))
        parts.append(when if day else f"{when}, {hour_of(at)}")
    for name, prefix in (("agreed", "promises.agreed_"), ("wish", "promises.wish_")):
        if attributes.get(name) and words.has(prefix + attributes[name]):
            parts.append(without_marks(words.say(prefix + attributes[name])))
    parts += [str(attributes[name]) for name in ("what", "reason", "evidence") if attributes.get(name)]
    amount = _money(each.fact)
    if amount:
        parts.append(money(words, Decimal(amount[1]), currency=amount[0]))
    return " · ".join(parts)


def _made(promise: Promise, *, reader: Reader, words: Words) -> tuple[datetime, Line]:
    """Return the line that says which rule made it, or at least when it was made."""
    rule = teller(reader, words=words, user_keys=()).rules.get(promise.rule_id, "")
    said = words.say("promises.made_by_rule", rule=rule) if rule else spoken.entry(words, "promise.made")
    return promise.made_at, Line(promise.made_on, "", without_marks(said), by="", more="", held=False)


def _money(told: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the currency and the amount of an entry, None where it names none."""
    if not told or told.get("amount") is None or not told.get("currency"):
        return None
    return str(told["currency"]), str(told["amount"])
