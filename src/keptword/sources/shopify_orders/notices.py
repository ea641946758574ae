"""Says what is odd about order exports without stopping anything."""

from __future__ import annotations

from typing import Any, Final

from ibis.expr.types import Table

from keptword.core.problems import Problem
from keptword.sources.source import Reading

_WHERE: Final = "Shopify order export"


def notices(reading: Reading, own: Table, *, orders: Table) -> list[Problem]:
    """Return what is odd about the files, each in whole sentences with the number of orders it concerns."""
    engine = reading.engine
    readable = own.filter(own.reason.isnull())
    read = engine.rows(readable.agg(lines=readable.count()))[0]["lines"]
    counts = engine.rows(
        orders.agg(
            orders=orders.count(),
            twins=orders.twin.sum().coalesce(0),
            no_amount=orders.no_amount.sum().coalesce(0),
            no_customer=orders.user_key.isnull().sum().coalesce(0),
            no_offset=orders.offset.isnull().sum().coalesce(0),
            partial=orders.partial.sum().coalesce(0),
        )
    )[0]
    found = [*_repeated(reading, readable)] if read > counts["orders"] else []
    found += _counted(counts, timezone=reading.timezone)
    return found + _currencies(reading, orders)


def _problem(count: int, one: str, many: str, rest: str) -> list[Problem]:
    return [Problem(_WHERE, f"{f'{count:,} {many}' if count != 1 else f'One {one}'}{rest}", count)] if count else []


def _repeated(reading: Reading, readable: Table) -> list[Problem]:
    by_key = readable.group_by("key").agg(lines=readable.count(), files=readable.file.nunique())
    counts = reading.engine.rows(
        by_key.agg(shared=(by_key.files > 1).sum().coalesce(0), more=(by_key.lines - by_key.files).sum().coalesce(0))
    )[0]
    return [
        *_problem(
            counts["shared"],
            "order stands",
            "orders stand",
            " in more than one of the files. Each counts once, as the file says that knows most of it.",
        ),
        *_problem(
            int(counts["more"]),
            "line repeats",
            "lines repeat",
            " what its file had said of an order before. Each order counts once.",
        ),
    ]


def _counted(counts: dict[str, Any], *, timezone: str | None) -> list[Problem]:
    return [
        *_problem(
            counts["twins"],
            "order shares its",
            "orders share their",
            " number with another order: these look like the exports of two shops. They are counted as separate "
            "orders; for one shop alone, give only its file.",
        ),
        *_problem(
            counts["no_amount"],
            "order has an",
            "orders have an",
            ' amount ("Total", "Refunded Amount") that is no number. They count, without that money; export again, and '
            "do not save the file from a spreadsheet.",
        ),
        *_problem(
            counts["no_customer"],
            "order names",
            "orders name",
            " neither a mail address nor a phone number. They count as orders, but nobody can say whose they are.",
        ),
        *_problem(
            counts["partial"],
            "order has",
            "orders have",
            " left in part only. Where the export names the day, they count as having left then; else they wait.",
        ),
        *_problem(
            0 if timezone else counts["no_offset"],
            "order says",
            "orders say",
            " no time zone beside the hour. Their hours were taken as UTC; name yours with --timezone.",
        ),
    ]


def _currencies(reading: Reading, orders: Table) -> list[Problem]:
    counted = orders.filter(orders.left_out.isnull() & orders.money.notnull())
    by_money = counted.group_by("money").agg(orders=counted.count())
    rows = reading.engine.rows(by_money.order_by([by_money.orders.desc(), by_money.money]))
    if len(rows) < 2:
        return []
    shown = ", ".join(f"{row['orders']:,} in {row['money']}" for row in rows[:5])
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    seen = f"The orders are in {len(rows)} currencies: {shown}{more}. Money in one is never added to money in another."
    return [Problem(_WHERE, seen, sum(row["orders"] for row in rows[1:]))]
