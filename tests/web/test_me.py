"""My sign-in: name, language, password, second factor, devices."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from web.cast import PASSWORD
from web.serving import calm, opened

NEW = "we bake on Tuesdays"


@pytest.fixture
def desk(empty_desk):
    """The desk of new books: signing in needs no shop."""
    return empty_desk


@pytest.fixture(autouse=True)
def _quick(request):
    """Passwords are kept in a way that is quick and worth nothing."""
    from django.contrib.auth.hashers import make_password
    from django.test import override_settings

    desk = request.getfixturevalue("desk")
    from keptword.office.models import Member

    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        digest = make_password(PASSWORD)
        Member.objects.update(password=digest)
        for each in desk.members.values():
            each.password = digest
        yield


def member(name: str):
    """A colleague as the database has them now."""
    from keptword.office.models import Member

    return Member.objects.get(mail=f"{name}@example.org")


def turned_on(client) -> tuple[str, list[str]]:
    """Turn the second factor on; the secret and the recovery codes."""
    page = client.get("/me/second-factor/").content.decode()
    secret = re.search(r'<code class="secret">([^<]+)</code>', page)[1].replace(" ", "")
    form = {"code": pyotp.TOTP(secret).now(), "password": PASSWORD}
    shown = client.post("/me/second-factor/", form).content.decode()
    return secret, re.findall(r"<li><code>([^<]+)</code></li>", shown)


def test_the_pages_are_calm(browser, site, pictures):
    from keptword.office.models import Session

    site.desk.client("ada")
    Session.objects.update(
        device="Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0",
        address="192.0.2.7",
        started_at=datetime.now(UTC) - timedelta(days=3),
    )
    with opened(browser, site) as page:
        page.goto("/me/")
        calm(page, pictures, name="desk-me")
        page.goto("/me/second-factor/")
        calm(page, pictures, name="desk-second-factor")
        secret = page.locator("code.secret").inner_text().replace(" ", "")
        page.get_by_label("The six figures").fill(pyotp.TOTP(secret).now())
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Turn it on").click()
        calm(page, pictures, name="desk-recovery-codes")
        page.get_by_role("link", name="I have kept them").click()
        calm(page, pictures, name="desk-me-with-second-factor")
    with opened(browser, site, name=None) as page:
        page.goto("/sign-in/")
        page.get_by_label("Mail address").fill("ada@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        calm(page, pictures, name="desk-sign-in-code")


@pytest.mark.parametrize("script", [True, False])
def test_somebody_turns_the_second_factor_on_and_signs_in_with_it(browser, site, script):
    with opened(browser, site, name="ben", script=script) as page:
        page.goto("/me/")
        page.get_by_role("link", name="Turn it on").click()
        assert page.get_by_role("img", name="A square drawing").evaluate("image => image.naturalWidth") > 100
        secret = page.locator("code.secret").inner_text().replace(" ", "")
        page.get_by_label("The six figures").fill("000000")
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Turn it on").click()
        assert page.get_by_text("not the figures of this moment").is_visible()
        assert page.locator("code.secret").inner_text().replace(" ", "") == secret
        page.get_by_label("The six figures").fill(pyotp.TOTP(secret).now())
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Turn it on").click()
        codes = page.locator("#codes code").all_inner_texts()
        assert len(codes) == 10
    with opened(browser, site, name=None, script=script) as page:
        page.goto("/settings/")
        page.get_by_label("Mail address").fill("ben@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Code").fill(codes[0])
        page.get_by_role("button", name="Sign in").click()
        assert page.url == f"{site.address}/settings/"
        assert page.get_by_text("9 are left").is_visible()


def test_the_page_is_told_in_the_language_one_chooses(desk):
    from keptword.words import LANGUAGES

    ben = desk.client("ben")
    assert len(re.findall(r'<option value="(?:en|zh)"', ben.get("/me/").content.decode())) == len(LANGUAGES)
    ben.post("/me/about/", {"name": "Ben", "language": "zh"})
    page = ben.get("/me/").content.decode()
    assert 'lang="zh-Hans"' in page
    assert "已保存" in page
    assert (member("ben").language, member("ben").wants_monday) == ("zh", False)
    ben.post("/me/about/", {"name": "Ben", "language": "en", "monday": "yes"})
    assert member("ben").wants_monday


@pytest.mark.parametrize(
    "form",
    [
        {"name": "", "language": "en"},
        {"name": " \x00 ", "language": "en"},
        {"name": "Ben", "language": "tlh"},
        {"name": "Ben", "language": "../en"},
        {"name": "Ben"},
    ],
)
def test_a_name_and_a_language_there_is_are_needed(desk, form):
    assert desk.client("ben").post("/me/about/", form).status_code == 422
    assert (member("ben").name, member("ben").language) == ("Ben", "en")


def test_a_form_changes_nothing_but_what_it_is_about(desk):
    form = {"name": "Ben", "language": "en", "role": "owner", "mail": "ada@example.org", "is_active": "no", "id": "1"}
    desk.client("ben").post("/me/about/", form)
    assert (member("ben").role, member("ben").is_active) == ("agent", True)


def test_the_password_is_changed_with_the_old_one_and_others_are_signed_out(desk):
    here, there, mia = desk.client("ben"), desk.client("ben"), desk.client("mia")
    key = here.cookies["keptword"].value
    response = here.post("/me/password/", {"password": "not mine at all", "new_password": NEW})
    assert response.status_code == 422
    assert b"This is not your password" in response.content
    assert here.post("/me/password/", {"password": PASSWORD, "new_password": "short"}).status_code == 422
    assert here.post("/me/password/", {"password": PASSWORD, "new_password": NEW}).status_code == 303
    assert here.get("/me/").status_code == 200
    assert there.get("/me/").status_code == 302
    assert mia.get("/me/").status_code == 200
    assert here.cookies["keptword"].value != key
    form = {"mail": "ben@example.org", "password": NEW}
    assert desk.client().post("/sign-in/", form).status_code == 303


def test_whoever_sits_at_my_computer_guesses_my_password_no_faster(desk):
    ben = desk.client("ben")
    for _ in range(5):
        assert ben.post("/me/password/", {"password": "a guess", "new_password": NEW}).status_code == 422
    response = ben.post("/me/password/", {"password": PASSWORD, "new_password": NEW})
    assert b"tried too often" in response.content
    assert ben.post("/me/second-factor/off/", {"password": PASSWORD}).status_code == 422


def test_the_second_factor_is_turned_on_and_off_with_the_password_alone(desk):
    ben = desk.client("ben")
    page = ben.get("/me/second-factor/").content.decode()
    secret = re.search(r'<code class="secret">([^<]+)</code>', page)[1].replace(" ", "")
    code = pyotp.TOTP(secret).now()
    assert ben.post("/me/second-factor/", {"code": code, "password": "a guess"}).status_code == 422
    assert member("ben").totp_since is None
    secret, codes = turned_on(ben)
    assert member("ben").totp_secret == secret
    assert len(codes) == 10
    assert ben.get("/me/second-factor/").headers["Location"] == "/me/"
    assert codes[0] not in ben.get("/me/").content.decode()
    assert ben.post("/me/second-factor/off/", {"password": "a guess"}).status_code == 422
    assert member("ben").totp_since is not None
    assert ben.post("/me/second-factor/off/", {"password": PASSWORD}).status_code == 303
    assert member("ben").totp_secret == ""


def test_new_recovery_codes_end_the_old_ones(desk):
    ben = desk.client("ben")
    assert ben.post("/me/second-factor/codes/").headers["Location"] == "/me/", "where there is no second factor"
    _, old = turned_on(ben)
    assert ben.post("/me/second-factor/codes/").status_code == 422
    page = ben.post("/me/second-factor/codes/", {"password": PASSWORD}).content.decode()
    new = re.findall(r"<li><code>([^<]+)</code></li>", page)
    assert len(set(old) | set(new)) == 20
    client = desk.client()
    client.post("/sign-in/", {"mail": "ben@example.org", "password": PASSWORD})
    assert client.post("/sign-in/code/", {"code": old[0]}).status_code == 422
    assert client.post("/sign-in/code/", {"code": new[0]}).status_code == 303


def test_the_secret_that_was_shown_is_the_one_that_counts(desk):
    """Nobody slips in a secret of their own by the form."""
    ben = desk.client("ben")
    own = pyotp.random_base32()
    ben.get("/me/second-factor/")
    form = {"code": pyotp.TOTP(own).now(), "secret": own, "second_factor": own, "password": PASSWORD}
    assert ben.post("/me/second-factor/", form).status_code == 422
    assert ben.session["second_factor"] != own


def test_devices_are_ended_one_by_one_and_all(desk):
    one, two, three = (desk.client("ben") for _ in range(3))
    page = one.get("/me/").content.decode()
    addresses = re.findall(r'action="(/me/sign-ins/[0-9a-f]{32}/end/)"', page)
    assert len(addresses) == 2
    one.post(addresses[0])
    assert sorted(each.get("/me/").status_code for each in (two, three)) == [200, 302]
    one.post("/me/sign-ins/others/end/")
    assert [each.get("/me/").status_code for each in (one, two, three)] == [200, 302, 302]
    assert one.post("/me/sign-ins/all/end/").headers["Location"] == "/sign-in/"
    assert one.get("/me/").status_code == 302


def test_nobody_ends_anothers_device(desk):
    ben, cleo = desk.client("ben"), desk.client("cleo")
    other = desk.client("ben")
    address = re.search(r'action="(/me/sign-ins/[0-9a-f]{32}/end/)"', ben.get("/me/").content.decode())[1]
    cleo.post(address)
    cleo.post("/me/sign-ins/others/end/")
    assert ben.get("/me/").status_code == other.get("/me/").status_code == 200


@pytest.mark.parametrize("hours", [-1, 1])
def test_when_somebody_was_seen_is_noted_once_a_minute_whichever_way_clocks_go(desk, hours):
    from keptword.office.models import Session

    ben = desk.client("ben")
    ben.get("/me/")
    row = Session.objects.get(pk=ben.cookies["keptword"].value)
    ben.get("/me/")
    assert Session.objects.get(pk=row.pk).seen_at == row.seen_at
    Session.objects.filter(pk=row.pk).update(seen_at=datetime.now(UTC) + timedelta(hours=hours))
    ben.get("/me/")
    assert abs(Session.objects.get(pk=row.pk).seen_at - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/128.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/128.0 Safari/537.36 Edg/128.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/128 Mobile Safari/537.36 MicroMessenger/8.0", "WeChat on Android"),
        ("curl/8.0", "An unknown browser"),
        ("", "An unknown browser"),
    ],
)
def test_a_device_is_named_as_people_name_it(told, name):
    from keptword.web.signing_in.devices import device_of
    from keptword.words import words

    assert device_of(told, words=words("en")) == name
