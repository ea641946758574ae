"""The verdict: the page's headline in words, and the sentences that carry it."""

from __future__ import annotations

from typing import Any

from keptword.core.rates import Share
from keptword.core.rules import Amount
from keptword.report import phrases
from keptword.report.model import Report, Word
from keptword.words import Words


def headline(report: Report, *, words: Words) -> str:
    """Return the first sentence of the report, which an owner could repeat to somebody else."""
    word = report.word
    if word is not None and word.due:
        return _of_word(word, words=words)
    if word is not None and word.not_due:
        return words.say("verdict.nothing_due")
    if not report.orders and not report.tallies:
        return words.say("verdict.nothing")
    return _without_word(report, words=words)


def _of_word(word: Word, *, words: Words) -> str:
    if word.kept == word.due:
        return words.say("verdict.all" if word.due >= phrases.FEW else "verdict.all_of_few", count=word.kept)
    if not word.kept and not word.late:
        return words.say("verdict.nothing_left" if word.kind == "dispatch" and word.rule else "verdict.nothing_kept")
    if not word.kept:
        return words.say("verdict.none")
    if word.due < phrases.FEW:
        return words.say("verdict.few", count=word.kept, of=word.due)
    return words.say("verdict.share", value=words.in_100(word.share.value or 0.0))


def _without_word(report: Report, *, words: Words) -> str:
    found = promise(report)
    if found is not None:
        could, share = found
        return words.say("verdict.could", amount=phrases.amount(words, could), value=words.in_100(share.value or 0.0))
    if report.waiting is not None and report.waiting.count >= report.orders:
        return words.say("verdict.nothing_left")
    if report.keepable is None and report.waiting is None:
        return words.say("verdict.not_told")
    if report.keepable is not None and report.keepable.reason == "too few":
        return words.say("verdict.too_few", count=report.keepable.orders)
    return words.say("verdict.could_not")


def lede(report: Report, *, words: Words) -> tuple[str, ...]:
    """Return the sentences below the headline: the counts behind it, what could be promised, who waits."""
    word = report.word
    if word is None and not report.orders:
        return (words.say("lede.no_entries", day=words.day(report.as_of)),)
    said = [counted(report, word, words=words)] if word else _untold(report, words=words)
    if word is not None:
        said.append(_could(report, word, words=words))
    said.append(waiting_said(report, words=words))
    return tuple(sentence for sentence in said if sentence)


def waiting_said(report: Report, *, words: Words) -> str:
    """Return who waits, in one sentence; empty where nothing could be waited for."""
    waiting, word = report.waiting, report.word
    if waiting is None:
        return ""
    if not waiting.count:
        key = "nobody_untold" if word is None else "nobody_dispatch" if word.kind == "dispatch" else "nobody"
        return words.say(f"waiting.{key}")
    rule = word.rule if word else None
    key = "untold" if word is None else "made"
    longest = waiting.longest[0]
    values: dict[str, Any] = {"amount": phrases.amount(words, rule.within)} if rule else {}
    return words.say(
        phrases.for_kind(words, "waiting.", kind=rule.kind) if rule else f"waiting.{key}",
        count=waiting.count,
        longest=phrases.subject(longest.subject),
        days=phrases.days(words, longest.waited_days),
        **values,
    )


def _untold(report: Report, *, words: Words) -> list[str]:
    found = promise(report)
    if found is None or report.keepable is None:
        return [words.say("lede.told_nothing_too_few")]
    could, share = found
    carried = words.say(
        "lede.untold",
        period=phrases.period(words, report),
        share=words.share(share),
        orders=words.say("count.order", count=report.keepable.orders),
        within=phrases.within(words, could),
    )
    return [carried, words.say("lede.told_nothing")]


def counted(report: Report, word: Word, *, words: Words) -> str:
    """Return the kept share with its count, period and interval in one sentence; empty where nothing is due."""
    if not word.due:
        return words.say("lede.none_due", count=word.not_due) if word.not_due else ""
    prefix = "lede." if word.rule else "lede.made_"
    values: dict[str, Any] = {"within": phrases.within(words, word.rule.within)} if word.rule else {}
    return words.say(
        phrases.for_kind(words, prefix, kind=word.kind),
        period=phrases.period(words, report),
        kept=word.kept,
        things=phrases.things(words, word.due, kind=word.kind),
        share=words.share(word.share),
        **values,
    )


def _could(report: Report, word: Word, *, words: Words) -> str:
    found = promise(report)
    # A promise in hours is another one than that in days which can be kept: that one is about sending orders.
    if found is None or word.rule is None or not word.rule.within.in_days:
        return ""
    could, share = found
    told = word.rule.within
    if could == told:
        return words.say("lede.can")
    shorter = could.unit == told.unit and could.number < told.number
    key = "lede.could_shorter" if shorter else "lede.could"
    return words.say(key, amount=phrases.amount(words, could), share=words.share(share))


def promise(report: Report) -> tuple[Amount, Share] | None:
    """Return the promise that can be kept and how often; None where none can be named."""
    keepable = report.keepable
    if keepable is None or keepable.days is None:
        return None
    return Amount(keepable.days, phrases.unit(report)), keepable.curve[keepable.days]
