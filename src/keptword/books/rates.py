"""The rates of other currencies the books keep: taken from files, checked, and joined with those there are."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from keptword.books.failing import told
from keptword.books.opened import Books
from keptword.core.money import NO_RATES, Rate, Rates
from keptword.core.problems import KeptwordError


@dataclass(frozen=True)
class Known:
    """What is known of one currency: how many rates, from when to when, and who says so."""

    currency: str
    rates: int
    first: date
    last: date
    source: str


def rates_of(books: Books) -> Rates:
    """Return the rates the books keep; none where none were given."""
    path = books.folder.rates
    if not path.exists():
        return NO_RATES
    from keptword.sources.rates import read_rates

    try:
        return read_rates([path])
    except KeptwordError as error:
        raise KeptwordError(
            "The rates your books keep cannot be read. {error} The file is {path}: bring it back from a backup, or "
            "remove it and give your tables again with: keptword rates FILE",
            error=error,
            path=path,
        ) from error


def known(books: Books) -> tuple[Known, ...]:
    """Return what is known of each currency, by its code."""
    return tuple(
        Known(currency, len(rates), rates[0].day, rates[-1].day, rates[-1].source)
        for currency, rates in sorted(rates_of(books).by_currency.items())
        if rates
    )


def add_rates(books: Books, files: Sequence[Path]) -> int:
    """Take the rates of files into the books and return how many are new.

    What is there stays: a file that says otherwise of a day is refused, naming the day, since closings stand on it.
    """
    from keptword.sources.rates import read_rates

    there, given = rates_of(books), read_rates(files)
    joined: dict[str, dict[date, Rate]] = {
        currency: {rate.day: rate for rate in rates} for currency, rates in there.by_currency.items()
    }
    new = 0
    for currency, rates in given.by_currency.items():
        days = joined.setdefault(currency, {})
        for rate in rates:
            before = days.setdefault(rate.day, rate)
            if before is rate:
                new += 1
            elif before.per_eur != rate.per_eur:
                raise KeptwordError(
                    "The books have {per_eur} {currency} for a euro on {day} ({source}); "
                    "{now_source} says {now_per_eur}. Nothing was taken. Leave that day out of the file, or begin a "
                    "new {name}.",
                    per_eur=before.per_eur,
                    currency=currency,
                    day=rate.day,
                    source=before.source,
                    now_source=rate.source,
                    now_per_eur=rate.per_eur,
                    name=books.folder.rates.name,
                )
    if new:
        with told(books.folder, doing="writing down the rates"):
            _write(books.folder.rates, joined)
    return new


def _write(path: Path, joined: dict[str, dict[date, Rate]]) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["date", "currency", "per_eur", "source"])
        for currency, days in sorted(joined.items()):
            writer.writerows([day, currency, f"{rate.per_eur:f}", rate.source] for day, rate in sorted(days.items()))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
