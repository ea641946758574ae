"""The overview with much: what we did with our customers' trust last month, three acts, what lateness cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final

from django.http import HttpRequest

from keptword.core.rates import wilson
from keptword.figures.plain import share_of
from keptword.figures.reading import Reader
from keptword.figures.statements import closed_days
from keptword.office.models import Letter
from keptword.report.model import CUSTOMERS_NEEDED
from keptword.report.phrases import FEW
from keptword.web import shop
from keptword.web.desk.overview_acts import Act, acts
from keptword.web.desk.overview_parts import Counted, Footer, Part, counted, footer, next_best, waits_now
from keptword.web.desk.overview_strip import STRIP, MonthOf, Strip, strip
from keptword.web.desk.overview_way import Way, way
from keptword.web.desk.places import place_name
from keptword.web.pages import money
from keptword.words import Words

A_LITTLE: Final = 0.05
"""A change of the kept share smaller than this is one by a little."""

WEEK: Final = timedelta(days=7)


@dataclass(frozen=True)
class Line:
    """One kind of promise in the table: what fell due and what became of it."""

    kind: str
    due: int
    kept: int
    late: int
    not_kept: int


@dataclass(frozen=True)
class MuchPage:
    """What the overview shows once there is much."""

    template: ClassVar[str] = "overview_much.html.jinja"
    headline: str
    sentences: tuple[str, ...]
    how: tuple[str, ...]
    counted: Counted
    month: date
    lines: tuple[Line, ...]
    total: Line
    strip: Strip | None
    acts: tuple[Act, ...]
    cost: Part
    worth: str
    work: str
    owed: int
    owed_list: Way | None
    next: str
    add: Way | None
    footer: Footer


def is_much(reader: Reader) -> bool:
    """Tell whether there is enough for a verdict on last month."""
    kinds = reader.said("kinds")
    if reader.said("shop")["customers"] < CUSTOMERS_NEEDED:
        return False
    if min(kinds["last"]["total"]["due"], kinds["before"]["total"]["due"]) < FEW:
        return False
    return len({(day.year, day.month) for day in closed_days(shop.books().folder)}) > 1


def page(request: HttpRequest, reader: Reader, *, busy: bool) -> MuchPage:
    """Return the overview with much."""
    words, kinds = request.words, reader.said("kinds")
    last = kinds["last"]
    owed = waits_now(reader).owed_people()
    return MuchPage(
        headline=headline(kinds, words=words),
        sentences=carried(kinds, words=words),
        how=tuple(words.say(key) for key in ("overview.how_due", "how.chance_months", "how.range")),
        counted=counted(reader, busy=busy),
        month=_month(last),
        lines=tuple(_line(each) for each in last["kinds"] if each["due"]),
        total=_line(last["total"]),
        strip=_strip(reader, words=words),
        acts=acts(words, reader),
        cost=_cost(reader, words=words),
        worth=_worth(reader, words=words),
        work=_work(words=words),
        owed=owed,
        owed_list=way("waiting.owed", words.say("overview.owed_list")) if owed else None,
        next=next_best(reader, words=words),
        add=way("imports", words.say("menu.imports")),
        footer=footer(request, reader),
    )


def headline(kinds: Mapping[str, Any], *, words: Words) -> str:
    """Return the verdict: last month's kept share against the month before, by the test that tells it from chance."""
    change = kinds["change"]
    if not change["beyond_chance"] or not change["value"]:
        return words.say("overview.holding")
    little = "_little" if abs(change["value"]) < A_LITTLE else ""
    return words.say(f"overview.{'earning' if change['value'] > 0 else 'spending'}{little}")


def _month(told: Mapping[str, Any]) -> date:
    return date.fromisoformat(told["month"])


def _line(told: Mapping[str, Any]) -> Line:
    return Line(told["kind"], told["due"], told["kept"], told["late"], told["not_kept"])


