"""Reads WooCommerce's orders, from a plug-in's table or from JSON, into facts about orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table

from keptword.engines.functions import regexp_matches
from keptword.sources import cells
from keptword.sources.contacts import contacts_of, full_name
from keptword.sources.facts import fact, union
from keptword.sources.files import Opened, Staged, stage
from keptword.sources.orders import left_out_reason, traits_json
from keptword.sources.source import Read, Reading, Source
from keptword.sources.woocommerce_orders.columns import CONTACT_NAMES, OWN, STAMPS, asked, unified
from keptword.sources.woocommerce_orders.notices import UNDATED, problems
from keptword.sources.woocommerce_orders.stamps import moment, offset, shown
from keptword.sources.woocommerce_orders.states import state


def read(reading: Reading, files: Sequence[Opened]) -> Read:
    """Turn exports of one WooCommerce shop, or of several, into facts about orders.

    An order that several files tell of counts once, in the state of the one that knows most of it. Orders left out
    by rule become no facts; they are counted.
    """
    engine = reading.engine
    wanted = [asked(file, contacts=reading.contacts) for file in files]
    staged = [
        stage(engine, file, columns=columns, progress=reading.progress)
        for file, columns in zip(files, wanted, strict=True)
    ]
    lines = engine.load(
        "woo_lines", union([_lines(part, number, contacts=reading.contacts) for number, part in enumerate(staged)])
    )
    if engine.rows(lines.agg(some=(lines.number.isnull() & lines.has_item).any()))[0]["some"]:
        lines = engine.load("woo_lines", _filled(lines))
    told = engine.load("woo_told", _told(lines, reading))
    orders = engine.load("woo_orders", _orders(told, lines, [file.name for file in files]))
    counted = orders.filter(orders.left_out.isnull())
    refused = engine.load("woo_refused", _refused(lines, told))
    known = told.filter(told.offset.notnull())
    given_back = counted.filter((counted.refund_amount > 0) | (counted.state == "refunded"))
    some_undated = engine.rows(given_back.agg(some=given_back.refunded_at.isnull().any()))[0]["some"]
    return Read(
        facts=engine.load("facts", union(_facts(counted, reading))),
        rows={file: part.rows for file, part in zip(files, staged, strict=True)},
        refused={
            file: union([part.refused, refused.filter(refused.file == number).select("line", "reason")])
            for number, (file, part) in enumerate(zip(files, staged, strict=True))
        },
        left_out={
            row["left_out"]: row["orders"]
            for row in engine.rows(orders.group_by("left_out").agg(orders=orders.count()))
            if row["left_out"] is not None
        },
        problems=problems(engine, files, told=told, orders=orders, timezone=reading.timezone),
        offsets={
            row["offset"]: row["stamps"] for row in engine.rows(known.group_by("offset").agg(stamps=known.count()))
        },
        undated=frozenset({"order.refunded"} if some_undated else ()),
        contacts=_contacts(counted, reading) if reading.contacts else None,
    )


def _lines(part: Staged, number: int, *, contacts: bool) -> Table:
    rows = unified(part.table, part.file, contacts=contacts)
    texts = (*OWN, *(f"{stamp}_utc" for stamp in STAMPS), *(CONTACT_NAMES if contacts else ()))
    return rows.select(
        "line",
        **{name: rows[name].cast("string") for name in texts},
        products=rows.products.cast("array<string>"),
        file=ibis.literal(number, "int32"),
        has_item=rows.products.length() > 0,
    )


def _filled(lines: Table) -> Table:
    """Give lines without an order's number that of the order above: some write its cells on its first line only."""
    above = ibis.window(group_by="file", order_by="line", preceding=None, following=0)
    lines = lines.mutate(head=lines.number.notnull().ifelse(lines.line, None).max().over(above))
    heads = lines.filter(lines.number.notnull()).select("file", "number", "created", head="line")
    further = lines.filter(lines.number.isnull() & lines.has_item).drop("number", "created")
    further = further.left_join(heads, ["file", "head"])
    own = lines.filter(lines.number.notnull() | ~lines.has_item)
    columns = [name for name in lines.columns if name != "head"]
    return union([own.select(columns), further.select(columns)])


