"""Settings: changed on a page and felt by the books, refused in a sentence, theirs to change who may."""

from __future__ import annotations

import pytest

from web.serving import SCREENS, accessible, opened, picture

HOURS = {"mon": "09:00-12:00, 13:00-17:00", "tue": "10:00-14:00"}


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
        ("mail", {"host": "smtp.example.org", "port": "99999", "sender": "a@b.c", "security": "tls"}, "65535"),
        (
            "mail",
            {"host": "smtp.example.org", "port": "587", "sender": "nobody", "security": "tls"},
            "whole mail address",
        ),
        ("message", {"url": "http://hooks.example.org", "form": "slack"}, "https://"),
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


@pytest.mark.parametrize(
    ("name", "form", "allowed"), [("mia", "hours", True), ("ben", "hours", False), ("mia", "mail", False)]
)
def test_who_may_not_change_a_setting_cannot(desk, name, form, allowed):
    assert sent(desk, form, by=name, **(HOURS if form == "hours" else {"host": ""})).status_code == (
        303 if allowed else 403
    )


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
def test_the_page_can_be_read_and_used_by_everybody(browser, seen_site, pictures, scheme, width):
    with opened(browser, seen_site, scheme=scheme, width=width) as page:
        page.goto("/settings/")
        picture(page, pictures, name=f"desk-settings-{scheme}-{width}")
        accessible(page)


@pytest.mark.parametrize("script", [True, False])
def test_a_setting_is_changed_in_the_browser(browser, site, script):
    from keptword.web import shop

    with opened(browser, site, script=script) as page:
        page.goto("/settings/#costs")
        page.get_by_label("What is left of a sale, in 100").fill("35")
        page.locator("#costs").get_by_role("button", name="Save").click()
        assert page.get_by_role("status").inner_text().strip() == "Saved."
    assert shop.books().business.margin_share == 0.35
