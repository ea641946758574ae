"""Draw docs/report.png, the README's picture: the top of the invented shop's report, as a browser shows it."""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import date
from pathlib import Path

from playwright.sync_api import sync_playwright

from browser import find_browser, how_to_install

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "report.png"

# Always the same day, so that the picture changes only where the report does.
DAY = date(2031, 11, 23)

WIDTH = 880

# Shown down to the end of this: what explains the chart of months.
LAST = "#word .key"


def main() -> int:
    """Draw the picture; return 1, and say what is missing, where there is no browser."""
    program = find_browser()
    if program is None:
        print(f"The picture needs Chromium. To have one: {how_to_install()}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        page.write_text(demo_page(Path(folder)), encoding="utf-8")
        draw(page, program=program)
    print(f"{PICTURE.relative_to(PICTURE.parent.parent)}: {PICTURE.stat().st_size / 1000:,.0f} kB")
    return 0


def demo_page(folder: Path) -> str:
    """Return the report on the invented shop, as `keptword demo` makes it, as of `DAY`."""
    from keptword.cli.demo import PROMISE, invent
    from keptword.cli.report import report_on
    from keptword.core.rules import Settings, parse_promise
    from keptword.report.page import render
    from keptword.report.shop import Asked

    written = invent(folder, kind="shopify", users=400, months=18, seed=1, until=DAY.isoformat(), say=lambda _: None)
    asked = Asked(
        as_of=DAY,
        today=DAY,
        rules=(parse_promise(PROMISE),),
        settings=Settings(timezone="Europe/Berlin", country="DE"),
        country="DE",
        business="Haiwen Tea",
    )
    files = [path for path in written if path.suffix != ".json"]
    return render(report_on(files, asked, say=lambda _: None), language="en")


def draw(page: Path, *, program: Path) -> None:
    """Take the picture of the page's top part, twice as fine as it is wide."""
    is_root = getattr(os, "geteuid", lambda: 1)() == 0
    with sync_playwright() as playwright:
        # Chromium's sandbox refuses to run as root, as in most containers.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"] if is_root else [])
        view = browser.new_page(viewport={"width": WIDTH, "height": 1200}, device_scale_factor=2, color_scheme="light")
        view.goto(page.as_uri())
        last = view.locator(LAST).bounding_box()
        height = last["y"] + last["height"] + 12 if last else 1200
        view.screenshot(path=PICTURE, full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": height})
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
