"""Signing in: with a password, a second step, a link; wrong ways, and how often they may be tried."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from web.cast import PASSWORD
from web.serving import calm, opened

NEW = "a new sentence nobody knows"


@pytest.fixture
def desk(empty_desk):
    """The desk of new books: signing in needs no shop."""
    return empty_desk


@pytest.fixture
def seen_desk(empty_desk):
    """The same, for tests that only look."""
    return empty_desk


@pytest.fixture(autouse=True)
def _quick_and_untried(request):
    """Each test begins as if nobody had tried anything; passwords are kept in a way that is quick and worth nothing."""
    from django.contrib.auth.hashers import make_password
    from django.test import override_settings

    desk = request.getfixturevalue("empty_desk")
    from keptword.office.models import Member, Tried

    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        Tried.objects.all().delete()
        digest = make_password(PASSWORD)
        Member.objects.update(password=digest)
        for member in desk.members.values():
            member.password = digest
        yield


def sign_in(client, name: str, password: str = PASSWORD, **more: str):
    """Send the form for mail and password."""
    return client.post("/sign-in/", {"mail": f"{name}@example.org", "password": password, **more})


def lines(number: int = 1) -> list[tuple[str, str, str, str]]:
    """The last lines of the audit: actor, act, place, outcome."""
    from keptword.office.models import Audit

    rows = Audit.objects.order_by("-pk").values_list("actor", "act", "place", "outcome")[:number]
    return [tuple(row) for row in rows]


def link_of(desk, purpose: str, **told) -> str:
    """The path of a new link."""
    from keptword.office import links

    return f"/sign-in/{links.make(purpose, **told)}/"


def is_in(client) -> bool:
    """Whether this browser is signed in."""
    return client.get("/me/").status_code == 200


def test_the_door_is_calm(browser, site, pictures):
    from keptword.office import links

    member = site.desk.members["ada"]
    addresses = {
        "": "/",
        "-forgotten": "/sign-in/forgotten/",
        "-link": f"/sign-in/{links.make(links.SIGN_IN, member=member)}/",
        "-invitation": f"/sign-in/{links.make(links.INVITATION, mail='eve@example.org', role='agent', by=member)}/",
        "-password": f"/sign-in/{links.make(links.PASSWORD, member=member)}/",
    }
    with opened(browser, site, name=None) as page:
        for name, address in addresses.items():
            page.goto(address)
            calm(page, pictures, name=f"desk-sign-in{name}")


@pytest.mark.parametrize("script", [True, False])
def test_a_colleague_signs_in_and_is_where_they_wanted_to_be(browser, site, script):
    with opened(browser, site, name=None, script=script) as page:
        page.goto("/?from=mail")
        page.get_by_label("Mail address").fill("cleo@example.org")
        page.get_by_label("Password").fill("something else entirely")
        page.get_by_role("button", name="Sign in").click()
        assert page.get_by_text("do not belong together").is_visible()
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        assert page.url == f"{site.address}/?from=mail"
        assert page.get_by_text("Cleo").is_visible()


def test_what_is_wrong_is_said_alike(seen_desk):
    """Neither the page nor its status tells whether the address, the password or the person is wrong."""
    answers = {
        (response.status_code, response.content.decode().replace(f"{name}@", ""))
        for name in ("ada", "dov", "who")
        if (response := sign_in(seen_desk.client(), name, "something else entirely"))
    }
    answers = {(status, page.partition('name="csrfmiddlewaretoken"')[0]) for status, page in answers}
    assert len(answers) == 1
    assert sign_in(seen_desk.client(), "dov").status_code == 422


def test_after_five_wrong_passwords_one_waits_and_the_right_one_too(seen_desk):
    client = seen_desk.client()
    for _ in range(5):
        assert sign_in(client, "ben", "wrong wrong wrong").status_code == 422
    response = sign_in(client, "ben")
    assert response.status_code == 429
    assert re.search(rb"Wait (30|2\d) seconds, then try again.", response.content)
    assert not is_in(client)
    assert sign_in(seen_desk.client(), "cleo").status_code == 303, "others are not held up"
    assert link_of(seen_desk, "sign-in", member=seen_desk.members["ben"]), "a link still lets in"


def test_the_wait_counts_whichever_address_it_comes_from(seen_desk):
    """Many computers guess one colleague's password: they wait together."""
    for number in range(5):
        client = seen_desk.client()
        client.defaults["REMOTE_ADDR"] = f"192.0.2.{number}"
        assert sign_in(client, "ben", "wrong wrong wrong").status_code == 422
    assert sign_in(seen_desk.client(), "ben").status_code == 429


