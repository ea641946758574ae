"""Reads Shopify's order export: an order over several lines, with its own cells on the first only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table

from keptword.core.problems import Problem
from keptword.sources import cells
from keptword.sources.facts import fact, union
from keptword.sources.files import Opened, stage
from keptword.sources.orders import left_out_reason, traits_json
from keptword.sources.source import Read, Reading, Source

STAMPS = {"created": "Created at", "paid": "Paid at", "shipped": "Fulfilled at", "cancelled": "Cancelled at"}

COLUMNS = (
    "Name",
    "Id",
    "Email",
    "Phone",
    "Financial Status",
    "Fulfillment Status",
    "Currency",
    "Total",
    "Refunded Amount",
    "Created at",
    "Paid at",
    "Fulfilled at",
    "Cancelled at",
    "Canceled at",
    "Payment Method",
    "Tags",
    "Source",
    "Shipping Method",
    "Shipping Country",
    "Shipping Province",
    "Billing Country",
    "Location",
    "Lineitem name",
    "Vendor",
)


def read(reading: Reading, files: Sequence[Opened]) -> Read:
    """Turn order exports of one shop, or of several, into facts about orders.

    An order found twice (the same file again, or a later export of the same shop) counts once, in the state
    of the export that knows most of it. Orders left out by rule become no facts; they are counted.
    """
    engine = reading.engine
    staged = [stage(engine, file, columns=COLUMNS) for file in files]
    lines = engine.load("shopify_lines", union([_numbered(part.table, number) for number, part in enumerate(staged)]))
    own = engine.load("shopify_own", _own_lines(lines, reading))
    orders = engine.load("shopify_orders", _orders(own, lines, [file.name for file in files]))
    counted = orders.filter(orders.left_out.isnull())
    facts = engine.load("facts", union(_facts(counted, reading)))
    refused = engine.load("shopify_refused", _refused(lines, own))
    return Read(
        facts=facts,
        rows={file: part.rows for file, part in zip(files, staged, strict=True)},
        refused={
            file: union([part.refused, refused.filter(refused.file == number).select("line", "reason")])
            for number, (file, part) in enumerate(zip(files, staged, strict=True))
        },
        left_out={row["left_out"]: row["orders"] for row in engine.rows(_left_out(orders))},
        problems=_problems(reading, own, orders),
        offsets={row["offset"]: row["stamps"] for row in engine.rows(_offsets(own))},
    )


def _numbered(lines: Table, number: int) -> Table:
    cancelled = lines["Cancelled at"].coalesce(lines["Canceled at"])
    return lines.mutate(**{"Cancelled at": cancelled}).drop("Canceled at").mutate(file=ibis.literal(number, "int32"))


def _own_lines(lines: Table, reading: Reading) -> Table:
    """One row per line that carries an order's own cells, with its moments read and its key.

    The key is Shopify's own id, else the name with the moment of ordering, so that the orders #1001 of two
    shops stay two.
    """
    own = lines.filter(
        lines["Name"].notnull()
        & lines["Created at"].notnull()
        & (lines["Financial Status"].notnull() | lines["Total"].notnull() | lines["Currency"].notnull())
    )
    moments = {name: cells.moment(own[column], timezone=reading.timezone) for name, column in STAMPS.items()}
    parts = {
        f"{name}_{part}": getattr(moment, part)
        for name, moment in moments.items()
        for part in ("at", "on", "clock_seconds")
    }
    known = sum((own[column].notnull().cast("int64") for column in STAMPS.values()), start=ibis.literal(0, "int64"))
    return own.mutate(
        **parts,
        key=own["Id"].coalesce(own["Name"] + " " + own["Created at"]),
        offset=cells.offset_minutes(own["Created at"]),
        rank=known * 10**14 - own.file.cast("int64") * 10**11 - own.line,
    )


def _orders(own: Table, lines: Table, names: Sequence[str]) -> Table:
    """One row per order: its moments, who ordered, what, and why it is left out, if it is."""
    chosen = own.group_by("key").agg(rank=own.rank.max()).rename(best="rank").drop("key")
    orders = own.filter(own.created_at.notnull()).inner_join(chosen, own.rank == chosen.best)
    items = lines.group_by(["file", "Name"]).agg(
        products=lines["Lineitem name"].collect(distinct=True), vendors=lines["Vendor"].collect(distinct=True)
    )
    orders = orders.left_join(items, ["file", "Name"]).drop("file_right", "Name_right")
    bearers = orders.group_by("Name").agg(bearers=orders.count())
    orders = orders.left_join(bearers, "Name").drop("Name_right")
    file_name = ibis.cases(*((orders.file == number, name) for number, name in enumerate(names)), else_="")
    twin = orders.bearers > 1
    return orders.mutate(
        subject="order:" + twin.ifelse(orders["Name"] + " (" + file_name + ")", orders["Name"]),
        twin=twin,
        source_line=file_name + ":" + orders.line.cast("string"),
        total_amount=cells.amount(orders["Total"]),
        refunded_amount=cells.amount(orders["Refunded Amount"]),
        called_off=_called_off(orders),
        left_out=left_out_reason(
            total=cells.amount(orders["Total"]), tags=orders["Tags"], payment=orders["Payment Method"], source=orders["Source"]
        ),
    )


def _called_off(orders: Table) -> BooleanValue:
    """Say whether an order ended before it left: all its money went back, or its payment never came."""
    ended = orders["Financial Status"].lower().isin(["refunded", "voided", "expired"])
    return cast(BooleanValue, ended & orders.shipped_at.isnull() & orders.cancelled_at.isnull())


def _facts(orders: Table, reading: Reading) -> list[Table]:
    """The facts of each order: placed, paid, shipped, cancelled, refunded, as far as the export knows them."""

    def moment(name: str) -> cells.Moment:
        return cells.Moment(orders[f"{name}_at"], orders[f"{name}_on"], orders[f"{name}_clock_seconds"])

    who = cast(StringValue, orders["Email"].coalesce(orders["Phone"]))
    common = {
        "recorded_at": reading.recorded_at,
        "subject": orders.subject,
        "user_key": cells.pseudonym(who, key=reading.key),
        "source": orders.source_line,
        "channel": "web",
    }

    def one(kind: str, at: cells.Moment, rows: Table = orders, **more: object) -> Table:
        return fact(rows, kind=kind, fact_id="shopify/" + kind + "/" + orders.key, moment=at, **common, **more)

    traits = traits_json(
        {
            "carrier": orders["Shipping Method"],
            "country": orders["Shipping Country"].coalesce(orders["Billing Country"]),
            "province": orders["Shipping Province"],
            "location": orders["Location"],
            "payment": orders["Payment Method"],
        },
        {"product": orders.products, "vendor": orders.vendors},
    )
    money = {"amount": orders.total_amount, "currency": orders["Currency"]}
    # The export knows that money went back, not when: no earlier than the last thing it does date.
    last = moment("cancelled").or_else(moment("shipped")).or_else(moment("paid")).or_else(moment("created"))
    ended = moment("cancelled").or_else(last.where(orders.called_off))
    return [
        one("order.placed", moment("created"), attributes=traits, **money),
        one("order.paid", moment("paid"), **money),
        one("order.shipped", moment("shipped")),
        one("order.cancelled", ended),
        one("order.refunded", last.where(orders.refunded_amount > 0), amount=orders.refunded_amount, currency=orders["Currency"]),
    ]


def _refused(lines: Table, own: Table) -> Table:
    """One row per line that became nothing, with the reason in a sentence."""
    unreadable = own.filter(own.created_at.isnull()).select(
        "file",
        "line",
        reason='"Created at" reads "' + own["Created at"] + '", which is no date and time as Shopify writes them '
        "(2031-03-01 14:22:10 -0500).",
    )
    nameless = lines.filter(lines["Name"].isnull()).select("file", "line", reason=ibis.literal("The order's name is empty."))
    named = lines.filter(lines["Name"].notnull())
    headless = named.anti_join(own, ["file", "Name"]).select(
        "file", "line", reason=ibis.literal("The order's first line, with its dates, is not in this file.")
    )
    return union([unreadable, nameless, headless])


def _left_out(orders: Table) -> Table:
    left = orders.filter(orders.left_out.notnull())
    return left.group_by("left_out").agg(orders=left.count())


def _offsets(own: Table) -> Table:
    known = own.filter(own.offset.notnull())
    return known.group_by("offset").agg(stamps=known.count())


def _problems(reading: Reading, own: Table, orders: Table) -> list[Problem]:
    """What is odd about the files without stopping anything."""
    engine = reading.engine
    readable = own.filter(own.created_at.notnull())
    counts = engine.rows(
        orders.agg(
            orders=orders.count(),
            twins=orders.twin.sum().coalesce(0),
            no_amount=(orders["Total"].notnull() & orders.total_amount.isnull()).sum().coalesce(0),
            **{
                f"no_{name}": (orders[column].notnull() & orders[f"{name}_at"].isnull()).sum().coalesce(0)
                for name, column in STAMPS.items()
                if name != "created"
            },
        ).cross_join(readable.agg(own_lines=readable.count()))
    )[0]
    found = []
    again = counts["own_lines"] - counts["orders"]
    if again:
        found.append(Problem("shopify_orders", f"{again:,} orders came twice, in the same file or in two. They count once.", again))
    if counts["twins"]:
        found.append(
            Problem(
                "shopify_orders",
                f"{counts['twins']:,} orders share their number with another order: these look like the exports of two "
                "shops. They are counted as separate orders; for one shop alone, give only its file.",
                counts["twins"],
            )
        )
    if counts["no_amount"]:
        found.append(
            Problem("shopify_orders", f'{counts["no_amount"]:,} orders have a "Total" that is no number. They count, without money.')
        )
    for name, column in STAMPS.items():
        unread = counts.get(f"no_{name}", 0)
        if unread:
            found.append(
                Problem(
                    "shopify_orders",
                    f'{unread:,} orders have a "{column}" that is no date and time as Shopify writes them '
                    "(2031-03-01 14:22:10 -0500). They count as if that cell were empty; export again, and do not "
                    "save the file from a spreadsheet.",
                    unread,
                )
            )
    return found


SOURCE = Source(
    name="shopify_orders",
    title="Shopify order export",
    adds="what was ordered, when it was paid, when it left, and what was called off",
    required=frozenset({"name", "created at", "financial status", "fulfilled at"}),
    telling=frozenset({"lineitem name", "lineitem quantity", "paid at"}),
    read=read,
)
