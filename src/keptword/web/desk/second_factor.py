"""My second factor: turned on with a phone, its recovery codes shown once, turned off with the password."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final

import segno
from django.http import HttpRequest, HttpResponse

from keptword.office import second, tries
from keptword.office.rights import Right
from keptword.web import shop
from keptword.web.desk.me import confirmed, page_of
from keptword.web.forms import texts
from keptword.web.pages import moved, shown, told
from keptword.web.routes import route

_SECRET: Final = "second_factor"


@dataclass(frozen=True)
class SecondPage:
    """The drawing for the phone, the same as letters, and the form for its first code."""

    template: ClassVar[str] = "second_factor.html.jinja"
    drawing: str
    address: str
    letters: str
    has_password: bool
    trouble: str = ""


@dataclass(frozen=True)
class CodesPage:
    """The recovery codes, shown this once."""

    template: ClassVar[str] = "recovery_codes.html.jinja"
    codes: tuple[str, ...]


def second_factor(request: HttpRequest) -> HttpResponse:
    """Show what a phone needs to know, or take its first code and turn the second factor on."""
    member = request.user
    if member.totp_since is not None:
        return moved("me")
    if request.method != "POST" or _SECRET not in request.session:
        request.session.setdefault(_SECRET, second.new_secret())
        return shown(request, _page(request))
    trouble = confirmed(request, member)
    if trouble:
        return shown(request, _page(request, trouble), status=422)
    code = texts(request, ("code",), longest=20)["code"]
    codes = second.turn_on(member, request.session[_SECRET], code=code, now=shop.now())
    if not codes:
        request.audit_outcome = "wrong_code"
        return shown(request, _page(request, request.words.say("second_factor.wrong")), status=422)
    del request.session[_SECRET]
    tries.forget(tries.of_code(member))
    return shown(request, CodesPage(codes))


def _page(request: HttpRequest, trouble: str = "") -> SecondPage:
    secret, member = request.session[_SECRET], request.user
    address = second.address_of(secret, mail=member.mail, business=shop.books().business.name)
    # Dark on light in either scheme, with the quiet zone around it that cameras look for.
    drawing = segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
    letters = " ".join(re.findall(".{1,4}", secret))
    return SecondPage(drawing, address, letters, member.has_usable_password(), trouble)


def off(request: HttpRequest) -> HttpResponse:
    """Turn my second factor off."""
    if trouble := confirmed(request, request.user):
        return shown(request, page_of(request, second=trouble), status=422)
    second.turn_off(request.user)
    told(request, request.words.say("second_factor.is_off"))
    return moved("me")


def codes(request: HttpRequest) -> HttpResponse:
    """Make my recovery codes anew and show them this once."""
    member = request.user
    if member.totp_since is None:
        return moved("me")
    if trouble := confirmed(request, member):
        return shown(request, page_of(request, second=trouble), status=422)
    return shown(request, CodesPage(second.new_codes(member)))


ROUTES = (
    route("me/second-factor/", second_factor, name="me.second", right=Right.LOOK, both=True),
    route("me/second-factor/off/", off, name="me.second.off", right=Right.LOOK, writes=True),
    route("me/second-factor/codes/", codes, name="me.second.codes", right=Right.LOOK, writes=True),
)
