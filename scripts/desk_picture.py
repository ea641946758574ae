"""Draw docs/desk.png, the README's picture: the overview of the invented shop, as a browser shows it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from browser import find_browser, how_to_install

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "desk.png"
KEPTWORD = (sys.executable, "-m", "keptword")
WIDTH, HEIGHT = 1180, 900
LINK = re.compile(r"http://\S+/sign-in/\S+")


def main() -> int:
    """Draw the picture; return 1, and say what is missing, where there is no browser."""
    program = find_browser()
    if program is None:
        print(f"The picture needs Chromium. To have one: {how_to_install()}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*KEPTWORD, "demo", "--no-browser"], cwd=folder, check=True, capture_output=True, env=alone())
        with serving(Path(folder)) as link:
            draw(link, program=program)
    print(f"{PICTURE.relative_to(PICTURE.parent.parent)}: {PICTURE.stat().st_size / 1000:,.0f} kB")
    return 0


def alone() -> dict[str, str]:
    """Return the environment in which the demo ends by itself and no books but its own are meant."""
    return {**os.environ, "CI": "true", "KEPTWORD_BOOKS": ""}


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve the demo's books for as long as the `with` lasts, and give the link that signs in."""
    command = [*KEPTWORD, "serve", "--books", "demo-books", "--link", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, env=alone()) as server:
        found = next(link for line in server.stdout or () if (link := LINK.search(line)))
        try:
            yield found.group()
        finally:
            server.terminate()


def draw(link: str, *, program: Path) -> None:
    """Sign in by the link and take the picture of the overview, twice as fine as it is wide."""
    is_root = getattr(os, "geteuid", lambda: 1)() == 0
    with sync_playwright() as playwright:
        # Chromium's sandbox refuses to run as root, as in most containers.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"] if is_root else [])
        view = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=2, color_scheme="light"
        )
        view.goto(link)
        view.locator("main button").first.click()
        view.locator("h1").wait_for()
        view.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
