"""Signing in, in a browser and without one."""

from __future__ import annotations

import pytest

from web.serving import SCREENS, accessible, opened, picture


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
def test_the_door_is_calm(browser, seen_site, pictures, scheme, width):
    with opened(browser, seen_site, name=None, scheme=scheme, width=width) as page:
        page.goto("/")
        picture(page, pictures, name=f"desk-sign-in-{scheme}-{width}")
        accessible(page)


@pytest.mark.parametrize("script", [True, False])
def test_a_colleague_signs_in_and_is_where_they_wanted_to_be(browser, seen_site, script):
    from web.cast import PASSWORD

    with opened(browser, seen_site, name=None, script=script) as page:
        page.goto("/?from=mail")
        page.get_by_label("Mail address").fill("cleo@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        assert page.url == f"{seen_site.address}/?from=mail"
        assert page.get_by_text("Cleo").is_visible()
