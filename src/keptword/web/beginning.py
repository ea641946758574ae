"""Takes books as they are found, for whoever serves them: opened, or begun in an empty folder with what is likely."""

from __future__ import annotations

import locale
import os
import platform
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from keptword.books.empty import is_empty
from keptword.books.folder import Folder
from keptword.books.opened import Books, begin_books, open_books
from keptword.core.calendars.zones import zone
from keptword.core.problems import KeptwordError

NAME: Final = "My shop"
CURRENCY: Final = "EUR"
TIMEZONE: Final = "UTC"

_ZONEINFO: Final = re.compile(r"/zoneinfo(?:\.default)?/(?:posix/)?(.+)$")
_CODE: Final = re.compile(r"[A-Z]{3}")

# What Windows calls the time zones most people live in.
_WINDOWS: Final = {
    "AUS Eastern Standard Time": "Australia/Sydney",
    "Arabian Standard Time": "Asia/Dubai",
    "Argentina Standard Time": "America/Buenos_Aires",
    "Central America Standard Time": "America/Guatemala",
    "Central Europe Standard Time": "Europe/Budapest",
    "Central European Standard Time": "Europe/Warsaw",
    "Central Standard Time": "America/Chicago",
    "China Standard Time": "Asia/Shanghai",
    "E. South America Standard Time": "America/Sao_Paulo",
    "Eastern Standard Time": "America/New_York",
    "FLE Standard Time": "Europe/Kiev",
    "GMT Standard Time": "Europe/London",
    "GTB Standard Time": "Europe/Bucharest",
    "India Standard Time": "Asia/Calcutta",
    "Israel Standard Time": "Asia/Jerusalem",
    "Korea Standard Time": "Asia/Seoul",
    "Mountain Standard Time": "America/Denver",
    "New Zealand Standard Time": "Pacific/Auckland",
    "Pacific Standard Time": "America/Los_Angeles",
    "Romance Standard Time": "Europe/Paris",
    "Russian Standard Time": "Europe/Moscow",
    "SE Asia Standard Time": "Asia/Bangkok",
    "Singapore Standard Time": "Asia/Singapore",
    "South Africa Standard Time": "Africa/Johannesburg",
    "Taipei Standard Time": "Asia/Taipei",
    "Tokyo Standard Time": "Asia/Tokyo",
    "Turkey Standard Time": "Europe/Istanbul",
    "UTC": "UTC",
    "W. Europe Standard Time": "Europe/Berlin",
}


def books_there(folder: Folder) -> Books:
    """Return the books of a folder, opened; begun where it is empty or not there. KeptwordError where it is neither."""
    if is_empty(folder):
        with suppress(KeptwordError):
            # Of two who begin at once, one does.
            return begin_books(folder, name=NAME, currency=currency_here(), timezone=timezone_here(), country=None)
    return open_books(folder)


def timezone_here() -> str:
    """Return the name of this computer's time zone; UTC where it does not say."""
    for name in (os.environ.get("TZ", "").lstrip(":"), _linked(), _written(), _of_windows()):
        if name and _is_known(name):
            return name
    return TIMEZONE


def currency_here() -> str:
    """Return the currency of the country this computer is set to; the euro where it does not say."""
    before = locale.setlocale(locale.LC_MONETARY)
    try:
        locale.setlocale(locale.LC_MONETARY, "")
        code = str(locale.localeconv()["int_curr_symbol"]).strip()
    except (locale.Error, ValueError):
        code = ""
    finally:
        locale.setlocale(locale.LC_MONETARY, before)
    return code if _CODE.fullmatch(code) else CURRENCY


def _linked() -> str:
    try:
        found = _ZONEINFO.search(Path("/etc/localtime").resolve().as_posix())
    except OSError:
        return ""
    return found[1] if found else ""


def _written() -> str:
    try:
        return Path("/etc/timezone").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _of_windows() -> str:
    return _WINDOWS.get(time.tzname[0], "") if platform.system() == "Windows" else ""


def _is_known(name: str) -> bool:
    try:
        zone(name)
    except KeptwordError:
        return False
    return True
