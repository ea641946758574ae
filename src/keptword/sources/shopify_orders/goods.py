"""What the goods of an order cost the business, from the costs its product export tells."""

from __future__ import annotations

from ibis.expr.types import Table

from keptword.core.schema import DECIMAL


def goods_costs(lines: Table, costs: Table) -> Table:
    """Return what the goods of each order cost: one row per order of a file, with `file`, `Name`, `goods_cost`.

    `costs` is `Read.costs`. A line is known by its SKU, else by what it is called. An order of which one line has no
    cost or no number of pieces is not in the result: part of its cost would read like all of it.
    """
    by_sku = costs.filter(costs.sku.notnull()).group_by("sku").agg(sku_cost=costs.cost.max())
    by_name = costs.group_by("product").agg(name_cost=costs.cost.max())
    items = lines.filter(lines["Lineitem name"].notnull())
    items = items.left_join(by_sku, items["Lineitem sku"] == by_sku.sku).drop("sku")
    items = items.left_join(by_name, items["Lineitem name"] == by_name["product"]).drop("product")
    pieces = items["Lineitem quantity"].try_cast("int64")
    items = items.mutate(line_cost=(items.sku_cost.coalesce(items.name_cost) * pieces).cast(DECIMAL))
    summed = items.group_by(["file", "Name"]).agg(
        goods_cost=items.line_cost.sum().cast(DECIMAL), known=items.line_cost.count(), pieces=items.count()
    )
    return summed.filter(summed.known == summed.pieces).select("file", "Name", "goods_cost")
