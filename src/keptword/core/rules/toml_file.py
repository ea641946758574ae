"""Reads the rules and settings of a business from TOML; every refusal names the file and the place."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final, TypeVar

from keptword.core.problems import KeptwordError, Sentence
from keptword.core.rules.condition import parse_condition
from keptword.core.rules.model import Rule, RuleBook, Settings, rule, rule_book
from keptword.core.rules.sentence import clock_time, parse_amount
from keptword.core.schema import unknown

_PROMISE_KEYS: Final = (
    "kind",
    "within",
    "from",
    "kept_by",
    "cutoff",
    "where",
    "since",
    "until",
    "shown_at",
    "by_law",
    "source",
    "name",
)
_SETTINGS_KEYS: Final = (
    "timezone",
    "country",
    "working_days",
    "working_hours",
    "holidays",
    "extra_holidays",
    "extra_working_days",
    "leave_out",
)
_PROMISE_HEADER = re.compile(r"^\s*\[\[\s*promise\s*\]\]", re.MULTILINE)

Read = TypeVar("Read")


def rules_from_toml(text: str, *, where: str = "rules.toml") -> RuleBook:
    """Return the rules in `[[promise]]` tables and the `[settings]` of a TOML text, read from `where`.

    Raises `KeptwordError`, naming the table, for what is not TOML, not known, or impossible.
    """
    try:
        document = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise KeptwordError(
            "{where} is not readable as TOML: {error}. Texts stand in quotes, dates do not.", where=where, error=error
        ) from error
    whole = _Table(document, where)
    whole.refuse_unknown(("promise", "settings"))
    promises = document.get("promise", [])
    if not isinstance(promises, list) or not all(isinstance(promise, dict) for promise in promises):
        raise whole.refusal('the rules stand each under its own line "[[promise]]", with two brackets on either side')
    if not document:
        raise whole.refusal('there is no rule in it. Begin one with a line "[[promise]]"')
    settings = document.get("settings", {})
    if not isinstance(settings, dict):
        raise whole.refusal('the settings stand under a line "[settings]"')
    read = _settings(_Table(settings, Sentence("{file}, settings", file=where)))
    places = _places(text, where, len(promises))
    rules = [_rule(_Table(promise, place)) for promise, place in zip(promises, places, strict=True)]
    return whole.checked(lambda: rule_book(rules, settings=read))


def as_toml(rule: Rule) -> str:
    """Return one rule as the TOML that `rules_from_toml` reads it from; its version is not part of it."""
    told: dict[str, object] = {
        "kind": rule.kind,
        "within": str(rule.within),
        "from": rule.from_kind,
        "kept_by": rule.kept_by,
        "cutoff": f"{rule.cutoff:%H:%M}" if rule.cutoff else None,
        "where": str(rule.where) if rule.where else None,
        "since": rule.since,
        "until": rule.until,
        "shown_at": rule.shown_at,
        "by_law": True if rule.by_law else None,
        "source": rule.source,
        "name": rule.name,
    }
    lines = [f"{key} = {_written(value)}" for key, value in told.items() if value is not None]
    return "[[promise]]\n" + "\n".join(lines) + "\n"


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    # JSON's escapes are those of TOML.
    return value.isoformat() if isinstance(value, date) else json.dumps(str(value), ensure_ascii=False)


def settings_from(table: object, *, where: str) -> Settings:
    """Return the settings of a `[settings]` table that was read already; refuses as `rules_from_toml` does."""
    if not isinstance(table, dict):
        raise KeptwordError('{where}: the settings stand under a line "[settings]".', where=where)
    return _settings(_Table(table, Sentence("{file}, settings", file=where)))


def _places(text: str, where: str, count: int) -> list[str]:
    """Return how to name each promise: by its number, and its line where the lines can be told."""
    lines = [text.count("\n", 0, found.end()) + 1 for found in _PROMISE_HEADER.finditer(text)]
    if len(lines) != count:
        return [f"{where}, promise {number}" for number in range(1, count + 1)]
    return [f"{where}, promise {number} (line {line})" for number, line in enumerate(lines, start=1)]


def _rule(table: _Table) -> Rule:
    table.refuse_unknown(_PROMISE_KEYS)
    kind, within = table.text("kind"), table.text("within")
    if kind is None:
        raise table.refusal('it does not say what is promised. Add a kind, such as kind = "dispatch"')
    if within is None:
        raise table.refusal('it does not say within how long. Add it, such as within = "2 working days"')
    condition, cutoff = table.text("where"), table.hour("cutoff")
    return table.checked(
        lambda: rule(
            kind,
            parse_amount(within),
            from_kind=table.text("from"),
            kept_by=table.text("kept_by"),
            cutoff=cutoff,
            where=None if condition is None else parse_condition(condition),
            since=table.day("since"),
            until=table.day("until"),
            shown_at=table.text("shown_at"),
            by_law=table.flag("by_law", otherwise=False),
            source=table.text("source"),
            name=table.text("name"),
        )
    )


def _settings(table: _Table) -> Settings:
    table.refuse_unknown(_SETTINGS_KEYS)
    holidays, extra_holidays = table.holidays()
    settings = Settings(
        timezone=table.text("timezone"),
        country=table.text("country"),
        working_days=table.texts("working_days"),
        working_hours=table.hours("working_hours"),
        holidays=holidays,
        extra_holidays=extra_holidays,
        extra_working_days=table.days("extra_working_days"),
        leave_out=table.table("leave_out"),
    )
    # Made once here, so that a wrong country or hour is told with its place.
    table.checked(lambda: settings.calendar(years=range(2024, 2025)))
    return settings


@dataclass(frozen=True)
class _Table:
    """One TOML table and how to name it; hands out its values in the type asked for, or refuses."""

    values: dict[str, Any]
    where: str

    def refusal(self, sentence: str) -> KeptwordError:
        return KeptwordError("{where}: {sentence}.", where=self.where, sentence=Sentence(sentence))

    def checked(self, read: Callable[[], Read]) -> Read:
        """Return what `read` returns; what it refuses is refused with this table's place before it."""
        try:
            return read()
        except KeptwordError as error:
            if str(error).startswith(self.where):
                raise
            raise KeptwordError("{where}: {error}", where=self.where, error=error) from error

    def refuse_unknown(self, known: Iterable[str]) -> None:
        known = tuple(known)
        for key in self.values:
            if key not in known:
                raise KeptwordError("{where}: {why}", where=self.where, why=unknown("key", key, known=known))

    def text(self, key: str) -> str | None:
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.refusal(
                Sentence(
                    '{key} is {told}, but has to be a text in quotes, such as {key} = "{sample}"',
                    key=key,
                    told=_told(value),
                    sample=_SAMPLES[key],
                )
            )
        return value.strip()

    def flag(self, key: str, *, otherwise: bool) -> bool:
        value = self.values.get(key, otherwise)
        if not isinstance(value, bool):
            raise self.refusal(
                Sentence("{key} is {told}, but has to be true or false, without quotes", key=key, told=_told(value))
            )
        return value

    def day(self, key: str) -> date | None:
        return None if key not in self.values else self._day(key, self.values[key])

    def days(self, key: str) -> tuple[date, ...]:
        return tuple(self._day(key, value) for value in self._listed(key, "[2031-12-24, 2031-12-31]"))

    def _day(self, key: str, value: object) -> date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if isinstance(value, str):
            try:
                return date.fromisoformat(value.strip())
            except ValueError:
                pass
        raise self.refusal(
            Sentence(
                "{key} is {told}, which is not a day on the calendar. Write it as 2031-03-01",
                key=key,
                told=_told(value),
            )
        )

    def hour(self, key: str) -> time | None:
        value = self.values.get(key)
        if value is None or isinstance(value, time):
            return value
        if not isinstance(value, str):
            raise self.refusal(
                Sentence(
                    '{key} is {told}, but has to be an hour in quotes, such as {key} = "14:00"',
                    key=key,
                    told=_told(value),
                )
            )
        return self.checked(lambda: clock_time(value))

    def texts(self, key: str) -> tuple[str, ...] | None:
        return self._texts(key, self.values[key]) if key in self.values else None

    def hours(self, key: str) -> tuple[str, ...] | dict[str, tuple[str, ...]] | None:
        value = self.values.get(key)
        if isinstance(value, dict):
            return {name: self._texts(f"{key}.{name}", hours) for name, hours in value.items()}
        return self.texts(key)

    def holidays(self) -> tuple[bool, tuple[date, ...]]:
        """Return whether the country's holidays are kept, and further ones; a list means both."""
        extra = self.days("extra_holidays")
        if isinstance(self.values.get("holidays"), list):
            return True, (*extra, *self.days("holidays"))
        return self.flag("holidays", otherwise=True), extra

    def table(self, key: str) -> dict[str, Any]:
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.refusal(
                Sentence(
                    '{key} is {told}, but has to be a table. Begin it with a line "[settings.{key}]"',
                    key=key,
                    told=_told(value),
                )
            )
        return value

    def _listed(self, key: str, sample: str) -> list[Any]:
        value = self.values.get(key, [])
        if not isinstance(value, list):
            raise self.refusal(
                Sentence(
                    "{key} is {told}, but has to be a list, such as {key} = {sample}",
                    key=key,
                    told=_told(value),
                    sample=sample,
                )
            )
        return value

    def _texts(self, key: str, value: object) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        sample = '["mon", "tue", "wed"]' if key == "working_days" else '["09:00-12:30", "13:30-18:00"]'
        raise self.refusal(
            Sentence(
                "{key} is {told}, but has to be a list of texts, such as {key} = {sample}",
                key=key,
                told=_told(value),
                sample=sample,
            )
        )


_SAMPLES: Final = {
    "kind": "dispatch",
    "within": "2 working days",
    "from": "order.paid",
    "kept_by": "order.shipped",
    "where": "country = DE",
    "shown_at": "product page",
    "source": "BGB § 475 (1)",
    "name": "Standard shipping",
    "timezone": "Europe/Berlin",
    "country": "DE",
}


def _told(value: object) -> str:
    """Return a TOML value as its writer would name it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    return str(value)
