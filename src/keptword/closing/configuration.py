"""What a closing depends on besides the facts: how far it reads, the rules with their calendars, money, the lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from keptword.core.lines import lines_hash
from keptword.core.money import Rates
from keptword.core.rules import Rule, Settings


@dataclass(frozen=True)
class Input:
    """How far a closing reads: up to the end of a local day, and up to a batch of the journal."""

    day: date
    batch: int


@dataclass(frozen=True)
class ToldRule:
    """A rule with the settings it was told with: a business that moves or rests on other days changes no promise."""

    rule: Rule
    settings: Settings


@dataclass(frozen=True)
class Configuration:
    """What a closing is computed by.

    `timezone` tells when a day of an hourly promise ends; `currency` is the business's own; `rates` turn other
    currencies into it, None where no rates were given.
    """

    currency: str
    timezone: str | None = None
    rules: tuple[ToldRule, ...] = ()
    rates: Rates | None = None
    costs: Mapping[str, str] = field(default_factory=dict)

    def parts(self, *, until: date) -> dict[str, Any]:
        """Return everything that may change a closing of `until`, as JSON would hold it; rates by their digest."""
        return {
            "currency": self.currency,
            "timezone": self.timezone,
            "lines": lines_hash(),
            "rules": [
                {"rule_id": told.rule.rule_id, **_plain(asdict(told.rule)), "calendar": _plain(asdict(told.settings))}
                for told in sorted(self.rules, key=lambda told: told.rule.rule_id)
                if told.rule.since is None or told.rule.since <= until
            ],
            "rates": self.rates.digest(until=until) if self.rates else None,
            "costs": dict(self.costs),
        }


def digest(parts: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a configuration's parts, in hexadecimal."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Return a value as JSON would hold it; what JSON has no form for is written as text."""
    return json.loads(json.dumps(value, default=str, ensure_ascii=False))
