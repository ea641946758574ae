"""The invented shop's whole story as facts: users act by a trust that the facts move, and the truth is known."""

from __future__ import annotations

from keptword.simulate.story.life import Block, Story, story
from keptword.simulate.story.writing import FactForm, write_story

__all__ = ["Block", "FactForm", "Story", "story", "write_story"]
