"""An invented shop whose truth is known: the demo, the tests' measuring rod and the load generator."""

from __future__ import annotations

from keptword.simulate.exports import ExportKind, Progress, write
from keptword.simulate.haiwen import simulate
from keptword.simulate.truth import truth
from keptword.simulate.world import Shop, World

__all__ = ["ExportKind", "Progress", "Shop", "World", "simulate", "truth", "write"]
