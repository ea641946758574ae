"""What is odd about WooCommerce exports without stopping anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ibis.expr.types import Table

from keptword.core.problems import Problem
from keptword.engines.duckdb import Engine
from keptword.sources.files import Opened
from keptword.sources.woocommerce_orders.columns import STAMPS, has, is_json
from keptword.sources.woocommerce_orders.states import STATES

UNDATED: Final = "left on a day not told"
"""Why an order that left on a day nobody knows is left out: it is neither kept nor late, and not waiting either."""

_WHERE: Final = "woocommerce_orders"
_SHOWN: Final = 5


def problems(
    engine: Engine, files: Sequence[Opened], *, told: Table, orders: Table, timezone: str | None
) -> list[Problem]:
    """Return what to say about copies, dates, money and states; nothing where all is well."""
    unread = {
        f"no_{name}": (orders[name].notnull() & orders[f"{name}_at"].isnull()).sum().coalesce(0) for name in STAMPS[1:]
    }
    counts = engine.rows(
        orders.agg(
            orders=orders.count(),
            twins=orders.twin.sum().coalesce(0),
            undated=(orders.left_out == UNDATED).sum().coalesce(0),
            no_amount=(orders.total.notnull() & orders.total_amount.isnull()).sum().coalesce(0),
            naive=orders.offset.isnull().sum().coalesce(0),
            **unread,
        )
    )[0]
    copies = engine.rows(told.filter(told.created_at.notnull()).agg(count=lambda rows: rows.count()))[0]["count"]
    said = [
        (copies - counts["orders"], "orders came twice, in one file or in two. They count once."),
        (
            counts["twins"],
            "orders share their number with another order: these look like the exports of two shops. They are counted"
            " as separate orders; for one shop alone, give only its files.",
        ),
        (counts["undated"], _undated(files)),
        (counts["no_amount"], "orders have a total that is no number. They count, without money."),
        *((counts[f"no_{name}"], _unread(name)) for name in STAMPS[1:]),
        (
            0 if timezone else counts["naive"],
            "orders carry local times and not the time zone these are in. Their days are right; if the shop's clock"
            " is to be compared with another file's (a mailbox, reviews), give it: --timezone Europe/Berlin.",
        ),
    ]
    found = [Problem(_WHERE, f"{count:,} {what}", count) for count, what in said if count]
    return found + _unknown_states(engine, orders)


def _undated(files: Sequence[Opened]) -> str:
    lacking = [file.name for file in files if not has(file, "completed") and not is_json(file)]
    mend = f'Export {lacking[0]} again with the column "Completed Date" ticked' if lacking else "Export them again"
    return (
        "orders are completed, so they have left, but the export does not say when. They are left out, because they"
        f" can be called neither punctual nor late. {mend}, or give the orders as JSON."
    )


def _unread(name: str) -> str:
    return (
        f'orders have a date ("{name}") that Keptword cannot read without guessing. They count as if that cell were'
        " empty; export again with dates like 2031-03-01 14:22, and do not save the file from a spreadsheet."
    )


def _unknown_states(engine: Engine, orders: Table) -> list[Problem]:
    """Say which states of orders some plug-in added: what they mean for a promise is not known."""
    others = orders.filter(orders.state.notnull() & orders.state.notin(list(STATES)))
    rows = engine.rows(others.group_by("state").agg(orders=others.count()))
    if not rows:
        return []
    rows.sort(key=lambda row: (-row["orders"], row["state"]))
    named = ", ".join(f'"{row["state"]}"' for row in rows[:_SHOWN]) + (", …" if len(rows) > _SHOWN else "")
    count = sum(row["orders"] for row in rows)
    said = (
        f"{count:,} orders have a status that WooCommerce does not have by itself ({named}). They are judged by their"
        " dates alone: without a completed date they count as not yet sent."
    )
    return [Problem(_WHERE, said, count)]
