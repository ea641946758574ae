"""Names a device by what its browser says of itself: Firefox on Windows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from keptword.office.sessions import handle, sessions_of
from keptword.words import Words

BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("MicroMessenger", "WeChat"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("SamsungBrowser", "Samsung Internet"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
"""Signs in what browsers send, each with the name people know; the first that is there counts."""


@dataclass(frozen=True)
class SignedIn:
    """One device somebody is signed in on."""

    handle: str
    device: str
    address: str
    started_at: datetime | None
    seen_at: datetime | None
    here: bool
    """Whether it is the one this page is asked from."""


def device_of(told: str, *, words: Words) -> str:
    """Return the name of a device."""
    browser = next((name for sign, name in BROWSERS if sign in told), "")
    system = next((name for sign, name in SYSTEMS if sign in told), "")
    if not browser or not system:
        return browser or system or words.say("me.unknown_device")
    return words.say("me.device", browser=browser, system=system)


def devices_of(member: Any, *, words: Words, now: datetime, here: str | None = None) -> tuple[SignedIn, ...]:
    """Return where a colleague is signed in, the one seen last first; `here` is the key of the session that asks."""
    return tuple(
        SignedIn(
            handle=handle(row.pk),
            device=device_of(row.device, words=words),
            address=row.address,
            started_at=row.started_at,
            seen_at=row.seen_at,
            here=row.pk == here,
        )
        for row in sessions_of(member, now=now)
    )
