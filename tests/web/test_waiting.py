"""Waiting, in a browser and without one."""

from __future__ import annotations

import pytest

from web.serving import SCREENS, accessible, opened, picture


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
def test_the_list_is_calm(browser, seen_site, pictures, scheme, width):
    with opened(browser, seen_site, name="ben", scheme=scheme, width=width) as page:
        page.goto("/waiting/")
        picture(page, pictures, name=f"desk-waiting-{scheme}-{width}")
        accessible(page)
        page.goto("/promises/")
        picture(page, pictures, name=f"desk-promises-{scheme}-{width}")
        accessible(page)
