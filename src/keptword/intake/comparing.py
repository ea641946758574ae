"""When two facts of the same id say the same, and the sentence about where they do not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from keptword.core.schema import FACT_SCHEMA
from keptword.intake.checking import canonical

# When and from where we learned it may differ. So may the local day and clock of one and the same moment, which
# follow from `occurred_at` and the time zone the business had then: a later change of zone contradicts nothing. What a
# thing cost the business is told by another file, which need not be given each time.
_FREE: Final = {"fact_id", "recorded_at", "source", "attributes", "occurred_on", "clock_seconds", "cost"}

COMPARED: Final = tuple(name for name in FACT_SCHEMA if name not in _FREE)
"""The columns in which facts of the same id have to agree."""


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    """Return the sentence that names both values where two facts of one id differ; None where they say the same."""
    other = [name for name in COMPARED if before.get(name) != after.get(name)]
    if not other:
        return None
    told = "; ".join(f"{name} was {_told(before.get(name))} and is {_told(after.get(name))} here" for name in other)
    return (
        f'An entry "{after["fact_id"]}" is there already and says something else: {told}. The first one stays. '
        "If this is another entry, give it another fact_id; if the first was wrong, take it back and send this again."
    )


def _told(value: Any) -> str:
    return "empty" if value is None else f'"{value}"' if isinstance(value, str) else f"{value}"


def digest(fact: Mapping[str, Any]) -> str:
    """Return 64 hexadecimal digits for what a fact says, whenever and wherever it was learned."""
    return text_digest(canonical({name: fact.get(name) for name in ("fact_id", *COMPARED)}))


def text_digest(text: str) -> str:
    """Return 64 hexadecimal digits for a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
