"""The promise you can keep, and what would have become of every other."""

from __future__ import annotations

from typing import Any, Final

from keptword.core.rates import Share
from keptword.core.rules import Amount
from keptword.report import charts, phrases
from keptword.report.blocks import Block, Cell, Figure, Head, HowWeKnow, Say, Section, Table
from keptword.report.counting import how_working_days
from keptword.report.model import Report
from keptword.report.verdict import promise
from keptword.words import Words

LONGEST_SHOWN: Final = 10
"""Up to how many days the what-ifs go, at least; further where the promise told or the one that holds lies beyond."""

LABELLED: Final = 12
"""How many of the steps have room for their figures."""

SCALE: Final = charts.Scale(1.0, lines=((0.0, "0"), (0.5, "50")), goal=(0.9, "90"))


def section(report: Report, words: Words) -> Section | None:
    """Return the section about the promise that can be kept; None where there are no orders at all."""
    title = words.say("can.title")
    keepable = report.keepable
    if keepable is None or not keepable.orders:
        return Section("can", title, (Say(words.say("can.none")),)) if report.orders else None
    curve = keepable.curve[: _shown(report) + 1]
    blocks: list[Block] = [_lead(report, words)]
    if len(curve) > 1 and any(share.value for share in curve):
        blocks.append(_figure(report, words, curve=curve))
    told = report.word.rule if report.word else None
    how = [words.say("how.keepable")]
    if report.keepable_unit == "working days":
        how += how_working_days(report, rule=told, words=words)
    blocks.append(HowWeKnow((*how, words.say("how.range"))))
    return Section("can", title, tuple(blocks))


def _told(report: Report) -> Amount | None:
    """Return the promise told, where it is told in the unit of the what-ifs."""
    rule = report.word.rule if report.word else None
    return rule.within if rule and rule.within.unit == report.keepable_unit else None


def _kind(report: Report) -> str:
    """Return what the days are counted for: what was promised in days, or else the sending of orders."""
    return report.word.kind if report.word and _told(report) else "dispatch"


def _shown(report: Report) -> int:
    assert report.keepable is not None
    told = _told(report)
    wanted = (LONGEST_SHOWN, report.keepable.days or 0, int(told.number) if told else 0)
    return min(max(wanted), len(report.keepable.curve) - 1)


def _lead(report: Report, words: Words) -> Say:
    found = promise(report)
    if found is None:
        assert report.keepable is not None
        orders, needed = report.keepable.orders, report.keepable.needed
        if needed is None:
            return Say(words.say("can.lead_none"), "lead")
        things = phrases.things(words, orders, kind=_kind(report))
        return Say(words.say("can.few", count=orders, things=things, needed=needed), "lead")
    could, share = found
    told = _told(report)
    if told is None and report.word is not None:
        within = phrases.within(words, could)
        return Say(words.say("can.lead_ship", within=within, share=words.share(share)), "lead")
    values: dict[str, Any] = {"amount": phrases.amount(words, could), "share": words.share(share)}
    if told is None:
        return Say(words.say("can.lead", **values), "lead")
    values["told"] = phrases.amount(words, told)
    if told == could:
        return Say(words.say("can.lead_same", told=values["told"], share=values["share"]), "lead")
    if could.number < told.number:
        return Say(words.say("can.lead_shorter", **values), "lead")
    return Say(words.say("can.lead_told", **values), "lead")


def _figure(report: Report, words: Words, *, curve: tuple[Share, ...]) -> Figure:
    assert report.keepable is not None
    told = _told(report)
    can, says = report.keepable.days, int(told.number) if told else None
    every = -(-len(curve) // LABELLED)
    bars = [
        charts.Bar(
            label=str(days) if days % every == 0 else "",
            value=share.value,
            low=share.low,
            high=share.high,
            figure=words.in_100(share.value or 0.0) if days % every == 0 else "",
            marked="can" if days == can else "told" if days == says else "",
        )
        for days, share in enumerate(curve)
    ]
    unit = "working" if report.keepable_unit == "working days" else "days"
    caption = words.say(f"can.caption_{unit}")
    spans = [phrases.amount(words, Amount(days, phrases.unit(report))) for days in range(len(curve))]
    description = words.say(
        "can.describe",
        first=spans[0],
        first_value=words.in_100(curve[0].value or 0.0),
        last=spans[-1],
        last_value=words.in_100(curve[-1].value or 0.0),
    )
    key = [("step", words.say("can.key_step")), ("band", words.say("can.key_band"))]
    key += [("can", words.say("can.key_can"))] if can is not None else []
    key += [("told", words.say("can.key_told"))] if says is not None and says != can else []
    table = Table(
        caption,
        heads=(
            Head(words.say("can.promise")),
            Head(words.say("can.would"), "figure"),
            Head(words.say("can.range"), "figure"),
        ),
        rows=tuple(
            (Cell(span), Cell(words.figure(share)), Cell(words.range(share)))
            for span, share in zip(spans, curve, strict=True)
        ),
        marked=frozenset({can} if can is not None else ()),
    )
    return Figure(caption, charts.steps(bars, title=caption, description=description, scale=SCALE), table, tuple(key))
