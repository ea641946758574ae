"""The small languages inside a mapping: conditions, formulas and templates, read into trees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from keptword.core.problems import KeptwordError, Sentence

Comparing = Literal[
    "=", "!=", "<", "<=", ">", ">=", "in", "not in", "is empty", "is not empty", "starts with", "matches"
]

CONDITION_EXAMPLES: Final = Sentence(
    'Write it like "Status = shipped", "Country in (DE, AT) and Total > 0" or "{Cost (EUR)} is not empty": a name with '
    "signs or brackets in it stands in braces, such a text in quotes."
)
FORMULA_EXAMPLES: Final = Sentence('Write it like "Quantity * UnitPrice" or "{Unit Price} * Quantity + Shipping".')


@dataclass(frozen=True)
class Column:
    """A column, by the name the mapping uses."""

    name: str


@dataclass(frozen=True)
class Template:
    """Texts and columns, one after the other: "order:{Order}"."""

    parts: tuple[str | Column, ...]


@dataclass(frozen=True)
class Comparison:
    """One column compared with texts, or with another column."""

    left: Column
    operator: Comparing
    right: tuple[str | Column, ...] = ()


@dataclass(frozen=True)
class Junction:
    """Conditions joined by "and" or "or"; "not" has exactly one."""

    word: Literal["and", "or", "not"]
    parts: tuple[Condition, ...]


Condition = Comparison | Junction


@dataclass(frozen=True)
class Operation:
    """Two terms of a formula and the sign between them."""

    sign: Literal["+", "-", "*", "/"]
    left: Formula
    right: Formula


Formula = Column | float | Operation


def columns_of(tree: Condition | Formula | Template | str) -> Iterator[Column]:
    """Yield the columns a condition, a formula or a template speaks of."""
    match tree:
        case Column():
            yield tree
        case Template(parts):
            yield from (part for part in parts if isinstance(part, Column))
        case Comparison(left, _, right):
            yield left
            yield from (part for part in right if isinstance(part, Column))
        case Junction(_, conditions):
            for condition in conditions:
                yield from columns_of(condition)
        case Operation(_, left, right):
            yield from columns_of(left)
            yield from columns_of(right)


_BRACES = re.compile(r"\{([^{}]*)\}")


def parse_template(text: str) -> Template:
    """Return the template written as `order:{Order}`; raise `KeptwordError` for braces that do not pair."""
    parts: list[str | Column] = []
    end = 0
    for found in _BRACES.finditer(text):
        parts += [text[end : found.start()], Column(found[1].strip())]
        end = found.end()
    parts.append(text[end:])
    literals = "".join(part for part in parts if isinstance(part, str))
    if "{" in literals or "}" in literals or any(part == Column("") for part in parts):
        raise KeptwordError('"{text}": braces stand around a column\'s name, as in "order:{{Order}}".', text=text)
    return Template(tuple(part for part in parts if part != ""))


@dataclass(frozen=True)
class _Token:
    kind: Literal["sign", "column", "quoted", "word", "end"]
    text: str
    start: int = 0
    end: int = 0


_CONDITION_TOKEN = re.compile(
    r"""(?P<column>\{[^{}]*\})|(?P<quoted>"[^"]*"|'[^']*'(?!\w))|(?P<sign>!=|<>|<=|>=|==|[=<>(),])"""
    r"""|(?P<word>(?:(?!!=)[^\s=<>(),{}"])+)|(?P<space>\s+)"""
)
_FORMULA_TOKEN = re.compile(
    r"""(?P<column>\{[^{}]*\})|(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<sign>[-+*/()])|(?P<word>[^\W\d][\w.]*)|(?P<space>\s+)"""
)
_SIGNS: Final[dict[str, Comparing]] = {
    "=": "=",
    "==": "=",
    "!=": "!=",
    "<>": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
_WORDS: Final[tuple[tuple[tuple[str, ...], Comparing], ...]] = (
    (("is", "not", "empty"), "is not empty"),
    (("is", "empty"), "is empty"),
    (("not", "in"), "not in"),
    (("in",), "in"),
    (("starts", "with"), "starts with"),
    (("matches",), "matches"),
)


def _tokens(text: str, pattern: re.Pattern[str], examples: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        found = pattern.match(text, at)
        if not found:
            raise KeptwordError(
                '"{text}" cannot be read from "{rest}" on. {examples}', text=text, rest=text[at:], examples=examples
            )
        kind, written = found.lastgroup, found[0]
        if kind == "column":
            tokens.append(_Token("column", written[1:-1].strip(), found.start(), found.end()))
        elif kind == "quoted":
            tokens.append(_Token("quoted", written[1:-1], found.start(), found.end()))
        elif kind == "sign":
            tokens.append(_Token("sign", written, found.start(), found.end()))
        elif kind != "space":
            tokens.append(_Token("word", written, found.start(), found.end()))
        at = found.end()
    return [*tokens, _Token("end", "", at, at)]


class _Conditions:
    """Reads one condition from left to right; "and" binds closer than "or"."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text, _CONDITION_TOKEN, CONDITION_EXAMPLES)
        self.at = 0

    def whole(self) -> Condition:
        tree = self.either()
        if self.now.kind != "end":
            raise self.fault(Sentence('"{sign}" is not expected there.', sign=self.now.text))
        return tree

    @property
    def now(self) -> _Token:
        return self.tokens[self.at]

    def fault(self, seen: str) -> KeptwordError:
        return KeptwordError(
            '"{text}" cannot be read as a condition: {seen} {examples}',
            text=self.text,
            seen=Sentence(seen),
            examples=CONDITION_EXAMPLES,
        )

    def is_word(self, *words: str) -> bool:
        following = self.tokens[self.at : self.at + len(words)]
        return [(token.kind, token.text.lower()) for token in following] == [("word", word) for word in words]

    def is_sign(self, sign: str) -> bool:
        return self.now == _Token("sign", sign, self.now.start, self.now.end)

    def either(self) -> Condition:
        parts = [self.all_of()]
        while self.is_word("or"):
            self.at += 1
            parts.append(self.all_of())
        return parts[0] if len(parts) == 1 else Junction("or", tuple(parts))

    def all_of(self) -> Condition:
        parts = [self.one()]
        while self.is_word("and"):
            self.at += 1
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else Junction("and", tuple(parts))

    def one(self) -> Condition:
        if self.is_word("not") and self.tokens[self.at + 1].text == "(":
            self.at += 1
            return Junction("not", (self.one(),))
        if self.is_sign("("):
            self.at += 1
            inner = self.either()
            self.close()
            return inner
        return self.comparison()

    def close(self) -> None:
        if not self.is_sign(")"):
            raise self.fault("a bracket is not closed.")
        self.at += 1

    def comparison(self) -> Condition:
        named = self.operand()
        if named is None:
            raise self.fault("a column's name is missing.")
        left = Column(named.text)
        operator = self.operator(left)
        if operator in ("is empty", "is not empty"):
            return Comparison(left, operator)
        if operator in ("in", "not in"):
            return Comparison(left, operator, self.several(operator))
        return Comparison(left, operator, (self.value(operator),))

    def operator(self, left: Column) -> Comparing:
        if self.now.kind == "sign" and self.now.text in _SIGNS:
            self.at += 1
            return _SIGNS[self.tokens[self.at - 1].text]
        for words, operator in _WORDS:
            if self.is_word(*words):
                self.at += len(words)
                return operator
        raise self.fault(
            Sentence('after "{name}" comes no =, !=, <, >, in, is empty, starts with or matches.', name=left.name)
        )

    def several(self, operator: str) -> tuple[str | Column, ...]:
        if not self.is_sign("("):
            raise self.fault(
                Sentence('what follows "{operator}" stands in brackets, as in (DE, AT).', operator=operator)
            )
        self.at += 1
        values = [self.value(operator)]
        while self.is_sign(","):
            self.at += 1
            values.append(self.value(operator))
        self.close()
        return tuple(values)

    def value(self, operator: str) -> str | Column:
        token = self.operand()
        if token is None:
            raise self.fault(Sentence('after "{operator}" comes nothing to compare with.', operator=operator))
        return Column(token.text) if token.kind == "column" else token.text

    def operand(self) -> _Token | None:
        """The next name or value: braces, quotes, or words up to the next sign or word of the language."""
        if self.now.kind in ("column", "quoted"):
            self.at += 1
            return self.tokens[self.at - 1]
        first = self.at
        while self.now.kind == "word" and not self.ends_operand():
            self.at += 1
        if self.at == first:
            return None
        words = self.tokens[first : self.at]
        return _Token("word", self.text[words[0].start : words[-1].end])

    def ends_operand(self) -> bool:
        return self.is_word("and") or self.is_word("or") or any(self.is_word(*words) for words, _ in _WORDS)


def parse_condition(text: str) -> Condition:
    """Return the condition written as `Status = shipped and (Total > 0 or Country in (DE, AT))`.

    On the left stands a column; on the right a text, or a column in braces. Names and texts of several words
    need no quotes, except where they hold brackets, commas, signs or the words of the language. Raises
    `KeptwordError` for anything else.
    """
    return _Conditions(text).whole()


class _Formulas:
    """Reads one formula from left to right; * and / bind closer than + and -."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text, _FORMULA_TOKEN, FORMULA_EXAMPLES)
        self.at = 0

    def whole(self) -> Formula:
        tree = self.sum()
        if self.tokens[self.at].kind != "end":
            raise self.fault(Sentence('"{sign}" is not expected there.', sign=self.tokens[self.at].text))
        return tree

    def fault(self, seen: str) -> KeptwordError:
        return KeptwordError(
            '"{text}" cannot be read as a formula: {seen} {examples}',
            text=self.text,
            seen=Sentence(seen),
            examples=FORMULA_EXAMPLES,
        )

    def take(self, *signs: str) -> str | None:
        token = self.tokens[self.at]
        if token.kind == "sign" and token.text in signs:
            self.at += 1
            return token.text
        return None

    def sum(self) -> Formula:
        tree = self.product()
        while sign := self.take("+", "-"):
            tree = Operation("+" if sign == "+" else "-", tree, self.product())
        return tree

    def product(self) -> Formula:
        tree = self.term()
        while sign := self.take("*", "/"):
            tree = Operation("*" if sign == "*" else "/", tree, self.term())
        return tree

    def term(self) -> Formula:
        if self.take("-"):
            return Operation("-", 0.0, self.term())
        if self.take("("):
            inner = self.sum()
            if not self.take(")"):
                raise self.fault("a bracket is not closed.")
            return inner
        token = self.tokens[self.at]
        if token.kind not in ("column", "word"):
            raise self.fault("a column or a number is missing.")
        self.at += 1
        is_number = token.kind == "word" and (token.text[0].isdigit() or token.text[0] == ".")
        return float(token.text) if is_number else Column(token.text)


def parse_formula(text: str) -> Formula:
    """Return the formula written as `Quantity * {Unit Price}`; raise `KeptwordError` for anything else."""
    return _Formulas(text).whole()
