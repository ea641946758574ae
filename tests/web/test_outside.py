"""Signing in with another system's accounts, against a real small provider; and everything it might say falsely."""

from __future__ import annotations

import sys
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from web.provider import CLIENT, SECRET, Provider, provider


@pytest.fixture
def desk(empty_desk):
    """The desk of new books: signing in needs no shop."""
    return empty_desk


@pytest.fixture
def it(monkeypatch, desk):
    """The provider, running and told of; it knows Ben."""
    with provider() as running:
        monkeypatch.setenv("KEPTWORD_OIDC_ISSUER", running.issuer)
        monkeypatch.setenv("KEPTWORD_OIDC_CLIENT_ID", CLIENT)
        monkeypatch.setenv("KEPTWORD_OIDC_CLIENT_SECRET", SECRET)
        monkeypatch.setenv("KEPTWORD_OIDC_NAME", "Alder ID")
        running.claims = {"sub": "7", "email": "Ben@Example.org", "email_verified": True, "name": "Ben"}
        yield running


def begun(client, query: str = "") -> str:
    """Go off to the provider and be sent back; the address one is sent back to."""
    away = client.get(f"/sign-in/outside/{query}")
    assert away.status_code == 302
    back = requests.get(away.headers["Location"], allow_redirects=False, timeout=10).headers["Location"]
    return back.removeprefix("http://localhost")


def signed_in(client, query: str = ""):
    """Go all the way; the last answer."""
    return client.get(begun(client, query))


def is_in(client) -> bool:
    """Whether this browser is signed in."""
    return client.get("/me/").status_code == 200


def refused(client, sentence: str) -> None:
    """Going all the way ends with a sentence and nobody signed in."""
    response = signed_in(client)
    assert response.status_code in (403, 502), response.status_code
    assert sentence in response.content.decode().replace("&#34;", '"')
    assert not is_in(client)


def last() -> tuple[str, str, str]:
    """The last line of the audit."""
    from keptword.office.models import Audit

    row = Audit.objects.order_by("-pk").first()
    return row.actor, row.act, row.outcome


def test_the_button_is_there_where_it_was_set_up(it, desk, monkeypatch):
    assert b"Sign in with Alder ID" in desk.client().get("/sign-in/").content
    monkeypatch.delenv("KEPTWORD_OIDC_ISSUER")
    assert b"Sign in with" not in desk.client().get("/sign-in/").content
    assert desk.client().get("/sign-in/outside/").headers["Location"] == "/sign-in/"
    assert desk.client().get("/sign-in/outside/back/?code=x&state=y").headers["Location"] == "/sign-in/"


def test_a_colleague_is_known_by_their_mail_first_and_by_the_systems_own_number_after(it, desk):
    client = desk.client()
    assert signed_in(client, "?next=/settings/").headers["Location"] == "/settings/"
    assert b"Ben" in client.get("/me/").content
    assert last() == ("Ben", "sign_in.outside.back", "done")
    it.claims = {"sub": "7", "email": "ben.new@example.org", "email_verified": False}
    again = desk.client()
    assert signed_in(again).status_code == 302
    assert b"ben@example.org" in again.get("/me/").content


def test_what_is_sent_is_bound_to_this_browser(it, desk):
    """State, nonce and challenge, new each time; the code goes with the verifier, and the secret in the header."""
    asked = []
    for _ in range(2):
        away = desk.client().get("/sign-in/outside/").headers["Location"]
        asked.append({name: values[0] for name, values in parse_qs(urlsplit(away).query).items()})
    assert asked[0]["response_type"] == "code"
    assert asked[0]["code_challenge_method"] == "S256"
    assert asked[0]["redirect_uri"] == "http://localhost/sign-in/outside/back/"
    assert "openid" in asked[0]["scope"]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
    signed_in(desk.client())
    assert SECRET not in str(it.asked)


def test_whoever_was_invited_by_this_mail_joins(it, desk):
    from keptword.office import colleagues
    from keptword.office.models import Member

    colleagues.invite(by=desk.members["ada"], role="reader", mail="eve@example.org")
    it.claims = {"sub": "9", "email": "eve@example.org", "email_verified": True, "name": "Eve Adler"}
    client = desk.client()
    assert signed_in(client).status_code == 302
    eve = Member.objects.get(mail="eve@example.org")
    assert (eve.name, eve.role, eve.has_usable_password()) == ("Eve Adler", "reader", False)
    page = client.get("/me/").content.decode()
    assert "have no password here" in page
    assert client.post("/me/password/", {"password": "", "new_password": "we bake on Tuesdays"}).status_code == 422
    assert client.post("/sign-in/", {"mail": "eve@example.org", "password": "!"}).status_code == 422


def test_nobody_else_gets_in(it, desk):
    it.claims["email"] = "stranger@example.org"
    refused(desk.client(), "nobody here has your mail address")
    assert last() == ("nobody signed in", "sign_in.outside.back", "outside_unknown")


@pytest.mark.parametrize("verified", [False, None, "no", 1, "True", {}])
def test_a_mail_address_that_nobody_checked_is_none(it, desk, verified):
    it.claims["email_verified"] = verified
    refused(desk.client(), "does not say that it has checked your mail address")


def test_a_mail_address_given_to_somebody_else_there_is_not_ben(it, desk):
    """Ben came as number 7; later number 8 has his address at the provider."""
    signed_in(desk.client())
    it.claims["sub"] = "8"
    refused(desk.client(), "nobody here has your mail address")


def test_whoever_left_does_not_come_in_this_way(it, desk):
    from keptword.office import colleagues

    client = desk.client()
    signed_in(client)
    colleagues.remove(desk.members["ben"], by=desk.members["ada"])
    assert not is_in(client)
    refused(desk.client(), "nobody here has your mail address")
    it.claims = {"sub": "70", "email": "dov@example.org", "email_verified": True}
    refused(desk.client(), "nobody here has your mail address")


