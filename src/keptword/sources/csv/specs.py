"""Reads what a fact is made of from a mapping: texts, numbers, moments and promises."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final, cast

from keptword.core.problems import KeptwordError, Sentence
from keptword.core.schema import PROMISE_KINDS
from keptword.sources.csv.entries import Entries, check_format
from keptword.sources.csv.mapping import FATES, UNITS, Fate, MomentSpec, NumberSpec, PromiseSpec, TextSpec

_SCALE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(?:\.\.|to|-|–)\s*(-?\d+(?:\.\d+)?)\s*")

_TEXT_KEYS: Final = ("column", "value", "map", "otherwise")
_NUMBER_KEYS: Final = ("column", "formula", "value", "map", "unit", "scale")
_MOMENT_KEYS: Final = ("column", "format", "timezone", "take", "day", "plus", "unit")
_PROMISE_KEYS: Final = ("kind", "id", "due_on", "due_at", "vague")
_LONGEST_SPAN: Final = Decimal(10) ** 9


def _inside(entries: Entries, key: str, known: tuple[str, ...]) -> Entries:
    return Entries(entries.raw[key], place=f'{entries.place}, "{key}"', known=known)


def text_spec(entries: Entries, key: str, *, person: bool = False) -> TextSpec | None:
    """Return a text: a column's name, a template, or a table with `column` or `value`."""
    raw = entries.raw.get(key)
    if raw is None:
        return None
    if not isinstance(raw, dict):
        return TextSpec(text=entries.text(key))
    inner = _inside(entries, key, (*_TEXT_KEYS, "fate") if person else _TEXT_KEYS)
    if ("column" in inner) == ("value" in inner):
        raise KeptwordError(
            '{place} needs either "column" or "value": {key} = {{ column = "…" }}.', place=inner.place, key=key
        )
    fate = inner.one_of("fate", tuple(FATES), default="hash") if "fate" in inner else None
    return TextSpec(
        text=inner.text("column"),
        constant=inner.text("value"),
        words=_words(inner),
        otherwise=inner.text("otherwise"),
        fate=cast("Fate | None", fate),
    )


def _words(inner: Entries) -> tuple[tuple[str, str], ...]:
    words = inner.raw.get("map", {})
    if not isinstance(words, dict) or not all(isinstance(word, str) for word in words.values()):
        raise inner.fault("map", 'a table of texts, as in { "Self service" = "web" }')
    return tuple(words.items())


def number_spec(entries: Entries, key: str, *, unit: bool = False, scale: bool = False) -> NumberSpec | None:
    """Return a number: itself, a column's name, a formula, or a table with one of them and more."""
    raw = entries.raw.get(key)
    if raw is None:
        return None
    if _is_number(raw):
        return NumberSpec(constant=_decimal(raw))
    if not isinstance(raw, dict):
        if not isinstance(raw, str):
            raise entries.fault(key, "a number, a column's name or a formula")
        return NumberSpec(text=entries.text(key))
    inner = _inside(entries, key, _NUMBER_KEYS)
    for extra, allowed in (("unit", unit), ("scale", scale), ("map", scale)):
        if extra in inner and not allowed:
            raise KeptwordError('{place}: "{extra}" has no meaning there.', place=inner.place, extra=extra)
    given = [name for name in ("column", "formula", "value") if name in inner]
    if len(given) != 1:
        raise KeptwordError('{place} needs one of "column", "formula" and "value".', place=inner.place)
    constant = inner.raw.get("value")
    if constant is not None and not _is_number(constant):
        raise inner.fault("value", "a number")
    return NumberSpec(
        text=inner.text("column") or inner.text("formula"),
        constant=None if constant is None else _decimal(constant),
        factor=UNITS[inner.one_of("unit", tuple(UNITS), default="seconds")],
        scale=_scale(inner),
        words=_numbers(inner),
    )


def _is_number(raw: Any) -> bool:
    return isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) < _LONGEST_SPAN


def _decimal(raw: float) -> Decimal:
    return Decimal(str(raw))


