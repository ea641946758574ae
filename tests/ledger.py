"""Reads the little ledgers that stand in the docstrings of tests, one fact a line."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from ibis.expr.types import Table

from keptword.core.schema import FACT_SCHEMA
from keptword.engines.duckdb import Engine

KINDS = {
    "promise": "promise.made",
    "move": "promise.renegotiated",
    "keep": "promise.kept",
    "break": "promise.broken",
    "release": "promise.released",
    "order": "order.placed",
    "pay": "order.paid",
    "ship": "order.shipped",
    "cancel": "order.cancelled",
    "write": "contact.opened",
    "answer": "contact.replied",
}


def facts(engine: Engine, text: str) -> Table:
    """Put the facts of a ledger into the engine.

    A line reads `2031-03-01 [14:30] rosa promise delivery P1 [due 2031-03-04 [17:00]]`, `2031-03-06 rosa keep P1`
    or `2031-03-01 rosa order 1042`. A due day is judged at its end, a due hour at the instant.
    """
    rows = [_fact(number, line) for number, line in enumerate(filter(None, map(str.strip, text.splitlines())))]
    return engine.put("ledger", FACT_SCHEMA, rows=[tuple(row.get(column) for column in FACT_SCHEMA) for row in rows])


def _moment(words: list[str]) -> tuple[date, time | None]:
    day = date.fromisoformat(words.pop(0))
    if words and ":" in words[0]:
        return day, time.fromisoformat(words.pop(0))
    return day, None


def _fact(number: int, line: str) -> dict[str, Any]:
    words = line.split()
    day, clock = _moment(words)
    user, act = words.pop(0), words.pop(0)
    kind = KINDS[act]
    at = datetime.combine(day, clock or time())
    row: dict[str, Any] = {
        "fact_id": f"f{number:04}",
        "kind": kind,
        "user_key": user,
        "occurred_at": at,
        "recorded_at": at,
        "occurred_on": day,
        "clock_seconds": clock.hour * 3600 + clock.minute * 60 + clock.second if clock else None,
        "source": f"ledger:{number}",
    }
    if not kind.startswith("promise."):
        return row | {"subject": ("conversation:" if kind.startswith("contact.") else "order:") + words.pop(0)}
    if kind == "promise.made":
        row["promise_kind"] = words.pop(0)
    row["promise_id"] = words.pop(0)
    if words:
        words.pop(0)
        due_day, due_clock = _moment(words)
        row["due_on"] = None if due_clock else due_day
        last = datetime.combine(due_day, time()) + timedelta(days=1) - timedelta(microseconds=1)
        row["due_at"] = datetime.combine(due_day, due_clock) if due_clock else last
    return row
