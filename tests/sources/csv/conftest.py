"""What the tests of mappings share: a file written in the test, read by a mapping written in the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from keptword.engines.duckdb import Engine
from mapped_files import By, Told, told


@pytest.fixture
def by_mapping(engine: Engine, tmp_path: Path) -> By:
    """Read rows by a mapping; `rows` is the text of one file, or of several by name."""

    def read(mapping: str, rows: str | dict[str, str], *, name: str = "rows.csv", timezone: str | None = None) -> Told:
        files = rows if isinstance(rows, dict) else {name: rows}
        return told(engine, tmp_path, mapping=mapping, files=files, timezone=timezone)

    return read
