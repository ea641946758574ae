"""The promise that could be kept where it fails most: from what each promise made there really took."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from keptword.closing.configuration import ToldRule
from keptword.core.calendars import every_day
from keptword.core.keepable import keepable
from keptword.core.rules import Amount, Rule, describe
from keptword.core.rules.condition import Comparison, Condition, Operator
from keptword.engines.duckdb import literal
from keptword.figures.draft import Draft, named, stored
from keptword.figures.months import fails_most
from keptword.figures.plain import plain_share

LONGEST: Final = 60
"""Days beyond which it no longer matters how long something took."""

KNOWN: Final = ("name", "value", "share", "elsewhere")
_SIGNS: Final[tuple[Operator, Operator]] = ("=", "!=")


def there(draft: Draft, worst: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return where it fails more often than elsewhere, and the promise that could be kept there; None where nowhere.

    `worst` is that of the last month (`kinds.worst`); where nothing stood out in it, the last 12 months are looked at.
    `months` says over how many (1 or 12), `name` and `value` where, `share` and `elsewhere` are kept shares. `promise`
    is null where no rule in days that holds for everybody promised it, or no longer promise could be named; else:
    `rule_id` is the rule in force, `rule` its identity, `promised` and `could` are spans (`number`, `unit`), `share`
    is how often `could` would have been kept in 12 months, and `there` and `rest` are the sentences of the two rules
    that would take the place of the one, each with its condition in `where`.
    """
    found = worst or _of_the_year(draft)
    if found is None:
        return None
    promise = _promise(draft, found["name"], found["value"])
    return {"months": 1 if worst else 12, **{name: found[name] for name in KNOWN}, "promise": promise}


def _of_the_year(draft: Draft) -> dict[str, Any] | None:
    """Return what fails more often than the rest over the last 12 months, the one with most that failed."""
    return fails_most(
        draft.rows(f"SELECT name, value, due, kept FROM {stored('broken_down')} WHERE due > 0 ORDER BY name, value")
    )


def _promise(draft: Draft, name: str, value: str) -> dict[str, Any] | None:
    rows = _promised(draft, name=name, value=value)
    told = _most_failed(draft, rows)
    if told is None:
        return None
    rule = told.rule
    found = keepable(*_taken(draft, rows, told=told))
    if found.days is None or found.days <= rule.within.number:
        return None
    could = Amount(found.days, rule.within.unit)
    own, rest = (Condition((Comparison(name, sign, (value,)),)) for sign in _SIGNS)
    return {
        "rule_id": rule.rule_id,
        "rule": rule.identity,
        "promised": {"number": rule.within.number, "unit": rule.within.unit},
        "could": {"number": could.number, "unit": could.unit},
        "share": plain_share(found.curve[found.days]),
        "there": {"sentence": describe(replace(rule, within=could)), "where": str(own)},
        "rest": {"sentence": describe(rule), "where": str(rest)},
    }


def _promised(draft: Draft, *, name: str, value: str) -> list[dict[str, Any]]:
    """Return how many promises by rule there were about a group's orders, by rule, due day and day they were kept."""
    return draft.rows(f"""
        SELECT rule, rule_id, due_on, kept_on, count(*) AS promises,
            count(*) FILTER (outcome IN ('late', 'broken')) AS failed
        FROM {stored("promises")} JOIN (
            SELECT DISTINCT subject FROM {named(draft.values)}
            WHERE name = {literal(name)} AND value = {literal(value)}) USING (subject)
        WHERE rule IS NOT NULL AND due_on IS NOT NULL AND outcome IN ('kept', 'late', 'broken')
            AND broken_on IS NULL AND due_on > ({draft.day} - INTERVAL 12 MONTH)::DATE AND due_on < {draft.day}
        GROUP BY ALL ORDER BY ALL
    """)


def _most_failed(draft: Draft, rows: Sequence[Mapping[str, Any]]) -> ToldRule | None:
    failed: dict[str, int] = {}
    for row in rows:
        failed[row["rule"]] = failed.get(row["rule"], 0) + row["failed"]
    in_force = {
        told.rule.identity: told
        for told in draft.closer.configuration.rules
        if _is_general(told.rule, draft.today) and told.rule.within.in_days
    }
    known = [identity for identity in failed if identity in in_force and failed[identity]]
    return in_force[max(known, key=lambda identity: failed[identity])] if known else None


def _is_general(rule: Rule, today: date) -> bool:
    """Whether a rule holds for everybody, today and for good: one that ends has been changed already."""
    return rule.where is None and rule.until is None and rule.is_in_force(today)


def _taken(draft: Draft, rows: Sequence[Mapping[str, Any]], *, told: ToldRule) -> tuple[Any, Any]:
    """Return how many left after so many days, and how many were open after so many full ones.

    What a promise took is what it allowed and the days between its due day and the day it was kept: so cut-off hours
    and holidays are counted as they were when it was made.
    """
    left, waiting = np.zeros(LONGEST + 1, dtype=np.int64), np.zeros(LONGEST + 1, dtype=np.int64)
    allowed = _allowed(draft, told.rule)
    mine = [row for row in rows if row["rule_id"] in allowed]
    if not mine:
        return left, waiting
    days = _days(told, first=min(row["due_on"] for row in mine), last=draft.today)
    yesterday = bisect_right(days, draft.today - timedelta(days=1))
    for row in mine:
        due = bisect_left(days, row["due_on"])
        begun = allowed[row["rule_id"]] - due
        if row["kept_on"] is None:
            waiting[_within(begun + yesterday - 1)] += row["promises"]
        else:
            left[_within(begun + bisect_left(days, row["kept_on"]))] += row["promises"]
    return left, waiting


def _allowed(draft: Draft, rule: Rule) -> dict[str, int]:
    """Return how many days each version of the rule allows, those told in the same unit."""
    rules = [told.rule for told in draft.closer.configuration.rules]
    versions = [each for each in rules if each.identity == rule.identity and each.within.unit == rule.within.unit]
    return {each.rule_id: int(each.within.number) for each in versions}


def _days(told: ToldRule, *, first: date, last: date) -> list[date]:
    """Return the days that count for a rule, from long before the first due day to long after the last."""
    begin, end = first - timedelta(days=2 * LONGEST), last + timedelta(days=LONGEST)
    years = range(begin.year, end.year + 1)
    calendar = told.settings.calendar(years=years) if told.rule.within.working else every_day()
    span = (begin + timedelta(days=step) for step in range((end - begin).days))
    return [day for day in span if calendar.is_working(day)]


def _within(days: int) -> int:
    return min(max(days, 0), LONGEST)