def carried(kinds: Mapping[str, Any], *, words: Words) -> tuple[str, ...]:
    """Return the sentences that carry the verdict: both months, whether it may be chance, and where it fails most."""
    last, before, worst = kinds["last"], kinds["before"], kinds["worst"]
    total = last["total"]
    said = words.say(
        "overview.of_due",
        count=total["due"],
        month=words.month(_month(last)),
        kept=total["kept"],
        share=words.share(share_of(total["share"])),
    )
    compared = words.say(
        "overview.before", month=words.month(_month(before)), share=words.share(share_of(before["total"]["share"]))
    )
    chance = words.say("overview.more_than_chance" if kinds["change"]["beyond_chance"] else "overview.may_be_chance")
    mostly: tuple[str, ...] = ()
    if worst is not None and total["kept"] < total["due"]:
        mostly = (words.say("overview.mostly", place=place_name(words, worst["name"], value=worst["value"])),)
    return said, words.say("list.space").join((compared, chance, *mostly))


def _strip(reader: Reader, *, words: Words) -> Strip | None:
    """Return the kept share of all promises by month, up to the last whole one."""
    last = _month(reader.said("kinds")["last"])
    rows = reader.rows(
        """
        SELECT month, due, kept, late, not_kept FROM months
        WHERE promise_kind = 'all' AND month <= $last AND due > 0 ORDER BY month DESC LIMIT $most
        """,
        {"last": last, "most": STRIP},
    )
    months = tuple(
        MonthOf(row["month"], wilson(row["kept"], row["due"]), late=row["late"], rest=row["not_kept"])
        for row in reversed(rows)
    )
    return strip(months, words=words, caption=words.say("word.caption_made"))


def _cost(reader: Reader, *, words: Words) -> Part:
    """Return what promises kept late, or not at all, brought last month."""
    costs = reader.said("costs")
    total, currency = costs["last"]["total"], costs["currency"]
    gone = words.say("list.space").join(_gone(total, words=words, currency=currency))
    how = [words.say("overview.how_cost")]
    assumed = costs["assumed"]
    if total["messages"]:
        key = "overview.how_minutes_assumed" if "minutes_per_message" in assumed else "overview.how_minutes"
        how.append(words.say(key, minutes=words.rounded(float(costs["minutes_per_message"]))))
    if "wage_per_hour" in assumed and total["message_cost"] is not None:
        wage = costs["assumed_wage"]
        how.append(words.say("overview.how_wage", wage=money(words, Decimal(wage["value"]), currency=wage["unit"])))
    if total["message_cost"] is None:
        how.append(words.say("overview.how_no_wage"))
    return Part("cost", (gone, words.say("overview.later")), tuple(how))


def _gone(total: Mapping[str, Any], *, words: Words, currency: str) -> list[str]:
    """Return what followed: refunds and vouchers, messages with the hours they took, and both together."""
    parts = []
    given, wrote, cost = total["refunds"] + total["remedies"], total["messages"], total["message_cost"]
    if given:
        amount = Decimal(total["refund_amount"] or 0) + Decimal(total["remedy_amount"] or 0)
        parts.append(words.say("overview.cost_given", count=given, money=money(words, amount, currency=currency)))
    if wrote:
        hours = words.rounded(float(total["hours"]))
        worth = {"money": money(words, Decimal(cost), currency=currency)} if cost is not None else {}
        key = "overview.cost_messages" if worth else "overview.cost_hours"
        parts.append(words.say(key, count=wrote, hours=hours, **worth))
    if not parts:
        return [words.say("overview.cost_nothing")]
    whole = money(words, Decimal(total["money"]), currency=currency)
    is_sum = given and wrote and cost is not None
    said = [words.say("overview.cost_sum" if is_sum else "overview.cost", parts=words.listed(parts), money=whole)]
    if total["left_out"] or total["not_told"]:
        said.append(words.say("overview.cost_untold", count=total["left_out"] + total["not_told"]))
    return said


def _worth(reader: Reader, *, words: Words) -> str:
    found = next(each for each in reader.said("not_enough") if each["what"].startswith("trust_worth"))
    if found["what"] == "trust_worth":
        return words.say("missing.trust_worth", need=found["need"], have=found["have"])
    return words.say("overview.worth_later")


def _work(*, words: Words) -> str:
    """Return how many who waited were written to in the last seven days; empty where nobody was."""
    gone = Letter.objects.filter(state__in=(Letter.State.SENT, Letter.State.COPIED), sent_at__gte=shop.now() - WEEK)
    # What is about nothing they wait for is a note to somebody, and no answer to their waiting.
    count = gone.exclude(promise_ids=[]).values("user_key").distinct().count()
    return words.say("overview.wrote", count=count) if count else ""
