"""Who gets where: the same six tests for every address, and what happens to whoever is signed in meanwhile."""

from __future__ import annotations

import pytest

from keptword.office.rights import Right
from web.every_route import ROUTES, Somebody, address_of, ask, requests, to_sign_in

SIGNS_OUT = {"sign_out", "me.end_all", "me.end"}
ONE_CLICK = {"monday.stop"}
"""Forms that mail programs send by themselves (RFC 8058): their address is the secret, and they do one thing."""


def refusals(somebody: Somebody) -> list[str]:
    """What is not as the rights say, for one of the cast."""
    member = somebody.desk.members[somebody.name]
    wrong = []
    for route, method in requests():
        response = somebody.ask(route, method=method)
        may = route.right is None or member.may(route.right)
        out = to_sign_in(response) and route.right is not None and route.name not in SIGNS_OUT
        through = response.status_code not in (401, 403, 405) and response.status_code < 500 and not out
        if route.right is None:
            through = response.status_code < 500
        if through != may or (not may and response.status_code != 403):
            wrong.append(f"{method} {address_of(route)} ({route.name}): {response.status_code}")
    return wrong


def test_nobody_signed_in_is_sent_to_sign_in(seen_desk):
    for route, method in requests():
        client = seen_desk.client()
        response = ask(client, route, method=method)
        if route.right is None:
            assert response.status_code < 500
            assert not to_sign_in(response) or route.path.startswith("sign-in/")
            continue
        assert to_sign_in(response), f"{method} {route.name}: {response.status_code}"
        part = ask(client, route, method=method, **{"HX-Request": "true"})
        assert part.status_code == 401, route.name
        assert part.headers["HX-Redirect"].startswith("/sign-in/")
        assert b"<html" not in part.content


def test_an_owner_gets_everywhere(seen_desk):
    assert refusals(Somebody(seen_desk, "ada")) == []


def test_a_manager_gets_where_a_manager_may(seen_desk):
    assert refusals(Somebody(seen_desk, "mia")) == []


def test_a_colleague_gets_where_a_colleague_may(seen_desk):
    assert refusals(Somebody(seen_desk, "ben")) == []


def test_a_reader_changes_nothing(seen_desk):
    assert refusals(Somebody(seen_desk, "cleo")) == []


def test_whoever_left_is_nobody(seen_desk):
    """Dov was signed in when he left; his session is dead, everywhere."""
    dov = seen_desk.client("dov")
    for route, method in requests():
        if route.right is not None:
            response = ask(dov, route, method=method)
            assert to_sign_in(response), f"{method} {route.name}: {response.status_code}"


def test_there_is_something_to_try():
    """Tests that go through no address keep nothing."""
    assert len(ROUTES) > 40
    assert {route.right for route in ROUTES} == {None, *Right}


def test_only_what_has_to_be_is_for_everybody():
    """A page is for whoever has its right; what asks for none is named here."""
    others = {"health", "ready", "monday.stop"}
    for_everybody = {route.name for route in ROUTES if route.right is None}
    assert {name for name in for_everybody if not name.startswith("sign_in")} <= others


def test_a_reader_has_no_writing_route_but_their_own_sign_in():
    writing = {route.name for route in ROUTES if route.right is Right.LOOK and "POST" in route.methods}
    assert {name for name in writing if not name.startswith("me.")} <= {"sign_out"}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_a_method_that_a_page_does_not_answer_is_refused(seen_desk, method):
    ada = Somebody(seen_desk, "ada")
    for route in ROUTES:
        if method not in route.methods:
            response = ada.ask(route, method=method)
            assert response.status_code == 405, f"{method} {route.name}: {response.status_code}"
            assert set(response.headers["Allow"].split(", ")) == route.methods


def test_a_form_from_elsewhere_is_refused_everywhere(seen_desk):
    """
    no token; a token of somebody else's; the right token from another page of the web
    """
    from django.test import Client

    client = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    client.force_login(seen_desk.members["ada"], backend="keptword.web.signing_in.backend.MembersOnly")
    token = "x" * 64
    for route in ROUTES:
        if "POST" not in route.methods or route.name in ONE_CLICK:
            continue
        for form in ({}, {"csrfmiddlewaretoken": token}):
            response = client.post(address_of(route), form)
            assert response.status_code == 403, route.name
            assert b"came from elsewhere" in response.content
    client.get("/")
    right = client.cookies["keptword-form"].value
    for origin in ("https://evil.example", "null", "http://localhost.evil.example", "http://localhost:81"):
        response = client.post("/sign-out/", {"csrfmiddlewaretoken": right}, headers={"Origin": origin})
        assert response.status_code == 403, origin
    assert client.post("/sign-out/", {"csrfmiddlewaretoken": right}).status_code == 303


def test_numbers_and_texts_that_nobody_would_write_find_nothing(seen_desk):
    """Huge numbers, zero bytes, ways out of a folder, script, ten thousand letters: nothing breaks."""
    ada = seen_desk.client("ada")
    texts = ["%00", "..%2f..%2fetc%2fpasswd", "%3Cscript%3E", "%F0%9F%92%A9", "%ff%fe", "x" * 5000, "'%20OR%201=1--"]
    for route in ROUTES:
        if "GET" not in route.methods or "<" not in route.path:
            continue
        path = address_of(route)
        for text in texts:
            for mark in ("none-such", "none~7Esuch~2Fand%20more"):
                assert ada.get(path.replace(mark, text)).status_code < 500, (route.name, text[:40])
        for number in ("0", "9223372036854775808", "1" + "0" * 40):
            assert ada.get(path.replace("987654321", number)).status_code < 500, (route.name, number)


def test_a_colleague_removed_while_signed_in_is_out_at_the_next_click(seen_desk):
    from keptword.office import colleagues

    ben, cleo, ada = seen_desk.client("ben"), seen_desk.client("cleo"), seen_desk.members["ada"]
    assert ben.get("/").status_code == 200
    colleagues.remove(seen_desk.members["ben"], by=ada)
    try:
        assert to_sign_in(ben.get("/"))
        assert to_sign_in(ben.post("/me/about/", {"name": "Ben", "language": "en"}))
        assert cleo.get("/").status_code == 200
    finally:
        colleagues.bring_back(seen_desk.members["ben"], by=ada)
    assert to_sign_in(ben.get("/")), "what was ended stays ended"


def test_a_role_lowered_while_signed_in_counts_at_the_next_click(seen_desk):
    from keptword.office import colleagues

    mia, ada = seen_desk.client("mia"), seen_desk.members["ada"]
    assert mia.post("/settings/message/").status_code == 403
    colleagues.change_role(seen_desk.members["mia"], to="reader", by=ada)
    try:
        assert mia.get("/settings/").status_code == 200
        assert mia.post("/settings/business/", {"name": "Mia's"}).status_code == 403
    finally:
        colleagues.change_role(seen_desk.members["mia"], to="manager", by=ada)


def test_a_role_that_nobody_knows_may_nothing(seen_desk):
    from keptword.office.models import Member

    cleo = seen_desk.client("cleo")
    Member.objects.filter(mail="cleo@example.org").update(role="superuser")
    try:
        assert cleo.get("/").status_code == 403
    finally:
        Member.objects.filter(mail="cleo@example.org").update(role="reader")
