"""The pages of signing in and out: mail and password, then the second step where there is one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.crypto import constant_time_compare

from keptword.office import second, tries
from keptword.office.models import Member
from keptword.office.rights import Right
from keptword.web import shop
from keptword.web.forms import texts
from keptword.web.pages import moved, shown, told
from keptword.web.routes import route
from keptword.web.signing_in import oidc
from keptword.web.signing_in.entering import HALF_WAY, enter, safe_back, wait_here

_HALF = "half_way"


@dataclass(frozen=True)
class SignInPage:
    """The form for mail and password; `trouble` is a sentence that says what was wrong."""

    template: ClassVar[str] = "sign_in.html.jinja"
    mail: str = ""
    back: str = "/"
    remember: bool = False
    trouble: str = ""
    outside: str = ""
    """What another system is called that one may sign in with; empty where there is none."""


@dataclass(frozen=True)
class CodePage:
    """The form for the second step."""

    template: ClassVar[str] = "sign_in_code.html.jinja"
    trouble: str = ""


def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form, or take mail and password."""
    form = texts(request, ("mail", "next", "remember"), longest=2000)
    back = safe_back(request, form["next"] or request.GET.get("next", "/"))
    page = SignInPage(form["mail"], back, bool(form["remember"]), outside=oidc.name())
    if request.method != "POST":
        return HttpResponseRedirect(back) if request.user.is_authenticated else shown(request, page)
    mail = form["mail"].lower()
    gates = (tries.of_mail(mail), tries.of_address(request.META.get("REMOTE_ADDR", "")))
    wait = tries.knock(gates, now=shop.now())
    if wait:
        return _later(request, page, wait=wait)
    member = authenticate(request, mail=mail, password=request.POST.get("password", ""))
    if member is None:
        return _wrong(request, page, mail=mail)
    tries.forget(gates[0])
    tries.take_back(gates[1])
    if member.totp_since is not None:
        return half_way(request, member, back=back, remember=page.remember)
    enter(request, member, remember=page.remember)
    request.audit_outcome = "done"
    return HttpResponseRedirect(back, status=303)


def _later(request: HttpRequest, page: SignInPage | CodePage, *, wait: timedelta) -> HttpResponse:
    """Say how long to wait; not written to the audit, which would grow with every try."""
    return again(request, page, sentence=request.words.say("sign_in.later", wait=waiting(request, wait)), status=429)


def waiting(request: HttpRequest, wait: timedelta) -> str:
    """Return a wait in words: seconds below a minute and a half, minutes from there on; never too short."""
    seconds = int(wait.total_seconds()) + 1
    if seconds < 90:
        return str(request.words.say("sign_in.seconds", count=seconds))
    return str(request.words.say("sign_in.minutes", count=-(-seconds // 60)))


def again(request: HttpRequest, page: Any, *, sentence: str, status: int = 422) -> HttpResponse:
    """Show a form once more, with what was wrong."""
    return shown(request, replace(page, trouble=sentence), status=status)


def _wrong(request: HttpRequest, page: SignInPage, *, mail: str) -> HttpResponse:
    """Say that it was wrong, never which of the two; the audit knows a colleague's name, and no other address."""
    known = Member.objects.filter(mail=mail, is_active=True).first()
    request.audit_place = known.name if known else ""
    request.audit_outcome = "wrong_password" if known else "unknown_address"
    return again(request, page, sentence=request.words.say("sign_in.wrong"))


def half_way(request: HttpRequest, member: Member, *, back: str, remember: bool) -> HttpResponse:
    """Remember who knew the password, and ask for the code; nobody is signed in yet."""
    request.session.flush()
    request.session[_HALF] = {
        "member": member.pk,
        "proof": member.get_session_auth_hash(),
        "back": back,
        "remember": remember,
        "at": shop.now().isoformat(),
    }
    wait_here(request)
    request.audit_place, request.audit_outcome = member.name, "asked_for_code"
    return moved("sign_in.code")


def code(request: HttpRequest) -> HttpResponse:
    """Show the form of the second step, or take its code."""
    half = request.session.get(_HALF) or {}
    member = _still_half_way(half)
    if member is None:
        request.session.pop(_HALF, None)
        return moved("sign_in")
    if request.method != "POST":
        return shown(request, CodePage())
    request.audit_place = member.name
    wait = tries.knock((tries.of_code(member),), now=shop.now())
    if wait:
        return _later(request, CodePage(), wait=wait)
    given = texts(request, ("code",), longest=60)["code"]
    by_phone = second.passes(member, given, now=shop.now())
    if not by_phone and not second.recovers(member, given, now=shop.now()):
        request.audit_outcome = "wrong_code"
        return again(request, CodePage(), sentence=request.words.say("sign_in.wrong_code"))
    return _through(request, member, half=half, by_phone=by_phone)


def _through(request: HttpRequest, member: Member, *, half: dict[str, Any], by_phone: bool) -> HttpResponse:
    tries.forget(tries.of_code(member))
    del request.session[_HALF]
    enter(request, member, remember=bool(half["remember"]))
    request.audit_outcome = "done" if by_phone else "by_recovery_code"
    if not by_phone:
        told(request, request.words.say("sign_in.codes_left", count=second.codes_left(member)))
    return HttpResponseRedirect(safe_back(request, half["back"]), status=303)


def _still_half_way(half: dict[str, Any]) -> Member | None:
    """Return the colleague who told their password a moment ago and has not changed it since."""
    if not half or abs(shop.now() - datetime.fromisoformat(half["at"])) > HALF_WAY:
        return None
    member = Member.objects.filter(pk=half["member"], is_active=True, totp_since__isnull=False).first()
    same = member is not None and constant_time_compare(half["proof"], member.get_session_auth_hash())
    return member if same else None


def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    logout(request)
    return moved("sign_in")


ROUTES = (
    route("sign-in/", sign_in, name="sign_in", right=None, both=True),
    route("sign-in/code/", code, name="sign_in.code", right=None, both=True),
    route("sign-out/", sign_out, name="sign_out", right=Right.LOOK, writes=True),
)