def test_one_computer_that_tries_many_addresses_waits(seen_desk):
    client = seen_desk.client()
    client.defaults["REMOTE_ADDR"] = "192.0.2.99"
    statuses = [client.post("/sign-in/", {"mail": f"w{n}@x.org", "password": "x"}).status_code for n in range(31)]
    assert statuses == [422] * 30 + [429]
    assert sign_in(seen_desk.client(), "ben").status_code == 303


@pytest.mark.parametrize("hours", [-1, 1, 24 * 365])
def test_a_clock_put_back_locks_nobody_out(seen_desk, hours):
    """What was tried lies in the future by the clock that was put back: half a minute later it is free again."""
    from keptword.office.models import Tried

    for _ in range(5):
        sign_in(seen_desk.client(), "ben", "wrong wrong wrong")
    Tried.objects.update(since=datetime.now(UTC) + timedelta(hours=hours))
    status = sign_in(seen_desk.client(), "ben").status_code
    if hours > 0:
        assert status == 429
        Tried.objects.update(since=datetime.now(UTC) - timedelta(seconds=31))
    assert sign_in(seen_desk.client(), "ben").status_code == 303


def test_right_after_wrong_begins_anew(seen_desk):
    client = seen_desk.client()
    for _ in range(3):
        for _ in range(4):
            assert sign_in(client, "ben", "wrong wrong wrong").status_code == 422
        assert sign_in(client, "ben").status_code == 303


def test_what_was_tried_is_written_down_without_the_address(seen_desk):
    sign_in(seen_desk.client(), "ada", "wrong wrong wrong")
    sign_in(seen_desk.client(), "who.is.this", "wrong wrong wrong")
    sign_in(seen_desk.client(), "cleo")
    assert lines(3) == [
        ("Cleo", "sign_in", "", "done"),
        ("nobody signed in", "sign_in", "", "unknown_address"),
        ("nobody signed in", "sign_in", "Ada", "wrong_password"),
    ]
    from keptword.office.models import Audit, Tried

    assert "who.is.this" not in str(list(Audit.objects.values()) + list(Tried.objects.values()))


def test_waiting_fills_no_log(seen_desk):
    client = seen_desk.client()
    for _ in range(5):
        sign_in(client, "ben", "wrong wrong wrong")
    before = lines()
    for _ in range(20):
        sign_in(client, "ben", "wrong wrong wrong")
        client.post("/no/such/page/")
        client.post("/settings/business/")
    assert lines() == before


def test_the_session_gets_another_key_and_nobody_slips_one_in(seen_desk):
    """Whoever knew the cookie before somebody signed in knows nothing after; a made-up one is not taken either."""
    client = seen_desk.client()
    client.cookies["keptword"] = "a" * 32
    client.get("/sign-in/")
    sign_in(client, "cleo")
    first = client.cookies["keptword"].value
    assert first != "a" * 32
    form = client.cookies["keptword-form"].value
    sign_in(client, "ben")
    assert client.cookies["keptword"].value != first
    assert client.cookies["keptword-form"].value != form
    thief = seen_desk.client()
    thief.cookies["keptword"] = first
    assert not is_in(thief)


@pytest.mark.parametrize(("remember", "hours"), [("yes", 14 * 24), ("", 12)])
def test_a_sign_in_ends_when_it_was_said_to(seen_desk, remember, hours):
    from keptword.office.models import Session

    client = seen_desk.client()
    sign_in(client, "cleo", remember=remember)
    cookie = client.cookies["keptword"]
    assert bool(cookie["max-age"]) == bool(remember)
    row = Session.objects.get(pk=cookie.value)
    assert abs(row.expire_date - datetime.now(UTC) - timedelta(hours=hours)) < timedelta(minutes=1)
    assert is_in(client)
    # A page that keeps something for the next one writes the session anew; that makes it no longer.
    client.post("/me/about/", {"name": "Cleo", "language": "en"})
    assert Session.objects.get(pk=cookie.value).expire_date == row.expire_date
    Session.objects.filter(pk=cookie.value).update(expire_date=datetime.now(UTC) - timedelta(seconds=1))
    assert not is_in(client)


def test_signing_out_ends_the_session_itself(seen_desk):
    client = seen_desk.client()
    sign_in(client, "cleo")
    key = client.cookies["keptword"].value
    client.post("/sign-out/")
    client.cookies["keptword"] = key
    assert not is_in(client)
    assert lines() == [("Cleo", "sign_out", "", "done")]


def test_who_is_signed_in_is_not_asked_again(seen_desk):
    assert seen_desk.client("ben").get("/sign-in/?next=/settings/").headers["Location"] == "/settings/"


# The second step.


