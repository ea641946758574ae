"""What the background work could not do and tries again: noted where people see it, gone once it goes well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from keptword.core.problems import Sentence, sentence_as_json, sentence_from_json
from keptword.office.chosen import choose, chosen, forget
from keptword.office.models import Setting

NAMES: Final = ("jobs", "acts", "letters", "pump", "figures", "night", "monday", "message", "cleaning")
"""What can fail: `work.trouble_<name>` in the word lists says it."""

_PREFIX: Final = "trouble."


@dataclass(frozen=True)
class Trouble:
    """What failed, since when, how often in a row, and why: a sentence of ours, empty where it is in the log only."""

    name: str
    since: datetime
    times: int
    sentence: str


def note(name: str, *, sentence: str) -> int:
    """Note that something failed, and return how often in a row it has."""
    before = chosen(_PREFIX + name) or {"since": datetime.now(UTC).isoformat(), "times": 0}
    times = int(before["times"]) + 1
    told = sentence_as_json(sentence) if isinstance(sentence, Sentence) else sentence[:1_000]
    choose(_PREFIX + name, {"since": before["since"], "times": times, "sentence": told})
    return times


def clear(name: str) -> None:
    """Note that it went well again."""
    forget(_PREFIX + name)


def _told(kept: Any) -> str:
    return sentence_from_json(kept) if isinstance(kept, dict) else str(kept)


def listed() -> list[Trouble]:
    """Return what fails just now, the oldest first."""
    rows = Setting.objects.filter(key__startswith=_PREFIX)
    found = [
        Trouble(
            name=row.key.removeprefix(_PREFIX),
            since=datetime.fromisoformat(row.value["since"]),
            times=int(row.value["times"]),
            sentence=_told(row.value["sentence"]),
        )
        for row in rows
    ]
    return sorted((each for each in found if each.name in NAMES), key=lambda each: each.since)
