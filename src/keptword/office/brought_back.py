"""Books brought back from a backup: what was about to be mailed then may have gone out since, and is not mailed."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from keptword.office import letters
from keptword.office.chosen import choose, chosen

_KEY: Final = "brought_back"


def hold_back(now: datetime) -> int:
    """Mail nothing that these books may have mailed after the backup, and return how many notes that concerns.

    The notes wait for a colleague to look at; the message of a week begun by now is not sent again (`since`).
    """
    choose(_KEY, now.isoformat())
    return letters.hold_back(now)


def since() -> datetime | None:
    """Return when these books were brought back last; None where they never were."""
    told = chosen(_KEY)
    return datetime.fromisoformat(told) if told else None