@pytest.fixture
def with_phone(desk):
    """Ben with a second factor; gives his secret and his recovery codes."""
    from keptword.office import second

    secret, ben = second.new_secret(), desk.members["ben"]
    before = datetime.now(UTC) - timedelta(hours=1)
    return secret, second.turn_on(ben, secret, code=pyotp.TOTP(secret).at(before), now=before)


def test_after_the_password_the_code_is_asked_for(desk, with_phone):
    client = desk.client()
    response = sign_in(client, "ben", next="/settings/")
    assert response.headers["Location"] == "/sign-in/code/"
    assert not is_in(client)
    assert client.post("/sign-in/code/", {"code": "123"}).status_code == 422
    code = pyotp.TOTP(with_phone[0]).now()
    assert client.post("/sign-in/code/", {"code": code}).headers["Location"] == "/settings/"
    assert is_in(client)
    assert [line[3] for line in lines(3)] == ["done", "wrong_code", "asked_for_code"]


def test_a_code_that_was_read_over_the_shoulder_is_worth_nothing(desk, with_phone):
    code = pyotp.TOTP(with_phone[0]).now()
    first, second = desk.client(), desk.client()
    for client in (first, second):
        sign_in(client, "ben")
    assert first.post("/sign-in/code/", {"code": code}).status_code == 303
    assert second.post("/sign-in/code/", {"code": code}).status_code == 422
    assert not is_in(second)


def test_a_recovery_code_lets_in_once_and_says_how_many_are_left(desk, with_phone):
    for status in (303, 422):
        client = desk.client()
        sign_in(client, "ben")
        assert client.post("/sign-in/code/", {"code": with_phone[1][0]}).status_code == status
        if status == 303:
            assert b"9 are left" in client.get("/me/").content


def test_codes_are_tried_as_seldom_as_passwords(desk, with_phone):
    """Knowing the password does not give more tries: the count is the colleague's, not the browser's."""
    for _ in range(5):
        client = desk.client()
        sign_in(client, "ben")
        assert client.post("/sign-in/code/", {"code": "000000"}).status_code == 422
    client = desk.client()
    sign_in(client, "ben")
    assert client.post("/sign-in/code/", {"code": pyotp.TOTP(with_phone[0]).now()}).status_code == 429


def test_the_second_step_alone_leads_nowhere(desk, with_phone):
    client = desk.client()
    for method in (client.get, client.post):
        assert method("/sign-in/code/").headers["Location"] == "/sign-in/"


def test_half_way_is_good_for_ten_minutes_and_the_same_password(desk, with_phone):
    from keptword.office.models import Session

    code = pyotp.TOTP(with_phone[0]).now()
    client = desk.client()
    sign_in(client, "ben")
    session = client.session
    session["half_way"] = {**session["half_way"], "at": (datetime.now(UTC) - timedelta(minutes=11)).isoformat()}
    session.save()
    assert client.post("/sign-in/code/", {"code": code}).headers["Location"] == "/sign-in/"
    sign_in(client, "ben")
    row = Session.objects.get(pk=client.cookies["keptword"].value)
    assert row.member is None
    assert row.expire_date < datetime.now(UTC) + timedelta(minutes=11)
    ben = desk.members["ben"]
    ben.set_password(NEW)
    ben.save()
    assert client.post("/sign-in/code/", {"code": code}).headers["Location"] == "/sign-in/"
    assert not is_in(client)


# Links.


@pytest.mark.parametrize("script", [True, False])
def test_the_first_owner_comes_in_by_the_link(browser, site, script):
    from keptword.office import links
    from keptword.office.models import Member

    Member.objects.update(is_active=False)
    address = links.entrance()
    with opened(browser, site, name=None, script=script) as page:
        page.goto(address)
        page.get_by_label("Your name").fill("Olga")
        page.get_by_label("Your mail address").fill("olga@example.org")
        page.get_by_label("A password").fill("password1234")
        page.get_by_role("button", name="Begin").click()
        assert page.get_by_text("Many people use this password").is_visible()
        page.get_by_label("A password").fill("we bake on Tuesdays")
        page.get_by_role("button", name="Begin").click()
        assert page.get_by_text("Olga").is_visible()
    with opened(browser, site, name=None, script=script) as page:
        page.request.get(address)
        assert page.request.get(address).status == 410


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"name": ""}, "Write your name"),
        ({"mail": "olga"}, "Write a whole mail address"),
        ({"mail": "olga@example.org\nBcc: x@example.org"}, "Write a whole mail address"),
        ({"password": "short"}, "at least 12 characters"),
        ({"password": "x" * 1001}, "at most 1,000"),
        ({"password": "aaaaaaaaaaaaaaaa"}, "repeats the same few"),
        ({"password": "1q2w3e4r5t6y7u8i9o0p"}, "Many people use"),
        ({"password": "olga@example.org"}, "hardly more than your name"),
        ({"password": "OlgaOlgaOlga1"}, "hardly more than your name"),
    ],
)
def test_the_first_owner_is_told_what_is_missing(desk, told, sentence):
    from keptword.office import links
    from keptword.office.models import Member

    Member.objects.update(is_active=False)
    form = {"name": "Olga", "mail": "olga@example.org", "password": "we bake on Tuesdays", **told}
    response = desk.client().post(links.entrance(), form)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert form["password"] not in response.content.decode().replace('value="olga@example.org"', "")
    assert not Member.objects.filter(is_active=True).exists()


