"""Colleagues: invited, changed, removed, brought back; what an owner sees and may do, in a browser and without one."""

from __future__ import annotations

import re

import pytest

from web.serving import calm, opened

NEW = "we bake on Tuesdays"
SCRIPT = "<script>alert('x')</script>\"'><b>"


@pytest.fixture
def desk(empty_desk):
    """The desk of new books: signing in needs no shop."""
    return empty_desk


def member(name: str):
    """A colleague as the database has them now."""
    from keptword.office.models import Member

    return Member.objects.get(mail=f"{name}@example.org")


def lines(number: int = 1) -> list[tuple[str, str, str, str]]:
    """The last lines of the audit: actor, act, place, outcome."""
    from keptword.office.models import Audit

    rows = Audit.objects.order_by("-pk").values_list("actor", "act", "place", "outcome")[:number]
    return [tuple(row) for row in rows]


def path(name: str, act: str = "") -> str:
    """The address of a colleague's page, or of an act there."""
    return f"/settings/colleagues/{member(name).pk}/{act}"


def test_the_pages_are_calm(browser, site, pictures):
    from keptword.office import colleagues, second
    from keptword.office.models import Member

    for mail, role in (("eve@example.org", "agent"), ("", "reader")):
        colleagues.invite(by=site.desk.members["ada"], role=role, mail=mail)
    Member.objects.filter(mail="mia@example.org").update(totp_since=member("mia").joined_at, outside_id="x 1")
    second.new_codes(site.desk.members["ada"])
    site.desk.client("mia")
    with opened(browser, site) as page:
        for name, address in {
            "colleagues": "/settings/colleagues/",
            "colleague": path("mia"),
            "colleague-left": path("dov"),
            "colleague-me": path("ada"),
        }.items():
            page.goto(address)
            calm(page, pictures, name=f"desk-{name}")
        page.goto("/settings/colleagues/")
        page.get_by_label("Mail address").fill("gus@example.org")
        page.get_by_role("button", name="Make an invitation").click()
        calm(page, pictures, name="desk-link-made")


@pytest.mark.parametrize("script", [True, False])
def test_somebody_is_invited_and_comes_in(browser, site, script):
    with opened(browser, site, script=script) as page:
        page.goto("/settings/")
        page.get_by_role("link", name="Colleagues").first.click()
        page.get_by_label("Reader:").check()
        page.get_by_role("button", name="Make an invitation").click()
        link = page.get_by_label("The link").input_value()
        assert link.startswith(f"{site.address}/sign-in/")
        page.goto("/settings/colleagues/")
        assert page.get_by_text("whoever has the link").is_visible()
        assert link not in page.content()
    with opened(browser, site, name=None, script=script) as page:
        page.goto(link)
        assert page.get_by_text("Ada invites you").is_visible()
        page.get_by_label("Your name").fill("Eve")
        page.get_by_label("Your mail address").fill("eve@example.org")
        page.get_by_label("A password").fill(NEW)
        page.get_by_role("button", name="Come in").click()
        assert page.get_by_role("link", name="Eve", exact=True).is_visible()
    assert member("eve").role == "reader"


@pytest.mark.parametrize("script", [True, False])
def test_a_colleague_leaves_and_comes_back(browser, site, script):
    ben = site.desk.client("ben")
    with opened(browser, site, script=script) as page:
        page.goto(path("ben"))
        page.get_by_text("Ben leaves?").click()
        page.get_by_role("button", name="Take away the entrance").click()
        assert page.get_by_text("Ben cannot come in any more").is_visible()
        assert ben.get("/me/").status_code == 302
        page.goto("/settings/colleagues/")
        page.get_by_role("link", name="Ben").click()
        page.get_by_role("button", name="Bring back").click()
        assert page.get_by_text("Ben may come in again").is_visible()
    assert lines(2) == [
        ("Ada", "settings.colleagues.back", "Ben", "done"),
        ("Ada", "settings.colleagues.remove", "Ben", "done"),
    ]


def test_what_whoever_leaves_had_begun_stays(desk):
    from datetime import UTC, datetime, timedelta

    from keptword.office.models import Act, Note

    now = datetime.now(UTC)
    told = {"fact_id": "x", "kind": "promise.kept", "content": "{}", "group": "g", "at": now}
    Act.objects.create(member=member("ben"), hold_until=now + timedelta(minutes=9), **told)
    Note.objects.create(user_key="u1", text="called", member=member("ben"), at=now)
    desk.client("ada").post(path("ben", "remove/"))
    assert Act.objects.get(fact_id="x").member.name == "Ben"
    assert Act.objects.get(fact_id="x").undone_at is None
    assert Note.objects.get(user_key="u1").member.name == "Ben"


