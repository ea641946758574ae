"""Our rules: told in one's own words, tried on the past, changed from a day on, ended; versions stay."""

from __future__ import annotations

import pytest

from web.serving import accessible, calm, opened, picture


def worked_off():
    from keptword.web import shop
    from keptword.web.work.running import work_off

    work_off(shop.books())


def test_a_rule_is_tried_on_the_past_before_it_is_told(desk):
    """The preview counts what the command counts, and promises nothing to anybody."""
    from keptword.books.preview import previewed
    from keptword.books.rules import versions
    from keptword.core.rules import parse_promise
    from keptword.web import shop

    client, before = desk.client("mia"), len(versions())
    answer = client.post("/our-rules/try/", {"sentence": "ships within 5 working days"})
    assert answer.status_code == 303
    assert "Counting over all your orders" in client.get(answer.url).content.decode()
    worked_off()
    page = client.get(answer.url).content.decode()
    seen = previewed(shop.books(), parse_promise("ships within 5 working days"), say=lambda _: None)
    assert f"{seen.made:,} entries it speaks of, in {seen.days:,} days" in page
    assert f"{100 * seen.share.value:.0f} in 100" in page
    assert len(versions()) == before


def test_a_change_begins_a_new_version_and_the_old_one_stays(desk):
    client = desk.client("mia")
    answer = client.post(
        "/our-rules/tell/", {"sentence": "ships within 5 working days", "shown_at": "product page"}, follow=True
    )
    page = answer.content.decode()
    assert "We ship within 5 working days" in page
    assert "Customers read it at: product page." in page
    assert "1 other version" in page
    assert "We ship within 2 working days" in page


def test_a_rule_is_ended_after_a_look(desk):
    from keptword.books.rules import versions

    client = desk.client("mia")
    identity = versions()[-1].told.rule.identity
    assert "End this rule?" in client.get("/our-rules/end/", {"rule": identity}).content.decode()
    assert client.post("/our-rules/end/", {"rule": identity, "on": "2001-01-01"}).status_code == 422
    assert client.post("/our-rules/end/", {"rule": identity}).status_code == 303
    assert versions()[-1].told.rule.until == desk.books.today
    assert client.get("/our-rules/end/", {"rule": "none such"}).status_code == 303


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sentence": ""}, "promise"),
        ({"sentence": "we try our best"}, "we try our best"),
        ({"sentence": "ships within 2 working days", "where": "country ="}, "country ="),
        ({"sentence": "ships within 2 working days", "cutoff": "25:00"}, "25:00"),
        ({"sentence": "answers within 4 working hours", "cutoff": "14:00"}, "cut-off"),
        ({"sentence": "ships within 2 working days", "since": "2031-02-30"}, "2031-02-30"),
        ({"sentence": "ships within 2 working days", "where": "country = DE", "since": "yesterday"}, "yesterday"),
        ({"sentence": "<script>alert(1)</script>"}, "&lt;script&gt;"),
    ],
)
def test_what_is_no_rule_is_refused_at_its_field(seen_desk, fields, said):
    for act in ("try", "tell"):
        answer = seen_desk.client("mia").post(f"/our-rules/{act}/", fields)
        assert answer.status_code == 422
        text = answer.content.decode()
        assert said.lower() in text[text.index('class="trouble"') :].lower()
        assert "<script>alert" not in text


def test_an_agent_looks_and_does_not_tell(desk):
    client = desk.client("ben")
    assert client.get("/our-rules/").status_code == 200
    assert 'id="tell"' not in client.get("/our-rules/").content.decode()
    assert client.post("/our-rules/tell/", {"sentence": "ships within 5 days"}).status_code == 403


@pytest.mark.parametrize("script", [True, False])
def test_the_owner_tries_and_tells_a_rule(browser, site, pictures, script):
    with opened(browser, site, script=script) as page:
        page.goto("/our-rules/")
        page.get_by_label("What do you tell your customers?").fill("ships within 5 working days")
        page.get_by_role("button", name="Try it on the past").click()
        worked_off()
        if script:
            page.get_by_text("would have been kept").wait_for()
            picture(page, pictures, name="desk-rule-preview-light-1280")
            accessible(page)
        else:
            page.get_by_role("link", name="Look again").click()
        page.get_by_role("button", name="Tell it to everybody").click()
        assert "We ship within 5 working days" in page.get_by_role("status").inner_text()


def test_the_page_can_be_read_by_everybody(browser, seen_site, pictures):
    with opened(browser, seen_site) as page:
        page.goto("/our-rules/")
        calm(page, pictures, name="desk-rules")