def test_looking_at_a_link_does_not_use_it_up(desk):
    """A program that reads mails, a browser that loads pages beforehand: they look, and nothing happens."""
    address = link_of(desk, "sign-in", member=desk.members["ada"])
    for _ in range(3):
        client = desk.client()
        response = client.get(address)
        assert b"Sign in as Ada" in response.content
        assert client.head(address).status_code == 200
        assert not is_in(client)
    assert client.post(address).headers["Location"] == "/"
    assert is_in(client)
    for again in (desk.client().get(address), desk.client().post(address)):
        assert again.status_code == 410


def test_a_link_signs_in_whom_it_is_for_whoever_was_signed_in(desk):
    ben = desk.client("ben")
    before = ben.cookies["keptword"].value
    assert ben.post(link_of(desk, "sign-in", member=desk.members["ada"])).status_code == 303
    assert b"Ada" in ben.get("/me/").content
    assert ben.cookies["keptword"].value != before


@pytest.mark.parametrize("name", [None, "ada", "mia", "ben", "cleo"])
def test_a_link_that_is_none_says_so_to_everybody(seen_desk, name):
    client = seen_desk.client(name)
    for token in ("none-such", "x" * 43, "x" * 3000, "%00", "..", "'"):
        for response in (client.get(f"/sign-in/{token}/"), client.post(f"/sign-in/{token}/", {"name": "Eve"})):
            assert response.status_code == 410
            assert b"This link is no longer good" in response.content


def test_whoever_left_comes_in_by_no_link(desk):
    from keptword.office import colleagues

    address = link_of(desk, "sign-in", member=desk.members["ben"])
    colleagues.remove(desk.members["ben"], by=desk.members["ada"])
    assert desk.client().post(address).status_code == 410
    assert desk.client().post(link_of(desk, "sign-in", member=desk.members["dov"])).status_code == 410


def test_somebody_invited_joins_with_the_role_and_nothing_else(desk):
    from keptword.office.models import Member

    address = link_of(desk, "invitation", mail="eve@example.org", role="reader", by=desk.members["ada"])
    client = desk.client()
    assert b"Ada invites you" in client.get(address).content
    form = {"name": "Eve", "mail": "ada@example.org", "role": "owner", "password": NEW}
    assert client.post(address, form).status_code == 303
    eve = Member.objects.get(name="Eve")
    assert (eve.mail, eve.role, eve.is_active) == ("eve@example.org", "reader", True)
    assert b"Eve" in client.get("/me/").content
    assert desk.client().post(address, form).status_code == 410
    assert lines() == [("Eve", "sign_in.link", "Ada", "became_reader")] or lines(2)[1][3] == "became_reader"


def test_a_new_password_by_link_ends_what_was(desk):
    ben, address = desk.client("ben"), link_of(desk, "password", member=desk.members["ben"])
    client = desk.client()
    assert b"A new password" in client.get(address).content
    assert client.post(address, {"password": "ben@example.org"}).status_code == 422
    assert client.post(address, {"password": NEW}).headers["Location"] == "/sign-in/"
    assert not is_in(ben)
    assert sign_in(client, "ben").status_code == 422
    assert sign_in(client, "ben", NEW).status_code == 303
    assert desk.client().post(address, {"password": NEW}).status_code == 410


def test_forgotten_without_mail_says_whom_to_ask(seen_desk):
    response = seen_desk.client().get("/sign-in/forgotten/")
    assert b"Ask an owner" in response.content
    assert b"keptword serve --link" in response.content


@pytest.mark.parametrize("typed", ["Café du coin 9", "Cafe\u0301 du coin 9"])
def test_a_password_is_the_same_from_every_keyboard(desk, typed):
    address = link_of(desk, "password", member=desk.members["ben"])
    desk.client().post(address, {"password": "Caf\u00e9 du coin 9"})
    assert sign_in(desk.client(), "ben", typed).status_code == 303
