"""Writes an invented shop's orders and products as Shopify's admin exports them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from keptword.simulate.catalogue import BANK, CARRIERS, CODES, COUNTRIES, PAYMENTS, PRODUCTS, Product
from keptword.simulate.clock import Flags
from keptword.simulate.exports.progress import Progress, chunks
from keptword.simulate.exports.sold import Sold, sold
from keptword.simulate.exports.stamps import cents, with_offset
from keptword.simulate.people import PROVINCES
from keptword.simulate.texts import NOTES
from keptword.simulate.world import Kind, World

ADDRESS: Final = ("Name", "Street", "Address1", "Address2", "Company", "City", "Zip", "Province", "Country", "Phone")

ORDER_COLUMNS: Final = (
    *("Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Accepts Marketing"),
    *("Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Code", "Discount Amount", "Shipping Method"),
    *("Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem compare at price"),
    *("Lineitem sku", "Lineitem requires shipping", "Lineitem taxable", "Lineitem fulfillment status"),
    *(f"Billing {part}" for part in ADDRESS),
    *(f"Shipping {part}" for part in ADDRESS),
    *("Notes", "Note Attributes", "Cancelled at", "Payment Method", "Payment Reference", "Refunded Amount", "Vendor"),
    *("Outstanding Balance", "Employee", "Location", "Device ID", "Id", "Tags", "Risk Level", "Source"),
    "Lineitem discount",
    *(f"Tax {number} {part}" for number in range(1, 6) for part in ("Name", "Value")),
    *("Phone", "Receipt Number", "Duties", "Billing Province Name", "Shipping Province Name", "Payment ID"),
    *("Payment Terms Name", "Next Payment Due At", "Payment References"),
)
_CREATED, _VENDOR, _DISCOUNT = (ORDER_COLUMNS.index(name) for name in ("Created at", "Vendor", "Lineitem discount"))
_TO_CREATED: Final = ("",) * (_CREATED - 2)
_TO_VENDOR: Final = ("",) * (_VENDOR - ORDER_COLUMNS.index("Billing Name"))
_TO_DISCOUNT: Final = ("",) * (_DISCOUNT - _VENDOR - 1)
_TO_END: Final = ("",) * (len(ORDER_COLUMNS) - _DISCOUNT - 1)
"""The cells an order's further lines leave empty; they repeat only its name, its mail address and its moment."""

_TAGS: Final = {
    Kind.TEST: "test",
    Kind.STAFF: "staff",
    Kind.WHOLESALE: "B2B, wholesale",
    Kind.ZERO_VALUE: "replacement",
}


def write_orders(world: World, *, path: Path, progress: Progress | None = None) -> Path:
    """Write `orders_export.csv`: newest order first, a line for each thing ordered, an order's cells on its first."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(ORDER_COLUMNS)
        for begin, end in chunks(len(world.orders), newest_first=True):
            writer.writerows(_order_rows(world, begin=begin, end=end))
            if progress:
                progress(path.name, 1 - begin / len(world.orders))
    return path


class _Stamps(NamedTuple):
    """When things happened to one order, as the export writes it; empty where they did not."""

    created: str
    paid: str
    shipped: str
    cancelled: str


def _order_rows(world: World, *, begin: int, end: int) -> Iterator[list[str]]:
    """Give the rows of the orders from `begin` to before `end`, the newest first."""
    orders, part = world.orders, slice(begin, end)
    moments = (orders.placed_at, orders.paid_at, orders.shipped_at, orders.cancelled_at)
    stamps = [_Stamps(*row) for row in zip(*(with_offset(world.clock, at[part]) for at in moments), strict=True)]
    rows = zip(sold(world, begin=begin, end=end), stamps, _taxes(world, begin=begin, end=end), strict=True)
    for order, at, tax in reversed(list(rows)):
        name, email = f"#{order.number}", world.people.email(order.person)
        state = "fulfilled" if at.shipped else "pending"
        head = [
            *(name, email, _financial_status(order, at), at.paid, "fulfilled" if at.shipped else "unfulfilled"),
            *(at.shipped, "yes" if world.people.subscribed[order.person] else "no", world.shop.currency),
            *(cents(order.subtotal), cents(order.postage), cents(sum(tax)), cents(order.total)),
            *(CODES[order.code][0], cents(order.discount), CARRIERS[order.carrier].name, at.created),
        ]
        lines = [
            [str(quantity), item.name, cents(item.price), "", item.sku, "true", "true", state]
            for item, quantity in order.items
        ]
        vendors = [item.vendor for item, _ in order.items]
        yield head + lines[0] + _tail(world, order, at=at, tax=tax, vendor=vendors[0])
        for line, vendor in zip(lines[1:], vendors[1:], strict=True):
            yield [name, email, *_TO_CREATED, at.created, *line, *_TO_VENDOR, vendor, *_TO_DISCOUNT, "0.00", *_TO_END]


def _financial_status(order: Sold, at: _Stamps) -> str:
    if not at.paid:
        return "voided" if at.cancelled else "pending"
    if not order.refunded:
        return "paid"
    return "refunded" if order.refunded >= order.total else "partially_refunded"


def _tail(world: World, order: Sold, *, at: _Stamps, tax: tuple[int, int], vendor: str) -> list[str]:
    """Return the cells of an order's first line from the billing address on."""
    home = world.people.address(order.person)
    street = home.street
    address = [world.people.name(order.person), street, street, "", "", home.city, f"'{home.zip}"]
    address += [home.province, home.country, ""]
    tags = [_TAGS[Kind(order.kind)]] if order.kind else []
    tags += ["latest-drop"] if order.latest_drop else []
    reference = f"r{order.number * 2_654_435_761 % 2**40:010x}" if at.paid else ""
    rates = COUNTRIES[order.country].tax
    taxes = [
        cell
        for rate, value in zip(rates, tax, strict=True)
        if value
        for cell in _tax(home.country, rate=rate, value=value)
    ]
    balance = 0 if at.paid or at.cancelled else order.total
    return [
        *address,
        *address,
        *(NOTES[order.note], "Geschenk: ja" if order.note == 1 else "", at.cancelled, PAYMENTS[order.payment]),
        *(reference, cents(order.refunded), vendor, cents(balance), "", "", ""),
        *(str(5_600_000_000_000 + order.number * 32_771), ", ".join(tags), "Low", "web", "0.00"),
        *(taxes + [""] * (10 - len(taxes))),
        *("", "", "", PROVINCES[home.province], PROVINCES[home.province], reference),
        *("Due on receipt" if order.payment == BANK and balance else "", "", reference),
    ]


