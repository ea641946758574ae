"""The registry of sources, and what can be told of them without it."""

from __future__ import annotations

from keptword.sources.registry import sources
from keptword.sources.rooms import ROOMS


def test_a_source_is_named_as_its_folder():
    """So that pages can name what could be added without loading what reads it."""
    assert tuple(source.name for source in sources()) == ROOMS