def test_a_role_is_changed_and_written_down(desk):
    response = desk.client("ada").post(path("ben", "role/"), {"role": "manager"})
    assert response.headers["Location"] == path("ben")
    assert member("ben").role == "manager"
    assert lines() == [("Ada", "settings.colleagues.role", "Ben", "became_manager")]
    assert desk.client("ben").get("/settings/colleagues/").status_code == 403


@pytest.mark.parametrize("act", ["remove/", "role/"])
def test_the_last_owner_stays(desk, act):
    ada = desk.client("ada")
    response = ada.post(path("ada", act), {"role": "agent"})
    assert response.status_code == 422
    assert b"An owner is always left" in response.content
    assert (member("ada").role, member("ada").is_active) == ("owner", True)
    assert lines() == [("Ada", f"settings.colleagues.{act[:-1]}", "Ada", "refused")]
    ada.post(path("mia", "role/"), {"role": "owner"})
    assert ada.post(path("ada", act), {"role": "agent"}).status_code == 303
    assert ada.get("/settings/colleagues/").status_code in (302, 403)


@pytest.mark.parametrize("role", ["", "superuser", "owner ", "Owner", "owner\x00x"])
def test_a_role_that_is_none_is_refused(desk, role):
    response = desk.client("ada").post(path("ben", "role/"), {"role": role})
    assert (response.status_code == 422) == (role.strip() != "owner")
    assert member("ben").role in ("agent", "owner" if role.strip() == "owner" else "agent")


def test_a_colleague_who_lost_the_phone_is_helped_and_it_is_written_down(desk):
    from datetime import UTC, datetime

    from keptword.office.models import Member, RecoveryCode

    Member.objects.filter(pk=member("ben").pk).update(totp_secret="X", totp_since=datetime.now(UTC))
    RecoveryCode.objects.create(member=member("ben"), digest="d")
    desk.client("ada").post(path("ben", "second-factor/off/"))
    assert (member("ben").totp_since, member("ben").totp_secret) == (None, "")
    assert not RecoveryCode.objects.filter(member=member("ben")).exists()
    assert lines() == [("Ada", "settings.colleagues.second_off", "Ben", "done")]


def test_ones_own_second_factor_and_password_take_ones_password(desk):
    """Whoever sits at an owner's computer for a minute takes the sign-in over by no detour."""
    from datetime import UTC, datetime

    from keptword.office.models import Link, Member

    Member.objects.filter(pk=member("ada").pk).update(totp_secret="X", totp_since=datetime.now(UTC))
    ada = desk.client("ada")
    for act in ("second-factor/off/", "password/"):
        assert ada.post(path("ada", act)).headers["Location"] == "/me/"
    assert member("ada").totp_since is not None
    assert not Link.objects.exists()


def test_a_link_for_a_new_password_is_shown_once(desk):
    ada = desk.client("ada")
    page = ada.post(path("ben", "password/")).content.decode()
    link = re.search(r'value="http://localhost(/sign-in/[^"]+)"', page)[1]
    assert desk.client().post(link, {"password": NEW}).headers["Location"] == "/sign-in/"
    assert link not in ada.get(path("ben")).content.decode()
    assert ada.post(path("dov", "password/")).status_code == 404


def test_sign_ins_are_listed_and_ended_one_by_one(desk):
    from keptword.office.models import Session

    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
    phone, laptop = desk.client(), desk.client()
    from web.cast import PASSWORD

    for client in (phone, laptop):
        form = {"mail": "ben@example.org", "password": PASSWORD}
        client.post("/sign-in/", form, headers={"User-Agent": firefox if client is laptop else SCRIPT})
    ada = desk.client("ada")
    page = ada.get(path("ben")).content.decode()
    assert "Firefox on Windows" in page
    assert "<script>alert" not in page
    for row in Session.objects.filter(member=member("ben")):
        assert row.pk not in page, "the key of a session is never shown: it is the session"
    address = re.search(r'action="([^"]+/end/)"[^>]*><input[^>]*><button[^>]*Firefox on Windows', page)[1]
    ada.post(address)
    assert (phone.get("/me/").status_code, laptop.get("/me/").status_code) == (200, 302)
    ada.post(path("ben", "sign-ins/end/"))
    assert phone.get("/me/").status_code == 302


def test_an_invitation_is_withdrawn(desk):
    from keptword.office.models import Link

    ada = desk.client("ada")
    page = ada.post("/settings/colleagues/invite/", {"role": "agent", "mail": "eve@example.org"}).content.decode()
    link = re.search(r'value="http://localhost(/sign-in/[^"]+)"', page)[1]
    assert desk.client().get(link).status_code == 200
    number = Link.objects.get(mail="eve@example.org").pk
    ada.post(f"/settings/colleagues/invitations/{number}/withdraw/")
    assert desk.client().get(link).status_code == 410
    assert ada.post(f"/settings/colleagues/invitations/{number}/withdraw/").status_code == 303
    assert "eve@example.org" not in str(lines(5))


