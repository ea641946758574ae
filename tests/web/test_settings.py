"""Settings: changed on a page and felt by the books, refused in a sentence, theirs to change who may."""

from __future__ import annotations

from html import unescape

import pytest

from web.serving import calm, opened
from web.test_mail import chat, mailserver  # noqa: F401

HOURS = {"mon": "09:00-12:00, 13:00-17:00", "tue": "10:00-14:00"}


def text(answer) -> str:
    return unescape(answer.content.decode())


def sent(desk, path, *, by="ada", **fields):
    return desk.client(by).post(f"/settings/{path}/", fields)


def test_settings_changed_on_the_page_are_felt_by_the_books(desk):
    """Tuesday works four hours, Wednesday to Sunday are off: the calendar of the next rule says so."""
    from keptword.web import shop

    assert sent(desk, "hours", holidays="yes", extra_holidays="2031-12-24\n2031-12-31", **HOURS).status_code == 303
    kept = shop.books().business.settings
    assert kept.working_days == ("mon", "tue")
    assert kept.working_hours == {"mon": ("09:00-12:00", "13:00-17:00"), "tue": ("10:00-14:00",)}
    assert [str(day) for day in kept.extra_holidays] == ["2031-12-24", "2031-12-31"]
    page = desk.client("cleo").get("/settings/").content.decode()
    assert "09:00-12:00, 13:00-17:00" in page
    assert "2031-12-31" in page


def test_comments_in_the_file_of_settings_stay(desk):
    from keptword.web import shop

    file = shop.books().folder.settings
    file.write_text(file.read_text("utf-8") + "\n# mine\n", encoding="utf-8")
    assert (
        sent(desk, "business", name="Alder & <Tea>", currency="", timezone="Asia/Shanghai", country="CN").status_code
        == 303
    )
    text = file.read_text("utf-8")
    assert "# mine" in text
    assert shop.books().business.name == "Alder & <Tea>"
    assert shop.books().timezone == "Asia/Shanghai"
    assert "Alder &amp; &lt;Tea&gt;" in desk.client("ada").get("/settings/").content.decode()


