"""What of a configuration is not as it was when a day was closed, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def changed_parts(sealed: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """Return in words what of a configuration is not as it was when a day was sealed."""
    found = []
    for name in ("currency", "timezone"):
        if sealed.get(name) != now.get(name):
            found.append(f"the {name} was {sealed.get(name) or 'not told'} and is {now.get(name) or 'not told'}")
    if sealed.get("lines") != now.get("lines"):
        found.append("the list of lines (what counts on which, and how fast it fades)")
    found += _changed_rules(sealed.get("rules") or (), now.get("rules") or ())
    if sealed.get("rates") != now.get("rates"):
        found.append("the rates of other currencies up to that day")
    if sealed.get("costs") != now.get("costs"):
        found.append("what an hour of work costs, or how long an answer takes")
    others = sorted({*sealed, *now} - {"currency", "timezone", "lines", "rules", "rates", "costs"})
    return (*found, *(f'the setting "{name}"' for name in others if sealed.get(name) != now.get(name)))


def _changed_rules(sealed: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> list[str]:
    was, stands = ({rule["rule_id"]: rule for rule in rules} for rules in (sealed, now))
    found = [f"the rule {name} is there no more" for name in was if name not in stands]
    found += [f"the rule {name} is new" for name in stands if name not in was]
    for name in was.keys() & stands.keys():
        keys = [key for key in was[name] if was[name][key] != stands[name].get(key)]
        if keys:
            found.append(f"the rule {name} in {', '.join(keys)}")
    return sorted(found)
