"""What the tests of mappings share: a file written in the test, read by a mapping written in the test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from keptword.engines.duckdb import Engine
from keptword.sources.csv import parse, read
from keptword.sources.files import open_file
from keptword.sources.source import Read, Reading


@dataclass(frozen=True)
class Told:
    """What a mapping made of files, ready to be compared."""

    read: Read
    facts: list[dict[str, Any]]
    refused: dict[int, str]
    problems: list[str]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The facts of one kind, by their source's line."""
        return [fact for fact in self.facts if fact["kind"] == kind]


By = Callable[..., Told]


@pytest.fixture
def by_mapping(engine: Engine, tmp_path: Path) -> By:
    """Read rows by a mapping; `rows` is the text of a file, or of several by name."""

    def told(mapping: str, rows: str | bytes | dict[str, str], *, name: str = "rows.csv", timezone: str | None = None) -> Told:
        texts = rows if isinstance(rows, dict) else {name: rows}
        for file, text in texts.items():
            content = text if isinstance(text, bytes) else text.encode()
            (tmp_path / file).write_bytes(content)
        reading = Reading(
            engine=engine, key="a key", recorded_at=datetime(2031, 12, 1, tzinfo=UTC), timezone=timezone
        )
        files = [open_file(tmp_path / file, engine=engine) for file in texts]
        found = read(reading, files, mapping=parse(mapping, file="mapping.toml"))
        facts = engine.rows(found.facts)
        facts.sort(key=lambda fact: (fact["source"].split(":")[0], int(fact["source"].rsplit(":")[-1]), fact["fact_id"]))
        refused = {row["line"]: row["reason"] for table in found.refused.values() for row in engine.rows(table)}
        return Told(found, facts, refused, [problem.seen for problem in found.problems])

    return told
