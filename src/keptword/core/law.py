"""What the law promises consumers who buy at a distance, whatever the shop says: orientation, no legal advice.

The rows are in `law.toml` beside this file, each with the provision it stands on, how well it was read
and when. What could not be found in a provision is left out, and a remark says so. National law, state
law and the small print of exceptions may differ: who depends on a row reads the provision.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from keptword.core.problems import KeptwordError
from keptword.core.schema import KINDS, unknown

KEPT_BY: Final[dict[str, str | None]] = {
    "dispatch": "order.shipped",
    "delivery": "order.delivered",
    "refund": "order.refunded",
    "reply": "contact.replied",
    # A right the customer uses: no act of the shop keeps it.
    "withdrawal": None,
}
"""The kinds of promise the law makes, and the kind of fact that keeps each."""

UNITS: Final = ("days", "working days")

GRADES: Final[dict[str, str]] = {
    "wording": "The wording of the law was read.",
    "quoted": "The law was read as an authority or a named publication quotes or sums it up.",
}
"""How well a row was checked, best first."""

_ALIASES: Final = {"UK": "GB", "EL": "GR"}
"""Codes people write that ISO 3166 spells otherwise."""


@dataclass(frozen=True)
class LegalPromise:
    """One promise the law makes to a consumer who buys at a distance.

    `group` is the code of the country, or of the group of countries, it holds in; `place` names it.
    `days` counts in `unit`, from the day after the fact of kind `from_kind`; `kept_by` is the kind of
    fact that keeps it, None for a withdrawal period. `note` says the exceptions. `grade` is one of
    `GRADES`, `read` says where the provision was read, `checked` on which day.
    """

    group: str
    place: str
    place_zh: str
    kind: str
    days: int
    unit: str
    from_kind: str
    kept_by: str | None
    sentence: str
    sentence_zh: str
    source: str
    note: str
    note_zh: str
    grade: str
    read: str
    checked: date


@dataclass(frozen=True)
class LegalRemark:
    """What the law does not promise, or not in days, where somebody might expect it; fields as above."""

    group: str
    place: str
    place_zh: str
    sentence: str
    sentence_zh: str
    source: str
    grade: str
    read: str
    checked: date


@dataclass(frozen=True)
class Law:
    """All rows of a law file: the group of each country, the promises and the remarks, in file order."""

    group_of: Mapping[str, str]
    promises: tuple[LegalPromise, ...]
    remarks: tuple[LegalRemark, ...]


def promised_by_law(country: str) -> tuple[LegalPromise, ...]:
    """Return what the law of `country` promises consumers who buy at a distance, in the order of the file.

    `country` is an ISO 3166-1 alpha-2 code; a subdivision behind it ("US-CA") is ignored, case does not
    count. One element a promise; empty for an unknown or uncovered country, and for a covered one where
    no figure holds (`remarks_on` says why).
    """
    law = _bundled()
    group = law.group_of.get(_code(country))
    return tuple(promise for promise in law.promises if promise.group == group)


def remarks_on(country: str) -> tuple[LegalRemark, ...]:
    """Return what is to be said about the law of `country` beside its promises; empty where nothing is."""
    law = _bundled()
    group = law.group_of.get(_code(country))
    return tuple(remark for remark in law.remarks if remark.group == group)


def covered() -> tuple[str, ...]:
    """Return the ISO 3166-1 alpha-2 codes of all countries whose law was looked up, sorted."""
    return tuple(sorted(_bundled().group_of))


def read_law(text: str, *, where: str = "law.toml") -> Law:
    """Read a law file.

    `text` is TOML with the tables `group`, `promise` and `remark`. Raises `KeptwordError`, naming
    `where` and the row, for a row that is incomplete, says what no other row may say, or has no source.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KeptwordError(f"{where} cannot be read as TOML: {error}. Mend that line.") from None
    for name in tables:
        if name not in ("group", "promise", "remark"):
            raise KeptwordError(f"{where}: {unknown('table', name, known=('group', 'promise', 'remark'))}")
    groups: dict[str, _Row] = {}
    for row in _rows(tables, "group", _GROUP, where=where):
        if (code := row.word("code")) in groups:
            raise row.wrong(f'the group "{code}" is there already. Give this one another code, or join the two.')
        groups[code] = row
    return Law(
        group_of=_group_of(groups),
        promises=tuple(_promise(row, groups=groups) for row in _rows(tables, "promise", _PROMISE, where=where)),
        remarks=tuple(_remark(row, groups=groups) for row in _rows(tables, "remark", _REMARK, where=where)),
    )


