"""Settings: the business, its days and hours, what things cost it, how mail leaves, where Monday's message goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponse

from keptword.books.closing import closings
from keptword.books.currencies import currency_in_use
from keptword.books.folder import MARGIN
from keptword.books.settings_file import Change, change
from keptword.core.problems import KeptwordError
from keptword.core.rules import Settings
from keptword.office import hooks, troubles
from keptword.office import mail as outgoing
from keptword.office.chosen import choose, chosen, forget
from keptword.office.mail import MailSettings
from keptword.office.rights import Right
from keptword.office.troubles import Trouble
from keptword.web import shop
from keptword.web.forms import day_of, texts
from keptword.web.monday.sending import CHAT, try_message
from keptword.web.pages import moved, shown, told
from keptword.web.routes import route
from keptword.words import without_marks

WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
USUAL: Final = {"mon", "tue", "wed", "thu", "fri"}

BUSINESS: Final = ("name", "currency", "timezone", "country")
COSTS: Final = ("minutes_per_message", "wage_per_hour", "margin")
MAIL: Final = ("host", "port", "security", "user", "password", "sender")
MESSAGE: Final = ("url", "form")

_TEST: Final = "test"
"""The button that has a mail or a message sent at once, to see whether it arrives."""


@dataclass(frozen=True)
class SettingsPage:
    """What the settings show: the fields of each form by `form.field`, and what is wrong with them."""

    template: ClassVar[str] = "settings.html.jinja"
    fields: Mapping[str, str]
    troubles: Mapping[str, str] = field(default_factory=dict)
    currency_fixed: bool = False
    holidays: bool = True
    has_password: bool = False
    work: tuple[Trouble, ...] = ()
    week: tuple[str, ...] = WEEK
    securities: tuple[str, ...] = outgoing.SECURITIES
    forms: tuple[str, ...] = hooks.FORMS
    mail_fixed: str = ""
    """The variable that says how mail leaves, where one does: then it cannot be changed here."""


def settings(request: HttpRequest) -> HttpResponse:
    """Show all settings."""
    return shown(request, _page(request))


def business(request: HttpRequest) -> HttpResponse:
    """Change the name, the currency, the time zone, the country."""
    form = texts(request, BUSINESS, longest=120)
    top: dict[str, Any] = {"name": form["name"]}
    try:
        if form["currency"] and form["currency"].upper() != shop.books().business.currency:
            if _currency_fixed():
                raise KeptwordError(request.words.say("settings.currency_fixed"))
            top["currency"] = currency_in_use(form["currency"], where=request.words.say("settings.currency"))
        days = {"timezone": form["timezone"] or None, "country": form["country"].upper() or None}
        change(shop.books().folder, Change(top=top, settings=days))
    except KeptwordError as error:
        return shown(request, _page(request, "business", form, request.words.refusal(error)), status=422)
    return _saved(request, "business")


def hours(request: HttpRequest) -> HttpResponse:
    """Change the working days and hours, and which days are days off."""
    form = texts(request, (*WEEK, "extra_holidays", "extra_working_days"), longest=4000)
    try:
        change(shop.books().folder, Change(settings=_days(form, holidays="holidays" in request.POST)))
    except KeptwordError as error:
        return shown(request, _page(request, "hours", form, request.words.refusal(error)), status=422)
    return _saved(request, "hours")


def costs(request: HttpRequest) -> HttpResponse:
    """Change what answering costs, and what is left of a sale."""
    form = texts(request, COSTS, longest=20)
    try:
        lines: dict[str, Any] = {name: _number(form[name]) for name in COSTS[:2]}
        margin = _number(form["margin"])
        lines[MARGIN] = None if margin is None else round(margin / 100, 4)
        change(shop.books().folder, Change(costs=lines))
    except KeptwordError as error:
        return shown(request, _page(request, "costs", form, request.words.refusal(error)), status=422)
    return _saved(request, "costs")


def mail(request: HttpRequest) -> HttpResponse:
    """Change how mail leaves, with a test first where one is wished; no host means no mail.

    Where `KEPTWORD_MAIL_URL` says how mail leaves, nothing told here would count: then there is the test alone.
    """
    form, fixed = texts(request, MAIL, longest=254), outgoing.from_environment()
    form["password"] = form["password"] or _kept_password(form)
    try:
        found = outgoing.settings() if fixed else outgoing.settings_from(form) if form["host"] else None
        if found is not None and _TEST in request.POST:
            _try_mail(request, found)
    except KeptwordError as error:
        return shown(request, _page(request, "mail", form, request.words.refusal(error)), status=422)
    if fixed:
        request.audit_place = _TEST
        return moved("settings")
    _keep(outgoing.SETTING, form if form["host"] else None)
    return _saved(request, "mail")


def message(request: HttpRequest) -> HttpResponse:
    """Change the address Monday's message also goes to, with a test first where one is wished; empty means none."""
    form = texts(request, MESSAGE, longest=hooks.LONGEST)
    try:
        if form["url"]:
            hooks.refuse(form["url"], form=form["form"])
            if _TEST in request.POST:
                try_message(form["url"], form=form["form"], words=request.words, name=shop.books().business.name)
                told(request, request.words.say("settings.message_tried"))
    except KeptwordError as error:
        return shown(request, _page(request, "message", form, request.words.refusal(error)), status=422)
    _keep(CHAT, form if form["url"] else None)
    return _saved(request, "message")


