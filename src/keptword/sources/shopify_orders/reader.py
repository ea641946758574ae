"""Reads Shopify's order export: an order over several lines, with its own cells on the first only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

import ibis
from ibis.expr.types import ArrayValue, BooleanValue, StringValue, Table

from keptword.core.problems import Problem
from keptword.engines.duckdb import Engine, quoted
from keptword.sources import cells
from keptword.sources.contacts import contacts_of
from keptword.sources.facts import fact, union
from keptword.sources.files import Opened, Staged, forget, stage
from keptword.sources.orders import left_out_reason, traits_json
from keptword.sources.shopify_orders.goods import goods_costs
from keptword.sources.shopify_orders.lines import (
    OWN_CELLS,
    STAMPS,
    dated_lines,
    labels,
    own_lines,
    read_lines,
    refused_lines,
)
from keptword.sources.shopify_orders.notices import notices
from keptword.sources.source import Read, Reading, Source

COLUMNS: Final = (
    *("Name", "Id", "Email", "Phone", *OWN_CELLS, "Canceled at", "Created at", "Refunded Amount", "Payment Method"),
    *("Tags", "Source", "Shipping Method", "Shipping Country", "Shipping Province", "Billing Country", "Location"),
    *("Lineitem name", "Lineitem sku", "Lineitem quantity", "Vendor"),
)

CONTACT_COLUMNS: Final = ("Billing Name", "Shipping Name", "Billing Phone", "Shipping Phone")
"""What is read beside them where the address book is to be written."""

UNDATED: Final = "left on a day not told"
"""Why an order is left out that has left, without a word on when: nobody can say whether it left in time."""


def read(reading: Reading, files: Sequence[Opened]) -> Read:
    """Turn order exports of one shop, or of several, into facts about orders.

    An order found twice (the same file again, or a later export of the same shop) counts once, in the state
    of the export that knows most of it. An order of which a date cannot be read is refused with all its lines
    rather than guessed at. Orders left out by rule become no facts; they are counted.
    """
    engine = reading.engine
    columns = (*COLUMNS, *CONTACT_COLUMNS) if reading.contacts else COLUMNS
    staged = [stage(engine, file, columns=columns, progress=reading.progress) for file in files]
    lines = _view(engine, "shopify_lines", union([_numbered(part, number) for number, part in enumerate(staged)]))
    said = _view(engine, "shopify_said", read_lines(lines))
    dated = _view(engine, "shopify_dated", dated_lines(said, timezone=reading.timezone))
    own = engine.load("shopify_own", own_lines(dated, files=files))
    named = _with_twins(engine, _chosen(engine, own), labels(files))
    orders = engine.load("shopify_orders", _orders(named, lines, reading=reading))
    refused = engine.load("shopify_refused", refused_lines(lines, own))
    offsets = {row["offset"]: row["stamps"] for row in engine.rows(_offsets(own))}
    noticed = notices(reading, own, orders=orders)
    # An export's lines are most of what is held, and the facts need room.
    for part in staged:
        forget(engine, part)
    engine.drop(own)
    counted = orders.filter(orders.left_out.isnull())
    facts = engine.load("facts", union(_facts(counted, reading)))
    people = engine.load("contacts", _contacts(counted)) if reading.contacts else None
    left_out = {row["left_out"]: row["orders"] for row in engine.rows(_left_out(orders))}
    engine.drop(orders)
    late_problems = [problem for part, file in zip(staged, files, strict=True) for problem in _later(part, file)]
    return Read(
        facts=facts,
        rows={file: part.rows + _count(engine, part.refused) for file, part in zip(files, staged, strict=True)},
        refused={
            file: union([part.refused, refused.filter(refused.file == number).select("line", "reason")])
            for number, (file, part) in enumerate(zip(files, staged, strict=True))
        },
        left_out=left_out,
        problems=[*late_problems, *noticed],
        offsets=offsets,
        undated=frozenset({"order.refunded"}),
        contacts=people,
    )


def _view(engine: Engine, stem: str, expression: Table) -> Table:
    """Name an expression in the engine: Ibis writes out whatever an expression names as often as it is named."""
    name = engine.fresh(stem)
    engine.sql(f"CREATE VIEW {quoted(name)} AS {engine.compile(expression)}")
    return engine.table(name)


def _later(part: Staged, file: Opened) -> list[Problem]:
    return [problem for problem in part.file.problems if problem not in file.problems]


def _count(engine: Engine, rows: Table) -> int:
    return int(engine.rows(rows.agg(count=rows.count()))[0]["count"])


def _numbered(part: Staged, number: int) -> Table:
    """Return the lines of one file with its number, and whether each carries its order's own cells."""
    lines = part.table
    cancelled = lines["Cancelled at"].coalesce(lines["Canceled at"])
    lines = lines.mutate(**{"Cancelled at": cancelled}).drop("Canceled at")
    if "Billing Name" in lines.columns:
        # The address an order is billed to is the customer's; where it goes may be somebody else's.
        name = lines["Billing Name"].coalesce(lines["Shipping Name"])
        phone = lines["Phone"].coalesce(lines["Billing Phone"], lines["Shipping Phone"])
        lines = lines.mutate(who=name, reached=phone).drop(*CONTACT_COLUMNS)
    columns = {" ".join(name.split()).casefold() for name in part.file.header}
    if columns & {"financial status", "total", "currency"}:
        is_own = ibis.coalesce(*(lines[column] for column in OWN_CELLS)).notnull()
    else:
        # Of an export reduced to a few columns only an order's first line can be told from the others.
        is_own = lines.line == lines.line.min().over(ibis.window(group_by="Name"))
    return lines.mutate(is_own=is_own, file=ibis.literal(number, "int32"))


