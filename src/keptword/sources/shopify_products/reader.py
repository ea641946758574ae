"""Reads Shopify's product export: what each thing on sale costs the business."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

import ibis
from ibis.expr.types import StringValue, Table

from keptword.core.problems import Problem
from keptword.core.schema import FACT_SCHEMA
from keptword.engines.duckdb import Engine
from keptword.sources import cells
from keptword.sources.facts import union
from keptword.sources.files import Opened, stage
from keptword.sources.source import Read, Reading, Source

_OPTIONS: Final = tuple(f"Option{number} Value" for number in range(1, 4))
COLUMNS: Final = ("Handle", "Title", "Variant SKU", "Variant Price", "Cost per item", *_OPTIONS)


def read(reading: Reading, files: Sequence[Opened]) -> Read:
    """Return no facts, because nothing happens in a list of products, but what each thing costs (`Read.costs`).

    `costs` has one row per thing on sale whose cost is known: `product` as an order calls it ("Title - Size / Colour"),
    `sku` (empty where there is none), `cost`. Of a thing listed twice the last one counts.
    """
    engine = reading.engine
    staged = [stage(engine, file, columns=COLUMNS, progress=reading.progress) for file in files]
    numbered = [part.table.mutate(file=ibis.literal(number, "int32")) for number, part in enumerate(staged)]
    things = engine.load("shopify_products", _things(union(numbered)))
    priced = things.filter(things.cost.notnull() & (things.cost >= 0))
    place = ibis.row_number().over(group_by=["product", "sku"], order_by=[ibis.desc("file"), ibis.desc("line")])
    last = priced.mutate(place=place).filter(lambda row: row.place == 0)
    refused = things.filter(things["Cost per item"].notnull() & (things.cost.isnull() | (things.cost < 0)))
    reason = 'The cost reads "' + refused["Cost per item"] + '", which is no amount as Shopify writes them (12.90).'
    refused = refused.select("file", "line", reason=reason)
    return Read(
        facts=engine.put("facts", FACT_SCHEMA, rows=[]),
        rows={file: part.rows for file, part in zip(files, staged, strict=True)},
        refused={
            file: union([part.refused, refused.filter(refused.file == number).select("line", "reason")])
            for number, (file, part) in enumerate(zip(files, staged, strict=True))
        },
        problems=_problems(engine, things),
        costs=engine.load("costs", last.select("product", "sku", "cost")),
    )


def _things(lines: Table) -> Table:
    """One row per thing on sale; the title stands on a product's first line only, and some lines hold but a picture."""
    title = lines["Title"].max().over(ibis.window(group_by=["file", "Handle"]))
    chosen = [_option(lines[name]) for name in _OPTIONS]
    options = cast(StringValue, ibis.array(chosen).filter(lambda each: each.notnull()).join(" / "))
    name = ibis.coalesce(title, lines["Handle"])
    things = lines.mutate(
        product=(options.length() > 0).ifelse(name + " - " + options, name),
        sku=lines["Variant SKU"],
        cost=cells.amount(lines["Cost per item"]),
    )
    sold = things.sku.notnull() | things["Variant Price"].notnull() | things["Cost per item"].notnull()
    return things.filter(sold & things["product"].notnull())


def _option(value: StringValue) -> StringValue:
    # What Shopify calls the only variant of a product that has none; orders do not show it.
    return cast(StringValue, value.nullif("Default Title"))


def _problems(engine: Engine, things: Table) -> list[Problem]:
    without = things.filter(things["Cost per item"].isnull())
    counts = engine.rows(things.agg(things=things.count()).cross_join(without.agg(without=without.count())))[0]
    if not counts["without"]:
        return []
    said = (
        f'{counts["without"]:,} of {counts["things"]:,} things on sale have no cost. Fill in "Cost per item" in'
        " Shopify's admin, and what a customer brings in can be told without guessing."
    )
    return [Problem("shopify_products", said, counts["without"])]


SOURCE = Source(
    name="shopify_products",
    title="Shopify product export",
    adds="what each thing sold costs you",
    required=frozenset({"handle", "title", "variant sku", "cost per item"}),
    read=read,
)