@pytest.mark.parametrize(
    ("form", "fields", "said"),
    [
        ("business", {"name": "", "timezone": "Europe/Berlin"}, "name"),
        ("business", {"name": "A", "timezone": "Mars/Olympus"}, "Mars/Olympus"),
        ("business", {"name": "A", "timezone": "Europe/Berlin", "country": "XQ"}, "XQ"),
        ("business", {"name": "A", "timezone": "Europe/Berlin", "currency": "USD"}, "closed in this currency"),
        ("hours", {"mon": "from nine to five"}, "from nine to five"),
        ("hours", {"mon": "09:00-17:00", "extra_holidays": "2031-02-30"}, "2031-02-30"),
        ("costs", {"wage_per_hour": "a lot"}, "a lot"),
        ("costs", {"margin": "140"}, "1.4"),
        ("mail", {"host": "smtp.example.org", "port": "99999", "sender": "a@b.c", "security": "tls"}, "99999"),
        (
            "mail",
            {"host": "smtp.example.org", "port": "587", "sender": "nobody", "security": "tls"},
            "who your mails are from",
        ),
        ("mail", {"host": "smtp.example.org", "sender": "@", "security": "tls"}, "who your mails are from"),
        (
            "mail",
            {"host": "smtp.example.org", "password": "x", "sender": "a@b.org", "security": "none"},
            "could be read on its way",
        ),
        ("message", {"url": "http://hooks.example.org", "form": "slack"}, "https://"),
        ("message", {"url": "https://hooks.example.org", "form": "pigeon"}, "pigeon"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_changes(seen_desk, form, fields, said):
    from keptword.web import shop

    before = shop.books().folder.settings.read_bytes()
    answer = sent(seen_desk, form, **fields)
    assert answer.status_code == 422
    text = answer.content.decode()
    alert = text[text.index('role="alert"') :][:600]
    assert said in alert
    assert shop.books().folder.settings.read_bytes() == before


def test_the_password_of_the_mail_is_kept_and_never_shown(desk):
    from keptword.office.models import Setting

    told = {
        "host": "smtp.example.org",
        "port": "587",
        "security": "starttls",
        "user": "tea",
        "sender": "tea@example.org",
    }
    sent(desk, "mail", password="very secret", **told)
    assert "very secret" not in desk.client("ada").get("/settings/").content.decode()
    sent(desk, "mail", password="", **told)
    assert Setting.objects.get(pk="mail").value["password"] == "very secret"
    sent(desk, "mail", **{**told, "host": ""})
    assert not Setting.objects.filter(pk="mail").exists()


def test_what_the_form_takes_is_what_mail_is_sent_with(empty_desk):
    """Saved as it stands, with a name before the address; made an open connection, it keeps no password."""
    from keptword.office import mail

    told = {"host": "smtp.example.org", "security": "tls", "user": "tea", "sender": "Alder Tea <tea@example.org>"}
    assert sent(empty_desk, "mail", password="very secret", **told).status_code == 303
    assert (mail.settings().port, mail.settings().password) == (465, "very secret")
    assert sent(empty_desk, "mail", **{**told, "security": "none"}).status_code == 303
    assert mail.configured()
    assert mail.settings().password == ""


def test_a_test_is_mailed_before_anything_is_saved(empty_desk, mailserver):  # noqa: F811
    """It arrives at whoever asks; where the server cannot be reached, that is said and nothing changes."""
    from keptword.office.chosen import chosen

    mailbox = mailserver()
    there = {name: str(value) for name, value in chosen("mail").items()}
    page = text(empty_desk.client("ada").post("/settings/mail/", {**there, "test": "yes"}, follow=True))
    assert "A test was mailed to ada@example.org." in page
    ((envelope, message),) = mailbox.taken
    assert envelope.rcpt_tos == ["ada@example.org"]
    assert message["subject"].startswith("A test by ")
    answer = sent(empty_desk, "mail", test="yes", **{**there, "port": "1"})
    assert (answer.status_code, chosen("mail")["port"]) == (422, there["port"])
    assert "could not be reached" in text(answer)


def test_where_the_server_tells_how_mail_leaves_the_page_only_tries_it(empty_desk, mailserver, monkeypatch):  # noqa: F811
    from keptword.office.chosen import chosen, forget

    mailbox = mailserver()
    port = chosen("mail")["port"]
    forget("mail")
    monkeypatch.setenv("KEPTWORD_MAIL_URL", f"smtp://127.0.0.1:{port}/?security=none&sender=tea@example.org")
    page = text(empty_desk.client("ada").get("/settings/"))
    assert "KEPTWORD_MAIL_URL" in page
    assert 'name="host"' not in page
    assert sent(empty_desk, "mail", test="yes").status_code == 303
    assert len(mailbox.taken) == 1
    assert sent(empty_desk, "mail", host="smtp.example.org", security="tls", sender="a@b.org").status_code == 303
    assert chosen("mail") is None


def test_a_chat_of_ones_own_house_is_taken_where_that_is_allowed_and_can_be_tried(empty_desk, chat):  # noqa: F811
    from keptword.office.chosen import chosen

    address, posted = chat
    assert sent(empty_desk, "message", url=address, form="wecom", test="yes").status_code == 303
    assert "On Mondays it says here" in posted[0][1]["text"]["content"]
    assert chosen("message") == {"url": address, "form": "wecom"}
    sent(empty_desk, "message", url="", form="wecom")
    assert chosen("message") is None


@pytest.mark.parametrize(
    ("name", "form", "allowed"), [("mia", "hours", True), ("ben", "hours", False), ("mia", "mail", False)]
)
def test_who_may_not_change_a_setting_cannot(desk, name, form, allowed):
    assert sent(desk, form, by=name, **(HOURS if form == "hours" else {"host": ""})).status_code == (
        303 if allowed else 403
    )


def test_the_page_can_be_read_and_used_by_everybody(browser, seen_site, pictures):
    with opened(browser, seen_site) as page:
        page.goto("/settings/")
        calm(page, pictures, name="desk-settings")


@pytest.mark.parametrize("script", [True, False])
def test_a_setting_is_changed_in_the_browser(browser, site, script):
    from keptword.web import shop

    with opened(browser, site, script=script) as page:
        page.goto("/settings/#costs")
        page.get_by_label("What is left of a sale, in 100").fill("35")
        page.locator("#costs").get_by_role("button", name="Save").click()
        assert page.get_by_role("status").inner_text().strip() == "Saved."
    assert shop.books().business.margin_share == 0.35


@pytest.mark.parametrize("name", ["mia", "ben", "cleo"])
def test_only_owners_see_by_what_address_anybody_could_write_into_the_chat(desk, name):
    """The address a chat gives is its key; how mail leaves is nobody's either but the owner's."""
    from keptword.office.models import Setting

    Setting.objects.create(
        key="message", value={"url": "https://hooks.slack.com/services/T0/B0/SECRET", "form": "slack"}
    )
    Setting.objects.create(
        key="mail", value={"host": "smtp.house.example", "port": "587", "sender": "us@house.example"}
    )
    assert "SECRET" in desk.client("ada").get("/settings/").content.decode()
    html = desk.client(name).get("/settings/").content.decode()
    assert "SECRET" not in html
    assert "house.example" not in html
