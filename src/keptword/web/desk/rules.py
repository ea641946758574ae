"""Our rules: what the business promises to everybody; told, tried on the past, changed from a day on, ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from keptword.books import rules as kept
from keptword.books.rules import Version
from keptword.core.problems import KeptwordError
from keptword.core.rates import Share
from keptword.core.rules import Rule, describe, parse_condition, parse_promise
from keptword.core.rules.sentence import clock_time
from keptword.office import jobs
from keptword.office.models import Job
from keptword.office.rights import Right
from keptword.web import shop
from keptword.web.forms import day_of, texts
from keptword.web.pages import moved, shown, told
from keptword.web.routes import route
from keptword.words import Words

FIELDS = ("sentence", "where", "cutoff", "shown_at", "since")
LONGEST = 300


@dataclass(frozen=True)
class RuleShown:
    """One version of a rule, in words."""

    identity: str
    sentence: str
    since: date | None
    until: date | None
    told_on: date
    shown_at: str
    by_law: bool
    source: str
    current: bool


@dataclass(frozen=True)
class RuleOfBooks:
    """One rule: the version in force (or the last there was), and those before and after it, newest first."""

    identity: str
    now: RuleShown
    others: tuple[RuleShown, ...]
    ended: bool


@dataclass(frozen=True)
class RulesPage:
    """What the page of rules shows: those in force, those that ended, and the form for another."""

    template: ClassVar[str] = "rules.html.jinja"
    rules: tuple[RuleOfBooks, ...]
    form: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    troubles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PreviewPage:
    """What a rule would have made of the entries there are; `job` counts until it is done."""

    template: ClassVar[str] = "rule_preview.html.jinja"
    sentence: str
    form: Mapping[str, str]
    state: str
    said: str
    error: str
    made: int
    days: int
    a_month: int
    share: Share | None
    job: int


@dataclass(frozen=True)
class EndPage:
    """Asks whether a rule shall end, and when."""

    template: ClassVar[str] = "rule_end.html.jinja"
    rule: RuleShown
    trouble: str = ""


def said(rule: Rule, *, words: Words) -> str:
    """Return a rule as customers read it, in a language."""
    return describe(rule, language="zh" if words.language == "zh" else "en")


def rules(request: HttpRequest) -> HttpResponse:
    """Show the rules; `?sentence=` fills the form, as links of other pages do."""
    form = {name: request.GET.get(name, "")[:LONGEST] for name in FIELDS}
    return shown(request, RulesPage(_rules(request.words), form))


def preview(request: HttpRequest) -> HttpResponse:
    """Look whether a rule can be told, and have it tried on the past; or tell it at once."""
    form = texts(request, FIELDS, longest=LONGEST)
    rule, troubles = rule_of(form)
    if rule is None:
        return _refused(request, form, troubles)
    job = jobs.ask("preview", member=request.user, **form)
    return moved("promises.rules.preview", job=job.pk)


def previewed(request: HttpRequest, job: int) -> HttpResponse:
    """Show what a rule would have made, once that is counted."""
    there = get_object_or_404(Job, pk=job, kind="preview")
    rule, _ = rule_of(there.asked)
    result = there.result
    page = PreviewPage(
        sentence=said(rule, words=request.words) if rule else there.asked["sentence"],
        form=there.asked,
        state=there.state,
        said=there.said,
        error=request.words.refusal(jobs.why(there)),
        made=result.get("made", 0),
        days=result.get("days", 0),
        a_month=result.get("a_month", 0),
        share=Share(**result["share"]) if result.get("share") else None,
        job=there.pk,
    )
    return shown(request, page)


def tell(request: HttpRequest) -> HttpResponse:
    """Tell a rule to everybody: it makes promises from its day on."""
    form = texts(request, FIELDS, longest=LONGEST)
    rule, troubles = rule_of(form)
    if rule is not None:
        try:
            version = kept.add(shop.books(), rule)
        except KeptwordError as error:
            troubles = {"since": error.sentence}
        else:
            request.audit_place = version.told.rule.rule_id
            since = request.words.day(version.told.rule.since)
            told(request, request.words.say("rules.told", rule=said(rule, words=request.words), day=since))
            return moved("promises.rules")
    return _refused(request, form, troubles)


def _refused(request: HttpRequest, form: Mapping[str, str], troubles: Mapping[str, str]) -> HttpResponse:
    said_troubles = {name: request.words.refusal(trouble) for name, trouble in troubles.items()}
    return shown(request, RulesPage(_rules(request.words), form, said_troubles), status=422)


def ending(request: HttpRequest) -> HttpResponse:
    """Ask when a rule shall end, and end it: promises made stay."""
    identity = request.POST.get("rule", request.GET.get("rule", ""))
    found = next((each for each in _rules(request.words) if each.identity == identity), None)
    if found is None:
        return moved("promises.rules")
    if request.method != "POST":
        return shown(request, EndPage(found.now))
    try:
        kept.end(shop.books(), identity, on=day_of(request.POST.get("on", "")))
    except KeptwordError as error:
        return shown(request, EndPage(found.now, request.words.refusal(error)), status=422)
    request.audit_place = identity
    told(request, request.words.say("rules.ended", rule=found.now.sentence))
    return moved("promises.rules")


def rule_of(form: Mapping[str, str]) -> tuple[Rule | None, dict[str, str]]:
    """Return the rule a form tells, or None and what is wrong by the name of the field, as `Words.refusal` takes it."""
    troubles: dict[str, str] = {}

    def read(name: str, reader: Any) -> Any:
        try:
            return reader(form[name]) if form[name].strip() else None
        except KeptwordError as error:
            troubles[name] = error.sentence
            return None

    rule = read("sentence", parse_promise)
    more = {
        "where": read("where", parse_condition),
        "cutoff": read("cutoff", clock_time),
        "since": read("since", day_of),
    }
    if rule is None and "sentence" not in troubles:
        troubles["sentence"] = _empty()
    if troubles or rule is None:
        return None, troubles
    given = {name: value for name, value in more.items() if value is not None}
    try:
        return replace(rule, **given, shown_at=form["shown_at"].strip() or rule.shown_at), {}
    except KeptwordError as error:
        return None, {"cutoff" if more["cutoff"] else "sentence": error.sentence}


def _empty() -> str:
    try:
        parse_promise("")
    except KeptwordError as error:
        return error.sentence
    return ""


def _rules(words: Words) -> tuple[RuleOfBooks, ...]:
    today = shop.books().today
    by_identity: dict[str, list[Version]] = {}
    for version in kept.versions():
        by_identity.setdefault(version.told.rule.identity, []).append(version)
    found = []
    for identity, versions in by_identity.items():
        shown_ones = [_shown(version, words=words, today=today) for version in reversed(versions)]
        now = next((each for each in shown_ones if each.current), shown_ones[0])
        ended = now.until is not None and now.until < today
        found.append(RuleOfBooks(identity, now, tuple(each for each in shown_ones if each is not now), ended))
    return tuple(sorted(found, key=lambda each: each.ended))


def _shown(version: Version, *, words: Words, today: date) -> RuleShown:
    rule = version.told.rule
    return RuleShown(
        identity=rule.identity,
        sentence=said(rule, words=words),
        since=rule.since,
        until=rule.until,
        told_on=version.told_on,
        shown_at=rule.shown_at or "",
        by_law=rule.by_law,
        source=rule.source or "",
        current=rule.is_in_force(today),
    )


ROUTES = (
    route("our-rules/", rules, name="promises.rules", right=Right.LOOK),
    route("our-rules/try/", preview, name="promises.rules.try", right=Right.MANAGE, writes=True),
    route("our-rules/tried/<int:job>/", previewed, name="promises.rules.preview", right=Right.LOOK),
    route("our-rules/tell/", tell, name="promises.rules.tell", right=Right.MANAGE, writes=True),
    route("our-rules/end/", ending, name="promises.rules.end", right=Right.MANAGE, both=True),
)
