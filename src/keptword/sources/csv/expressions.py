"""What the cells of a row say, as expressions: texts, numbers and whether a condition holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from typing import Final, cast

import ibis
from ibis.expr.types import BooleanValue, DecimalValue, FloatingValue, StringValue, Table, Value

from keptword.core.problems import KeptwordError
from keptword.core.schema import DECIMAL
from keptword.engines.functions import regexp_matches
from keptword.sources.cells import pseudonym
from keptword.sources.csv.grammar import Column, Comparison, Condition, Formula, Operation
from keptword.sources.csv.layers import Layers
from keptword.sources.csv.mapping import CellFormat, TextSpec
from keptword.sources.csv.moments import Zones, read_moment
from keptword.sources.csv.names import Names

_SPACES: Final = " \u00a0\u202f'’"
_LONGEST_SHOWN: Final = 60
_MARK: Final = "\x01"
_UNIT: Final = r"(?:[A-Z]{0,2}\p{Sc}|[A-Z]{3}|Rs\.?|kr\.?|zł|Kč|Ft|lei|руб\.?|元|円|원)?"


@dataclass(frozen=True)
class Cells:
    """The rows of a file with all that is needed to say what their cells mean.

    `table` has the columns by name: texts as they stand in the file, NULL where empty, or what was worked out.
    """

    table: Table
    names: Names
    form: CellFormat
    zones: Zones
    key: str
    layers: Layers
    place: str = "The mapping"

    def cell(self, column: Column) -> StringValue:
        """Return a column as text; empty cells are NULL."""
        value = self.table[column.name]
        if value.type().is_decimal():
            return cast(StringValue, value.cast("string").re_replace(r"\.?0+$", ""))
        return cast(StringValue, value if value.type().is_string() else value.cast("string"))

    def own(self, column: Column) -> Value:
        """Return a column as what it is: a list stays a list."""
        return self.table[column.name]

    def shown(self, column: Column) -> StringValue:
        """Return a column as it may stand in a fact: a personal one as its digest."""
        fate = self.names.fate(column)
        if fate == "address_book":
            raise KeptwordError(
                '{place}: "{name}" is kept for the address book by [personal], so only "user" and '
                '"other_user" can be made of it. Its fate "hash" would let its digest stand elsewhere.',
                place=self.place,
                name=column.name,
            )
        cell = self.cell(column)
        return pseudonym(cell, key=self.key) if fate == "hash" else cell

    def template(self, written: str, *, hashed: bool = False) -> StringValue:
        """Return a column or a template as text: NULL where one of its columns is empty."""
        parts = self.names.text(written, place=self.place).parts
        texts: list[StringValue] = []
        for part in parts:
            if isinstance(part, str):
                texts.append(ibis.literal(part))
            else:
                texts.append(self.cell(part) if hashed else self.shown(part))
        return reduce(lambda left, right: left + right, texts)

    def text(self, spec: TextSpec, *, hashed: bool = False) -> StringValue:
        """Return a text of a fact: NULL where its cell is empty. `hashed` says that it will be digested as a whole."""
        if spec.text is None:
            return ibis.literal(spec.constant)
        found = self.template(spec.text, hashed=hashed)
        if not spec.words:
            return found
        known = [(found.lower() == word.lower(), ibis.literal(said)) for word, said in spec.words]
        other = found if spec.otherwise is None else found.isnull().ifelse(None, spec.otherwise)
        return cast(StringValue, ibis.cases(*known, else_=other))

    def person(self, spec: TextSpec) -> StringValue | None:
        """Return the pseudonym of whom a text names, or None where that is left out."""
        if spec.fate == "left_out":
            return None
        return pseudonym(self.text(spec, hashed=True), key=self.key)

    def number(self, column: Column) -> DecimalValue:
        """Return a column as a number: NULL where it is empty or none."""
        value = self.table[column.name]
        if value.type().is_string():
            kept = self.layers.number(self, column.name)
            return amount(cast(StringValue, value), form=self.form) if kept is None else kept
        return cast(DecimalValue, value.try_cast(DECIMAL))

    def formula(self, tree: Formula) -> DecimalValue:
        """Return what a formula comes to: NULL where one of its columns is empty or no number, or it has no result."""
        if isinstance(tree, Column):
            return self.number(self.names.used_column(tree.name, place=self.place))
        return cast(DecimalValue, self._term(tree).try_cast(DECIMAL))

    def _term(self, tree: Formula) -> FloatingValue:
        match tree:
            case Column():
                return self.number(self.names.used_column(tree.name, place=self.place)).cast("float64")
            case Operation(sign, left, right):
                a, b = self._term(left), self._term(right)
                found = {"+": a + b, "-": a - b, "*": a * b, "/": a / b}[sign]
                return cast(FloatingValue, found)
            case _:
                return ibis.literal(float(tree), "float64")

    def holds(self, condition: Condition) -> BooleanValue:
        """Return whether a condition holds: never empty. What is empty equals nothing and is smaller than nothing."""
        if isinstance(condition, Comparison):
            return self._comparison(condition)
        parts = [self.holds(part) for part in condition.parts]
        if condition.word == "not":
            return ~parts[0]
        return reduce(lambda a, b: a & b if condition.word == "and" else a | b, parts)

    def _comparison(self, asked: Comparison) -> BooleanValue:
        column = self.names.used_column(asked.left.name, place=self.place)
        cell = self.cell(column)
        match asked.operator:
            case "is empty":
                return cell.isnull()
            case "is not empty":
                return cell.notnull()
            case "=" | "in":
                return self._equals(column, asked.right)
            case "!=" | "not in":
                return ~self._equals(column, asked.right)
        right = asked.right[0]
        if asked.operator in ("starts with", "matches"):
            if not isinstance(right, str):
                raise KeptwordError(
                    '{place}: after "{operator}" stands a text, no column.', place=self.place, operator=asked.operator
                )
            begins = cell.lower().startswith(right.lower()) if asked.operator == "starts with" else None
            return (regexp_matches(cell, right) if begins is None else begins).coalesce(False)
        return self._ordered(column, asked.operator, right).coalesce(False)

    def _equals(self, column: Column, values: tuple[str | Column, ...]) -> BooleanValue:
        return reduce(lambda a, b: a | b, [self._equal(column, value) for value in values])

    def _equal(self, column: Column, value: str | Column) -> BooleanValue:
        cell = self.cell(column)
        if isinstance(value, Column):
            other = self.names.used_column(value.name, place=self.place)
            same = (cell.lower() == self.cell(other).lower()) | (self.number(column) == self.number(other))
            return same.coalesce(False)
        number = plain_number(value)
        same = cell.lower() == value.lower()
        if number is not None:
            same = same | (self.number(column) == ibis.literal(number, DECIMAL)).coalesce(False)
        return same.coalesce(False)

    def _ordered(self, column: Column, sign: str, value: str | Column) -> BooleanValue:
        """Compare by size: numbers with numbers, moments with moments."""
        if isinstance(value, Column):
            other = self.names.used_column(value.name, place=self.place)
            by_number = _compared(self.number(column), sign, self.number(other))
            by_moment = _compared(self._wall(column), sign, self._wall(other))
            return cast(BooleanValue, by_number.coalesce(by_moment))
        number = plain_number(value)
        if number is not None:
            return _compared(self.number(column), sign, ibis.literal(number, DECIMAL))
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise KeptwordError(
                '{place}: "{sign}" compares numbers and dates, and "{value}" is neither 12.5 nor 2031-12-31.',
                place=self.place,
                sign=sign,
                value=value,
            ) from None
        if len(value) <= len("2031-12-31"):
            return _compared(self._wall(column).date(), sign, ibis.literal(date(moment.year, moment.month, moment.day)))
        return _compared(self._wall(column), sign, ibis.literal(moment.replace(tzinfo=None)))

    def _wall(self, column: Column) -> ibis.expr.types.TimestampValue:
        return read_moment(self.cell(column), formats=self.form.dates).wall


def _compared(left: Value, sign: str, right: Value) -> BooleanValue:
    found = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign]
    return cast(BooleanValue, found)


def any_of(conditions: Sequence[BooleanValue]) -> BooleanValue:
    """Return whether any of the conditions holds; of none, none does."""
    return reduce(lambda a, b: a | b, conditions) if conditions else ibis.literal(False)


def quoted_cell(cell: StringValue) -> StringValue:
    """Return a cell as it stands in a sentence: in quotes, a long one cut."""
    cut = (cell.length() > _LONGEST_SHOWN).ifelse(cell.left(_LONGEST_SHOWN) + "…", cell).coalesce("")
    return cast(StringValue, '"' + cut + '"')


def plain_number(text: str) -> Decimal | None:
    """Return the number a text of the mapping is, written with a dot for the decimals, or None."""
    return Decimal(text) if re.fullmatch(r"-?\d{1,14}(\.\d{1,4})?", text) else None


def amount(cell: StringValue, *, form: CellFormat) -> DecimalValue:
    """Read a number as people write it: NULL where it is none, or not a finite one below 10^14.

    With or without thousands (also grouped as lakh, `12,34,567.00`), a sign before or after, brackets for a
    negative one, a currency's sign or code before or after. What separates thousands separates nothing else: with a
    dot for the decimals `1,5` is refused, not read as 15.
    """
    separator = f"[{form.thousands}{_SPACES}]" if form.thousands else None
    digits = rf"\d{{1,3}}(?:{separator}\d{{2,3}})*{separator}\d{{3}}|\d+" if separator else r"\d+"
    point = re.escape(form.decimal)
    number = rf"((?:{digits})(?:{point}\d*)?|{point}\d+) ?(?:{_UNIT}|%)"
    positive = rf"^\+? ?{_UNIT} ?{number}$"
    negative = rf"^(?:[-−] ?{_UNIT} ?|{_UNIT} ?[-−]){number}$|^{_UNIT} ?{number} ?[-−]$|^\( ?{_UNIT} ?{number} ?\)$"
    # One chain without a part used twice: the engine works out what is used twice for all rows, needed or not.
    found = cell.re_replace(positive, rf"{_MARK}\1").re_replace(negative, rf"{_MARK}-\1\2\3")
    found = found.re_extract(f"^{_MARK}(.*)$", 1)
    if separator:
        found = found.re_replace(separator, "")
    if form.decimal != ".":
        found = found.replace(form.decimal, ".")
    spelled = found.try_cast(DECIMAL)
    if form.decimal != ".":
        return cast(DecimalValue, spelled)
    # Most cells are plain, and reading them so costs a tenth.
    return cast(DecimalValue, cell.try_cast(DECIMAL).coalesce(spelled))
