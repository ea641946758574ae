"""Refunds and cancellations by product."""

from __future__ import annotations

from keptword.core.rates import Share
from keptword.report import charts, phrases
from keptword.report.blocks import Block, Cell, Head, HowWeKnow, Say, Section, Table
from keptword.report.model import Product, Products, Report
from keptword.words import Words


def section(report: Report, words: Words) -> Section | None:
    """Return the section about products; None where there are no orders at all."""
    title = words.say("products.title")
    found = report.products
    if found is None:
        if not report.orders:
            return None
        return Section("products", title, (Say(words.say("products.none")),))
    orders = words.say("count.order", count=found.refunded.of)
    if not found.refunded.count and not found.cancelled.count:
        return Section("products", title, (Say(words.say("products.lead_none", orders=orders), "joy"),))
    blocks: list[Block] = [Say(_lead(found, words, orders=orders), "lead"), *_said(found, words)]
    if found.products:
        blocks.append(_table(found, words))
    if found.others:
        blocks.append(Say(words.say("products.others", count=found.others), "quiet"))
    blocks.append(HowWeKnow((words.say("how.products"), words.say("how.chance"), words.say("how.range"))))
    return Section("products", title, tuple(blocks))


def _lead(found: Products, words: Words, *, orders: str) -> str:
    return words.say(
        "products.lead", orders=orders, refunded=words.share(found.refunded), cancelled=words.share(found.cancelled)
    )


def _said(found: Products, words: Words) -> list[Say]:
    said = [
        Say(words.say("products.stands_out", label=phrases.name(product.label), share=words.share(product.refunded)))
        for product in found.products
        if product.stands_out
    ]
    return said or [Say(words.say("products.nothing"), "quiet")]


def _table(found: Products, words: Words) -> Table:
    top = max((product.refunded.high or 0.0 for product in found.products), default=1.0) or 1.0
    return Table(
        words.say("products.caption"),
        heads=(
            Head(words.say("products.product")),
            Head("", "drawing"),
            Head(words.say("products.refunded"), "share"),
            Head(words.say("products.cancelled"), "share"),
            Head(words.say("products.orders"), "figure"),
        ),
        rows=tuple(_row(product, found.refunded, words=words, top=top) for product in found.products),
    )


def _row(product: Product, whole: Share, *, words: Words, top: float) -> tuple[Cell, ...]:
    share = product.refunded
    drawing = charts.whisker(
        (share.value or 0.0) / top,
        low=(share.low or 0.0) / top,
        high=(share.high or 0.0) / top,
        reference=(whole.value or 0.0) / top,
        kind="worse" if product.stands_out else "",
    )
    return (
        Cell(phrases.name(product.label), strong=product.stands_out),
        Cell(drawing=drawing),
        Cell(words.figure(share), aside=words.range(share), strong=product.stands_out),
        Cell(words.figure(product.cancelled), aside=words.range(product.cancelled)),
        Cell(words.number(product.orders)),
    )