def _chosen(engine: Engine, own: Table) -> Table:
    """Keep one line for each order that can be read: the one that knows most of it."""
    readable = own.filter(own.reason.isnull())
    counts = engine.rows(readable.agg(lines=readable.count(), orders=readable["key"].nunique()))[0]
    if counts["lines"] == counts["orders"]:
        return readable
    best = readable.group_by("key").agg(best=readable["rank"].max()).drop("key")
    return readable.semi_join(best, readable["rank"] == best.best)


def _with_twins(engine: Engine, orders: Table, names: Sequence[str]) -> Table:
    """Add what each order is called, its place, and whether another has its number (`twin`): then its place too."""
    label = ibis.cases(*((orders.file == number, name) for number, name in enumerate(names)), else_="")
    line = orders.line.cast("string")
    counts = engine.rows(orders.agg(orders=orders.count(), names=orders["Name"].nunique()))[0]
    if counts["orders"] == counts["names"]:
        return orders.mutate(
            subject="order:" + orders["Name"], twin=ibis.literal(False), source_line=label + ":" + line
        )
    bearers = orders.group_by("Name").agg(bearers=orders.count(), files=orders.file.nunique())
    orders = orders.left_join(bearers, "Name").drop("Name_right")
    place = (orders.bearers > orders.files).ifelse(label + ", line " + line, label)
    twin = orders.bearers > 1
    return orders.mutate(
        subject="order:" + twin.ifelse(orders["Name"] + " (" + place + ")", orders["Name"]),
        twin=twin,
        source_line=label + ":" + line,
    )


def _further(lines: Table, orders: Table) -> Table:
    """One row per order of a file that has further lines: what stands on these, and whose make that is."""
    further = lines.anti_join(orders, ["file", "line"])
    return further.group_by(["file", "Name"]).agg(
        further_products=further["Lineitem name"].collect(), further_vendors=further["Vendor"].collect()
    )


def _each_once(first: StringValue, further: ArrayValue) -> ArrayValue:
    """Return what stands on an order's own line and on its further ones, each once; nothing where nothing does."""
    alone = first.isnull().ifelse(None, ibis.array([first]))
    together = first.isnull().ifelse(further, ibis.array([first]).concat(further)).unique()
    # Most orders have one line alone, and to look for what is twice costs more than all else about them.
    return cast(ArrayValue, further.isnull().ifelse(alone, together))


