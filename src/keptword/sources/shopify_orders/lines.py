"""Tells the lines of Shopify's order export apart: which carry an order's own cells, which cannot be read and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

import ibis
from ibis.expr.types import StringValue, Table

from keptword.sources import cells
from keptword.sources.facts import union
from keptword.sources.files import Opened

STAMPS: Final = {"created": "Created at", "paid": "Paid at", "shipped": "Fulfilled at", "cancelled": "Cancelled at"}

OWN_CELLS: Final = (
    *("Financial Status", "Fulfillment Status", "Currency", "Total", "Paid at", "Fulfilled at", "Cancelled at"),
)
"""The cells an order has on its first line only; "Created at" may stand on each of its lines."""

_SHORTENED: Final = r"^[-+]?\d(?:[.,]\d+)?E\+?\d+$"
"""How a spreadsheet writes a number it takes for too long: many ids become the same one."""

_SLASHES: Final = r"^\d{1,2}/\d{1,2}/\d{2,4}\b"


def labels(files: Sequence[Opened]) -> list[str]:
    """Return what each file is called where it is told from the others: its name, with its folder where needed."""
    names = [file.name for file in files]
    return [str(file.path) if names.count(file.name) > 1 else file.name for file in files]


def read_lines(lines: Table) -> Table:
    """One row per line that carries an order's own cells, with what each of its stamps says: `created_shown`, …"""
    own = lines.filter(lines.is_own & lines["Name"].notnull())
    shown = {f"{name}_shown": cells.clock_shown(own[column]) for name, column in STAMPS.items()}
    offsets = {f"{name}_offset": cells.offset_minutes(own[column]) for name, column in STAMPS.items()}
    return own.mutate(**shown, **offsets)


def dated_lines(read: Table, *, timezone: str | None) -> Table:
    """Add the moments of what `read_lines` gives: `created_at`, `created_on`, `created_clock_seconds`, …"""
    moments = {
        name: cells.moment_of(
            read[f"{name}_shown"],
            offset=read[f"{name}_offset"],
            is_day=cells.names_a_day(read[column]),
            timezone=timezone,
        )
        for name, column in STAMPS.items()
    }
    return read.mutate(
        **{
            f"{name}_{part}": getattr(moment, part)
            for name, moment in moments.items()
            for part in ("at", "on", "clock_seconds")
        },
        offset=read.created_offset,
    ).drop(*(f"{name}_{part}" for name in STAMPS for part in ("shown", "offset")))


def own_lines(dated: Table, *, files: Sequence[Opened]) -> Table:
    """Add to the lines that carry an order's own cells its key, why it cannot be read, and how much it knows.

    The key is the name with Shopify's own id, or else with the moment of ordering, so that the orders #1001 of two
    shops stay two, and an order exported once with its id and once without stays one.
    """
    number = dated["Id"].re_search(_SHORTENED).ifelse(None, dated["Id"])
    columns = [{" ".join(name.split()).casefold() for name in file.header} for file in files]
    if len({"id" in names for names in columns}) > 1:
        number = number.coalesce(number.max().over(ibis.window(group_by=["Name", "created_at"])))
    known = sum((dated[column].notnull().cast("int64") for column in STAMPS.values()), start=ibis.literal(0, "int64"))
    known += (cells.amount(dated["Refunded Amount"]) > 0).coalesce(False).cast("int64")
    return dated.mutate(
        key=dated["Name"] + " " + number.coalesce(dated.created_at.cast("string")),
        reason=_why(dated),
        rank=known * 10**14 - dated.file.cast("int64") * 10**11 - dated.line,
    )


def _why(own: Table) -> StringValue:
    """Return why an order's own line cannot be read, or nothing."""
    found: list[tuple[ibis.Value, ibis.Value]] = [
        (own["Created at"].isnull(), ibis.literal('"Created at" is empty, so nobody knows when it was ordered.'))
    ]
    for name, column in STAMPS.items():
        cell = own[column]
        short = (cell.length() > 60).ifelse(cell.left(60) + "…", cell)
        meaning = cell.re_search(_SLASHES).ifelse(
            ", which does not say whether the day or the month comes first. Export again, and do not save the file "
            "from a spreadsheet.",
            ", which is no date and time as Shopify writes them (2031-03-01 14:22:10 -0500), not on the calendar, or "
            "outside the years 1990 to 2100.",
        )
        found.append(
            (cell.notnull() & own[f"{name}_at"].isnull(), ibis.literal(f'"{column}" reads "') + short + '"' + meaning)
        )
    return cast(StringValue, ibis.cases(*found, else_=None))


def refused_lines(lines: Table, own: Table) -> Table:
    """One row per line that became nothing: `file`, `line`, and the `reason` in a sentence."""
    unreadable = own.filter(own.reason.notnull())
    nameless = lines.filter(lines["Name"].isnull())
    further = lines.filter(lines["Name"].notnull() & ~lines.is_own)
    headless = further.anti_join(own, ["file", "Name"])
    followers = further.semi_join(unreadable, ["file", "Name"]).anti_join(
        own.filter(own.reason.isnull()), ["file", "Name"]
    )
    return union(
        [
            unreadable.select("file", "line", "reason"),
            nameless.select("file", "line", reason=ibis.literal("The order's name is empty.")),
            headless.select(
                "file", "line", reason=ibis.literal("The order's first line, with its dates, is not in this file.")
            ),
            followers.select(
                "file", "line", reason=ibis.literal("It belongs to an order whose first line could not be read.")
            ),
        ]
    )
