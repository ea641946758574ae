"""Which facts a rule is about: comparisons of columns with texts, joined by "and"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, cast

from keptword.core.problems import KeptwordError, Sentence

Operator = Literal["=", "!=", "in", "not in"]

_EXAMPLES: Final = Sentence('Write it like "country = DE", "carrier != DHL" or "product in (A, B) and country = DE".')

# Between quotes or brackets, "and", "in" and "=" are part of a text. An apostrophe inside a word is no quote.
_PROTECTED = re.compile(r'"[^"]*"|(?<!\w)\'[^\']*\'(?!\w)|\((?:"[^"]*"|[^()"])*\)')
_QUOTED = re.compile(r'"[^"]*"|(?<!\w)\'[^\']*\'(?!\w)')
_AND = re.compile(r"\s+and(?:\s+|$)", re.IGNORECASE)
_OR = re.compile(r"\s+or\s+", re.IGNORECASE)
_COMMA = re.compile(r"\s*,\s*")
_SIGN = re.compile(r"\s*(!=|<>|==|=)\s*")
_WORD = re.compile(r"\s+(not\s+in|in)\s*(?=\(|\0)", re.IGNORECASE)
_NEEDS_QUOTES = re.compile(r"""^$|^\s|[\s.。！]$|[,()=<>!"]|^'|'$|\b(?:and|or|in)\b""", re.IGNORECASE)


@dataclass(frozen=True)
class Comparison:
    """One column compared with one text, or with several for "in" and "not in"."""

    column: str
    operator: Operator
    values: tuple[str, ...]

    def __str__(self) -> str:
        """Return the comparison as `parse_condition` reads it."""
        values = ", ".join(_quoted(value) for value in self.values)
        return f"{_quoted(self.column)} {self.operator} " + (f"({values})" if "in" in self.operator else values)


@dataclass(frozen=True)
class Condition:
    """Comparisons that must all hold."""

    comparisons: tuple[Comparison, ...]

    def __str__(self) -> str:
        """Return the condition as `parse_condition` reads it."""
        return " and ".join(str(comparison) for comparison in self.comparisons)

    @property
    def normal(self) -> str:
        """Return the condition in lower case and one fixed order: equal for conditions that say the same."""
        plain = (
            Comparison(one.column.lower(), one.operator, tuple(sorted(value.lower() for value in one.values)))
            for one in self.comparisons
        )
        return " and ".join(sorted(map(str, plain)))

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns compared, each once."""
        return tuple(dict.fromkeys(comparison.column for comparison in self.comparisons))


def parse_condition(text: str) -> Condition:
    """Return the condition written as `country = DE and product in (A, B)`.

    Texts with commas, brackets or the words and, or, in stand in quotes. Raises `KeptwordError` for
    anything else.
    """
    return Condition(tuple(_comparison(part, text) for part in _split(text, _AND, hide=_PROTECTED)))


def _comparison(part: str, whole: str) -> Comparison:
    hidden = _hide(part, _PROTECTED)
    found = _SIGN.search(hidden) or _WORD.search(hidden)
    if not found:
        raise KeptwordError(
            '"{part}" in "{whole}" compares nothing with = or != or in. {examples}',
            part=part.strip(),
            whole=whole,
            examples=_EXAMPLES,
        )
    operator = {"==": "=", "<>": "!="}.get(found[1], " ".join(found[1].lower().split()))
    column, value = part[: found.start()].strip(), part[found.end() :].strip()
    rest = hidden[found.end() :]
    if _OR.search(rest):
        raise KeptwordError(
            '"{whole}" uses "or", which a rule cannot. Write "{column} in (A, B)" for one of several, or a rule each.',
            whole=whole,
            column=column,
        )
    if "in" in operator and not (value.startswith("(") and value.endswith(")")):
        raise KeptwordError(
            '"{whole}": what follows "{operator}" stands in brackets. {examples}',
            whole=whole,
            operator=operator,
            examples=_EXAMPLES,
        )
    listed = _split(value[1:-1], _COMMA, hide=_QUOTED) if "in" in operator else [value]
    if not column or "" in listed or any(sign in _hide(column, _QUOTED) + rest for sign in "=<>!"):
        raise KeptwordError(
            '"{part}" in "{whole}" cannot be read as a comparison. {examples}',
            part=part.strip(),
            whole=whole,
            examples=_EXAMPLES,
        )
    return Comparison(_bare(column), cast(Operator, operator), tuple(_bare(item) for item in listed))


def _hide(text: str, what: re.Pattern[str]) -> str:
    """Return the text with what is hidden replaced by as many NUL characters, so that positions stay."""
    return what.sub(lambda found: "\0" * len(found[0]), text)


def _split(text: str, separator: re.Pattern[str], *, hide: re.Pattern[str]) -> list[str]:
    parts, begin = [], 0
    for found in separator.finditer(_hide(text, hide)):
        parts.append(text[begin : found.start()].strip())
        begin = found.end()
    return [*parts, text[begin:].strip()]


def _bare(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _quoted(text: str) -> str:
    if not _NEEDS_QUOTES.search(text):
        return text
    return f"'{text}'" if '"' in text else f'"{text}"'
