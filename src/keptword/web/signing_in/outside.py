"""The pages of signing in with another system's accounts: off to it, and back."""

from __future__ import annotations

import logging
from dataclasses import asdict

from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from keptword.office import colleagues, tries
from keptword.office.colleagues import Newcomer
from keptword.office.models import Member
from keptword.web import shop
from keptword.web.addresses import outside as whole
from keptword.web.failures import failed
from keptword.web.pages import moved
from keptword.web.routes import route
from keptword.web.signing_in import oidc
from keptword.web.signing_in.entering import enter, safe_back, wait_here
from keptword.web.signing_in.oidc import Begun, Known, OutsideTrouble, Provider
from keptword.web.signing_in.pages import SignInPage, again, half_way, waiting

_AWAY = "outside"

_log = logging.getLogger("keptword.web")


def away(request: HttpRequest) -> HttpResponse:
    """Send the browser to the other system."""
    there, goal = oidc.provider(), safe_back(request, request.GET.get("next", "/"))
    if there is None:
        return moved("sign_in")
    if request.user.is_authenticated:
        return HttpResponseRedirect(goal)
    if wait := tries.knock((tries.of_address(request.META.get("REMOTE_ADDR", "")),), now=shop.now()):
        sentence = request.words.say("sign_in.later", wait=waiting(request, wait))
        return again(request, SignInPage("", goal, remember=False, outside=oidc.name()), sentence=sentence, status=429)
    try:
        address, begun = oidc.begin(there, back=_back(request))
    except OutsideTrouble as trouble:
        return _failed(request, there, trouble)
    request.session[_AWAY] = {**asdict(begun), "back": goal}
    wait_here(request)
    return HttpResponseRedirect(address)


def back(request: HttpRequest) -> HttpResponse:
    """Take whoever comes back from the other system, where it is the one who left and somebody we know."""
    there, kept = oidc.provider(), request.session.pop(_AWAY, None)
    if there is None or not kept:
        return moved("sign_in")
    goal = kept.pop("back")
    try:
        member = _let_in(request, there, _told(request, there, Begun(**kept)))
    except OutsideTrouble as trouble:
        request.audit_outcome = trouble.key.replace(".", "_")
        return _failed(request, there, trouble)
    if member.totp_since is not None:
        return half_way(request, member, back=goal, remember=False)
    enter(request, member, remember=False)
    request.audit_outcome = "done"
    return HttpResponseRedirect(goal)


def _told(request: HttpRequest, there: Provider, begun: Begun) -> Known:
    if not constant_time_compare(request.GET.get("state", ""), begun.state):
        raise OutsideTrouble("outside.refused", why="the state is not the one we sent")
    if "code" not in request.GET:
        raise OutsideTrouble("outside.refused", why=f"it says {request.GET.get('error', 'nothing')[:60]}")
    return oidc.finish(there, begun, back=_back(request), code=request.GET["code"])


def _let_in(request: HttpRequest, there: Provider, known: Known) -> Member:
    """Return the colleague this is: who came this way before, or whose mail address it is, or who was invited by it."""
    before = Member.objects.filter(outside_id=known.outside_id).first()
    if before is not None:
        if not before.is_active:
            raise OutsideTrouble("outside.unknown", why="they left")
        return before
    if not known.mail:
        raise OutsideTrouble("outside.no_mail", why="no mail address that it has seen to be theirs")
    # Only who has not come this way as somebody else: mail addresses are given to other people in time.
    rows = Member.objects.filter(mail=known.mail, is_active=True, outside_id="")
    if rows.update(outside_id=known.outside_id):
        return Member.objects.get(outside_id=known.outside_id)
    newcomer = Newcomer(
        known.name or known.mail, known.mail, make_password(None), request.words.language, known.outside_id
    )
    try:
        joined = colleagues.join_invited(newcomer)
    except colleagues.Refused as refused:
        raise OutsideTrouble("outside.unknown", why=refused.key) from refused
    if joined is None:
        raise OutsideTrouble("outside.unknown", why="nobody here has that mail address")
    return joined


def _failed(request: HttpRequest, there: Provider, trouble: OutsideTrouble) -> HttpResponse:
    _log.warning("signing in with %s failed: %s: %s", there.name, trouble.key, trouble.why)
    status = 502 if trouble.key in ("outside.away", "outside.unlike", "outside.not_installed") else 403
    return failed(request, "outside", status=status, sentence=request.words.say(trouble.key, name=there.name))


def _back(request: HttpRequest) -> str:
    return whole(request, reverse("sign_in.outside.back"))


ROUTES = (
    route("sign-in/outside/", away, name="sign_in.outside", right=None),
    route("sign-in/outside/back/", back, name="sign_in.outside.back", right=None),
)
