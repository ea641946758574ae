"""The first run: what the business is called, its first file, and what it tells customers about shipping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final
from zoneinfo import available_timezones

from django.http import HttpRequest, HttpResponse

from keptword.books import rules
from keptword.books.currencies import IN_USE, currency_in_use
from keptword.books.folder import NEW_NAME
from keptword.books.settings_file import Change, change
from keptword.core.problems import KeptwordError
from keptword.core.rules import describe, parse_promise
from keptword.figures.reading import Reader, current
from keptword.office import jobs
from keptword.office.chosen import choose, chosen
from keptword.office.models import Job
from keptword.office.rights import Right
from keptword.web import shop
from keptword.web.desk.overview_way import way
from keptword.web.forms import day_of, texts
from keptword.web.pages import moved, shown, told
from keptword.web.routes import route
from keptword.words import Words

BEGUN: Final = "begun"
"""The choice that says that the owner has told what the business is called."""

ANSWER: Final = "shipping"
"""The choice that holds what was answered: `rule`, `nothing` or `dates`."""

READING: Final = "reading"
"""The part of the page that asks by itself how far the first file is; and the stage it belongs to."""

ANSWERS: Final = ("rule", "nothing", "dates")
ABOUT: Final = ("name", "country", "currency", "timezone")
LONGEST: Final = 300

USUAL: Final = ("EUR", "USD", "GBP", "CNY", "JPY", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "CAD", "AUD", "INR", "BRL")
"""Currencies named first; every other one can be written."""


@dataclass(frozen=True)
class BeginPage:
    """What the business is called and where it is: the first thing asked."""

    template: ClassVar[str] = "begin.html.jinja"
    form: Mapping[str, str]
    guessed: bool
    countries: tuple[tuple[str, str], ...]
    currencies: tuple[str, ...]
    timezones: tuple[str, ...]
    troubles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FirstPage:
    """One box for the first file, and how far it is where one is being read already.

    `stage` is `box`, `reading` or `failed`; `said` tells how far it is, `error` what was wrong.
    """

    template: ClassVar[str] = "first_run.html.jinja"
    stage: str
    said: str = ""
    percent: float | None = None
    error: str = ""
    mend: str = ""
    may_answer: bool = False


@dataclass(frozen=True)
class Question:
    """What do you tell customers about shipping? With what was answered, and what is wrong with it."""

    form: Mapping[str, str]
    trouble: str = ""


@dataclass(frozen=True)
class QuestionPage:
    """The question alone, while the first file is being read."""

    template: ClassVar[str] = "first_question.html.jinja"
    question: Question
    first: FirstPage


def begin(request: HttpRequest) -> HttpResponse:
    """Ask what the business is called, and keep it; only while nothing is in the books."""
    if shop.books().journal.last_batch():
        return moved("overview")
    if request.method != "POST":
        return shown(request, _begin_page(request.words, _as_it_is(), guessed=True))
    form = texts(request, ABOUT, longest=120)
    try:
        currency = currency_in_use(form["currency"], where=request.words.say("begin.currency"))
        told_now = Change(
            top={"name": form["name"], "currency": currency},
            settings={"timezone": form["timezone"] or None, "country": form["country"] or None},
        )
        change(shop.books().folder, told_now)
    except KeptwordError as error:
        return shown(
            request, _begin_page(request.words, form, guessed=False, trouble=request.words.refusal(error)), status=422
        )
    choose(BEGUN, True)
    return moved("overview")


def _as_it_is() -> dict[str, str]:
    business = shop.books().business
    name = "" if business.name == NEW_NAME else business.name
    country = business.settings.country or ""
    return {"name": name, "country": country, "currency": business.currency, "timezone": shop.books().timezone or ""}


def _begin_page(words: Words, form: Mapping[str, str], *, guessed: bool, trouble: str = "") -> BeginPage:
    codes = [key.removeprefix("country.") for key in words.entries if key.startswith("country.")]
    if form["country"] and form["country"] not in codes:
        codes.append(form["country"])
    return BeginPage(
        form=form,
        guessed=guessed,
        countries=tuple(sorted(((code, _named(words, code)) for code in codes), key=lambda each: each[1].casefold())),
        currencies=(*USUAL, *sorted(IN_USE - set(USUAL))),
        timezones=tuple(sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))),
        troubles={"all": trouble} if trouble else {},
    )


def _named(words: Words, code: str) -> str:
    name = words.country(code)
    return name[:1].upper() + name[1:]


def at_first(request: HttpRequest, reader: Reader | None) -> HttpResponse:
    """Show what to begin with where the books have no figures yet: the name, the box, or how far the file is."""
    may_own = request.user.may(Right.OWN)
    there = shop.books().journal.last_batch() > 0
    if may_own and not there and shop.books().business.name == NEW_NAME and not chosen(BEGUN):
        return moved("begin")
    page = first_page(request, reader)
    if page.stage != READING and request.headers.get("HX-Target") == READING:
        return again()
    return shown(request, page)


def again() -> HttpResponse:
    """Return the answer that has a page loaded again: something on it is another one now."""
    return HttpResponse(headers={"HX-Refresh": "true"})


def first_page(request: HttpRequest, reader: Reader | None) -> FirstPage:
    """Return the box, or how far the first file is."""
    words, job = request.words, Job.objects.filter(kind="import").order_by("-pk").first()
    may_answer = question(request) is not None
    if job is not None and job.state in (Job.State.WAITING, Job.State.RUNNING):
        said = words.refusal(job.said) or words.say("first_run.waits")
        return FirstPage(READING, said=said, percent=job.percent, may_answer=may_answer)
    if job is not None and job.state == Job.State.FAILED:
        return FirstPage("failed", error=_error(job, words=words), mend=_of_job(job))
    if shop.books().journal.last_batch() and (reader is None or not reader.said("shop")["entries"]):
        return FirstPage(READING, said=words.say("first_run.counting"), may_answer=may_answer)
    return FirstPage("box")


def _error(job: Job, *, words: Words) -> str:
    return words.say("failure.broken") if job.error == "broken" else words.refusal(jobs.why(job))


def _of_job(job: Job) -> str:
    found = way("imports.job", "", path={"job": job.pk})
    return found.address if found else ""


def question(request: HttpRequest) -> Question | None:
    """Return the question about shipping; None where it is answered, a rule is told, or it is not theirs to answer."""
    if not request.user.may(Right.MANAGE) or chosen(ANSWER) or rules.versions():
        return None
    return Question(dict.fromkeys(("answer", "sentence", "since"), ""))


def promise(request: HttpRequest) -> HttpResponse:
    """Ask what customers are told about shipping, and keep the answer."""
    reader = current(shop.books().folder)
    if request.method != "POST":
        asks = question(request)
        return _asked(request, asks, reader) if asks else moved("overview")
    form = texts(request, ("answer", "sentence", "since"), longest=LONGEST)
    answer = form["answer"] if form["answer"] in ANSWERS else "rule" if form["sentence"] else ""
    if not answer:
        return _asked(request, Question(form, request.words.say("first_run.no_answer")), reader, status=422)
    if answer == "rule":
        try:
            rule = replace(parse_promise(form["sentence"]), since=day_of(form["since"]))
            version = rules.add(shop.books(), rule)
        except KeptwordError as error:
            return _asked(request, Question(form, request.words.refusal(error)), reader, status=422)
        said = describe(version.told.rule, language="zh" if request.words.language == "zh" else "en")
        told(request, request.words.say("first_run.told", rule=said))
    choose(ANSWER, answer)
    request.audit_place = answer
    return moved("overview")


def _asked(request: HttpRequest, asks: Question, reader: Reader | None, *, status: int = 200) -> HttpResponse:
    return shown(request, QuestionPage(asks, first_page(request, reader)), status=status)


ROUTES = (
    route("begin/", begin, name="begin", right=Right.OWN, both=True),
    route("first-run/promise/", promise, name="first_run.promise", right=Right.MANAGE, both=True),
)