_CHECKED: Final = ("sentence", "sentence_zh", "source", "grade", "read", "checked")
_GROUP: Final = ("code", "countries", "name", "name_zh")
_PROMISE: Final = ("group", "kind", "days", "unit", "from", *_CHECKED, "note", "note_zh")
_REMARK: Final = ("group", *_CHECKED)


@dataclass(frozen=True)
class _Row:
    """One row of the file as it was read, and how to name it in a sentence."""

    name: str
    cells: Mapping[str, object]

    def wrong(self, seen: str) -> KeptwordError:
        return KeptwordError(f"{self.name}: {seen}")

    def word(self, key: str) -> str:
        value = self.cells[key]
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(f'"{key}" is {value!r}. Write a text there.')
        return value.strip()

    def choice(self, key: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
        value = self.word(key)
        if value not in known:
            raise self.wrong(unknown(key, value, known=known))
        return value


@cache
def _bundled() -> Law:
    return read_law(files("keptword.core").joinpath("law.toml").read_text(encoding="utf-8"))


def _code(country: str) -> str:
    code = country.strip().upper().replace("_", "-").split("-")[0]
    return _ALIASES.get(code, code)


def _rows(tables: Mapping[str, object], table: str, keys: tuple[str, ...], *, where: str) -> list[_Row]:
    """Return the rows of `table`, each with exactly the keys it needs."""
    entries = tables.get(table, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise KeptwordError(f'{where}: "{table}" is not a list of rows. Begin each row with [[{table}]].')
    rows = [_Row(name=f"{where}, {table} {n}", cells=cells) for n, cells in enumerate(entries, start=1)]
    for row in rows:
        for key in row.cells:
            if key not in keys:
                raise row.wrong(unknown("column", key, known=keys))
        if not row.cells.get("source") and "source" in keys:
            raise row.wrong(
                "it names no source. Name the statute and the article it stands on, or leave the row out: "
                "what the law promises is looked up, never guessed."
            )
        missing = [key for key in keys if key not in row.cells]
        if missing:
            raise row.wrong(f"it lacks {', '.join(missing)}. Add what is missing, or leave the row out.")
    return rows


def _group_of(groups: Mapping[str, _Row]) -> dict[str, str]:
    """Return the group of each country; a country is in one group only, so that no row counts twice."""
    group_of: dict[str, str] = {}
    for code, row in groups.items():
        countries = row.cells["countries"]
        if not isinstance(countries, list) or not countries:
            raise row.wrong('"countries" is not a list of country codes. Write at least one, as in ["DE"].')
        for country in countries:
            if not (isinstance(country, str) and re.fullmatch("[A-Z]{2}", country)):
                raise row.wrong(f"{country!r} is not a country code. Write two capital letters (ISO 3166), as in DE.")
            if country in group_of:
                raise row.wrong(f'{country} is already in the group "{group_of[country]}". Leave it in one of them.')
            group_of[country] = code
    return group_of


def _promise(row: _Row, *, groups: Mapping[str, _Row]) -> LegalPromise:
    kind = row.choice("kind", KEPT_BY)
    days = row.cells["days"]
    if not isinstance(days, int) or isinstance(days, bool) or days < 1:
        raise row.wrong(f"days is {days!r}. Write a whole number of days, 1 or more.")
    for key in ("sentence", "sentence_zh"):
        # A sentence that tells another number than the row is the worst a reader can be given.
        if not re.search(rf"(?<!\d){days}(?!\d)", row.word(key)):
            raise row.wrong(f'"{key}" does not say {days}, the number of days. Make the two agree.')
    remark = _remark(row, groups=groups)
    return LegalPromise(
        group=remark.group,
        place=remark.place,
        place_zh=remark.place_zh,
        kind=kind,
        days=days,
        unit=row.choice("unit", UNITS),
        from_kind=row.choice("from", KINDS),
        kept_by=KEPT_BY[kind],
        sentence=remark.sentence,
        sentence_zh=remark.sentence_zh,
        source=remark.source,
        note=row.word("note"),
        note_zh=row.word("note_zh"),
        grade=remark.grade,
        read=remark.read,
        checked=remark.checked,
    )


def _remark(row: _Row, *, groups: Mapping[str, _Row]) -> LegalRemark:
    """Return what a promise and a remark have in common: where it holds, what it says, how it was checked."""
    group = row.choice("group", groups)
    checked = row.cells["checked"]
    if type(checked) is not date:
        raise row.wrong(f"checked is {checked!r}. Write the day the law was read, as YYYY-MM-DD without quotes.")
    return LegalRemark(
        group=group,
        place=groups[group].word("name"),
        place_zh=groups[group].word("name_zh"),
        sentence=row.word("sentence"),
        sentence_zh=row.word("sentence_zh"),
        source=row.word("source"),
        grade=row.choice("grade", GRADES),
        read=row.word("read"),
        checked=checked,
    )
