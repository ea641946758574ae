"""Brings the differing columns of the export plug-ins and of the REST interface under one set of names."""

from __future__ import annotations

import re
from typing import Final, cast

import ibis
from ibis.expr.types import ArrayValue, StringValue, Table

from keptword.engines.functions import json_text, json_texts
from keptword.sources.files import Opened

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "number": ("Order Number", "order_number", "Order ID", "order_id"),
    "status": ("Order Status", "status", "order_status"),
    "created": ("Order Date", "order_date", "date"),
    "paid": ("Paid Date", "paid_date", "date_paid"),
    "completed": ("Completed Date", "completed_date", "date_completed"),
    "modified": ("Modification Date", "modified_date", "date_modified"),
    "refunded": ("Date of first refund",),
    "currency": ("Currency", "order_currency"),
    "total": ("Order Total Amount", "order_total", "Order Total"),
    "refund": ("Order Refund Amount", "refunded_total", "refund_total", "order_refund_total"),
    "email": ("Email (Billing)", "billing_email", "Billing Email", "customer_email"),
    "phone": ("Phone (Billing)", "billing_phone"),
    "country": ("Country Code (Shipping)", "shipping_country", "Country Name (Shipping)"),
    "country_billed": ("Country Code (Billing)", "billing_country", "Country Name (Billing)"),
    "province": ("State Code (Shipping)", "shipping_state", "State Name (Shipping)"),
    "carrier": ("Shipping Method Title", "shipping_method", "Shipping Method"),
    "payment": ("Payment Method Title", "payment_method_title", "payment_method", "Payment Method"),
    "role": ("Customer Role", "User Role", "customer_role"),
    "via": ("Created Via", "created_via"),
    "item": ("Item Name", "Product Name", "item_name"),
}
"""What each column is called here, and in the exports of Advanced Order Export, WebToffee and others like them."""

CONTACT_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "name": ("Full Name (Billing)", "billing_full_name", "billing_name", "Billing Name"),
    "given": ("First Name (Billing)", "billing_first_name", "Billing First Name"),
    "family": ("Last Name (Billing)", "billing_last_name", "Billing Last Name"),
}
"""The same for what is read beside them where the address book is to be written."""

OWN: Final = tuple(name for name in NAMES if name != "item")
"""The columns that are an order's own, not those of a thing ordered."""

STAMPS: Final = ("created", "paid", "completed", "modified", "refunded")

JSON_COLUMNS: Final = (
    *("id", "number", "status", "currency", "total", "payment_method", "payment_method_title", "created_via"),
    *(f"date_{name}{end}" for name in ("created", "paid", "completed", "modified") for end in ("", "_gmt")),
    *("billing", "shipping", "meta_data", "line_items", "shipping_lines", "refunds"),
)

_LINE_ITEM: Final = re.compile(r"line[_ ]item[_ ]\d+|product item \d+ name", re.IGNORECASE)
_ROLE: Final = r'"key"\s*:\s*"_?(?:customer|user)_role"\s*,\s*"value"\s*:\s*"([^"]*)"'


def is_json(file: Opened) -> bool:
    """Say whether the file is what the REST interface answers, rather than a plug-in's table."""
    return {"line_items", "billing", "date_created"} <= {name.lower() for name in file.header}


def asked(file: Opened, *, contacts: bool = False) -> tuple[str, ...]:
    """Return the columns to read of a file, each once, whatever they are called in it."""
    if is_json(file):
        return JSON_COLUMNS
    known = {name.lower() for name in file.header}
    wanted = NAMES | CONTACT_NAMES if contacts else NAMES
    named = [name for names in wanted.values() for name in names if name.lower() in known]
    items = [name for name in file.header if _LINE_ITEM.fullmatch(name.strip())]
    return tuple(dict.fromkeys([*named, *items]))


def has(file: Opened, name: str) -> bool:
    """Say whether the file has a column for what is called `name` here."""
    known = {each.lower() for each in file.header}
    return is_json(file) or any(each.lower() in known for each in NAMES[name])


def unified(table: Table, file: Opened, *, contacts: bool = False) -> Table:
    """Return the rows of one file under the names of `NAMES`, and `products`, an array of texts.

    The moments are texts as they stand; from JSON each also in UTC (`created_utc`, …), empty from a table. With
    `contacts` the names of `CONTACT_NAMES` are there too.
    """
    return _of_json(table, contacts=contacts) if is_json(file) else _of_table(table, contacts=contacts)


def _of_table(table: Table, *, contacts: bool) -> Table:
    known = {name.lower(): name for name in table.columns}

    def first(names: tuple[str, ...]) -> StringValue:
        there = [table[known[name.lower()]] for name in names if name.lower() in known]
        return cast(StringValue, ibis.coalesce(*there) if there else ibis.null("string"))

    wanted = NAMES | CONTACT_NAMES if contacts else NAMES
    columns = {name: first(names) for name, names in wanted.items()}
    items = [table[name] for name in table.columns if _LINE_ITEM.fullmatch(name.strip())]
    named = [_item_name(item) for item in [columns.pop("item"), *items]]
    products = cast(ArrayValue, ibis.array(named))
    return table.select(
        "line",
        **columns,
        **{f"{name}_utc": ibis.null("string") for name in STAMPS},
        products=products.filter(lambda name: name.notnull()),
    )


def _item_name(item: StringValue) -> StringValue:
    """Return the product's name: WebToffee writes a whole line in one cell, `name:Tea|product_id:55|quantity:1`."""
    named = item.re_extract(r"(?:^|\|)\s*name:([^|]*)", 1).strip()
    return cast(StringValue, (named.length() > 0).ifelse(named, item))


def _of_json(table: Table, *, contacts: bool) -> Table:
    def at(column: str, path: str) -> StringValue:
        return cast(StringValue, json_text(table[column].coalesce("{}"), ibis.literal(path)).nullif(""))

    refunds = cast(ArrayValue, json_texts(table.refunds.coalesce("[]"), ibis.literal("$[*].total")))
    role = table.meta_data.re_extract(_ROLE, 1)
    moments = {name: table[f"date_{name}"] for name in STAMPS[:-1]}
    utc = {f"{name}_utc": table[f"date_{name}_gmt"] for name in STAMPS[:-1]}
    of_whom = {"given": at("billing", "$.first_name"), "family": at("billing", "$.last_name")}
    return table.select(
        "line",
        "status",
        "currency",
        "total",
        number=table.number.coalesce(table.id),
        **moments,
        **utc,
        refunded=ibis.null("string"),
        refunded_utc=ibis.null("string"),
        refund=refunds.map(lambda each: each.replace("-", "").try_cast("decimal(18, 4)")).sums().cast("string"),
        email=at("billing", "$.email"),
        phone=at("billing", "$.phone"),
        country=at("shipping", "$.country"),
        country_billed=at("billing", "$.country"),
        province=at("shipping", "$.state"),
        carrier=at("shipping_lines", "$[0].method_title"),
        payment=table.payment_method_title.coalesce(table.payment_method),
        role=role,
        via="created_via",
        products=json_texts(table.line_items.coalesce("[]"), ibis.literal("$[*].name")),
        **(of_whom | {"name": ibis.null("string")} if contacts else {}),
    )