def _kept_password(form: Mapping[str, str]) -> str:
    """Return the password that an empty field keeps; it goes over no open connection that it was not told for."""
    before = chosen(outgoing.SETTING) or {}
    opened = form["security"] == "none" != before.get("security")
    return "" if opened else str(before.get("password", ""))


def _try_mail(request: HttpRequest, found: MailSettings) -> None:
    """Mail a test to whoever asks for it."""
    words, to, name = request.words, request.user.mail, shop.books().business.name
    subject, text = (words.say(f"settings.mail_trial_{part}", name=name) for part in ("subject", "text"))
    outgoing.try_out(found, to=to, subject=without_marks(subject), text=without_marks(text))
    told(request, words.say("settings.mail_tried", mail=to))


def _saved(request: HttpRequest, form: str) -> HttpResponse:
    request.audit_place = form
    told(request, request.words.say("settings.saved"))
    return moved("settings")


def _page(
    request: HttpRequest, form: str = "", given: Mapping[str, str] | None = None, trouble: str = ""
) -> SettingsPage:
    """Return the page with what is kept now, and where a form was refused, with what it told and why.

    How mail leaves and the address of the chat, by which anybody could write into it, are for owners alone.
    """
    there = shop.books().business
    owns = request.user.may(Right.OWN)
    kept, message = ((chosen(key) if owns else None) or {} for key in (outgoing.SETTING, CHAT))
    fields = {
        "business.name": there.name,
        "business.currency": there.currency,
        "business.timezone": there.settings.timezone or "",
        "business.country": there.settings.country or "",
        **{f"hours.{name}": text for name, text in _hours(there.settings).items()},
        "costs.minutes_per_message": there.costs.get("minutes_per_message", ""),
        "costs.wage_per_hour": there.costs.get("wage_per_hour", ""),
        "costs.margin": "" if there.margin_share is None else f"{100 * there.margin_share:g}",
        **{f"mail.{name}": str(kept.get(name, "")) for name in MAIL if name != "password"},
        "mail.password": "",
        **{f"message.{name}": str(message.get(name, "")) for name in MESSAGE},
        **{f"{form}.{name}": text for name, text in (given or {}).items() if name != "password"},
    }
    return SettingsPage(
        fields=fields,
        troubles={form: trouble} if trouble else {},
        currency_fixed=_currency_fixed(),
        holidays=there.settings.holidays,
        has_password=bool(kept.get("password")),
        work=tuple(troubles.listed()),
        mail_fixed=outgoing.VARIABLE if outgoing.from_environment() else "",
    )


def _currency_fixed() -> bool:
    """Tell whether sealed months are kept in the currency, which then stays."""
    return bool(closings(shop.books()))


def _hours(kept: Settings) -> dict[str, str]:
    days = kept.working_days or tuple(USUAL)
    told_hours = kept.working_hours
    fields = {}
    for day in WEEK:
        if isinstance(told_hours, Mapping):
            fields[day] = ", ".join(told_hours.get(day, ()))
        else:
            fields[day] = ", ".join(told_hours or ("09:00-17:00",)) if day in days else ""
    fields["extra_holidays"] = "\n".join(day.isoformat() for day in kept.extra_holidays)
    fields["extra_working_days"] = "\n".join(day.isoformat() for day in kept.extra_working_days)
    return fields


def _days(form: Mapping[str, str], *, holidays: bool) -> dict[str, Any]:
    """Return the lines of the settings a form of hours tells."""
    told_hours = {day: [part.strip() for part in form[day].split(",") if part.strip()] for day in WEEK}
    working = {day: windows for day, windows in told_hours.items() if windows}
    lists = {name: [day_of(line) for line in form[name].split()] for name in ("extra_holidays", "extra_working_days")}
    return {
        "working_days": list(working),
        "working_hours": working,
        "holidays": None if holidays else False,
        **{name: days or None for name, days in lists.items()},
    }


def _number(text: str) -> float | None:
    if not text:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise KeptwordError('"{text}" is not a number. Write it like 4.5, or leave it empty.', text=text[:20]) from None


def _keep(key: str, value: Mapping[str, str] | None) -> None:
    if value is None:
        forget(key)
    else:
        choose(key, dict(value))


ROUTES = (
    route("settings/", settings, name="settings", right=Right.LOOK),
    route("settings/business/", business, name="settings.business", right=Right.MANAGE, writes=True),
    route("settings/hours/", hours, name="settings.hours", right=Right.MANAGE, writes=True),
    route("settings/costs/", costs, name="settings.costs", right=Right.MANAGE, writes=True),
    route("settings/mail/", mail, name="settings.mail", right=Right.OWN, writes=True),
    route("settings/message/", message, name="settings.message", right=Right.OWN, writes=True),
)
