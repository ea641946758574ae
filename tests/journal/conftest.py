"""An empty journal in a folder whose name is hard on programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from keptword.journal.table import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """An empty journal; its path holds a blank, an umlaut, brackets and a percent sign."""
    folder = tmp_path / "Meine Bücher 100 % [neu]" / "journal"
    folder.parent.mkdir()
    return Journal.create(folder)
