"""Colleagues: who works here, with which role; inviting, removing, bringing back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.contrib.auth import logout
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from keptword.office import colleagues as office
from keptword.office import links, second, sessions
from keptword.office.colleagues import Refused
from keptword.office.models import Link, Member
from keptword.office.rights import Right, Role
from keptword.web import shop
from keptword.web.addresses import outside
from keptword.web.failures import failed
from keptword.web.forms import texts
from keptword.web.pages import moved, shown, told
from keptword.web.routes import route
from keptword.web.signing_in.devices import SignedIn, devices_of
from keptword.web.signing_in.mailing import can_mail, mail_link

ROLES = tuple(role.value for role in reversed(Role))


@dataclass(frozen=True)
class ColleaguesPage:
    """Everybody who works or worked here, the invitations that wait, and the form to invite somebody."""

    template: ClassVar[str] = "colleagues.html.jinja"
    here: tuple[Member, ...]
    left: tuple[Member, ...]
    invitations: tuple[Link, ...]
    can_mail: bool
    roles: tuple[str, ...] = ROLES
    mail: str = ""
    role: str = Role.AGENT.value
    trouble: str = ""


@dataclass(frozen=True)
class ColleaguePage:
    """One colleague, and what an owner may do about their sign-in."""

    template: ClassVar[str] = "colleague.html.jinja"
    colleague: Member
    devices: tuple[SignedIn, ...]
    is_me: bool
    seen_at: datetime | None
    roles: tuple[str, ...] = ROLES
    trouble: str = ""


@dataclass(frozen=True)
class LinkPage:
    """A link, shown this once; `kind` is "invitation" or "password"."""

    template: ClassVar[str] = "link_made.html.jinja"
    kind: str
    address: str
    whose: str
    until: datetime
    mailed_to: str
    trouble: str


def colleagues(request: HttpRequest) -> HttpResponse:
    """Show everybody."""
    return shown(request, _page())


def _page(*, mail: str = "", role: str = Role.AGENT.value, trouble: str = "") -> ColleaguesPage:
    everybody = Member.objects.annotate(seen_at=Max("session__seen_at")).order_by("name", "pk")
    return ColleaguesPage(
        here=tuple(each for each in everybody if each.is_active),
        left=tuple(each for each in everybody if not each.is_active),
        invitations=tuple(links.invitations()),
        can_mail=can_mail(),
        mail=mail,
        role=role if role in ROLES else Role.AGENT.value,
        trouble=trouble,
    )


def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody: the link is shown this once, and mailed where a mail address is told and mail can be sent."""
    form = texts(request, ("mail", "role"), longest=254)
    try:
        mail = office.mail_of(form["mail"]) if form["mail"] else ""
        text = office.invite(by=request.user, role=form["role"], mail=mail)
    except Refused as refused:
        sentence = request.words.say(refused.key)
        return shown(request, _page(mail=form["mail"], role=form["role"], trouble=sentence), status=422)
    # Not the address: it may be a wrong one, and lines of the audit cannot be taken out.
    request.audit_outcome = f"invited_{form['role']}"
    return _link_made(request, "invitation", text, mail=mail)


def _link_made(request: HttpRequest, kind: str, text: str, *, mail: str, whose: str = "") -> HttpResponse:
    """Show a link. It answers the form itself: whatever is kept to be shown later could be read by others."""
    address = outside(request, reverse("sign_in.link", kwargs={"token": text}))
    trouble = ""
    if mail and can_mail():
        business = shop.books().business.name
        trouble = mail_link(request.words, kind, to=mail, address=address, business=business, by=request.user.name)
    mailed = mail if can_mail() and not trouble else ""
    until = shop.now() + links.GOOD_FOR[links.INVITATION if kind == "invitation" else links.PASSWORD]
    return shown(request, LinkPage(kind, address, whose or mail, until, mailed, request.words.refusal(trouble)))


