"""The desk in a real browser: served on this computer, signed in, watched for complaints, its pictures kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.wsgi import get_wsgi_application

from web.cast import Desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCREENS = [("light", 1280), ("light", 380), ("dark", 1280), ("dark", 380)]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: the tests look at the pages."""


@dataclass(frozen=True)
class Site:
    """A desk being served, and where."""

    desk: Desk
    address: str


@contextmanager
def serving(desk: Desk) -> Iterator[Site]:
    """Serve a desk in this process for as long as the `with` lasts."""
    server = _Server(("127.0.0.1", 0), _Silent)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Site(desk, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def opened(
    browser: Browser,
    site: Site,
    *,
    name: str | None = "ada",
    scheme: str = "light",
    width: int = 1280,
    script: bool = True,
) -> Iterator[Page]:
    """A browser's window at a desk, signed in as one of the cast; any complaint of the browser's fails the test."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        java_script_enabled=script,
        base_url=site.address,
        accept_downloads=True,
    )
    if name is not None:
        cookie = site.desk.client(name).cookies["keptword"].value
        context.add_cookies([{"name": "keptword", "value": cookie, "url": site.address}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request", lambda sent: None if sent.url.startswith((site.address, "data:")) else complaints.append(sent.url)
    )
    yield page
    context.close()
    # A refused form answers 422 and says why on the page; the browser calls that an error as well.
    assert [each for each in complaints if "status of 422" not in each] == []


def picture(page: Page, folder: Path, *, name: str) -> None:
    """Keep a picture of the whole page, and see that nothing is wider than the screen."""
    page.screenshot(path=folder / f"{name}.png", full_page=True)
    width = page.viewport_size["width"]  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def calm(page: Page, folder: Path, *, name: str) -> None:
    """Keep pictures of the page in both colours on a wide screen and on a phone, and see that everybody can read it."""
    for scheme, width in SCREENS:
        _as_on(page, scheme=scheme, width=width)
        picture(page, folder, name=f"{name}-{scheme}-{width}")
    for scheme, width in (SCREENS[-1], SCREENS[0]):
        _as_on(page, scheme=scheme, width=width)
        accessible(page)


def _as_on(page: Page, *, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})


def accessible(page: Page) -> None:
    """Hold the page against the rules of WCAG 2.1 AA, with everything unfolded."""
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    assert results.violations_count == 0, results.generate_report()
