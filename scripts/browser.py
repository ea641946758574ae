"""Where this machine keeps a Chromium for the browser tests, and how it may get one."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

# Where installers put a browser without putting it on the path.
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "${PROGRAMFILES}/Google/Chrome/Application/chrome.exe",
    "${LOCALAPPDATA}/Google/Chrome/Application/chrome.exe",
)

# Where `playwright install chromium` puts its own.
PLAYWRIGHT_FOLDERS = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright", "${LOCALAPPDATA}/ms-playwright")
PLAYWRIGHT_PROGRAMS = ("chrome", "chrome.exe", "Chromium", "Google Chrome for Testing")

# What Playwright's driver links against and a bare Debian or Ubuntu lacks.
DRIVER_PACKAGE = "libatomic1"


def is_unwanted() -> bool:
    """Return True where KEPTWORD_BROWSER=none says that there shall be no browser tests."""
    return os.environ.get("KEPTWORD_BROWSER") == "none"


def find_browser() -> Path | None:
    """Return the program to start, or None where there is none or none is wanted.

    KEPTWORD_BROWSER names one; otherwise Chromium or Chrome on the path, then in the usual places,
    then among what Playwright itself has downloaded.
    """
    if is_unwanted():
        return None
    named = os.environ.get("KEPTWORD_BROWSER")
    if named:
        return Path(named)
    for command in COMMANDS:
        found = shutil.which(command)
        # Ubuntu's chromium-browser is a stand-in that only asks for a snap.
        if found and not _is_snap_stand_in(Path(found)):
            return Path(found)
    for place in PLACES:
        path = Path(os.path.expandvars(place))
        if path.is_file():
            return path
    return _playwrights_own()


def driver_starts(python: Path) -> bool:
    """Return True where the Playwright installed beside `python` starts here; it needs a library of the system."""
    try:
        done = subprocess.run([python, "-m", "playwright", "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def install_commands(python: Path) -> list[list[str]]:
    """Return the commands that bring a browser, or nothing where we may not install or do not know how.

    Debian has a package; Ubuntu's is only a snap, so there Playwright (beside `python`) fetches its own.
    """
    is_root = getattr(os, "geteuid", lambda: 1)() == 0
    if not (is_root and shutil.which("apt-get") and "debian" in _system_ids()):
        return []
    is_debian = _system_ids()[0] == "debian"
    packages = [DRIVER_PACKAGE, *(["chromium", "fonts-dejavu-core"] if is_debian else [])]
    commands = [
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages],
    ]
    if not is_debian:
        commands.append([str(python), "-m", "playwright", "install", "--with-deps", "chromium"])
    return commands


def how_to_install() -> str:
    """Return the command that brings this machine a browser, to be read by a person."""
    ids = _system_ids()
    if ids[:1] == ["debian"]:
        return f"sudo apt install chromium {DRIVER_PACKAGE}"
    fetch = ".venv/bin/playwright install --with-deps chromium"
    return f"sudo apt install {DRIVER_PACKAGE} && {fetch}" if "debian" in ids else fetch


def _system_ids() -> list[str]:
    """Return this system's name and then those it is like: ["ubuntu", "debian"]; nothing off Linux."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return []
    return [release.get("ID", ""), *release.get("ID_LIKE", "").split()]


def _is_snap_stand_in(path: Path) -> bool:
    if path.stat().st_size > 10_000:
        return False
    return b"snap" in path.read_bytes() and not Path("/snap/bin/chromium").exists()


def _playwrights_own() -> Path | None:
    for folder in PLAYWRIGHT_FOLDERS:
        base = Path(os.path.expandvars(folder)).expanduser()
        for program in PLAYWRIGHT_PROGRAMS:
            found = sorted(path for path in base.glob(f"chromium-*/**/{program}") if path.is_file())
            if found:
                return found[-1]
    return None
