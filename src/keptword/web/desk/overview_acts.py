"""What to do this week: three acts, the most pressing first, each a sentence with a button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from keptword.core.rates import wilson
from keptword.core.rules import Amount
from keptword.figures.plain import share_of
from keptword.figures.reading import Reader
from keptword.intake import quarantine
from keptword.office.models import Commitment
from keptword.office.rights import Right
from keptword.report import phrases
from keptword.web.desk.overview_parts import waits_now
from keptword.web.desk.overview_way import Way, way, ways
from keptword.web.desk.places import place_name
from keptword.web.keeping.book import Wanted
from keptword.web.keeping.waits import Waits
from keptword.words import Words

MOST: Final = 3
MOST_PRIZES: Final = 500
"""Up to so many are looked at for the name of their draw."""

STALE: Final = timedelta(days=3)
"""After so many days without an entry, something is not coming in any more."""

_OWN_ACTS: Final = ("reward_not_delivered", "refund_late")

FEW_LINES: Final = 10
"""From so many lines on that could not be read, they are worth a look."""


@dataclass(frozen=True)
class Act:
    """One thing to do: what is the matter, and the buttons that do something about it."""

    sentence: str
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class Seen:
    """What acts are found in: the figures, all that is waited for now, and the words to tell it in."""

    words: Words
    reader: Reader
    waits: Waits


def acts(words: Words, reader: Reader) -> tuple[Act, ...]:
    """Return the most pressing things to do, three at most.

    First people who wait for something promised; then where it fails beyond chance, with the promise that could be
    kept there; what was won or is to be paid back and is not; what we said we never do and did; who had no answer;
    then what the figures lack: newer entries, promises without a day, lines that could not be read.
    """
    seen = Seen(words, reader, waits_now(reader))
    found: list[Act] = []
    for make in _RANKED:
        found += make(seen)
        if len(found) >= MOST:
            break
    return tuple(found[:MOST])


def _waiting(seen: Seen) -> list[Act]:
    late = seen.waits.together({"when": "overdue"})
    if not late.people:
        return []
    said = seen.words.say("acts.waiting", count=late.people)
    if late.let_down:
        said += seen.words.say("list.space") + seen.words.say("acts.let_down", count=late.let_down)
    return [Act(said, ways(way("waiting", seen.words.say("acts.write"), main=True, when="overdue", all="1")))]


def _where(seen: Seen) -> list[Act]:
    words, found = seen.words, seen.reader.said("there")
    if found is None:
        return []
    share, elsewhere = share_of(found["share"]), share_of(found["elsewhere"])
    failed, rest = wilson(share.of - share.count, share.of), wilson(elsewhere.of - elsewhere.count, elsewhere.of)
    place = place_name(words, found["name"], value=found["value"])
    said = seen.words.say(
        "acts.fails",
        place=place,
        count=failed.count,
        of=failed.of,
        share=words.share(failed),
        elsewhere=words.in_100(rest.value or 0.0),
        period=seen.words.say("acts.last_month" if found["months"] == 1 else "acts.last_year"),
    )
    promise = found["promise"]
    if promise is None:
        asked = {"by": found["name"]}
        return [Act(said, ways(way("breakdown", seen.words.say("acts.look"), main=True, asked=asked)))]
    could, now = (Amount(promise[name]["number"], promise[name]["unit"]) for name in ("could", "promised"))
    said += seen.words.say("list.space") + seen.words.say(
        "acts.could", could=phrases.amount(words, could), now=phrases.amount(words, now)
    )
    return [Act(said, ways(way("overview.promise", seen.words.say("acts.change"), main=True, right=Right.MANAGE)))]


def _rewards(seen: Seen) -> list[Act]:
    """Prizes and points not sent by their day; by the name of the draw where all are of one."""
    waits = seen.waits
    asked = {"when": "overdue", "kind": "reward"}
    late = waits.together(asked)
    if not late.count:
        return []
    first = waits.page(asked, sort="due", down=False, offset=0, size=MOST_PRIZES)
    named = {row.said for row in first}
    prize = phrases.name(named.pop()) if len(named) == 1 and late.count <= MOST_PRIZES else ""
    said = seen.words.say("acts.prizes_of" if prize else "acts.prizes", count=late.count, prize=prize)
    send = way("waiting", seen.words.say("acts.send"), main=True, when="overdue", kind="reward")
    tell = way("waiting", seen.words.say("acts.tell", count=late.people), when="overdue", kind="reward", all="1")
    return [Act(said, ways(send, tell))]


def _refunds(seen: Seen) -> list[Act]:
    late = seen.waits.together({"when": "overdue", "kind": "refund"})
    if not late.count:
        return []
    pay = way("waiting", seen.words.say("acts.pay"), main=True, when="overdue", kind="refund")
    return [Act(seen.words.say("acts.refunds", count=late.count), ways(pay))]


def _crossed(seen: Seen) -> list[Act]:
    """What the business says it never does, and did in the last week; prizes and refunds have acts of their own."""
    since = date.fromisoformat(seen.reader.said("made")["today"]) - timedelta(days=7)
    held = Commitment.objects.filter(until__isnull=True, never=True).exclude(check_name="")
    checks = [name for name in held.values_list("check_name", flat=True).distinct() if name not in _OWN_ACTS]
    row = seen.reader.row(
        'SELECT count(*) AS count FROM crossings WHERE occurred_on > $since AND list_contains($checks, "check")',
        {"since": since, "checks": checks or [""]},
    )
    if row is None or not row["count"]:
        return []
    look = way("commitments", seen.words.say("acts.look"), main=True)
    return [Act(seen.words.say("acts.crossed", count=row["count"]), ways(look))]


def _unanswered(seen: Seen) -> list[Act]:
    silent = seen.waits.together({"when": "unanswered"})
    if not silent.count:
        return []
    said = seen.words.say("acts.silent", count=silent.count, days=seen.words.say("count.day", count=silent.days))
    return [Act(said, ways(way("waiting", seen.words.say("acts.answer"), main=True, when="unanswered")))]


def _stale(seen: Seen) -> list[Act]:
    came_on = seen.reader.said("shop")["came_on"]
    newest = date.fromisoformat(came_on) if came_on else None
    if newest is None or date.fromisoformat(seen.reader.said("made")["today"]) - newest <= STALE:
        return []
    said = seen.words.say("acts.stale", day=seen.words.day(newest))
    return [Act(said, ways(way("imports", seen.words.say("menu.imports"), main=True)))]


def _vague(seen: Seen) -> list[Act]:
    count = seen.waits.book.count(Wanted(state="vague"))
    if not count:
        return []
    name = way("promises", seen.words.say("acts.name_a_day"), main=True, state="vague")
    return [Act(seen.words.say("acts.vague", count=count), ways(name))]


def _unreadable(seen: Seen) -> list[Act]:
    count = quarantine.count()
    if count < FEW_LINES:
        return []
    mend = way("imports.lines", seen.words.say("acts.mend"), main=True)
    return [Act(seen.words.say("acts.lines", count=count), ways(mend))]


_RANKED: Final[tuple[Callable[[Seen], list[Act]], ...]] = (
    _waiting,
    _where,
    _rewards,
    _refunds,
    _crossed,
    _unanswered,
    _stale,
    _vague,
    _unreadable,
)
