"""What the law promises anyway: each promise with its source, and how the shop stands to it."""

from __future__ import annotations

from keptword.core.law import LegalPromise, LegalRemark
from keptword.report.blocks import HowWeKnow, Point, Points, Say, Section
from keptword.report.model import ByLaw, Report
from keptword.words import Words


def section(report: Report, words: Words) -> Section | None:
    """Return the section about the law, or how to ask for it; None where there are no orders it could speak of."""
    title = words.say("law.title")
    if not report.law and not report.law_remarks:
        return Section("law", title, (Say(words.say("law.none")),)) if report.orders else None
    rows: list[LegalPromise | LegalRemark] = [*(each.promise for each in report.law), *report.law_remarks]
    place = rows[0].place_zh if words.language == "zh" else rows[0].place
    points = [_promise(each, words) for each in report.law] + [_remark(each, words) for each in report.law_remarks]
    return Section(
        "law",
        title,
        (
            Say(words.say("law.lead", place=place), "plain"),
            Points(tuple(points)),
            HowWeKnow((words.say("how.law"),)),
        ),
    )


def _promise(each: ByLaw, words: Words) -> Point:
    promise = each.promise
    chinese = words.language == "zh"
    stands = []
    if each.share is not None and each.share.value is not None:
        stands.append(words.say("law.stands", share=words.share(each.share)))
        if each.overdue:
            stands.append(words.say("law.overdue", count=each.overdue))
        if promise.kind == "delivery":
            stands.append(words.say("law.assumed_left"))
    elif promise.kept_by is not None:
        stands.append(words.say("law.stands_none"))
    return Point(
        text=promise.sentence_zh if chinese else promise.sentence,
        more=(promise.note_zh if chinese else promise.note, words.say("list.space").join(stands)),
        source=_source(promise, words),
    )


def _remark(remark: LegalRemark, words: Words) -> Point:
    text = remark.sentence_zh if words.language == "zh" else remark.sentence
    return Point(text=text, more=(), source=_source(remark, words))


def _source(row: LegalPromise | LegalRemark, words: Words) -> str:
    said = words.say("law.source", source=row.source)
    key = f"law.{row.grade}"
    checked = words.say(key, checked=words.day(row.checked)) if words.has(key) else ""
    return words.say("list.space").join(text for text in (said, checked) if text)
