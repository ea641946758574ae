"""Reads a mapping from TOML and checks all that can be checked without the file it is for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping as Mappings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

from keptword.core.problems import KeptwordError
from keptword.core.schema import KINDS, unknown
from keptword.sources.csv.entries import Entries, check_format
from keptword.sources.csv.grammar import Condition, Formula, parse_formula
from keptword.sources.csv.guessing.words import PARTS as PARTS_SPOKEN
from keptword.sources.csv.guessing.words import POSTAL, spoken
from keptword.sources.csv.mapping import (
    FATES,
    PARTS,
    TAKES,
    CellFormat,
    FactSpec,
    Fate,
    LeaveOut,
    Mapping,
    Part,
    Rows,
    Take,
    TextSpec,
)
from keptword.sources.csv.names import LINE
from keptword.sources.csv.specs import moment_spec, number_spec, promise_spec, text_spec

TABLES: Final = ("file", "rows", "columns", "personal", "defaults", "leave_out", "fact")
FILE_KEYS: Final = ("name", "timezone", "dates", "decimal", "thousands", "empty")
ROWS_KEYS: Final = ("where", "fill_down", "group_by", "order_by", "take", "across_files")
DEFAULT_KEYS: Final = ("when", "id", "subject", "user", "other_user", "channel", "currency", "traits")
PERSONAL_KEYS: Final = ("fate", "as")
FACT_KEYS: Final = (
    *("kind", "if", "agreed", "promise", "amount", "cost", "seconds", "steps", "score"),
    *DEFAULT_KEYS,
)

_NAME = re.compile(r"[\w.-]+")
_BY_THEIR_OWN_ACT: Final = ("promise.renegotiated", "promise.released")


def load(path: Path) -> Mapping:
    """Return the mapping in a TOML file; raise `KeptwordError` for one that cannot be read or says too little."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise KeptwordError(
            'There is no mapping "{path}". "keptword mapping guess FILE" proposes one.', path=path
        ) from None
    except UnicodeDecodeError:
        raise KeptwordError("{file} is not written in UTF-8. Save it again as UTF-8.", file=path.name) from None
    except OSError as error:
        raise KeptwordError("{path} cannot be read: {why}.", path=path, why=error.strerror or error) from None
    return parse(text, file=path.name)


