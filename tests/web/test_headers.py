"""What every answer carries, and what no request gets past: headers, hosts, sizes, cookies, redirects."""

from __future__ import annotations

import logging
import re
import time

import pytest

from web.cast import PASSWORD
from web.every_route import ROUTES, Somebody, ask

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def guarded(response) -> None:
    """An answer that nobody frames, guesses at, keeps on the way or runs foreign script in."""
    headers = response.headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_every_page_is_guarded_and_kept_by_nobody(seen_desk):
    ada = Somebody(seen_desk, "ada")
    for route in ROUTES:
        if "GET" in route.methods:
            for method in ("GET", "HEAD"):
                response = ask(ada.client, route, method=method)
                guarded(response)
                assert response.headers["Cache-Control"] == "no-store", route.name


def test_pages_say_no_script_and_no_style_of_their_own(seen_desk):
    """The policy would refuse it; nothing on a page may need it."""
    ada = seen_desk.client("ada")
    for route in ROUTES:
        if "GET" in route.methods and "<" not in route.path:
            response = ask(ada, route, method="GET")
            if not response.streaming and response.headers["Content-Type"].startswith("text/html"):
                html = response.content.decode()
                assert not re.search(r"<[^>]+\s(?:style|on\w+)\s*=\s*[\"']", html), route.name
                assert not re.search(r"<style|<script(?![^>]*\ssrc=)|javascript:", html), route.name


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/no/such/page/", 404),
        ("POST", "/no/such/page/", 404),
        ("GET", "/sign-in/none-such/", 410),
        ("GET", "/settings/colleagues/", 302),
        ("PUT", "/sign-in/", 405),
        ("GET", "/static/none-such.js", 404),
        ("GET", "/static/..%2f..%2fsettings.py", 404),
        ("GET", "/%00", 404),
    ],
)
def test_failures_are_guarded_too(seen_desk, method, path, status):
    response = seen_desk.client().generic(method, path)
    assert response.status_code == status
    guarded(response)
    assert response.headers["Cache-Control"] == "no-store"


def test_styles_are_kept_for_ever_and_change_their_address(seen_desk):
    client = seen_desk.client()
    address = re.search(r'href="(/static/[0-9a-f]{12}/desk\.css)"', client.get("/sign-in/").content.decode())[1]
    response = client.get(address)
    assert response.status_code == 200
    guarded(response)
    age = int(re.search(r"max-age=(\d+)", response.headers["Cache-Control"])[1])
    assert age >= 365 * 24 * 3600
    assert "public" in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "evil.example:80",
        "127.0.0.1.evil.example",
        "",
        "a b",
        "localhost@evil",
    ],
)
def test_a_host_that_is_not_ours_is_answered_by_nothing(seen_desk, host):
    """A page of elsewhere that points its name at this computer (DNS rebinding) reads nothing and signs nobody in."""
    for client in (seen_desk.client(), seen_desk.client("ada")):
        for path in ("/", "/sign-in/", "/customers/"):
            response = client.get(path, headers={"Host": host})
            assert response.status_code == 400
            assert b"KEPTWORD_ADDRESS" in response.content
            assert b"Ada" not in response.content
            guarded(response)


