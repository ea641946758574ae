"""Writes an invented shop's orders as WooCommerce gives them: an export plug-in's CSV, and the REST answer as JSON.

The CSV is that of "Advanced Order Export For WooCommerce" with the dates of payment and completion ticked.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from keptword.simulate.catalogue import BANK, CARRIERS, CODES, COUNTRIES, Product
from keptword.simulate.clock import Instants
from keptword.simulate.exports.judgeme import product_id
from keptword.simulate.exports.progress import Progress, chunks
from keptword.simulate.exports.sold import Sold, sold
from keptword.simulate.exports.stamps import cents, local, plain_utc
from keptword.simulate.people import Address
from keptword.simulate.texts import NOTES
from keptword.simulate.world import Kind, World

ORDER_COLUMNS: Final = (
    *("Order Number", "Order Status", "Order Date", "Paid Date", "Completed Date", "Date of first refund", "Currency"),
    *("Customer Note", "First Name (Billing)", "Last Name (Billing)", "Company (Billing)", "Address 1&2 (Billing)"),
    *("City (Billing)", "State Code (Billing)", "Postcode (Billing)", "Country Code (Billing)", "Email (Billing)"),
    *("Phone (Billing)", "First Name (Shipping)", "Last Name (Shipping)", "Address 1&2 (Shipping)", "City (Shipping)"),
    *("State Code (Shipping)", "Postcode (Shipping)", "Country Code (Shipping)", "Customer Role"),
    *("Payment Method Title", "Cart Discount Amount", "Order Subtotal Amount", "Shipping Method Title"),
    *("Order Shipping Amount", "Order Refund Amount", "Order Total Amount", "Order Total Tax Amount"),
    *("SKU", "Item #", "Item Name", "Quantity (- Refund)", "Item Cost"),
    *("Coupon Code", "Discount Amount", "Discount Amount Tax"),
)

_ROLES: Final = {Kind.STAFF: "Staff", Kind.WHOLESALE: "Wholesale customer"}
_METHODS: Final = (
    ("stripe", "Kreditkarte"),
    ("ppcp-gateway", "PayPal"),
    ("klarna_payments", "Klarna"),
    ("bacs", "Direkte Banküberweisung"),
    ("bogus", "Bogus Gateway"),
    ("", ""),
)


class _Line(NamedTuple):
    """A line as WooCommerce keeps it: its price without tax, what is charged of that, and the tax on it, in cents."""

    item: Product
    quantity: int
    before: int
    net: int
    tax: int


class _Stamps(NamedTuple):
    """When things happened to one order, local time without offset; empty where they did not."""

    created: str
    paid: str
    completed: str
    modified: str
    cancelled: str
    refunded: str


class _Order(NamedTuple):
    """An order as WooCommerce keeps it: amounts without tax, and the tax beside them, in cents."""

    place: int
    sold: Sold
    at: _Stamps
    status: str
    home: Address
    lines: list[_Line]
    postage: int
    postage_tax: int
    discount: int
    discount_tax: int

    @property
    def tax(self) -> int:
        """All the tax in it."""
        return self.postage_tax + sum(line.tax for line in self.lines)


def write_csv(world: World, *, path: Path, progress: Progress | None = None) -> Path:
    """Write `orders.csv`: newest order first, a row for each thing ordered, an order's own cells on all its rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(ORDER_COLUMNS)
        for begin, end in chunks(len(world.orders), newest_first=True):
            for order in _orders(world, begin=begin, end=end):
                writer.writerows(_rows(world, order))
            if progress:
                progress(path.name, 1 - begin / len(world.orders))
    return path