def _told(lines: Table, reading: Reading) -> Table:
    """One row per order and file: its first line, with its moments read and its key.

    The key is the order's number with the minute it was ordered in, by the shop's clock: so the same order in a
    table and in JSON is one, and the orders 1001 of two shops stay two.
    """
    first = lines.filter(lines.number.notnull()).group_by("file", "number", "created").agg(line=lines.line.min())
    told = lines.drop("products", "has_item").inner_join(first.select("file", "line"), ["file", "line"])
    moments = {name: moment(told[name], told[f"{name}_utc"], timezone=reading.timezone) for name in STAMPS}
    parts = {
        f"{name}_{part}": getattr(each, part)
        for name, each in moments.items()
        for part in ("at", "on", "clock_seconds")
    }
    known = sum((each.at.notnull().cast("int64") for each in moments.values()), start=ibis.literal(0, "int64"))
    status = state(told.status)
    ended = status.isin(["completed", "cancelled", "refunded"]).cast("int64")
    return told.mutate(
        **parts,
        key=told.number + "/" + shown(told.created).strftime("%Y-%m-%dT%H:%M").coalesce(told.created).coalesce(""),
        state=status,
        offset=offset(told.created, told.created_utc),
        # An exact moment is worth more than one more of them.
        rank=(ended * 100 + told.created_utc.notnull().cast("int64") * 10 + known) * 10**14
        - told.file.cast("int64") * 10**11
        - told.line,
    )


def _orders(told: Table, lines: Table, names: Sequence[str]) -> Table:
    """One row per order: its moments, who ordered, what, and why it is left out, if it is."""
    readable = told.filter(told.created_at.notnull())
    # A table may know when money first went back, which JSON does not tell.
    best = readable.group_by("key").agg(
        best=readable["rank"].max(),
        **{f"refunded_{part}": readable[f"refunded_{part}"].max() for part in ("at", "on", "clock_seconds")},
    )
    own = readable.drop("refunded_at", "refunded_on", "refunded_clock_seconds")
    orders = own.inner_join(best.drop("key"), own["rank"] == best.best)
    items = lines.filter(lines.has_item).select("file", "number", "created", product=lines.products.unnest())
    items = items.group_by("file", "number", "created").agg(products=items["product"].collect(distinct=True))
    orders = orders.left_join(items, ["file", "number", "created"])
    orders = orders.drop("file_right", "number_right", "created_right")
    bearers = orders.group_by("number").agg(bearers=orders.count())
    orders = orders.left_join(bearers, "number").drop("number_right")
    file_name = ibis.cases(*((orders.file == place, name) for place, name in enumerate(names)), else_="")
    twin = orders.bearers > 1
    total = cells.amount(orders.total)
    reason = left_out_reason(total=total, tags=_tags(orders.role), payment=orders.payment, source=orders.via)
    undated = (orders.state == "completed") & orders.completed_at.isnull()
    return orders.mutate(
        twin=twin,
        subject="order:" + twin.ifelse(orders.number + " (" + file_name + ")", orders.number),
        source_line=file_name + ":" + orders.line.cast("string"),
        total_amount=total,
        refund_amount=cells.amount(orders.refund).abs(),
        left_out=ibis.coalesce(reason, ibis.cases((orders.state == "trash", "trash"), (undated, UNDATED), else_=None)),
    )


def _tags(role: StringValue) -> StringValue:
    """Return what a role says as tags say it: whoever runs the shop is staff, and `wholesale_customer` wholesale."""
    plain = role.lower().replace("_", " ")
    return cast(StringValue, regexp_matches(plain, "^(administrator|shop manager|editor)$").ifelse("staff", plain))


