"""What documents are made of: shares and sums as JSON holds them, and read back from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from keptword.core.rates import Share


def as_json(content: Any) -> str:
    """Return a document as JSON: days and moments as ISO 8601 has them, exact amounts as texts."""
    return json.dumps(content, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} has no place in a document")


def plain_share(share: Share) -> dict[str, float | None]:
    """Return a share as documents hold it: `count`, `of`, `value`, `low`, `high`."""
    return asdict(share)


def share_of(told: Mapping[str, Any]) -> Share:
    """Return the share that a document holds."""
    return Share(told["count"], told["of"], told["value"], told["low"], told["high"])
