"""Why lines of dropped files could not be read: where that is written down, and how it is read again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from keptword.core.problems import Problem

RESULT: Final = "result.json"
"""Where the reasons lie, cells and all, as long as the lines themselves do."""


def reasons_of(told: Iterable[Mapping[str, Any]]) -> tuple[Problem, ...]:
    """Return reasons as they were written down."""
    return tuple(Problem(str(each["where"]), str(each["seen"]), each.get("count", 1)) for each in told)