def test_who_watches_a_server_may_ask_by_any_name(seen_desk):
    assert seen_desk.client().get("/health/", headers={"Host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.parametrize(
    "name", ["X-Forwarded-Host", "X-Forwarded-Server", "Forwarded", "X-Original-URL", "X-Rewrite-URL"]
)
def test_headers_anybody_may_write_change_nothing(seen_desk, name):
    client = seen_desk.client()
    plain, told = client.get("/"), client.get("/", headers={name: "host=evil.example"})
    assert told.status_code == plain.status_code == 302
    assert told.headers["Location"] == plain.headers["Location"]


def test_cookies_are_for_our_pages_alone(seen_desk):
    client = seen_desk.client()
    client.get("/sign-in/")
    client.post("/sign-in/", {"mail": "cleo@example.org", "password": PASSWORD})
    for name in ("keptword", "keptword-form"):
        cookie = client.cookies[name]
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name
        assert cookie["path"] == "/", name
        assert not cookie["domain"], name


def test_over_tls_cookies_go_over_tls_alone(monkeypatch):
    from keptword.web.settings import web_settings

    monkeypatch.setenv("KEPTWORD_ADDRESS", "https://shop.example.org")
    told = web_settings()
    assert told["SESSION_COOKIE_SECURE"]
    assert told["CSRF_COOKIE_SECURE"]
    assert told["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert told["CSRF_COOKIE_NAME"].startswith("__Host-")
    assert "shop.example.org" in told["ALLOWED_HOSTS"]
    assert "*" not in told["ALLOWED_HOSTS"]
    assert told["CSRF_TRUSTED_ORIGINS"] == ["https://shop.example.org"]
    assert told["DEBUG"] is False


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example/",
        "/%09/evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        " /settings/",
        "/sign-out/",
        "/sign-in/",
        "/no/such/page/",
        "/@evil.example",
        "http:settings/",
        "/settings/\r\nSet-Cookie: a=b",
        "\x00/settings/",
    ],
)
def test_signing_in_leads_nowhere_but_to_a_page_of_ours(seen_desk, back):
    client = seen_desk.client()
    form = {"mail": "cleo@example.org", "password": PASSWORD, "next": back}
    response = client.post("/sign-in/", form)
    assert response.status_code == 303
    assert response.headers["Location"] in ("/", "/settings/")
    assert "Set-Cookie: a" not in str(response.headers)


def test_signing_in_leads_back_to_where_one_wanted_to_be(seen_desk):
    client = seen_desk.client()
    asked = client.get("/settings/?a=b%26c&d=1")
    assert asked.headers["Location"] == "/sign-in/?next=/settings/%3Fa%3Db%2526c%26d%3D1"
    form = {"mail": "cleo@example.org", "password": PASSWORD, "next": "/settings/?a=b%26c&d=1"}
    assert client.post("/sign-in/", form).headers["Location"] == "/settings/?a=b%26c&d=1"


def test_ten_megabytes_in_a_form_are_refused_before_they_are_read(seen_desk):
    for client, path in ((seen_desk.client("ben"), "/me/about/"), (seen_desk.client(), "/sign-in/")):
        response = client.post(path, {"name": "x" * 10_000_000, "language": "en"})
        assert response.status_code == 413
        assert b"more than can be taken" in response.content
        guarded(response)


def test_a_file_is_not_written_to_the_disk_where_none_is_wanted(seen_desk, tmp_path, monkeypatch):
    """Whoever is not signed in cannot fill the disk through the form for signing in."""
    from io import BytesIO

    file = BytesIO(b"x" * 3_000_000)
    file.name = "large.bin"
    assert seen_desk.client().post("/sign-in/", {"file": file}).status_code == 413


def test_thousands_of_fields_are_refused(seen_desk):
    response = seen_desk.client("ada").post("/me/about/", {f"f{number}": "x" for number in range(3000)})
    assert response.status_code == 400
    guarded(response)


def test_no_password_stands_in_a_log_or_an_error(seen_desk, caplog, monkeypatch):
    """Signing in breaks down in the middle; neither the page nor the log says what was typed."""
    from keptword.web.signing_in.backend import MembersOnly

    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("the database went away")

    monkeypatch.setattr(MembersOnly, "authenticate", breaks)
    client = seen_desk.client()
    client.raise_request_exception = False
    with caplog.at_level(logging.DEBUG):
        response = client.post("/sign-in/", {"mail": "ada@example.org", "password": "correct horse battery"})
    assert response.status_code == 500
    guarded(response)
    for text in (response.content.decode(), caplog.text):
        assert "correct horse" not in text
    assert "RuntimeError" not in response.content.decode()
    assert "the database went away" in caplog.text


def test_an_unknown_mail_address_takes_as_long_as_a_known_one(desk):
    """Else anybody could find out who works here. The best of a few counts: others use this machine as well."""
    from keptword.office.models import Tried

    def seconds(mail: str) -> float:
        taken = []
        for _ in range(4):
            Tried.objects.all().delete()
            client = desk.client()
            began = time.perf_counter()
            assert client.post("/sign-in/", {"mail": mail, "password": "something else entirely"}).status_code == 422
            taken.append(time.perf_counter() - began)
        return min(taken)

    known, unknown, left = seconds("ada@example.org"), seconds("nobody@example.org"), seconds("dov@example.org")
    assert max(known, unknown, left) < 1.5 * min(known, unknown, left)
