"""The overview with little: the promise told, held against the past; who waits; what lateness cost; who came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, ClassVar, Final

from django.http import HttpRequest

from keptword.books.rules import Version, versions
from keptword.core.rates import wilson
from keptword.core.rules import Amount, Rule, describe, rule
from keptword.figures.plain import share_of
from keptword.figures.reading import Reader
from keptword.office.rights import Right
from keptword.report import phrases
from keptword.report.blocks import Cell, Head, Point, Table
from keptword.web import shop
from keptword.web.desk.first_run import Question, question
from keptword.web.desk.overview_parts import (
    Counted,
    Footer,
    Part,
    Told,
    counted,
    footer,
    how,
    next_best,
    overdue,
    points,
    quote,
    says,
    table,
    unanswered,
    waits_now,
)
from keptword.web.desk.overview_strip import STRIP, MonthOf, Strip, strip
from keptword.web.desk.overview_way import Way, way, ways
from keptword.web.keeping.waits import Together
from keptword.web.spoken import about, promise
from keptword.words import Words

LISTED: Final = 5
"""How many of those who wait are listed on the page itself."""


@dataclass(frozen=True)
class Word:
    """The promise: in the words customers read, how it was kept, and what could be promised."""

    quote: str
    origin: str
    kept: tuple[str, ...]
    could: tuple[str, ...]
    strip: Strip | None
    ways: tuple[Way, ...]
    how: tuple[str, ...]
    question: Question | None


@dataclass(frozen=True)
class WaitingNow:
    """Who waits: sentences, where they are listed, and the list itself where no other page has it."""

    sentences: tuple[str, ...]
    first: Table | None
    ways: tuple[Way, ...]
    table: Table | None
    unfold: str
    how: tuple[str, ...]


@dataclass(frozen=True)
class LittlePage:
    """What the overview shows while there is little."""

    template: ClassVar[str] = "overview_little.html.jinja"
    headline: str
    counted: Counted
    word: Word
    waiting: WaitingNow
    cost: Part | None
    back: Part | None
    missing: tuple[Point, ...]
    next: str
    add: Way | None
    footer: Footer


def page(request: HttpRequest, reader: Reader, *, busy: bool) -> LittlePage:
    """Return the overview with little."""
    words = request.words
    report = reader.said("report")
    told = Told(report, words=words) if report else None
    lists = points(told.section("missing")) if told else ()
    return LittlePage(
        headline=told.headline if told else words.say("overview.large"),
        counted=counted(reader, busy=busy),
        word=_word(request, told),
        waiting=_waiting(reader, told, words=words),
        cost=_cost(reader, told, words=words),
        back=told.part("back") if told else _back(reader, words=words),
        missing=lists[0] if lists else (),
        next=next_best(reader, words=words),
        add=way("imports", words.say("menu.imports")),
        footer=footer(request, reader),
    )


def _word(request: HttpRequest, told: Told | None) -> Word:
    words = request.words
    asks = question(request)
    if told is None:
        return Word("", "", (words.say("overview.large_more"),), (), None, (), (), asks)
    section = told.section("word")
    said = quote(section)
    waits = says(told.section("waiting"), "lead") + says(told.section("waiting"), "joy")
    first, *more = [sentence for sentence in told.lede if sentence not in waits] or [told.headline]
    is_told = said is not None or told.figures["promise_kind"] is not None
    months = says(section, "plain") if is_told else ()
    return Word(
        quote=said.text if said else "",
        origin=said.origin if said else "",
        kept=(first, *months),
        could=tuple(more),
        strip=_strip(told, words=words),
        ways=_ways(told, words=words),
        how=(*how(section), *how(told.section("can"))[:1]) if is_told else how(told.section("can")),
        question=None if is_told else asks,
    )


def _strip(told: Told, *, words: Words) -> Strip | None:
    months = tuple(
        MonthOf(
            date.fromisoformat(f"{month['month']}-01"),
            wilson(month["kept"], month["due"]),
            late=month["late"],
            rest=month["waiting"],
        )
        for month in told.figures["months"][-STRIP:]
    )
    by_rule = told.figures["promise"] is not None
    caption = words.say("word.caption" if by_rule else "word.caption_made")
    return strip(months, words=words, caption=caption, rest="waiting" if by_rule else "not_kept")


def _ways(told: Told, *, words: Words) -> tuple[Way, ...]:
    """Return the buttons below the promise: promise what could be kept, or keep what is and see what holds up."""
    days, unit = told.figures["can_promise_days"], told.figures["can_promise_unit"]
    version = _version(told.figures)
    now = version.told.rule if version else None
    if told.figures["promise_kind"] is not None and now is None:
        return ways(way("breakdown", words.say("overview.see")))
    could = Amount(days, unit) if days is not None else None
    found = []
    if could is not None and (now is None or (now.within != could and now.within.in_days)):
        new = replace(now, within=could) if now else rule("dispatch", could)
        asked = {"sentence": describe(replace(new, cutoff=None, where=None))}
        asked |= {"where": str(new.where)} if new.where else {}
        asked |= {"cutoff": f"{new.cutoff:%H:%M}"} if new.cutoff else {}
        earliest = first_day(now)
        asked |= {"since": str(earliest)} if earliest != shop.books().today else {}
        label = words.say("overview.promise", amount=phrases.amount(words, could))
        found.append(way("promises.rules", label, main=True, right=Right.MANAGE, asked=asked))
    if now is None:
        return ways(*found)
    key = "overview.keep" if could is None or now.within.number < could.number else "overview.see"
    return ways(*found, way("breakdown", words.say(key, amount=phrases.amount(words, now.within))))


def first_day(now: Rule | None) -> date:
    """Return the first day another version of a rule could begin on: today, or the day after the last began."""
    today = shop.books().today
    return max(today, now.since + timedelta(days=1)) if now and now.since else today


def _version(figures: Mapping[str, Any]) -> Version | None:
    """Return the rule the report is about, as the books have it now."""
    return next((each for each in reversed(versions()) if describe(each.told.rule) == figures["promise"]), None)


def _waiting(reader: Reader, told: Told | None, *, words: Words) -> WaitingNow:
    late, silent = overdue(reader), unanswered(reader)
    asked = words.say("answers.unanswered", count=silent.count, days=words.say("count.day", count=silent.days))
    wrote = (asked,) if silent.count else ()
    if told is None or told.figures["promise_kind"] is None or told.figures["compared_only"]:
        return _compared(told, wrote, silent=silent, words=words)
    shows = words.say("overview.show_waiting", count=late.count)
    return WaitingNow(
        sentences=(_late(late, told, words=words), *wrote),
        first=_longest(reader, words=words),
        ways=ways(
            way("waiting", shows, main=True, when="overdue", sort="since") if late.count else None,
            way("waiting", words.say("overview.write"), when="overdue", all="1") if late.count else None,
            _answering(silent, words=words),
        ),
        table=None,
        unfold="",
        how=how(told.section("waiting")),
    )


def _answering(silent: Together, *, words: Words) -> Way | None:
    return way("waiting", words.say("overview.show_unanswered"), when="unanswered") if silent.count else None


def _compared(told: Told | None, wrote: Sequence[str], *, silent: Together, words: Words) -> WaitingNow:
    """Return who waits where no promise was made yet: as the report says; no other page has its list."""
    section = told.section("waiting") if told else None
    waits = says(section, "lead") + says(section, "joy") if section else ()
    rows = table(section) if section else None
    more = rows is not None and len(rows.rows) > LISTED
    return WaitingNow(
        sentences=(*waits, *wrote),
        first=replace(rows, rows=rows.rows[:LISTED]) if rows else None,
        ways=ways(_answering(silent, words=words)),
        table=rows if more else None,
        unfold=words.say("overview.unfold_waiting", count=len(rows.rows)) if rows and more else "",
        how=how(section) if section else (),
    )


def _longest(reader: Reader, *, words: Words) -> Table | None:
    """Return the promises past their day that have waited longest, some of them."""
    rows = waits_now(reader).page({"when": "overdue"}, sort="since", down=False, offset=0, size=LISTED)
    heads = (
        Head(words.say("waiting.thing")),
        Head(words.say("waiting.due"), "day"),
        Head(words.say("waiting.waited"), "figure"),
    )
    cells = tuple(
        (
            Cell(about(words, row.subject) or row.said or promise(words, row.kind)),
            Cell(words.short_day(row.due_day) if row.due_day else "–"),
            Cell(phrases.days(words, row.waited_days)),
        )
        for row in rows
    )
    return Table(words.say("waiting.caption"), heads, cells) if rows else None


def _late(late: Together, told: Told, *, words: Words) -> str:
    """Return who is past their day, in one sentence."""
    kind = told.figures["promise_kind"]
    version = _version(told.figures)
    if not late.count:
        return words.say("waiting.nobody_dispatch" if kind == "dispatch" and version else "waiting.nobody")
    values: dict[str, Any] = {
        "count": late.count,
        "longest": phrases.subject(late.longest),
        "days": phrases.days(words, late.days),
    }
    if version is not None and late.kinds == (kind,):
        amount = phrases.amount(words, version.told.rule.within)
        return words.say(phrases.for_kind(words, "waiting.", kind=kind), amount=amount, **values)
    return words.say("waiting.made", **values)


def _cost(reader: Reader, told: Told | None, *, words: Words) -> Part | None:
    if told is None:
        return None
    replies = told.figures["replies"]
    extra = replies["messages"]["extra"] if replies and replies["messages"] else None
    costs = reader.said("costs")
    minutes = float(costs["minutes_per_message"])
    if not extra or extra < 1:
        return told.part("cost")
    key = "overview.hours_assumed" if "minutes_per_message" in costs["assumed"] else "overview.hours"
    hours = words.say(key, count=max(round(extra * minutes / 60), 1), minutes=words.rounded(minutes))
    return told.part("cost", hours)


def _back(reader: Reader, *, words: Words) -> Part | None:
    found = reader.said("returning")
    if found is None:
        return None
    share = share_of(found["share"])
    lead = words.say(
        "back.lead",
        customers=words.say("count.customer", count=share.of),
        count=share.count,
        share=words.share(share),
    )
    return Part("back", (lead,), (words.say("how.back"), words.say("how.range")))
