"""What all tests share: the real data sets where they are, a browser where there is one, Hypothesis' settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from browser import driver_starts, find_browser, how_to_install
from keptword.web.settings import configure

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from keptword.engines.duckdb import Engine

ROOT = Path(__file__).resolve().parent.parent

# A busy machine is no reason to fail, and continuous integration tries the same few examples every time.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), max_examples=30, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

# Playwright leaves an event loop running in the thread the tests run in, and Django then refuses its connection there.
# No test shares one between coroutines.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# Django is set up once a process: for the web, which has all that the commands need as well.
configure()


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of the real data sets; a test that asks for it is skipped where there is none."""
    named = os.environ.get("KEPTWORD_TEST_DATA")
    if not named:
        pytest.skip("KEPTWORD_TEST_DATA is not set: it names the folder of the real data sets")
    folder = Path(named)
    if not folder.is_dir():
        pytest.skip(f"KEPTWORD_TEST_DATA is {named}, which is not a folder")
    return folder


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Where relational tests run; a second engine joins as a parameter here, and every such test meets it."""
    from keptword.engines.duckdb import Engine

    with Engine() as opened:
        yield opened


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A running Chromium; a test that asks for it is skipped where there is none."""
    program = find_browser()
    if program is None or not driver_starts(Path(sys.executable)):
        pytest.skip(f"no Chromium that works here; to have one: {how_to_install()}")
    from playwright.sync_api import sync_playwright

    is_root = getattr(os, "geteuid", lambda: 1)() == 0
    with sync_playwright() as playwright:
        # Chromium's sandbox refuses to run as root, as in most containers.
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"] if is_root else [])
        yield running
        running.close()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """The folder where browser tests leave their screenshots to be looked at: `build/pictures`."""
    folder = ROOT / "build" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks for a browser, so that `-m 'not browser'` leaves it out."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
            # A browser on a busy machine may be too slow once; what is wrong is wrong twice.
            item.add_marker(pytest.mark.flaky(reruns=1))
