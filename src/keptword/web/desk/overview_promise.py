"""Changes the promise where it fails most: one rule for everybody becomes two, one there and one elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse

from keptword.books import rules
from keptword.books.rules import Version
from keptword.core.problems import KeptwordError
from keptword.core.rates import Share
from keptword.core.rules import Amount, Rule, describe, parse_condition
from keptword.figures.plain import share_of
from keptword.figures.reading import current
from keptword.report import phrases
from keptword.web import shop
from keptword.web.desk.places import place_name
from keptword.web.pages import moved, shown, told
from keptword.words import Words


@dataclass(frozen=True)
class ChangePage:
    """The rule there is, the two that would take its place, and from when on.

    `proposed` is all of it as one text: what is sent has to be what was shown.
    """

    template: ClassVar[str] = "overview_promise.html.jinja"
    place: str
    now: str
    there: str
    rest: str
    could: str
    share: Share
    since: date
    proposed: str
    trouble: str = ""


def promise(request: HttpRequest) -> HttpResponse:
    """Show what would change, and change it."""
    found = _found()
    if found is None:
        return moved("promises.rules")
    version, where = found
    page = _page(version.told.rule, where, words=request.words)
    if request.method != "POST":
        return shown(request, page)
    if request.POST.get("proposed", "") != page.proposed:
        return shown(request, replace(page, trouble=request.words.say("overview.change_other")), status=409)
    try:
        _change(version.told.rule, where, since=page.since)
    except KeptwordError as error:
        return shown(request, replace(page, trouble=request.words.refusal(error)), status=422)
    request.audit_place = version.told.rule.identity
    told(request, request.words.say("overview.changed", place=page.place, day=request.words.day(page.since)))
    return moved("promises.rules")


def _found() -> tuple[Version, dict[str, Any]] | None:
    """Return the rule in force that would be changed, and where it fails; None where there is nothing to change."""
    reader = current(shop.books().folder)
    where = reader.said("there") if reader else None
    if where is None or where["promise"] is None:
        return None
    today = shop.books().today
    for version in reversed(rules.versions()):
        rule = version.told.rule
        if rule.identity == where["promise"]["rule"] and rule.is_in_force(today) and rule.until is None:
            return version, where
    return None


def _page(rule: Rule, where: dict[str, Any], *, words: Words) -> ChangePage:
    there, rest = _two(rule, where)
    since = shop.books().today + timedelta(days=1)
    return ChangePage(
        place=place_name(words, where["name"], value=where["value"]),
        now=_said(rule, words=words),
        there=_said(there, words=words),
        rest=_said(rest, words=words),
        could=phrases.amount(words, there.within),
        share=share_of(where["promise"]["share"]),
        since=since,
        proposed="\n".join((*(describe(each) for each in (rule, there, rest)), since.isoformat())),
    )


def _two(rule: Rule, where: dict[str, Any]) -> tuple[Rule, Rule]:
    told_now = where["promise"]
    could = Amount(told_now["could"]["number"], told_now["could"]["unit"])
    there = replace(rule, within=could, where=parse_condition(told_now["there"]["where"]))
    return there, replace(rule, where=parse_condition(told_now["rest"]["where"]))


def _said(rule: Rule, *, words: Words) -> str:
    return describe(rule, language="zh" if words.language == "zh" else "en")


def _change(rule: Rule, where: dict[str, Any], *, since: date) -> None:
    """Tell the two rules from a day on and end the one the day before.

    The one ends last: where that is cut off, doing it again goes on, and nothing was left unpromised meanwhile.
    """
    told_before = {describe(version.told.rule) for version in rules.versions() if version.told.rule.since == since}
    for each in _two(rule, where):
        if describe(each) not in told_before:
            rules.add(shop.books(), replace(each, since=since, until=None))
    rules.end(shop.books(), rule.identity, on=since - timedelta(days=1))