def _orders(orders: Table, lines: Table, *, reading: Reading) -> Table:
    """One row per order: its moments, who ordered, what, and why it is left out, if it is."""
    orders = orders.left_join(_further(lines, orders), ["file", "Name"]).drop("file_right", "Name_right")
    if reading.costs is None:
        orders = orders.mutate(goods_cost=ibis.null("decimal(18, 4)"))
    else:
        orders = orders.left_join(goods_costs(lines, reading.costs), ["file", "Name"]).drop("file_right", "Name_right")
    total = cells.amount(orders["Total"])
    by_rule = left_out_reason(
        total=total,
        tags=orders["Tags"],
        payment=orders["Payment Method"],
        source=orders["Source"],
        leave_out=reading.leave_out,
    )
    fulfilled = (orders["Fulfillment Status"].lower() == "fulfilled").coalesce(False)
    undated = fulfilled & orders.shipped_at.isnull() & orders.cancelled_at.isnull()
    traits = traits_json(
        {
            "carrier": orders["Shipping Method"],
            "country": orders["Shipping Country"].coalesce(orders["Billing Country"]),
            "province": orders["Shipping Province"],
            "location": orders["Location"],
            "payment": orders["Payment Method"],
        },
        {
            "product": _each_once(orders["Lineitem name"], orders.further_products),
            "vendor": _each_once(orders["Vendor"], orders.further_vendors),
        },
    )
    moments = [f"{name}_{part}" for name in STAMPS for part in ("at", "on", "clock_seconds")]
    # Only what facts and notices need is stored: the text it was read from is most of an export's weight.
    return orders.select(
        *("key", "subject", "twin", "source_line", "offset", "goods_cost", *moments),
        user_key=cells.pseudonym(cast(StringValue, orders["Email"].coalesce(orders["Phone"])), key=reading.key),
        traits=traits,
        total_amount=total,
        refunded_amount=cells.amount(orders["Refunded Amount"]),
        no_amount=(orders["Total"].notnull() & total.isnull())
        | (orders["Refunded Amount"].notnull() & cells.amount(orders["Refunded Amount"]).isnull()),
        partial=(orders["Fulfillment Status"].lower() == "partial").coalesce(False),
        money=orders["Currency"].upper(),
        called_off=_called_off(orders),
        left_out=by_rule.coalesce(undated.ifelse(UNDATED, None)),
        **(_who(orders) if reading.contacts else {}),
    )


def _who(orders: Table) -> dict[str, StringValue]:
    """Return what an order says of who ordered it."""
    country = orders["Billing Country"].coalesce(orders["Shipping Country"])
    return {"name": orders.who, "mail": orders["Email"], "phone": orders.reached, "country": country}


def _contacts(orders: Table) -> Table:
    """Who ordered, a row a person, as their newest order has it."""
    parts = {name: orders[name] for name in ("name", "mail", "phone", "country")}
    return contacts_of(orders, by=orders.user_key, told_at=orders.created_at, **parts)


def _called_off(orders: Table) -> BooleanValue:
    """Say whether an order ended before it left: all its money went back, or its payment never came."""
    ended = orders["Financial Status"].lower().isin(["refunded", "voided", "expired"])
    return cast(BooleanValue, ended & orders.shipped_at.isnull() & orders.cancelled_at.isnull())


def _facts(orders: Table, reading: Reading) -> list[Table]:
    """The facts of each order: placed, paid, shipped, cancelled, refunded, as far as the export knows them."""

    def moment(name: str) -> cells.Moment:
        return cells.Moment(orders[f"{name}_at"], orders[f"{name}_on"], orders[f"{name}_clock_seconds"])

    common: dict[str, Any] = {
        "recorded_at": reading.recorded_at,
        "subject": orders.subject,
        "user_key": orders.user_key,
        "source": orders.source_line,
        "channel": "web",
    }

    def one(kind: str, at: cells.Moment, **more: Any) -> Table:
        fact_id = "shopify/" + kind + "/" + orders.key
        return fact(orders, kind=kind, fact_id=fact_id, moment=at, **common, **more)

    paid = {"amount": orders.total_amount, "currency": orders.money}
    back = {"amount": orders.refunded_amount, "currency": orders.money}
    # The export knows that money went back, not when: no earlier than the last thing it does date.
    last = moment("cancelled").or_else(moment("shipped")).or_else(moment("paid")).or_else(moment("created"))
    ended = moment("cancelled").or_else(last.where(orders.called_off))
    return [
        one("order.placed", moment("created"), attributes=orders.traits, cost=orders.goods_cost, **paid),
        one("order.paid", moment("paid"), **paid),
        one("order.shipped", moment("shipped")),
        one("order.cancelled", ended),
        one("order.refunded", last.where(orders.refunded_amount > 0), **back),
    ]


def _left_out(orders: Table) -> Table:
    left = orders.filter(orders.left_out.notnull())
    return left.group_by("left_out").agg(orders=left.count()).order_by("left_out")


def _offsets(own: Table) -> Table:
    known = own.filter(own.offset.notnull())
    return known.group_by("offset").agg(stamps=known.count())


SOURCE = Source(
    name="shopify_orders",
    title="Shopify order export",
    adds="what was ordered, when it was paid, when it left, and what was called off",
    required=frozenset({"name", "created at", "fulfilled at"}),
    telling=frozenset({"lineitem name", "lineitem quantity", "paid at", "financial status"}),
    read=read,
)
