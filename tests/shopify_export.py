"""Writes small order exports as Shopify's admin does, cell by cell, for tests that say what stands in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

COLUMNS = (
    *("Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Currency", "Total"),
    *("Shipping Method", "Created at", "Lineitem quantity", "Lineitem name", "Shipping Country", "Cancelled at"),
    *("Payment Method", "Refunded Amount", "Vendor", "Id", "Tags", "Source"),
)

USUAL = {
    "Financial Status": "paid",
    "Fulfillment Status": "fulfilled",
    "Currency": "EUR",
    "Total": "20.00",
    "Created at": "2031-03-03 10:00:00 +0100",
    "Paid at": "2031-03-03 10:05:00 +0100",
    "Fulfilled at": "2031-03-04 16:00:00 +0100",
    "Lineitem quantity": "1",
    "Lineitem name": "Tea",
    "Refunded Amount": "0.00",
}


def order(name: str, **cells: str) -> dict[str, str]:
    """Return one order's first line: an order like any other but for the cells told (`Paid_at` for "Paid at")."""
    told = {key.replace("_", " "): value for key, value in cells.items()}
    own = {"Name": name, "Email": f"{name.strip('#')}@example.org", "Id": f"56000{name.strip('#')}"}
    return USUAL | own | told


def more(name: str, product: str) -> dict[str, str]:
    """Return a further line of an order."""
    return {"Name": name, "Lineitem quantity": "1", "Lineitem name": product}


def text(
    rows: Iterable[Mapping[str, str]], *, columns: Sequence[str] = COLUMNS, delimiter: str = ",", end: str = "\n"
) -> str:
    """Return an export as text."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns, restval="", extrasaction="ignore", delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def write(path: Path, rows: Iterable[Mapping[str, str]], *, columns: Sequence[str] = COLUMNS) -> Path:
    """Write an export and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(rows, columns=columns), encoding="utf-8", newline="")
    return path