def _tax(country: str, *, rate: int, value: int) -> tuple[str, str]:
    return f"{country} MwSt {rate}%", cents(value)


def _taxes(world: World, *, begin: int, end: int) -> list[tuple[int, int]]:
    """Return for each order the tax contained in it at the lower and at the higher rate, in cents."""
    lines, orders = world.lines, world.orders
    part = slice(lines.first[begin], lines.first[end])
    order = lines.order[part] - begin
    price = np.array([item.price for item in PRODUCTS])[lines.product[part]] * lines.quantity[part]
    lower: Flags = np.array([item.tax == 7 for item in PRODUCTS])[lines.product[part]]
    goods = np.bincount(order, weights=price, minlength=end - begin)
    charged = orders.subtotal[begin:end] / np.maximum(goods, 1)
    rates = np.array([country.tax for country in COUNTRIES])[orders.country[begin:end]]
    found = []
    for column, which in ((0, lower), (1, ~lower)):
        gross = np.bincount(order, weights=price * which, minlength=end - begin) * charged
        gross += orders.postage[begin:end] * column
        found.append(np.rint(gross * rates[:, column] / (100 + rates[:, column])).astype(np.int64).tolist())
    return list(zip(*found, strict=True))


PRODUCT_COLUMNS: Final = (
    *("Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published"),
    *("Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value", "Option3 Name", "Option3 Value"),
    *("Variant SKU", "Variant Grams", "Variant Inventory Tracker", "Variant Inventory Qty"),
    *("Variant Inventory Policy", "Variant Fulfillment Service", "Variant Price", "Variant Compare At Price"),
    *("Variant Requires Shipping", "Variant Taxable", "Variant Barcode", "Image Src", "Image Position"),
    *("Image Alt Text", "Gift Card", "SEO Title", "SEO Description", "Variant Image", "Variant Weight Unit"),
    *("Variant Tax Code", "Cost per item", "Price / International", "Compare At Price / International", "Status"),
)


def write_products(*, path: Path) -> Path:
    """Write `products_export.csv`: a row for each size, a product's own cells on its first row only."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, PRODUCT_COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        before = ""
        for number, item in enumerate(PRODUCTS):
            own = _product_cells(item) if item.handle != before else {}
            before = item.handle
            writer.writerow(own | _size_cells(item, stock=7 + number * 13 % 60))
    return path


def _product_cells(item: Product) -> dict[str, str]:
    return {
        "Title": item.title,
        "Body (HTML)": f"<p>{item.title}, mit Sorgfalt ausgesucht.</p>",
        "Vendor": item.vendor,
        "Type": item.kind,
        "Tags": item.kind.lower(),
        "Published": "true",
        "Option1 Name": "Größe" if item.size else "Title",
        "Gift Card": "false",
        "Status": "active",
    }


def _size_cells(item: Product, *, stock: int) -> dict[str, str]:
    return {
        "Handle": item.handle,
        "Option1 Value": item.size or "Default Title",
        "Variant SKU": item.sku,
        "Variant Grams": str(item.grams),
        "Variant Inventory Tracker": "shopify",
        "Variant Inventory Qty": str(stock),
        "Variant Inventory Policy": "deny",
        "Variant Fulfillment Service": "manual",
        "Variant Price": cents(item.price),
        "Variant Requires Shipping": "true",
        "Variant Taxable": "true",
        "Variant Weight Unit": "g",
        "Cost per item": "" if item.cost is None else cents(item.cost),
    }
