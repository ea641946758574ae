"""The pages of signing in and out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from keptword.office import links
from keptword.office.models import Member
from keptword.office.rights import Right, Role
from keptword.web.failures import failed
from keptword.web.pages import moved, shown
from keptword.web.routes import route

BACKEND = "keptword.web.signing_in.backend.MembersOnly"
SHORTEST = 12


@dataclass(frozen=True)
class SignInPage:
    """The form for mail and password; `trouble` is the key of what was wrong."""

    template: ClassVar[str] = "sign_in.html.jinja"
    mail: str = ""
    back: str = "/"
    trouble: str = ""


@dataclass(frozen=True)
class FirstPage:
    """The form in which the first owner says who they are."""

    template: ClassVar[str] = "first_owner.html.jinja"
    token: str
    name: str = ""
    mail: str = ""
    trouble: str = ""


def safe_back(request: HttpRequest, told: str) -> str:
    """Return where to go after signing in: an address of ours, else the overview."""
    good = url_has_allowed_host_and_scheme(told, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return told if good and told.startswith("/") else "/"


def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form, or sign in."""
    back = safe_back(request, request.POST.get("next", request.GET.get("next", "/")))
    if request.method != "POST":
        return shown(request, SignInPage(back=back))
    mail = request.POST.get("mail", "")
    member = authenticate(request, mail=mail, password=request.POST.get("password", ""))
    if member is None:
        return shown(request, SignInPage(mail=mail, back=back, trouble="sign_in.wrong"), status=422)
    login(request, member, backend=BACKEND)
    return HttpResponseRedirect(back, status=303)


def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take a link: the first owner's, or one that signs in a colleague who is there."""
    link = links.found(token)
    if link is None or link.purpose not in (links.FIRST, links.SIGN_IN):
        return failed(request, "link", status=410)
    if link.purpose == links.SIGN_IN and link.member is not None:
        if not links.use(link) or not link.member.is_active:
            return failed(request, "link", status=410)
        login(request, link.member, backend=BACKEND)
        return moved("overview")
    if request.method != "POST":
        return shown(request, FirstPage(token=token))
    return _first_owner(request, token)


def _first_owner(request: HttpRequest, token: str) -> HttpResponse:
    name, mail = request.POST.get("name", "").strip(), request.POST.get("mail", "").strip().lower()
    password = request.POST.get("password", "")
    trouble = _trouble(name=name, mail=mail, password=password)
    if trouble:
        return shown(request, FirstPage(token, name=name, mail=mail, trouble=trouble), status=422)
    link = links.found(token, purpose=links.FIRST)
    if link is None or Member.objects.filter(is_active=True).exists() or not links.use(link):
        return failed(request, "link", status=410)
    owner = Member.objects.create(
        mail=mail,
        name=name[:120],
        role=Role.OWNER.value,
        password=make_password(password),
        language=request.words.language,
        joined_at=datetime.now(UTC),
    )
    login(request, owner, backend=BACKEND)
    return moved("overview")


def _trouble(*, name: str, mail: str, password: str) -> str:
    if not name:
        return "first_owner.no_name"
    if "@" not in mail or len(mail) > 254:
        return "first_owner.no_mail"
    return "first_owner.short_password" if len(password) < SHORTEST else ""


def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    logout(request)
    return moved("sign_in")


ROUTES = (
    route("sign-in/", sign_in, name="sign_in", right=None, both=True),
    route("sign-in/<str:token>/", by_link, name="sign_in.link", right=None, both=True),
    route("sign-out/", sign_out, name="sign_out", right=Right.LOOK, writes=True),
)
