"""Files and mappings written in a test, and what became of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from keptword.engines.duckdb import Engine
from keptword.sources.csv import parse, read
from keptword.sources.files import open_file
from keptword.sources.source import Read, Reading


@dataclass(frozen=True)
class Told:
    """What a mapping made of files, ready to be compared: facts by their line, refused lines, problems."""

    read: Read
    facts: list[dict[str, Any]]
    refused: dict[int, str]
    problems: list[str]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The facts of one kind."""
        return [fact for fact in self.facts if fact["kind"] == kind]


By = Callable[..., Told]


def reading(engine: Engine, *, timezone: str | None = None) -> Reading:
    """A reading with a secret and a moment of the test's own."""
    return Reading(engine=engine, key="a key", recorded_at=datetime(2031, 12, 1, tzinfo=UTC), timezone=timezone)


def told(engine: Engine, folder: Path, *, mapping: str, files: dict[str, str], timezone: str | None = None) -> Told:
    """Write the files, read them by the mapping, and return what became of them."""
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8", newline="")
    opened = [open_file(folder / file, engine=engine) for file in files]
    found = read(reading(engine, timezone=timezone), opened, mapping=parse(mapping, file="mapping.toml"))
    facts = engine.rows(found.facts)
    facts.sort(key=lambda fact: (*_place(fact["source"]), fact["fact_id"]))
    refused = {row["line"]: row["reason"] for table in found.refused.values() for row in engine.rows(table)}
    return Told(found, facts, refused, [problem.seen for problem in found.problems])


def _place(source: str) -> tuple[str, int]:
    file, _, line = source.rpartition(":")
    return file, int(line)
