"""What links that are good once lead to: the first owner's form, an invitation, a sign-in, a new password.

Looking at a link never uses it up: programs that read mails look at every link in them. Only the form does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from django.http import HttpRequest, HttpResponse

from keptword.office import colleagues, links
from keptword.office.colleagues import Newcomer, Refused
from keptword.office.models import Link, Member
from keptword.office.sessions import end_all
from keptword.web.failures import failed
from keptword.web.forms import texts
from keptword.web.pages import moved, shown
from keptword.web.routes import route
from keptword.web.signing_in import oidc, passwords
from keptword.web.signing_in.entering import enter


@dataclass(frozen=True)
class EnterPage:
    """One button that signs in."""

    template: ClassVar[str] = "sign_in_link.html.jinja"
    token: str
    name: str


@dataclass(frozen=True)
class JoinPage:
    """The form in which somebody new says who they are; `kind` is "first_owner" or "invitation"."""

    template: ClassVar[str] = "joining.html.jinja"
    token: str
    kind: str
    role: str
    invited_mail: str = ""
    by: str = ""
    name: str = ""
    mail: str = ""
    trouble: str = ""
    outside: str = ""


@dataclass(frozen=True)
class PasswordPage:
    """The form for a new password."""

    template: ClassVar[str] = "new_password.html.jinja"
    token: str
    name: str
    mail: str
    trouble: str = ""


def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a link leads to, or do it; one that is not good any more says so to everybody alike."""
    link = links.found(token)
    if link is None:
        return failed(request, "link", status=410)
    if link.purpose == links.SIGN_IN:
        return _sign_in(request, link, token=token)
    if link.purpose == links.PASSWORD:
        return _password(request, link, token=token)
    return _join(request, link, token=token)


def _sign_in(request: HttpRequest, link: Link, *, token: str) -> HttpResponse:
    member = _whose(link)
    if request.method != "POST":
        return shown(request, EnterPage(token, member.name))
    if not links.use(link):
        return failed(request, "link", status=410)
    enter(request, member, remember=True)
    request.audit_outcome = "done"
    return moved("overview")


def _password(request: HttpRequest, link: Link, *, token: str) -> HttpResponse:
    """Take a new password: every session there was ends, and it is signed in with from then on."""
    member = _whose(link)
    if request.method != "POST":
        return shown(request, PasswordPage(token, member.name, member.mail))
    password = request.POST.get("password", "")
    trouble = passwords.trouble(password, about=(member.name, member.mail))
    if trouble:
        return shown(request, PasswordPage(token, member.name, member.mail, trouble), status=422)
    if not links.use(link):
        return failed(request, "link", status=410)
    member.password = passwords.digest(password)
    member.save(update_fields=["password"])
    end_all(member)
    links.withdraw_all(member)
    request.audit_place, request.audit_outcome = member.name, "new_password"
    return moved("sign_in")


def _join(request: HttpRequest, link: Link, *, token: str) -> HttpResponse:
    form = texts(request, ("name", "mail"), longest=254)
    page = JoinPage(
        token=token,
        kind="first_owner" if link.purpose == links.FIRST else "invitation",
        role="owner" if link.purpose == links.FIRST else link.role,
        invited_mail=link.mail,
        by=link.made_by.name if link.made_by else "",
        name=form["name"],
        mail=form["mail"],
        outside=oidc.name() if link.mail else "",
    )
    return _joined(request, page) if request.method == "POST" else shown(request, page)


def _joined(request: HttpRequest, page: JoinPage) -> HttpResponse:
    try:
        newcomer = _newcomer(request, page)
        member = colleagues.join(page.token, newcomer)
    except Refused as refused:
        if refused.key == "failure.link":
            return failed(request, "link", status=410)
        return shown(request, replace(page, trouble=refused.key), status=422)
    enter(request, member, remember=True)
    request.audit_place, request.audit_outcome = page.by, f"became_{member.role}"
    return moved("overview")


def _newcomer(request: HttpRequest, page: JoinPage) -> Newcomer:
    """Return who the form says somebody is; raises `Refused` where it does not say enough."""
    if not page.name:
        raise Refused("first_owner.no_name")
    mail = page.invited_mail or colleagues.mail_of(page.mail)
    password = request.POST.get("password", "")
    if trouble := passwords.trouble(password, about=(page.name, mail)):
        raise Refused(trouble)
    return Newcomer(page.name, mail, passwords.digest(password), request.words.language)


def _whose(link: Link) -> Member:
    if link.member is None:
        raise ValueError("A link of this purpose is always somebody's.")
    return link.member


ROUTES = (route("sign-in/<str:token>/", by_link, name="sign_in.link", right=None, both=True),)