def write_json(world: World, *, path: Path, progress: Progress | None = None) -> Path:
    """Write `orders.json`: what `GET /wp-json/wc/v3/orders` answers, all pages in one list, newest order first."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        before = "[\n"
        for begin, end in chunks(len(world.orders), newest_first=True):
            utc = {name: plain_utc(at[begin:end], between="T") for name, at in _moments(world).items()}
            for order in _orders(world, begin=begin, end=end):
                stamps = {name: column[order.place - begin] or None for name, column in utc.items()}
                file.write(before + json.dumps(_document(world, order, utc=stamps), ensure_ascii=False))
                before = ",\n"
            if progress:
                progress(path.name, 1 - begin / len(world.orders))
        file.write("\n]\n")
    return path


def _moments(world: World) -> dict[str, Instants]:
    """Return the instants of each order, one for each field of `_Stamps`, in that order."""
    orders = world.orders
    changed = orders.placed_at
    for at in (orders.paid_at, orders.shipped_at, orders.cancelled_at, orders.refunded_at):
        changed = np.fmax(changed, at)
    return {
        "date_created": orders.placed_at,
        "date_paid": orders.paid_at,
        "date_completed": orders.shipped_at,
        "date_modified": changed,
        "cancelled": orders.cancelled_at,
        "refunded": orders.refunded_at,
    }


def _orders(world: World, *, begin: int, end: int) -> Iterator[_Order]:
    """Give the orders from `begin` to before `end`, the newest first."""
    columns = [local(world.clock, at[begin:end]) for at in _moments(world).values()]
    stamps = [_Stamps(*row) for row in zip(*columns, strict=True)]
    rows = zip(range(begin, end), sold(world, begin=begin, end=end), stamps, strict=True)
    for place, order, at in reversed(list(rows)):
        lines, discount, discount_tax = _lines(order)
        postage = _net(order.postage, COUNTRIES[order.country].tax[1])
        yield _Order(
            place=place,
            sold=order,
            at=at,
            status=_status(order, at),
            home=world.people.address(order.person),
            lines=lines,
            postage=postage,
            postage_tax=order.postage - postage,
            discount=discount,
            discount_tax=discount_tax,
        )


def _status(order: Sold, at: _Stamps) -> str:
    if at.cancelled:
        return "cancelled"
    if not at.paid:
        return "on-hold" if order.payment == BANK else "pending"
    if not at.completed:
        return "processing"
    return "refunded" if order.refunded and order.refunded >= order.total else "completed"


def _net(gross: int, per_cent: int) -> int:
    """Return an amount without the tax contained in it, rounded to the cent."""
    return (gross * 100 * 2 + 100 + per_cent) // (2 * (100 + per_cent))


def _lines(order: Sold) -> tuple[list[_Line], int, int]:
    """Return an order's lines, and what its coupon took off without tax and in tax; the cents add up."""
    rates = COUNTRIES[order.country].tax
    due, goods = order.subtotal, order.subtotal + order.discount
    found, off, off_tax = [], 0, 0
    for item, quantity in order.items:
        rate = rates[0] if item.tax == 7 else rates[1]
        gross = item.price * quantity
        charged = due * gross // goods  # the last line takes what is left of the rounding
        due, goods = due - charged, goods - gross
        before, net = _net(gross, rate), _net(charged, rate)
        found.append(_Line(item, quantity, before, net, charged - net))
        off, off_tax = off + before - net, off_tax + (gross - before) - (charged - net)
    return found, off, off_tax


