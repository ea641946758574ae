"""My sign-in: name, language, Monday's mail, password, where I am signed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse

from keptword.office import second, sessions, tries
from keptword.office.models import Member
from keptword.office.rights import Right
from keptword.web import shop
from keptword.web.forms import texts
from keptword.web.pages import moved, shown, told
from keptword.web.routes import route
from keptword.web.signing_in import oidc, passwords
from keptword.web.signing_in.devices import SignedIn, devices_of
from keptword.web.signing_in.pages import waiting
from keptword.words import LANGUAGES, words


@dataclass(frozen=True)
class MePage:
    """What a colleague sees of their own sign-in; `troubles` are sentences by the name of the form."""

    template: ClassVar[str] = "me.html.jinja"
    mail: str
    name: str
    language: str
    languages: tuple[tuple[str, str], ...]
    wants_monday: bool
    has_password: bool
    outside: str
    second_since: datetime | None
    codes_left: int
    devices: tuple[SignedIn, ...]
    troubles: Mapping[str, str] = field(default_factory=dict)


def me(request: HttpRequest) -> HttpResponse:
    """Show my sign-in."""
    return shown(request, page_of(request))


def page_of(request: HttpRequest, **troubles: str) -> MePage:
    """Return the page of whoever asks, with what was wrong in one of its forms."""
    member = request.user
    return MePage(
        mail=member.mail,
        name=member.name,
        language=member.language,
        languages=tuple((code, words(code).say("language.name")) for code in LANGUAGES),
        wants_monday=member.wants_monday,
        has_password=member.has_usable_password(),
        outside=oidc.name() if member.outside_id else "",
        second_since=member.totp_since,
        codes_left=second.codes_left(member),
        devices=devices_of(member, words=request.words, now=shop.now(), here=request.session.session_key),
        troubles=troubles,
    )


def change(request: HttpRequest) -> HttpResponse:
    """Change name, language, and whether Monday's mail is wanted."""
    member, form = request.user, texts(request, ("name", "language", "monday"), longest=120)
    if not form["name"] or form["language"] not in LANGUAGES:
        trouble = "first_owner.no_name" if not form["name"] else "me.no_language"
        return shown(request, page_of(request, about=request.words.say(trouble)), status=422)
    member.name, member.language, member.wants_monday = form["name"], form["language"], bool(form["monday"])
    member.save(update_fields=["name", "language", "wants_monday"])
    told(request, words(member.language).say("me.saved"))
    return moved("me")


def password(request: HttpRequest) -> HttpResponse:
    """Change the password; whoever is signed in elsewhere is not any more."""
    member = request.user
    trouble = confirmed(request, member)
    chosen = request.POST.get("new_password", "")
    if not trouble and (key := passwords.trouble(chosen, about=(member.name, member.mail))):
        trouble = request.words.say(key)
    if trouble or not member.has_usable_password():
        return shown(request, page_of(request, password=trouble), status=422)
    member.password = passwords.digest(chosen)
    member.save(update_fields=["password"])
    update_session_auth_hash(request, member)
    # What is kept of a session names the password it was made with; the rows of the others go as well.
    request.session.save()
    sessions.end_all(member, but=request.session.session_key)
    told(request, request.words.say("me.password_changed"))
    return moved("me")


def confirmed(request: HttpRequest, member: Member) -> str:
    """Ask for the password once more, in the field `password`: nothing where it is right, else what to say.

    Somebody who signs in with another system has none to tell.
    """
    if not member.has_usable_password():
        return ""
    gate = tries.of_password(member)
    if wait := tries.knock((gate,), now=shop.now()):
        return str(request.words.say("sign_in.later", wait=waiting(request, wait)))
    if not member.check_password(passwords.plain(request.POST.get("password", ""))):
        request.audit_outcome = "wrong_password"
        return str(request.words.say("me.wrong_password"))
    tries.forget(gate)
    return ""


def end(request: HttpRequest, handle: str) -> HttpResponse:
    """End one of my sign-ins."""
    if sessions.end(request.user, handle, now=shop.now()):
        told(request, request.words.say("me.ended"))
    return moved("me")


def end_others(request: HttpRequest) -> HttpResponse:
    """End all of my sign-ins but this one."""
    ended = sessions.end_all(request.user, but=request.session.session_key)
    told(request, request.words.say("me.ended_others", count=ended))
    return moved("me")


def end_all(request: HttpRequest) -> HttpResponse:
    """End all of my sign-ins, this one too."""
    sessions.end_all(request.user, but=request.session.session_key)
    logout(request)
    return moved("sign_in")


ROUTES = (
    route("me/", me, name="me", right=Right.LOOK),
    route("me/about/", change, name="me.about", right=Right.LOOK, writes=True),
    route("me/password/", password, name="me.password", right=Right.LOOK, writes=True),
    route("me/sign-ins/others/end/", end_others, name="me.end_others", right=Right.LOOK, writes=True),
    route("me/sign-ins/all/end/", end_all, name="me.end_all", right=Right.LOOK, writes=True),
    route("me/sign-ins/<str:handle>/end/", end, name="me.end", right=Right.LOOK, writes=True),
)
