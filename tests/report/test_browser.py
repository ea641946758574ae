"""The page in a browser: on a screen, on a phone, in the dark and on paper; each picture is left to be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from keptword.report.page import render
from report.samples import ALL

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCREENS = [("light", 1280), ("light", 380), ("dark", 1280), ("dark", 380)]

# Every report on two screens, the two that hold most on all four.
SEEN = [
    (name, scheme, width)
    for name in ALL
    for scheme, width in (SCREENS if name in ("ordinary", "big") else [("light", 380), ("dark", 1280)])
]

# What the rules of accessibility are held against: every kind of block, in both schemes and languages.
HELD = [
    ("ordinary", "en", "light", 1280),
    ("ordinary", "zh", "dark", 1280),
    ("big", "en", "dark", 380),
    ("made_promises", "en", "light", 380),
    ("no_promise", "zh", "light", 380),
]

UNFOLD = "document.querySelectorAll('details').forEach(details => { details.open = true })"


@contextmanager
def shown(browser: Browser, folder: Path, *, html: str, scheme: str = "light", width: int = 1280) -> Iterator[Page]:
    """The page as opened from a file; whatever it complains about or asks the network for fails the test."""
    file = folder / "report.html"
    file.write_text(html, encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: complaints.append(request.url) if request.url != file.as_uri() else None)
    page.on("dialog", lambda dialog: complaints.append(dialog.message) or dialog.dismiss())
    page.goto(file.as_uri())
    yield page
    context.close()
    assert complaints == []


@pytest.mark.parametrize(("name", "scheme", "width"), SEEN)
def test_nothing_is_wider_than_the_screen(browser, pictures, tmp_path, name, scheme, width):
    for language in ("en", "zh") if name == "ordinary" else ("en",):
        html = render(ALL[name](), language=language)
        with shown(browser, tmp_path, html=html, scheme=scheme, width=width) as page:
            page.screenshot(path=pictures / f"report-{name}-{language}-{scheme}-{width}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.evaluate(UNFOLD)
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["ordinary", "big", "nothing"])
def test_it_prints_on_a4(browser, pictures, tmp_path, name):
    """With page numbers at the foot, and how we know unfolded; a shop's year takes less than ten pages."""
    with shown(browser, tmp_path, html=render(ALL[name](), language="en"), scheme="dark") as page:
        pdf = page.pdf(prefer_css_page_size=True, path=pictures / f"report-{name}.pdf")
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        for details in page.locator("details.how > div").all():
            assert details.bounding_box()["height"] > 0
    assert pdf.startswith(b"%PDF")
    assert 1 <= pdf.count(b"/Type /Page\n") < 12
    assert b"/MediaBox [0 0 594" in pdf or b"/MediaBox [0 0 595" in pdf


@pytest.mark.parametrize(("name", "language", "scheme", "width"), HELD)
def test_everybody_can_read_it(browser, tmp_path, name, language, scheme, width):
    """The rules of axe: contrast, names, roles, order of headings, language."""
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe is not installed: pip install axe-playwright-python"
    )
    html = render(ALL[name](), language=language)
    with shown(browser, tmp_path, html=html, scheme=scheme, width=width) as page:
        page.evaluate(UNFOLD)
        results = axe.Axe().run(page, options={"resultTypes": ["violations"]})
    assert results.violations_count == 0, results.generate_report()


def test_the_keyboard_reaches_the_report_first(browser, tmp_path):
    with shown(browser, tmp_path, html=render(ALL["ordinary"](), language="en")) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
        assert page.locator(".skip").bounding_box()["x"] >= 0
        page.keyboard.press("Enter")
        assert page.url.endswith("#report")


def test_what_is_folded_opens_without_a_script(browser, tmp_path):
    with shown(browser, tmp_path, html=render(ALL["ordinary"](), language="en")) as page:
        table = page.locator("#word details.behind table")
        assert not table.is_visible()
        page.locator("#word details.behind summary").click()
        assert table.is_visible()