def test_only_invitations_are_withdrawn_there(desk):
    """A number of another kind of link ends nothing."""
    from keptword.office import links
    from keptword.office.models import Link

    text = links.make(links.SIGN_IN, member=member("mia"))
    desk.client("ada").post(f"/settings/colleagues/invitations/{Link.objects.get().pk}/withdraw/")
    assert links.found(text) is not None


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"role": "agent", "mail": "ben@example.org"}, "is here already"),
        ({"role": "agent", "mail": "DOV@example.org "}, "was here before"),
        ({"role": "agent", "mail": "eve"}, "Write a whole mail address"),
        ({"role": "agent", "mail": "eve@example.org\r\nBcc: all@example.org"}, "Write a whole mail address"),
        ({"role": "", "mail": "eve@example.org"}, "Choose a role"),
        ({"role": "root", "mail": "eve@example.org"}, "Choose a role"),
    ],
)
def test_an_invitation_that_cannot_be_is_said_why(desk, form, sentence):
    from keptword.office.models import Link

    response = desk.client("ada").post("/settings/colleagues/invite/", form)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Link.objects.exists()


def test_names_are_texts_wherever_they_stand(desk):
    from keptword.office.models import Member

    ben = desk.client("ben")
    assert ben.post("/me/about/", {"name": SCRIPT, "language": "en"}).status_code == 303
    Member.objects.filter(mail="dov@example.org").update(name="\u202etfel")
    ada = desk.client("ada")
    ada.post(path("ben", "role/"), {"role": "reader"})
    for address in ("/settings/colleagues/", path("ben"), "/settings/audit/", "/settings/audit/?form=csv"):
        response = ada.get(address)
        text = (b"".join(response.streaming_content) if response.streaming else response.content).decode()
        if "csv" not in address:
            assert "<script>alert" not in text
            assert "&lt;script&gt;alert" in text


def test_the_invitation_is_mailed_where_mail_can_be_sent(desk, monkeypatch):
    """To a real mail server on this computer, in the inviter's language; not to the log, not to the page twice."""
    import socketserver
    import threading

    taken: list[str] = []

    class Smtp(socketserver.StreamRequestHandler):
        """As much of a mail server as it takes."""

        def handle(self) -> None:
            """Take one mail."""
            self.wfile.write(b"220 here\r\n")
            body = False
            for raw in self.rfile:
                line = raw.decode().rstrip("\r\n")
                if body:
                    taken.append(line)
                    if line == ".":
                        body = False
                        self.wfile.write(b"250 taken\r\n")
                elif line.upper() == "DATA":
                    body = True
                    self.wfile.write(b"354 go on\r\n")
                elif line.upper() == "QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    self.wfile.write(b"250 ok\r\n")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    monkeypatch.setenv("KEPTWORD_MAIL_URL", f"smtp://127.0.0.1:{port}/?security=none&sender=tea@example.org")
    try:
        response = desk.client("ada").post("/settings/colleagues/invite/", {"role": "agent", "mail": "eve@example.org"})
        page = response.content.decode()
        assert "It is mailed to eve@example.org" in page
        link = re.search(r'value="(http://localhost/sign-in/[^"]+)"', page)[1]
        import email
        import email.policy

        mail = email.message_from_string("\n".join(taken), policy=email.policy.default)
        assert mail["To"] == "eve@example.org"
        assert "Ada invites you" in mail["Subject"]
        assert link in mail.get_content()
        taken.clear()
        asked = desk.client().post("/sign-in/forgotten/", {"mail": "ben@example.org"}).content
        unknown = desk.client().post("/sign-in/forgotten/", {"mail": "who@example.org"}).content
        assert b"a mail is on its way" in asked
        assert b"a mail is on its way" in unknown
        until(lambda: "." in taken)
        mail = email.message_from_string("\n".join(taken), policy=email.policy.default)
        link = re.search(r"http://localhost(/sign-in/\S+/)", mail.get_content())[1]
        assert mail["To"] == "ben@example.org"
        assert desk.client().post(link, {"password": NEW}).headers["Location"] == "/sign-in/"
        statuses = [desk.client().post("/sign-in/forgotten/", {"mail": "x@y.org"}).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
    finally:
        server.shutdown()
        server.server_close()


def until(true) -> None:
    """Wait for what another thread does."""
    import time

    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
