"""The documents: figures that are no tables, worked out beforehand and kept as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from keptword.books.opened import Books
from keptword.core.rules import describe
from keptword.figures.draft import Draft, named, stored

DOCUMENTS: Final = {
    "made": "Of which books these figures are: format, number, made_at, today, of.",
    "shop": "The business and what is known of it.",
    "rules": "Every version of every rule that makes promises, in words.",
}


def write(draft: Draft, books: Books, *, made: Mapping[str, Any]) -> None:
    """Write `about`: one row a document."""
    draft.say("Counting …")
    documents = {"made": made, "shop": _shop(draft, books, made=made), "rules": _rules(draft)}
    draft.put("about", [{"name": name, "content": as_json(content)} for name, content in documents.items()])


def as_json(content: Any) -> str:
    """Return a document as JSON: days and moments as ISO 8601 has them, exact amounts as texts."""
    return json.dumps(content, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} has no place in a document")


def _shop(draft: Draft, books: Books, *, made: Mapping[str, Any]) -> dict[str, Any]:
    told = named(draft.told)
    seen = draft.rows(f"SELECT count(*) AS entries, min(occurred_on) AS first_on, max(occurred_on) AS newest_on FROM {told}")
    counted = draft.rows(f"SELECT count(*) AS orders, count(DISTINCT user_key) AS customers FROM {stored('subjects')} WHERE placed_on IS NOT NULL AND NOT (cancelled_on IS NOT NULL AND shipped_on IS NULL)")
    return {
        "name": books.business.name,
        "currency": books.business.currency,
        "timezone": books.timezone,
        "country": books.business.settings.country,
        "batch": made["of"]["batch"],
        "as_of": made["today"],
        "made_at": made["made_at"],
        **seen[0],
        **counted[0],
    }


def _rules(draft: Draft) -> list[dict[str, Any]]:
    return [
        {
            "rule_id": each.rule.rule_id,
            "rule": each.rule.identity,
            "version": each.rule.version,
            "promise_kind": each.rule.kind,
            "words": {"en": describe(each.rule, language="en"), "zh": describe(each.rule, language="zh")},
            "since": each.rule.since,
            "until": each.rule.until,
            "shown_at": each.rule.shown_at,
        }
        for each in draft.closer.configuration.rules
    ]