def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Withdraw an invitation."""
    link = next((each for each in links.invitations() if each.pk == number), None)
    if link is not None and links.withdraw(link):
        told(request, request.words.say("colleagues.withdrawn"))
    return moved("settings.colleagues")


def colleague(request: HttpRequest, number: int) -> HttpResponse:
    """Show one colleague."""
    return shown(request, _one(request, _found(number)))


def _found(number: int) -> Member:
    there: Member | None = Member.objects.filter(pk=number).first()
    if there is None:
        raise Http404
    return there


def _one(request: HttpRequest, member: Member, trouble: str = "") -> ColleaguePage:
    devices = devices_of(member, words=request.words, now=shop.now(), here=request.session.session_key)
    seen = [each.seen_at for each in devices if each.seen_at is not None]
    return ColleaguePage(member, devices, member.pk == request.user.pk, max(seen, default=None), trouble=trouble)


def _done(
    request: HttpRequest, number: int, act: Callable[[Member], object], *, said: str, outcome: str = "done"
) -> HttpResponse:
    """Do something about a colleague and say so, or say why it cannot be done."""
    member = _found(number)
    request.audit_place = member.name
    try:
        act(member)
    except Refused as refused:
        request.audit_outcome = "refused"
        if refused.key == "failure.not_allowed":
            return failed(request, "not_allowed", status=403)
        member.refresh_from_db()
        return shown(request, _one(request, member, request.words.say(refused.key)), status=422)
    request.audit_outcome = outcome
    # Whoever took their own right to this page away is shown what they may still see.
    me = Member.objects.get(pk=request.user.pk)
    if not me.is_active:
        logout(request)
        return moved("sign_in")
    told(request, request.words.say(said, name=member.name))
    return moved("settings.colleagues.one", number=number) if me.may(Right.OWN) else moved("overview")


def role(request: HttpRequest, number: int) -> HttpResponse:
    """Give a colleague another role."""
    to = texts(request, ("role",), longest=16)["role"]
    outcome = f"became_{to}" if to in ROLES else "refused"
    return _done(
        request,
        number,
        lambda member: office.change_role(member, to=to, by=request.user),
        said="colleagues.role_changed",
        outcome=outcome,
    )


def remove(request: HttpRequest, number: int) -> HttpResponse:
    """Take a colleague's entrance away."""
    return _done(request, number, lambda member: office.remove(member, by=request.user), said="colleagues.removed")


def bring_back(request: HttpRequest, number: int) -> HttpResponse:
    """Let a colleague who left in again."""
    return _done(request, number, lambda member: office.bring_back(member, by=request.user), said="colleagues.is_back")


def second_off(request: HttpRequest, number: int) -> HttpResponse:
    """Turn off the second factor of a colleague who lost it; one's own takes one's password."""
    if number == request.user.pk:
        return moved("me")
    return _done(request, number, second.turn_off, said="colleagues.second_is_off")


def unlink(request: HttpRequest, number: int) -> HttpResponse:
    """Forget who a colleague is at the other system they sign in with."""
    return _done(
        request,
        number,
        lambda member: Member.objects.filter(pk=member.pk).update(outside_id=""),
        said="colleagues.unlinked",
    )


def end(request: HttpRequest, *, number: int, handle: str) -> HttpResponse:
    """End one sign-in of a colleague."""
    return _done(request, number, lambda member: sessions.end(member, handle, now=shop.now()), said="colleagues.ended")


def end_all(request: HttpRequest, number: int) -> HttpResponse:
    """End every sign-in of a colleague; of my own all but this one."""
    mine = request.session.session_key
    return _done(request, number, lambda member: sessions.end_all(member, but=mine), said="colleagues.ended")


def new_password(request: HttpRequest, number: int) -> HttpResponse:
    """Make a link by which a colleague chooses a new password; one's own takes the old one."""
    if number == request.user.pk:
        return moved("me")
    member = _found(number)
    if not member.is_active:
        raise Http404
    request.audit_place = member.name
    links.withdraw_all(member)
    text = links.make(links.PASSWORD, member=member, by=request.user)
    return _link_made(request, "password", text, mail=member.mail, whose=member.name)


_ONE = "settings/colleagues/<int:number>/"

ROUTES = (
    route("settings/colleagues/", colleagues, name="settings.colleagues", right=Right.OWN),
    route("settings/colleagues/invite/", invite, name="settings.colleagues.invite", right=Right.OWN, writes=True),
    route(
        "settings/colleagues/invitations/<int:number>/withdraw/",
        withdraw,
        name="settings.colleagues.withdraw",
        right=Right.OWN,
        writes=True,
    ),
    route(_ONE, colleague, name="settings.colleagues.one", right=Right.OWN),
    route(f"{_ONE}role/", role, name="settings.colleagues.role", right=Right.OWN, writes=True),
    route(f"{_ONE}remove/", remove, name="settings.colleagues.remove", right=Right.OWN, writes=True),
    route(f"{_ONE}back/", bring_back, name="settings.colleagues.back", right=Right.OWN, writes=True),
    route(f"{_ONE}second-factor/off/", second_off, name="settings.colleagues.second_off", right=Right.OWN, writes=True),
    route(f"{_ONE}unlink/", unlink, name="settings.colleagues.unlink", right=Right.OWN, writes=True),
    route(f"{_ONE}sign-ins/end/", end_all, name="settings.colleagues.end_all", right=Right.OWN, writes=True),
    route(f"{_ONE}sign-ins/<str:handle>/end/", end, name="settings.colleagues.end", right=Right.OWN, writes=True),
    route(f"{_ONE}password/", new_password, name="settings.colleagues.password", right=Right.OWN, writes=True),
)