def parse(text: str, *, file: str) -> Mapping:
    """Return the mapping written in TOML; `file` names it in sentences.

    Raises `KeptwordError` for what is no TOML, for unknown tables, entries and kinds, naming the nearest known
    one, and for facts that lack what their kind requires.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KeptwordError(
            "{file} is no readable TOML: {error}. Texts stand in quotes.", file=file, error=error
        ) from None
    try:
        return _mapping(raw, file)
    except KeptwordError as error:
        raise KeptwordError("{file}: {error}", file=file, error=error) from None


def _mapping(raw: dict[str, Any], file: str) -> Mapping:
    whole = Entries(raw, place="The mapping", known=TABLES)
    of_file = Entries(raw.get("file", {}), place="[file]", known=FILE_KEYS)
    name = of_file.text("name")
    if name is None or not _NAME.fullmatch(name):
        raise KeptwordError(
            '[file] needs a "name" of letters, digits, - and _, as in name = "myshop": it begins the id of every '
            "entry, so it stays the same from export to export."
        )
    facts = _facts(whole)
    personal = _personal(raw.get("personal", {}))
    return Mapping(
        file=file,
        name=name,
        facts=facts,
        timezone=of_file.timezone(),
        cells=_cells(of_file),
        rows=_rows(Entries(raw.get("rows", {}), place="[rows]", known=ROWS_KEYS)),
        computed=_computed(raw.get("columns", {})),
        personal=tuple((column, fate) for column, fate, _ in personal),
        book=_book(personal, facts),
        leave_out=_leave_out(whole),
    )


def _cells(of_file: Entries) -> CellFormat:
    dates = tuple(check_format(written, of_file.place) for written in of_file.texts("dates"))
    decimal = of_file.one_of("decimal", (".", ","), default=".")
    given = of_file.raw.get("thousands", "," if decimal == "." else ".")
    if given not in (",", ".", " ", "'", "") or given == decimal:
        raise KeptwordError(
            '{place}: "thousands" is one of "," "." " " "\'" "" and differs from the sign for decimals.',
            place=of_file.place,
        )
    return CellFormat(dates or ("iso",), decimal, given, of_file.texts("empty"))


def _rows(entries: Entries) -> Rows:
    take = entries.raw.get("take", {})
    if not isinstance(take, dict):
        raise entries.fault("take", 'a table, as in take = { Total = "sum" }')
    for column, word in take.items():
        if word not in TAKES:
            raise KeptwordError(
                '{place}, "take", "{column}": {why}',
                place=entries.place,
                column=column,
                why=unknown("way to take cells", str(word), known=TAKES),
            )
    rows = Rows(
        where=entries.condition("where"),
        fill_down=entries.texts("fill_down"),
        group_by=entries.texts("group_by"),
        order_by=entries.texts("order_by"),
        take=tuple((column, cast(Take, word)) for column, word in take.items()),
        across_files=entries.flag("across_files"),
    )
    if not rows.group_by and (rows.take or rows.order_by or rows.across_files):
        raise KeptwordError(
            '{place}: "take", "order_by" and "across_files" need "group_by": which rows become one.',
            place=entries.place,
        )
    return rows


def _computed(raw: object) -> tuple[tuple[str, Formula], ...]:
    known = raw if isinstance(raw, dict) else {}
    entries = Entries(raw, place="[columns]", known=known)
    lower = [name.casefold() for name in known]
    twice = next((name for name in known if lower.count(name.casefold()) > 1 or name.casefold() == LINE), None)
    if twice:
        raise KeptwordError('[columns]: "{twice}" is the name of another column too, letter case aside.', twice=twice)
    return tuple((name, _formula(entries, name)) for name in known)


def _formula(entries: Entries, name: str) -> Formula:
    written = entries.text(name) or ""
    return entries.placed(lambda: parse_formula(written))


_Personal = tuple[str, Fate, Part | None]


def _personal(raw: object) -> tuple[_Personal, ...]:
    """Return each personal column with its fate, and with what the mapping says that it is to the address book."""
    known = raw if isinstance(raw, dict) else {}
    entries = Entries(raw, place="[personal]", known=known)
    return tuple(_fate(entries, column) for column in known)


def _fate(entries: Entries, column: str) -> _Personal:
    if not isinstance(entries.raw[column], dict):
        return column, cast(Fate, entries.one_of(column, tuple(FATES), default="hash")), None
    inner = Entries(entries.raw[column], place=f'{entries.place}, "{column}"', known=PERSONAL_KEYS)
    fate = cast(Fate, inner.one_of("fate", tuple(FATES), default="address_book"))
    if "as" in inner and fate != "address_book":
        raise KeptwordError(
            '{place}: "as" says what a column is to the address book, and its fate is "{fate}".',
            place=inner.place,
            fate=fate,
        )
    part = inner.text("as")
    if part is not None and part not in PARTS:
        raise KeptwordError(
            "{place}: {why}", place=inner.place, why=unknown("part of the address book", part, known=PARTS)
        )
    return column, fate, part


def _book(personal: Sequence[_Personal], facts: Sequence[FactSpec]) -> tuple[tuple[str, Part | None], ...]:
    """Return the columns for the address book, each with what it is there; whom it says nothing of stands aside."""
    others = {spec.other_user.text for spec in facts if spec.other_user is not None}
    told = {column: part for column, fate, part in personal if fate == "address_book" and column not in others}
    for spec in facts:
        if spec.user is not None and spec.user.fate == "address_book" and spec.user.text and "{" not in spec.user.text:
            told.setdefault(spec.user.text, None)
    return tuple((column, part or _part(column)) for column, part in told.items())


def _part(column: str) -> Part | None:
    """Return what a column is to the address book by its heading; None where that does not tell it."""
    heading = spoken(column)
    found = next((part for part in PARTS_SPOKEN if PARTS_SPOKEN[part].search(heading)), None)
    if found is None and POSTAL.search(heading):
        raise KeptwordError(
            '[personal]: "{column}" reads like the address of a house, which the address book has no place for. Write '
            '"left_out"; or, if it is something else, say what: {{ fate = "address_book", as = "mail" }}.',
            column=column,
        )
    return cast("Part | None", found)


def _tables(whole: Entries, key: str) -> list[Any]:
    raw = whole.raw.get(key, [])
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        raise KeptwordError(
            "[[{key}]] is a table that may come several times: write its name in double brackets.", key=key
        )
    return raw


def _leave_out(whole: Entries) -> tuple[LeaveOut, ...]:
    found = []
    for number, raw in enumerate(_tables(whole, "leave_out"), start=1):
        entries = Entries(raw, place=f"[[leave_out]] number {number}", known=("reason", "if"))
        reason, condition = entries.text("reason"), entries.condition("if")
        if reason is None or condition is None:
            raise KeptwordError('{place} needs "reason" and "if".', place=entries.place)
        found.append(LeaveOut(reason, condition))
    return tuple(found)


def _facts(whole: Entries) -> tuple[FactSpec, ...]:
    tables = _tables(whole, "fact")
    if not tables:
        raise KeptwordError('There is no [[fact]] table, so nothing would become an entry. Write one with its "kind".')
    defaults = Entries(whole.raw.get("defaults", {}), place="[defaults]", known=DEFAULT_KEYS).raw
    return tuple(_fact(raw, number, defaults) for number, raw in enumerate(tables, start=1))


def _fact(raw: dict[str, Any], number: int, defaults: Mappings[str, Any]) -> FactSpec:
    place = f"[[fact]] number {number}"
    kind = Entries(raw, place=place, known=FACT_KEYS).text("kind")
    if kind is None:
        raise KeptwordError(
            '{place} needs a "kind", such as "order.placed". Known are: {known}.', place=place, known=", ".join(KINDS)
        )
    if kind not in KINDS:
        raise KeptwordError("{place}: {why}", place=place, why=unknown("kind", kind, known=KINDS))
    if kind == "import.withdrawn":
        raise KeptwordError(
            "{place}: no line of a file takes an import back. The command is: keptword import --undo N", place=place
        )
    place = f"{place} ({kind})"
    traits = {**_traits(defaults, "[defaults]"), **_traits(raw, place)}
    entries = Entries({**defaults, **raw}, place=place, known=FACT_KEYS)
    when, subject = moment_spec(entries, "when"), text_spec(entries, "subject")
    if when is None:
        raise KeptwordError('{place} needs "when": the column that says when it happened.', place=place)
    fact_id = text_spec(entries, "id") or subject
    if fact_id is None:
        raise KeptwordError('{place} needs "subject" (what it is about, as in "order:{{Order}}") or "id".', place=place)
    spec = FactSpec(
        number=number,
        kind=kind,
        when=when,
        id=fact_id,
        condition=entries.condition("if"),
        agreed=_agreed(entries, kind),
        subject=subject,
        user=text_spec(entries, "user", person=True),
        other_user=text_spec(entries, "other_user", person=True),
        channel=text_spec(entries, "channel"),
        currency=_currency(entries),
        amount=number_spec(entries, "amount"),
        cost=number_spec(entries, "cost"),
        seconds=number_spec(entries, "seconds", unit=True),
        steps=number_spec(entries, "steps"),
        score=number_spec(entries, "score", scale=True),
        promise=promise_spec(entries, kind),
        traits=tuple(traits.items()),
    )
    _check(spec)
    return spec


def _traits(raw: Mappings[str, Any], place: str) -> dict[str, TextSpec]:
    """Return the traits by name; a list of columns names each after itself."""
    given = raw.get("traits", {})
    if isinstance(given, list) and all(isinstance(column, str) for column in given):
        given = {column: column for column in given}
    entries = Entries(given, place=f'{place}, "traits"', known=given if isinstance(given, dict) else ())
    odd = next((name for name in entries.raw if not name.isprintable() or set(name) & set('"\\')), None)
    if odd is not None:
        raise KeptwordError(
            "{place}: {odd} cannot be a trait's name. Use letters, digits and spaces.",
            place=entries.place,
            odd=repr(odd),
        )
    return {name: spec for name in entries.raw if (spec := text_spec(entries, name)) is not None}


def _currency(entries: Entries) -> TextSpec | None:
    """Return the currency: a code of three capital letters is the same for all rows, any other text a column."""
    spec = text_spec(entries, "currency")
    if spec is not None and spec.text is not None and re.fullmatch("[A-Z]{3}", spec.text) and "currency" in entries:
        return replace(spec, text=None, constant=spec.text) if isinstance(entries.raw["currency"], str) else spec
    return spec


def _agreed(entries: Entries, kind: str) -> Condition | bool | None:
    if kind not in _BY_THEIR_OWN_ACT:
        if "agreed" in entries:
            raise KeptwordError(
                '{place}: "agreed" belongs to {kinds} only.', place=entries.place, kinds=" and ".join(_BY_THEIR_OWN_ACT)
            )
        return None
    if "agreed" not in entries:
        raise KeptwordError(
            "{place} counts only where the customer agreed by an act of their own (a link pressed, a reply). "
            'Say which rows those are, as in agreed = "Confirmed by customer = yes", or agreed = true for all.',
            place=entries.place,
        )
    if isinstance(entries.raw["agreed"], bool):
        return entries.flag("agreed")
    return entries.condition("agreed")


def _check(spec: FactSpec) -> None:
    """Refuse a fact without what its kind cannot do without, or with money of no currency."""
    given = {"subject": spec.subject, "user_key": spec.user, "other_user": spec.other_user, "score": spec.score}
    words = {"user_key": "user"}
    for column in KINDS[spec.kind].required:
        if column in given and given[column] is None:
            raise KeptwordError('{place} needs "{word}".', place=spec.place, word=words.get(column, column))
    if (spec.amount or spec.cost) and spec.currency is None:
        raise KeptwordError(
            '{place} has money without a currency. Write currency = "EUR", or the column that holds it, there or '
            "in [defaults].",
            place=spec.place,
        )
    user = spec.user
    if user is not None and user.fate == "left_out" and "user_key" in KINDS[spec.kind].required:
        raise KeptwordError("{place} cannot be without its user, who is left out.", place=spec.place)
