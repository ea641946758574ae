"""`keptword account`: our record with one customer, and the entries behind it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keptword.cli.books import counted, opened
from keptword.cli.console import Format, print_rows, progress
from keptword.cli.options import BooksFolder, Customer, Form

if TYPE_CHECKING:
    from keptword.books.accounts import Account, AccountLine

LISTED = 10
PLACES = {Format.table: 3, Format.json: 6, Format.csv: 6}


def account(
    customer: Customer,
    closing: Annotated[
        str | None, typer.Option("--closing", metavar="DAY", help="As of this closed day; the last unless told.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=0, help="How many entries of a line to show; 10 in a table, else all.")
    ] = None,
    form: Form = Format.table,
    books: BooksFolder = None,
) -> None:
    """Show our record with one customer: promises kept and not, every line of it, and the entries behind each.

    What is left of the entries adds up to the line: each is rounded so that it does.
    """
    from keptword.books.accounts import account as record
    from keptword.books.whom import whom
    from keptword.cli.session import day

    there = opened(books)
    user_key = whom(there, customer)
    with progress(quiet=False) as say:
        found = record(there, user_key, day=day(closing) if closing else None, say=say)
    if form is Format.table:
        _tell(found, limit=LISTED if limit is None else limit)
    elif form is Format.json:
        typer.echo(json.dumps(_as_json(found, limit=limit), ensure_ascii=False, indent=2, default=str))
    else:
        print_rows(_as_rows(found, limit=limit), form=form)


def shares(parts: Sequence[Decimal], *, places: int) -> Iterator[Decimal]:
    """Give each part rounded so that the rounded ones add up to their rounded sum: each by less than one unit off."""
    from keptword.closing.line_totals import added_up

    unit = Decimal(1).scaleb(-places)
    upto, told = Decimal(0), Decimal(0)
    for part in parts:
        upto = added_up((upto, part))
        share = _rounded(upto, unit) - told
        told += share
        yield share


def _rounded(value: Decimal, unit: Decimal) -> Decimal:
    from decimal import Context

    return value.quantize(unit, context=Context(prec=200))


def _entries(line: AccountLine, *, form: Format) -> list[dict[str, Any]]:
    """One row per entry, newest first, what is left of it rounded so that all of them add up."""
    left = shares([entry.left for entry in line.entries], places=PLACES[form])
    return [
        {"on": entry.on, "what": entry.what, "about": entry.about, "source": entry.source, "left": part}
        for entry, part in zip(line.entries, left, strict=True)
    ]


def _as_json(found: Account, *, limit: int | None) -> dict[str, Any]:
    from keptword.books.spoken import unit

    decided = found.count("kept", "late", "broken")
    return {
        "user_key": found.user_key,
        "as_of": found.as_of,
        "verdict": found.verdict,
        "notes": list(found.notes),
        "promises": {
            "made": len(found.promises),
            "decided": decided,
            **{name: found.count(name) for name in ("kept", "late", "broken", "open", "released")},
            "list": [vars(promise) for promise in found.promises],
        },
        "lines": [
            {
                "line": each.line.name,
                "title": each.line.title,
                "balance": _rounded(each.balance, Decimal("0.000001")),
                "unit": unit(each.line, currency=found.currency),
                "half_life_days": each.line.half_life_days,
                "grade": "counted",
                "entries_count": len(each.entries),
                "entries": _entries(each, form=Format.json)[:limit],
            }
            for each in found.lines
        ],
    }


def _as_rows(found: Account, *, limit: int | None) -> list[dict[str, Any]]:
    """One row per line and entry."""
    from keptword.books.spoken import unit

    return [
        {"user_key": found.user_key, "as_of": found.as_of, "line": each.line.name, "title": each.line.title}
        | {"unit": unit(each.line, currency=found.currency), "half_life_days": each.line.half_life_days}
        | row
        for each in found.lines
        for row in _entries(each, form=Format.csv)[:limit]
    ]


def _tell(found: Account, *, limit: int) -> None:
    from keptword.books.spoken import OUTCOMES, PROMISES, spoken_day

    typer.echo(found.verdict)
    typer.echo(f"Our record with {found.user_key} as of {spoken_day(found.as_of)}.")
    for note in found.notes:
        typer.echo(note, err=True)
    if found.promises and limit:
        newest = found.promises[::-1]
        rows = [
            {
                "promise": PROMISES.get(each.promise_kind, each.promise_kind),
                "about": each.about,
                "made": each.made_on,
                "due": each.due_on or "no date",
                "kept": each.kept_on,
                "what became of it": OUTCOMES.get(each.outcome),
            }
            for each in newest[:limit]
        ]
        print_rows(rows, form=Format.table)
        _rest(len(newest) - limit, "promise", "promises")
    for each in found.lines:
        _tell_line(each, found, limit=limit)


def _tell_line(each: AccountLine, found: Account, *, limit: int) -> None:
    from keptword.books.spoken import fading, unit

    balance = _rounded(each.balance, Decimal("0.001"))
    typer.echo(
        f"\n{each.line.title.capitalize()}: {balance:,} {unit(each.line, currency=found.currency)} "
        f"({fading(each.line)})"
    )
    rows = _entries(each, form=Format.table)
    if rows and limit:
        titles = {"on": "day", "what": "what", "about": "about", "source": "where from", "left": "left of it"}
        print_rows(rows[:limit], form=Format.table, titles=titles)
    _rest(len(rows) - limit, "entry", "entries", left=(row["left"] for row in rows[limit:]))


def _rest(count: int, one: str, several: str, *, left: Iterable[Decimal] = ()) -> None:
    if count > 0:
        parts = list(left)
        come = f", of which {sum(parts):,} is left" if parts else ""
        typer.echo(f"… and {counted(count, one=f'more {one}', several=f'more {several}')}{come}.")