def _rows(world: World, order: _Order) -> Iterator[list[str]]:
    given, family = world.people.names(order.sold.person)
    home = order.home
    address = [home.street, home.city, home.province, home.zip, home.country]
    kind = Kind(order.sold.kind)
    own = [
        *(str(order.sold.number), order.status.replace("-", " ").capitalize()),
        *(order.at.created[:16], order.at.paid[:16]),
        *(order.at.completed[:16], order.at.refunded[:16], world.shop.currency, NOTES[order.sold.note]),
        *(given, family, "", *address, world.people.email(order.sold.person), "", given, family, *address),
        *(_ROLES.get(kind, "Customer"), _METHODS[order.sold.payment][1], cents(order.discount)),
        cents(sum(line.before for line in order.lines)),
        *(CARRIERS[order.sold.carrier].name, cents(order.postage), cents(order.sold.refunded)),
        *(cents(order.sold.total), cents(order.tax)),
    ]
    coupon = CODES[order.sold.code][0].lower()
    coupon_cells = [coupon, cents(order.discount), cents(order.discount_tax)] if coupon else ["", "", ""]
    for number, line in enumerate(order.lines, start=1):
        cost = cents(line.before // line.quantity)
        yield [*own, line.item.sku, str(number), line.item.name, str(line.quantity), cost, *coupon_cells]


def _document(world: World, order: _Order, *, utc: dict[str, str | None]) -> dict[str, Any]:
    """Return the order as the REST interface, version 3, answers it."""
    method, title = _METHODS[order.sold.payment]
    role = _ROLES.get(Kind(order.sold.kind))
    refund = {"id": 900_000_000 + order.sold.number, "reason": "", "total": f"-{cents(order.sold.refunded)}"}
    return {
        "id": order.sold.number,
        "parent_id": 0,
        "status": order.status,
        "currency": world.shop.currency,
        "version": "9.8.5",
        **_sums(order),
        **_parties(world, order),
        "order_key": f"wc_order_{order.sold.number:08x}",
        "payment_method": method,
        "payment_method_title": title,
        "transaction_id": "",
        "created_via": "admin" if method == "bogus" else "checkout",
        "customer_note": NOTES[order.sold.note],
        **_stamps(order, utc),
        "cart_hash": "",
        "number": str(order.sold.number),
        "meta_data": [{"id": order.sold.number, "key": "_customer_role", "value": role}] if role else [],
        "line_items": [_item(order, line, number=number) for number, line in enumerate(order.lines)],
        "tax_lines": [],
        "shipping_lines": [_shipping(order)],
        "fee_lines": [],
        "coupon_lines": _coupons(order),
        "refunds": [refund] if order.sold.refunded else [],
        "currency_symbol": "€",
    }


def _sums(order: _Order) -> dict[str, Any]:
    return {
        "prices_include_tax": True,
        "discount_total": cents(order.discount),
        "discount_tax": cents(order.discount_tax),
        "shipping_total": cents(order.postage),
        "shipping_tax": cents(order.postage_tax),
        "cart_tax": cents(order.tax - order.postage_tax),
        "total": cents(order.sold.total),
        "total_tax": cents(order.tax),
    }


def _stamps(order: _Order, utc: dict[str, str | None]) -> dict[str, str | None]:
    """Return each moment twice, in the shop's local time and in UTC; neither carries an offset."""
    moments = {
        "date_created": order.at.created,
        "date_modified": order.at.modified,
        "date_completed": order.at.completed,
        "date_paid": order.at.paid,
    }
    return {name: text.replace(" ", "T") or None for name, text in moments.items()} | {
        f"{name}_gmt": utc[name] for name in moments
    }


def _parties(world: World, order: _Order) -> dict[str, Any]:
    given, family = world.people.names(order.sold.person)
    address = {
        "first_name": given,
        "last_name": family,
        "company": "",
        "address_1": order.home.street,
        "address_2": "",
        "city": order.home.city,
        "state": order.home.province,
        "postcode": order.home.zip,
        "country": order.home.country,
        "phone": "",
    }
    return {
        "customer_id": order.sold.person + 1,
        "customer_ip_address": f"192.0.2.{order.sold.person % 254 + 1}",
        "customer_user_agent": "",
        "billing": {**address, "email": world.people.email(order.sold.person)},
        "shipping": address,
    }


def _item(order: _Order, line: _Line, *, number: int) -> dict[str, Any]:
    return {
        "id": order.sold.number * 10 + number,
        "name": line.item.name,
        "product_id": product_id(line.item.handle) % 1_000_000,
        "variation_id": 0,
        "quantity": line.quantity,
        "tax_class": "" if line.item.tax == 19 else "reduced-rate",
        "subtotal": cents(line.before),
        "total": cents(line.net),
        "total_tax": cents(line.tax),
        "taxes": [],
        "meta_data": [],
        "sku": line.item.sku,
        "price": line.net / 100 / line.quantity,
    }


def _shipping(order: _Order) -> dict[str, Any]:
    return {
        "id": order.sold.number,
        "method_title": CARRIERS[order.sold.carrier].name,
        "method_id": "flat_rate",
        "instance_id": str(order.sold.carrier + 1),
        "total": cents(order.postage),
        "total_tax": cents(order.postage_tax),
        "taxes": [],
        "meta_data": [],
    }


def _coupons(order: _Order) -> list[dict[str, Any]]:
    code = CODES[order.sold.code][0].lower()
    amounts = {"discount": cents(order.discount), "discount_tax": cents(order.discount_tax)}
    return [{"id": order.sold.number, "code": code, **amounts, "meta_data": []}] if code else []
