"""A new password for whoever forgot theirs: mailed where mail can be sent, else an owner is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from keptword.office import links, tries
from keptword.office.models import Member
from keptword.web import shop
from keptword.web.addresses import outside
from keptword.web.forms import texts
from keptword.web.pages import shown
from keptword.web.routes import route
from keptword.web.signing_in.mailing import can_mail, mail_link_later
from keptword.web.signing_in.pages import again, waiting
from keptword.words import words


@dataclass(frozen=True)
class ForgottenPage:
    """The form for a mail address, or what to do where no mail can be sent."""

    template: ClassVar[str] = "forgotten.html.jinja"
    can_mail: bool
    sent: bool = False
    trouble: str = ""


def forgotten(request: HttpRequest) -> HttpResponse:
    """Show the form, or mail a link; the answer is the same whether anybody has the address or not."""
    page = ForgottenPage(can_mail())
    if request.method != "POST" or not page.can_mail:
        return shown(request, page)
    mail = texts(request, ("mail",), longest=254)["mail"].lower()
    gates = (tries.of_letters(mail), tries.of_address(request.META.get("REMOTE_ADDR", "")))
    wait = tries.knock(gates, now=shop.now())
    if wait:
        sentence = request.words.say("sign_in.later", wait=waiting(request, wait))
        return again(request, page, sentence=sentence, status=429)
    member = Member.objects.filter(mail=mail, is_active=True).first()
    if member is not None:
        _send(request, member)
    return shown(request, ForgottenPage(can_mail=True, sent=True))


def _send(request: HttpRequest, member: Member) -> None:
    path = reverse("sign_in.link", kwargs={"token": links.make(links.PASSWORD, member=member)})
    mail_link_later(
        words(member.language),
        "password",
        to=member.mail,
        address=outside(request, path),
        business=shop.books().business.name,
    )
    request.audit_place, request.audit_outcome = member.name, "mailed"


ROUTES = (route("sign-in/forgotten/", forgotten, name="sign_in.forgotten", right=None, both=True),)
