"""Says in people's words what was promised, to whom, how it stands, and what came of something that was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseRedirect

from keptword.core.calendars import zone
from keptword.figures.reading import Reader
from keptword.office.models import Person
from keptword.office.people import several
from keptword.web import shop, spoken
from keptword.web.keeping.doing import Before, Done
from keptword.web.keeping.standing import Promise
from keptword.web.keeping.waits import Wait
from keptword.web.keyed import reached
from keptword.web.pages import address, local_day, told
from keptword.web.signing_in.entering import safe_back
from keptword.words import Words, without_marks

_NAMED_AT_MOST: Final = 3


@dataclass(frozen=True)
class Teller:
    """Speaks of promises in one language: what rules promise, what customers are called."""

    words: Words
    rules: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)

    def what(self, each: Promise | Wait) -> str:
        """Return what was promised, in the words it was told in where there are any; else what its kind is called."""
        told = each.said or self.rules.get(each.rule_id, "")
        return spoken.isolated(spoken.short(told)) if told else self.kind(each)

    def briefly(self, each: Promise | Wait) -> str:
        """Return what was promised as a list says it: in its own words where it was told by hand, else its kind."""
        return spoken.isolated(spoken.short(each.said)) if each.said else self.kind(each)

    def kind(self, each: Promise | Wait) -> str:
        """Return what a kind of promise is called, or that somebody wrote and had no answer."""
        if isinstance(each, Wait) and each.is_conversation:
            return without_marks(self.words.say("waits.unanswered"))
        return spoken.promise(self.words, each.kind)

    def whom(self, user_key: str) -> str:
        """Return what a customer is called; that nobody is known where there is no key."""
        person = self.people.get(user_key)
        if not user_key:
            return without_marks(self.words.say("promises.nobody"))
        return spoken.customer(
            self.words, user_key=user_key, name=person.name if person else "", mail=person.mail if person else ""
        )

    def mail(self, user_key: str) -> str:
        """Return a customer's mail address, empty where it is not known."""
        person = self.people.get(user_key)
        return person.mail if person else ""

    def about(self, subject: str) -> str:
        """Return what something is about, as in "order 1042"."""
        return spoken.about(self.words, subject)


def teller(reader: Reader, *, words: Words, user_keys: Iterable[str]) -> Teller:
    """Return who speaks of promises to these customers."""
    language = "zh" if words.language == "zh" else "en"
    rules = {each["rule_id"]: each["words"][language] for each in reader.said("rules") or ()}
    return Teller(words, rules, several(key for key in user_keys if key))


def hour_of(at: datetime | None) -> str:
    """Return the hour the business's clock shows at an instant in UTC, as in "14:00"."""
    if at is None:
        return ""
    return f"{at.replace(tzinfo=UTC).astimezone(zone(shop.books().timezone)):%H:%M}"


def ago(words: Words, at: datetime, *, now: datetime) -> str:
    """Return how long ago something was: just now, 5 minutes ago, 3 hours ago; from a day on the day."""
    passed = now - at
    if passed < timedelta(minutes=1):
        return without_marks(words.say("promises.just_now"))
    if passed < timedelta(hours=1):
        return without_marks(words.say("promises.minutes_ago", count=int(passed.total_seconds() // 60)))
    if passed < timedelta(days=1):
        return without_marks(words.say("promises.hours_ago", count=int(passed.total_seconds() // 3600)))
    return without_marks(words.say("promises.on_day", day=words.short_day(local_day(at))))


def back(request: HttpRequest, otherwise: str) -> str:
    """Return the page of ours that a form says it was on, else another one."""
    told_page = request.POST.get("next", "")
    return safe_back(request, told_page) if told_page else otherwise


def went(to: str) -> HttpResponseRedirect:
    """Return the answer that sends the browser on to an address of ours after something was written."""
    return HttpResponseRedirect(to, status=303)


def undo_at(group: str, *, to: str) -> str:
    """Return the address that takes back what was done at once, and then goes to a page."""
    return f"{address('waiting.undo', group=group)}?{urlencode({'next': to})}"


def tell_done(request: HttpRequest, done: Done, *, key: str, to: str) -> None:
    """Say what was done, with its undo, and what had been done before by whom.

    `key` begins the sentences: `promises.done_kept`.
    """
    words = request.words
    if done.again:
        told(request, words.say("promises.sent_twice"), undo=undo_at(done.group, to=to))
        return
    if done.done:
        said = words.say(key, count=len(done.done))
        if done.late:
            said += words.say("list.space") + words.say("promises.stays_late", count=len(done.late))
        told(request, said, undo=undo_at(done.group, to=to))
    for each in done.before[:_NAMED_AT_MOST]:
        told(request, said_before(words, each), trouble=True)
    more = len(done.before) - _NAMED_AT_MOST
    if more > 0:
        told(request, words.say("promises.more_before", count=more), trouble=True)
    if done.missing:
        told(request, words.say("promises.missing", count=done.missing), trouble=True)
    if not done.done and not done.before and not done.missing:
        told(request, words.say("promises.nothing_chosen"), trouble=True)


def said_before(words: Words, before: Before) -> str:
    """Return the sentence that says by whom and when something was done already."""
    what = f"promises.was_{before.kind.replace('.', '_')}"
    if before.at is None:
        return words.say("promises.before_unknown", what=without_marks(words.say(what)))
    when = ago(words, _aware(before.at), now=shop.now())
    said = without_marks(words.say(what))
    if before.own:
        return words.say("promises.before_own", what=said, when=when)
    if before.by:
        return words.say("promises.before_by", what=said, who=spoken.isolated(before.by), when=when)
    return words.say("promises.before_on", what=said, when=when)


def chosen(request: HttpRequest) -> list[str]:
    """Return the rows that are ticked in a form, by their names."""
    return [name for name in request.POST.getlist("row") if name[:2] in ("p:", "c:")]


def customer_page(user_key: str) -> str:
    """Return the address of a customer's page, empty where nobody is known."""
    return reached("customers.person", user_key=user_key) if user_key else ""


def promise_page(promise_id: str) -> str:
    """Return the address of a promise's page, empty where it is none."""
    return address("promises.promise", promise_id=promise_id) if promise_id else ""


def options(words: Words, values: Sequence[str], *, named: Any, all_key: str) -> list[tuple[str, str]]:
    """Return the choices of a filter: all of them first, then each by what it is called, in the order of that."""
    named_values = sorted(((value, named(value)) for value in values), key=lambda each: each[1].casefold())
    return [("", without_marks(words.say(all_key))), *named_values]


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