def test_the_second_factor_is_asked_for_here_too(it, desk):
    from datetime import UTC, datetime, timedelta

    import pyotp

    from keptword.office import second

    secret, before = second.new_secret(), datetime.now(UTC) - timedelta(hours=1)
    second.turn_on(desk.members["ben"], secret, code=pyotp.TOTP(secret).at(before), now=before)
    client = desk.client()
    assert signed_in(client).headers["Location"] == "/sign-in/code/"
    assert not is_in(client)
    assert client.post("/sign-in/code/", {"code": pyotp.TOTP(secret).now()}).status_code == 303
    assert is_in(client)


def none_at_all(_: Provider, claims: dict) -> str:
    """A token without a signature."""
    import base64
    import json

    parts = [
        base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in ({"alg": "none"}, claims)
    ]
    return ".".join([*parts, ""])


def of_another_key(_: Provider, claims: dict) -> str:
    """A token signed with a key of the same name that is another."""
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048, {"kid": "one"}))


def by_the_public_key(it: Provider, claims: dict) -> str:
    """A token signed with the provider's public key as if it were a secret."""
    import base64
    import hmac
    import json
    from hashlib import sha256

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    body = f"{part(json.dumps({'alg': 'HS256', 'kid': 'one'}).encode())}.{part(json.dumps(claims).encode())}"
    return f"{body}.{part(hmac.new(it.key.as_pem(private=False), body.encode(), sha256).digest())}"


def changed_after(it: Provider, claims: dict) -> str:
    """A token with another body under a right signature."""
    from joserfc import jwt

    head, _, signature = jwt.encode({"alg": "RS256", "kid": "one"}, claims, it.key).split(".")
    _, body, _ = none_at_all(it, {**claims, "email": "ada@example.org"}).split(".")
    return f"{head}.{body}.{signature}"


@pytest.mark.parametrize(
    "signed",
    [none_at_all, of_another_key, by_the_public_key, Provider.shared, changed_after, lambda *_: "", lambda *_: "a.b.c"],
)
def test_a_token_that_the_provider_did_not_sign_is_not_believed(it, desk, signed):
    it.signed = signed
    refused(desk.client(), "did not confirm who you are")
    assert last()[2] == "outside_refused"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another program"},
        {"aud": [CLIENT, "another program"]},
        {"aud": [CLIENT, "another program"], "azp": "another program"},
        {"azp": "another program"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"iat": int(time.time()) + 36000},
        {"nbf": int(time.time()) + 36000},
    ],
)
def test_a_token_for_another_time_program_or_browser_is_not_believed(it, desk, claims):
    it.claims |= claims
    refused(desk.client(), "did not confirm who you are")


def test_whoever_comes_back_is_the_one_who_left(it, desk):
    """A link that signs a victim in as somebody else (state), a code used twice, a code sent to another browser."""
    client = desk.client()
    back = begun(client)
    other = desk.client()
    assert other.get(back).headers["Location"] == "/sign-in/", "a browser that never left"
    begun(other)
    assert other.get(back).status_code == 403, "one that left for another reason"
    assert client.get(back).status_code == 302
    assert client.get(back).headers["Location"] == "/sign-in/", "twice"
    assert not is_in(other)


def test_no_is_an_answer(it, desk):
    client = desk.client()
    begun(client)
    response = client.get("/sign-in/outside/back/?error=access_denied&state=" + client.session["outside"]["state"])
    assert response.status_code == 403
    assert b"did not confirm who you are" in response.content


def test_the_session_begins_anew(it, desk):
    client = desk.client()
    back = begun(client)
    before = client.cookies["keptword"].value
    client.get(back)
    assert client.cookies["keptword"].value != before
    assert "outside" not in client.session


def test_the_mail_may_come_from_the_userinfo_of_the_same_person_alone(it, desk):
    told = {"email": "ben@example.org", "email_verified": True}
    it.claims = {"sub": "7"}
    it.userinfo = {"sub": "8", **told}
    refused(desk.client(), "does not say that it has checked your mail address")
    it.userinfo = {"sub": "7", **told}
    assert signed_in(desk.client()).status_code == 302


def test_a_provider_that_is_not_who_it_should_be_is_not_asked(it, desk, monkeypatch):
    it.calls_itself = "https://evil.example"
    assert b"does not fit what is set up here" in desk.client().get("/sign-in/outside/").content
    monkeypatch.setenv("KEPTWORD_OIDC_ISSUER", "http://id.example.org")
    response = desk.client().get("/sign-in/outside/")
    assert response.status_code == 502
    assert b"does not fit what is set up here" in response.content


def test_a_provider_that_does_not_answer_is_said_to(it, desk, monkeypatch):
    monkeypatch.setenv("KEPTWORD_OIDC_ISSUER", "http://127.0.0.1:9")
    response = desk.client().get("/sign-in/outside/")
    assert response.status_code == 502
    assert b"Alder ID does not answer" in response.content


def test_what_is_not_installed_is_said_to_be(it, desk, monkeypatch):
    monkeypatch.setitem(sys.modules, "authlib.integrations.requests_client", None)
    response = desk.client().get("/sign-in/outside/")
    assert response.status_code == 502
    assert "pip install &#34;keptword[oidc]&#34;" in response.content.decode()


def test_no_secret_is_in_the_log(it, desk, caplog):
    it.signed = lambda *_: "a.b.c"
    with caplog.at_level("DEBUG", logger="keptword"):
        refused(desk.client(), "did not confirm")
    assert "signing in with Alder ID failed" in caplog.text
    assert SECRET not in caplog.text