def _facts(orders: Table, reading: Reading) -> list[Table]:
    """The facts of each order: placed, paid, shipped, cancelled, refunded, as far as the exports know them."""

    def at(name: str) -> cells.Moment:
        return cells.Moment(orders[f"{name}_at"], orders[f"{name}_on"], orders[f"{name}_clock_seconds"])

    common: dict[str, Any] = {
        "recorded_at": reading.recorded_at,
        "subject": orders.subject,
        "user_key": cells.pseudonym(cast(StringValue, orders.email.coalesce(orders.phone)), key=reading.key),
        "source": orders.source_line,
        "channel": "web",
    }

    def one(kind: str, moment: cells.Moment, **more: Any) -> Table:
        fact_id = "woocommerce/" + kind + "/" + orders.key
        return fact(orders, kind=kind, fact_id=fact_id, moment=moment, **common, **more)

    single = {
        "carrier": orders.carrier,
        "country": orders.country.coalesce(orders.country_billed),
        "province": orders.province,
        "payment": orders.payment,
    }
    money = {"amount": orders.total_amount, "currency": orders.currency}
    # No export says when an order was called off: not after it was last touched, nor before the last thing dated.
    last = at("completed").or_else(at("paid")).or_else(at("created"))
    touched = at("modified").or_else(last)
    given_back = at("refunded").or_else(touched.where(orders.state == "refunded")).or_else(last)
    called_off = cast(
        BooleanValue,
        (orders.state == "cancelled") | (orders.state.isin(["refunded", "failed"]) & orders.completed_at.isnull()),
    )
    went_back = cast(BooleanValue, (orders.refund_amount > 0) | (orders.state == "refunded"))
    refund = orders.refund_amount.nullif(0).coalesce(orders.total_amount)
    return [
        one("order.placed", at("created"), attributes=traits_json(single, {"product": orders.products}), **money),
        one("order.paid", at("paid"), **money),
        one("order.shipped", at("completed")),
        one("order.cancelled", (at("refunded").or_else(touched)).where(called_off)),
        one("order.refunded", given_back.where(went_back), amount=refund, currency=orders.currency),
    ]


def _contacts(orders: Table, reading: Reading) -> Table:
    """Who ordered, a row a person, as their newest order has it."""
    return contacts_of(
        orders,
        by=cells.pseudonym(cast(StringValue, orders.email.coalesce(orders.phone)), key=reading.key),
        told_at=orders.created_at,
        name=orders["name"].coalesce(full_name(orders.given, orders.family)),
        mail=orders.email,
        phone=orders.phone,
        country=orders.country_billed.coalesce(orders.country),
    )


def _refused(lines: Table, told: Table) -> Table:
    """One row per line that became nothing, with the reason in a sentence."""
    unreadable = told.filter(told.created_at.isnull())
    nameless = lines.filter(lines.number.isnull())
    return union(
        [
            unreadable.select(
                "file",
                "line",
                reason=ibis.coalesce(
                    'The date of the order reads "'
                    + unreadable.created
                    + '", which Keptword cannot read without guessing.'
                    " Export it as 2031-03-01 14:22.",
                    ibis.literal("The order carries no date."),
                ),
            ),
            nameless.select("file", "line", reason=ibis.literal("The order's number is empty.")),
        ]
    )


SOURCE = Source(
    name="woocommerce_orders",
    title="WooCommerce order export",
    adds="what was ordered, when it was paid, when it left, and what was called off",
    required=frozenset({"order number", "order status", "order date"}),
    or_required=(
        frozenset({"order id", "order status", "order date"}),
        frozenset({"order_number", "order_date", "status"}),
        frozenset({"order_id", "order_date", "status"}),
        frozenset({"order_number", "date", "status"}),
        frozenset({"number", "status", "date_created", "billing", "line_items"}),
    ),
    telling=frozenset(
        {"email (billing)", "order total amount", "paid date", "completed date", "item name", "customer role"}
        | {"billing_email", "paid_date", "completed_date", "shipping_total", "line_item_1", "line_items"}
    ),
    read=read,
)