def _scale(inner: Entries) -> tuple[Decimal, Decimal] | None:
    written = inner.text("scale")
    if written is None:
        return None
    found = _SCALE.fullmatch(written)
    if not found or Decimal(found[1]) == Decimal(found[2]):
        raise KeptwordError(
            '{place}: the scale "{written}" names no two ends. Write the worst answer, two dots and the best, '
            'as in "1..5".',
            place=inner.place,
            written=written,
        )
    return Decimal(found[1]), Decimal(found[2])


def _numbers(inner: Entries) -> tuple[tuple[str, Decimal], ...]:
    words = inner.raw.get("map", {})
    if not isinstance(words, dict) or not all(_is_number(number) for number in words.values()):
        raise inner.fault("map", "a table of numbers, as in { good = 1, bad = 0 }")
    return tuple((word, _decimal(number)) for word, number in words.items())


def moment_spec(entries: Entries, key: str) -> MomentSpec | None:
    """Return a moment: a column's name, a template, a list of them, or a table with `column` and more."""
    raw = entries.raw.get(key)
    if raw is None:
        return None
    if not isinstance(raw, dict):
        return MomentSpec(texts=entries.texts(key))
    inner = _inside(entries, key, _MOMENT_KEYS)
    texts = inner.texts("column")
    if not texts:
        raise KeptwordError('{place} needs "column": {key} = {{ column = "…" }}.', place=inner.place, key=key)
    formats = tuple(check_format(written, inner.place) for written in inner.texts("format"))
    take = inner.one_of("take", ("first", "earliest", "latest"), default="first")
    if "unit" in inner and "plus" not in inner:
        raise KeptwordError('{place}: "unit" says what "plus" counts, and there is no "plus".', place=inner.place)
    return MomentSpec(
        texts=texts,
        take=cast(Any, take),
        formats=formats or None,
        timezone=inner.timezone(),
        day=inner.flag("day"),
        plus=number_spec(inner, "plus"),
        plus_seconds=UNITS[inner.one_of("unit", tuple(UNITS), default="days")],
    )


def promise_spec(entries: Entries, kind: str) -> PromiseSpec | None:
    """Return which promise a fact of the kind is about; refuse one that says too little or too much."""
    if "promise" not in entries:
        if kind.startswith("promise."):
            raise KeptwordError(
                '{place} says not which promise. Write promise = {{ kind = "delivery", … }}.', place=entries.place
            )
        return None
    if not kind.startswith("promise."):
        raise KeptwordError(
            '{place}: only promise.made, .renegotiated, .kept, .broken and .released have a "promise". Give '
            "the promise a [[fact]] table of its own.",
            place=entries.place,
        )
    inner = _inside(entries, "promise", _PROMISE_KEYS)
    promised = inner.one_of("kind", PROMISE_KINDS, default="") if "kind" in inner else None
    spec = PromiseSpec(
        kind=promised,
        id=text_spec(inner, "id"),
        due=moment_spec(inner, "due_on") or moment_spec(inner, "due_at"),
        due_is_day="due_on" in inner,
        vague=inner.flag("vague"),
    )
    _check_promise(inner, spec, kind)
    return spec


def _check_promise(inner: Entries, spec: PromiseSpec, kind: str) -> None:
    if spec.kind is None and (kind == "promise.made" or spec.id is None):
        raise KeptwordError('{place} needs "kind", one of {known}.', place=inner.place, known=", ".join(PROMISE_KINDS))
    if "due_on" in inner and "due_at" in inner:
        raise KeptwordError(
            '{place} has "due_on" and "due_at": a promise names a day or an hour, not both.', place=inner.place
        )
    moves = kind in ("promise.made", "promise.renegotiated")
    if not moves and (spec.due or spec.vague):
        raise KeptwordError(
            "{place}: only promise.made and promise.renegotiated say when a promise falls due.", place=inner.place
        )
    if moves and spec.due is None and (kind != "promise.made" or not spec.vague):
        remedy = Sentence(" or vague = true, which says that it has no date") if kind == "promise.made" else ""
        raise KeptwordError(
            '{place} needs "due_on" (a day) or "due_at" (an hour){remedy}.', place=inner.place, remedy=remedy
        )
