"""Reads dated rates of currencies: the European Central Bank's tables, or a plain one of the business's own."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final, NamedTuple

from keptword.core.money import EURO, Rate, Rates
from keptword.core.problems import KeptwordError, Sentence
from keptword.sources.files.paths import refuse_no_file, unreadable

OWN_COLUMNS: Final = ("date", "currency", "per_eur", "source")

_LARGEST: Final = 100_000_000
"""Bytes; the bank's whole history is under two million."""

_CENTRAL_BANK: Final = "European Central Bank, euro foreign exchange reference rates"
_CODE: Final = re.compile("[A-Z]{3}")
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NONE: Final = {"", "N/A"}
_RANGE: Final = (Decimal("1e-9"), Decimal("1e12"))
_KNOWN: Final = Sentence(
    "It should be a table of the European Central Bank (eurofxref-hist.csv), or one of your own with the columns"
    " {columns}, where per_eur is how many units of the currency one euro was worth.",
    columns=", ".join(OWN_COLUMNS),
)


class _Line(NamedTuple):
    """One rate as it stands in a file, and where."""

    currency: str
    rate: Rate
    where: str


def read_rates(paths: Sequence[Path]) -> Rates:
    """Return the rates of all files as one table.

    Raises `KeptwordError` for a file that is no table of rates, for the first line that cannot be read, and for two
    lines that give one currency different rates on one day.
    """
    found: dict[tuple[str, date], _Line] = {}
    for path in paths:
        for line in _lines(path):
            before = found.setdefault((line.currency, line.rate.day), line)
            if before.rate.per_eur != line.rate.per_eur:
                raise KeptwordError(
                    "{where}: one euro is {per_eur} {currency} on {day}, but"
                    " {before_per_eur} in {before_where}. Keep one of the two. No rate was taken.",
                    where=line.where,
                    per_eur=line.rate.per_eur,
                    currency=line.currency,
                    day=line.rate.day,
                    before_per_eur=before.rate.per_eur,
                    before_where=before.where,
                )
    by_currency: dict[str, list[Rate]] = {}
    for (currency, _), line in sorted(found.items()):
        by_currency.setdefault(currency, []).append(line.rate)
    return Rates({currency: tuple(rates) for currency, rates in by_currency.items()})


def _lines(path: Path) -> Iterator[_Line]:
    text = _text(path)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        header = [cell.strip() for cell in next(rows, [])]
        numbered = ((f"{path.name}, line {rows.line_num}", [cell.strip() for cell in row]) for row in rows)
        filled = ((where, row) for where, row in numbered if any(row))
        if set(OWN_COLUMNS) <= {name.lower() for name in header}:
            yield from _own(header, filled, comma=delimiter == ";")
        elif header[:1] == ["Date"] and len(header) > 1 and all(map(_CODE.fullmatch, filter(None, header[1:]))):
            yield from _central_bank(header, filled, comma=delimiter == ";")
        else:
            raise KeptwordError(
                "{file}: this is no table of rates of currencies. {known}", file=path.name, known=_KNOWN
            )
    except csv.Error as error:
        raise KeptwordError(
            "{file}, line {line}: this is no table ({error}). {known}",
            file=path.name,
            line=rows.line_num,
            error=error,
            known=_KNOWN,
        ) from error


def _text(path: Path) -> str:
    """Return a file as text; of a ZIP file, its only member."""
    refuse_no_file(path)
    try:
        if not zipfile.is_zipfile(path):
            with path.open("rb") as plain:
                content = plain.read(_LARGEST + 1)
        else:
            with zipfile.ZipFile(path) as packed:
                names = [name for name in packed.namelist() if name.lower().endswith(".csv")]
                if len(names) != 1:
                    raise KeptwordError(
                        "{file}: this ZIP file holds {count} tables, not one. {known}",
                        file=path.name,
                        count=len(names),
                        known=_KNOWN,
                    )
                with packed.open(names[0]) as member:
                    content = member.read(_LARGEST + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise KeptwordError(
            "{file}: this ZIP file cannot be unpacked ({error}). Fetch it again.", file=path.name, error=error
        ) from error
    if len(content) > _LARGEST:
        raise KeptwordError(
            "{file}: this is larger than any table of rates of currencies. {known}", file=path.name, known=_KNOWN
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _central_bank(header: list[str], rows: Iterable[tuple[str, list[str]]], *, comma: bool) -> Iterator[_Line]:
    for where, row in rows:
        _refuse_width(where, row, header)
        day = _day(row[0], where=where)
        for currency, cell in zip(header[1:], row[1:], strict=False):
            if currency and cell.upper() not in _NONE:
                yield _line(currency, Rate(day, _number(cell, where=where, comma=comma), _CENTRAL_BANK), where)


def _own(header: list[str], rows: Iterable[tuple[str, list[str]]], *, comma: bool) -> Iterator[_Line]:
    places = [[name.lower() for name in header].index(column) for column in OWN_COLUMNS]
    for where, row in rows:
        _refuse_width(where, row, header)
        day, code, number, source = (row[place] for place in places)
        currency = code.upper()
        if not _CODE.fullmatch(currency):
            raise KeptwordError(
                '{where}: "{code}" is no code of a currency, as USD is. No rate was taken.', where=where, code=code
            )
        if not source:
            raise KeptwordError(
                "{where}: the source is empty. Write who gives this rate. No rate was taken.", where=where
            )
        yield _line(currency, Rate(_day(day, where=where), _number(number, where=where, comma=comma), source), where)


def _refuse_width(where: str, row: list[str], header: list[str]) -> None:
    """Refuse a line of too many cells, and one of too few: the rest of a file cut off."""
    named = max(place for place, name in enumerate(header, start=1) if name)
    if len(row) < named or any(row[named:]):
        raise KeptwordError(
            "{where}: it has {cells} cells, but the heading names {named}, so that it is not certain which is"
            " which. Fetch the file again, or mend the line. No rate was taken.",
            where=where,
            cells=len(row),
            named=named,
        )


def _line(currency: str, rate: Rate, where: str) -> _Line:
    if currency == EURO and rate.per_eur != 1:
        raise KeptwordError(
            "{where}: one euro is one euro, not {now_per_eur}. No rate was taken.",
            where=where,
            now_per_eur=rate.per_eur,
        )
    return _Line(currency, rate, where)


def _day(cell: str, *, where: str) -> date:
    """Return a day written 2026-11-20 or, as in the bank's table of one day, 20 November 2026."""
    words = cell.lower().split()
    try:
        if len(words) == 3 and words[1] in _MONTHS:
            return date(int(words[2]), _MONTHS.index(words[1]) + 1, int(words[0]))
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", cell, re.ASCII):
            return date.fromisoformat(cell)
    except ValueError:
        pass
    raise KeptwordError(
        '{where}: "{cell}" is no day. Write it as 2026-11-20. No rate was taken.', where=where, cell=cell
    )


def _number(cell: str, *, where: str, comma: bool) -> Decimal:
    plain = cell.replace(",", ".") if comma and "." not in cell else cell
    try:
        number = Decimal(plain) if re.fullmatch(r"\d{1,15}(\.\d{1,15})?", plain, re.ASCII) else None
    except InvalidOperation:
        number = None
    if number is None or not _RANGE[0] <= number <= _RANGE[1]:
        raise KeptwordError(
            '{where}: "{cell}" is no rate of a currency. Write it as 1.0925. No rate was taken.', where=where, cell=cell
        )
    return number
