"""Counts an export again in plain Python, row by row, without a line of what wrote it."""

from __future__ import annotations

import csv
import json
import mailbox
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass
class Order:
    """One order as an export tells it; moments are local and without a zone."""

    name: str
    email: str
    left_out: str
    placed: datetime
    paid: datetime | None
    shipped: datetime | None
    cancelled: bool
    refunded: float
    carrier: str
    country: str
    skus: list[str] = field(default_factory=list)

    @property
    def counts(self) -> bool:
        """Whether it is a customer's and was not called off before it left."""
        return not self.left_out and not (self.cancelled and self.shipped is None)

    @property
    def base(self) -> datetime:
        """When the promise begins."""
        return self.paid or self.placed


def is_working(day: date, off: Collection[date]) -> bool:
    return day.weekday() < 5 and day not in off


def due_on(base: datetime, within: int, *, off: Collection[date] = (), cutoff: int | None = None) -> date:
    """Return the day by whose end it must have left, counted day by day."""
    day = base.date()
    if is_working(day, off) and cutoff is not None and base.hour >= cutoff:
        day += timedelta(days=1)
    while not is_working(day, off):
        day += timedelta(days=1)
    for _ in range(within):
        day += timedelta(days=1)
        while not is_working(day, off):
            day += timedelta(days=1)
    return day


def outcome(order: Order, *, due: date, as_of: date) -> str:
    """Return open, kept, late or waiting, as of the end of a day."""
    if order.shipped is not None:
        return "kept" if order.shipped.date() <= due else "late"
    return "waiting" if due <= as_of else "open"


def dispatch(
    orders: Iterable[Order], *, as_of: date, within: int = 2, off: Collection[date] = (), cutoff: int | None = None
) -> dict[str, int]:
    """Return how many counted orders there are, are due, kept, late and waiting."""
    found = Counter(
        outcome(order, due=due_on(order.base, within, off=off, cutoff=cutoff), as_of=as_of)
        for order in orders
        if order.counts
    )
    due = found["kept"] + found["late"] + found["waiting"]
    return {"orders": found.total(), "due": due, **{name: found[name] for name in ("kept", "late", "waiting")}}


def _stamp(text: str) -> datetime | None:
    if not text:
        return None
    at = datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z")
    assert at.utcoffset() == at.astimezone(BERLIN).utcoffset(), f"{text} is not what clocks in Berlin showed"
    return at.replace(tzinfo=None)


def shopify_orders(path: Path) -> list[Order]:
    """Return the orders of Shopify's export, each gathered from its lines."""
    orders: dict[str, Order] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["Name"] not in orders:
                placed = _stamp(row["Created at"])
                assert placed is not None
                orders[row["Name"]] = Order(
                    name=row["Name"],
                    email=row["Email"],
                    left_out=_left_out(row["Payment Method"], tags=row["Tags"], total=float(row["Total"])),
                    placed=placed,
                    paid=_stamp(row["Paid at"]),
                    shipped=_stamp(row["Fulfilled at"]),
                    cancelled=bool(row["Cancelled at"]),
                    refunded=float(row["Refunded Amount"]),
                    carrier=row["Shipping Method"],
                    country=row["Shipping Country"],
                )
            orders[row["Name"]].skus.append(row["Lineitem sku"])
    return list(orders.values())


def _left_out(payment: str, *, tags: str, total: float) -> str:
    listed = [tag.strip().lower() for tag in tags.split(",")]
    if payment.startswith(("bogus", "Bogus")) or "test" in listed:
        return "test"
    for tag, reason in (("staff", "staff"), ("wholesale", "wholesale"), ("wholesale customer", "wholesale")):
        if tag in listed:
            return reason
    return "zero value" if total == 0 else ""


def woocommerce_csv_orders(path: Path) -> list[Order]:
    """Return the orders of the plug-in's CSV; their stamps end with the minute."""

    def at(text: str) -> datetime | None:
        return datetime.strptime(text, "%Y-%m-%d %H:%M") if text else None

    orders: dict[str, Order] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            placed = at(row["Order Date"])
            assert placed is not None
            order = Order(
                name=f"#{row['Order Number']}",
                email=row["Email (Billing)"],
                left_out=_left_out(
                    row["Payment Method Title"], tags=row["Customer Role"], total=float(row["Order Total Amount"])
                ),
                placed=placed,
                paid=at(row["Paid Date"]),
                shipped=at(row["Completed Date"]),
                cancelled=row["Order Status"] == "Cancelled",
                refunded=float(row["Order Refund Amount"]),
                carrier=row["Shipping Method Title"],
                country=row["Country Code (Shipping)"],
            )
            orders.setdefault(order.name, order).skus.append(row["SKU"])
    return list(orders.values())


def woocommerce_json_orders(path: Path) -> list[Order]:
    """Return the orders of the saved REST answer."""

    def at(order: dict[str, str], name: str) -> datetime | None:
        if not order[name]:
            assert order[f"{name}_gmt"] is None
            return None
        local, utc = datetime.fromisoformat(order[name]), datetime.fromisoformat(order[f"{name}_gmt"] + "+00:00")
        assert utc.astimezone(BERLIN).replace(tzinfo=None) == local
        return local

    orders = []
    for found in json.loads(path.read_text(encoding="utf-8")):
        roles = [entry["value"] for entry in found["meta_data"] if entry["key"] == "_customer_role"]
        placed = at(found, "date_created")
        assert placed is not None
        orders.append(
            Order(
                name=f"#{found['number']}",
                email=found["billing"]["email"],
                left_out=_left_out(found["payment_method"], tags=",".join(roles), total=float(found["total"])),
                placed=placed,
                paid=at(found, "date_paid"),
                shipped=at(found, "date_completed"),
                cancelled=found["status"] == "cancelled",
                refunded=-sum(float(refund["total"]) for refund in found["refunds"]),
                carrier=found["shipping_lines"][0]["method_title"],
                country=found["shipping"]["country"],
                skus=[line["sku"] for line in found["line_items"]],
            )
        )
    return orders


def returning(orders: Iterable[Order], as_of: date) -> dict[str, dict[str, int]]:
    """Return how many came back within 90 days, after first purchases and after kept and late orders."""
    of_customer = defaultdict(list)
    for order in sorted(orders, key=lambda order: int(order.name[1:])):
        if order.counts:
            of_customer[order.email.lower()].append(order)
    found = {name: {"observed": 0, "came_back": 0} for name in ("first", "kept", "late")}
    for theirs in of_customer.values():
        for place, order in enumerate(theirs):
            day = order.placed.date()
            if day + timedelta(days=90) > as_of:
                continue
            back = place + 1 < len(theirs) and (theirs[place + 1].placed.date() - day).days <= 90
            state = outcome(order, due=due_on(order.base, 2), as_of=as_of)
            for name in (["first"] if place == 0 else []) + ["kept" if state == "kept" else "late"]:
                found[name]["observed"] += 1
                found[name]["came_back"] += back
    return found


@dataclass
class Letter:
    """One message of a mailbox, by its headers alone."""

    key: str
    sent: datetime
    sender: str
    receiver: str
    answers: str


def messages(path: Path) -> list[mailbox.mboxMessage]:
    """Return the messages of an mbox file, whole, in its order."""
    with closing(mailbox.mbox(path, create=False)) as box:
        return list(box)


def letters(path: Path) -> list[Letter]:
    """Return the messages of an mbox file, in its order."""
    found = []
    for message in messages(path):
        before = message["In-Reply-To"] or (message["References"] or "").split()[-1:]
        found.append(
            Letter(
                key=message["Message-ID"],
                sent=parsedate_to_datetime(message["Date"]),
                sender=parseaddr(str(message["From"]))[1].lower(),
                receiver=parseaddr(str(message["To"]))[1].lower(),
                answers=before if isinstance(before, str) else "".join(before),
            )
        )
    return found


def worked_hours(begin: datetime, end: datetime) -> float:
    """Return the hours between 9 and 17 from Monday to Friday between two instants, counted day by day."""
    begin, end = (at.astimezone(BERLIN).replace(tzinfo=None) for at in (begin, end))
    worked, day = 0.0, begin.date()
    while day <= end.date():
        if day.weekday() < 5:
            opens = datetime(day.year, day.month, day.day, 9)
            closes = datetime(day.year, day.month, day.day, 17)
            worked += max((min(end, closes) - max(begin, opens)).total_seconds(), 0.0) / 3600
        day += timedelta(days=1)
    return worked


def answers(found: list[Letter], as_of: date) -> dict[str, float]:
    """Return how many conversations were answered, how soon at the median, and who waits over a working day."""
    opened: dict[str, Letter] = {}
    conversation: dict[str, str] = {}
    first: dict[str, datetime] = {}
    for letter in found:
        start = conversation[letter.answers] if letter.answers else letter.key
        conversation[letter.key] = start
        opened.setdefault(start, letter)
        if letter.sender.endswith("@haiwen.example"):
            first.setdefault(start, letter.sent)
    end = datetime(as_of.year, as_of.month, as_of.day, tzinfo=BERLIN) + timedelta(days=1)
    waiting = [worked_hours(letter.sent, end) for start, letter in opened.items() if start not in first]
    return {
        "answered": len(first),
        "unanswered": len(opened) - len(first),
        "unanswered_for_more_than_a_working_day": sum(hours > 8 for hours in waiting),
        "median_hours": median((at - opened[start].sent).total_seconds() / 3600 for start, at in first.items()),
        "median_working_hours": median(worked_hours(opened[start].sent, at) for start, at in first.items()),
    }


def messages_by_latest_order(found: list[Letter], orders: list[Order], *, as_of: date) -> dict[str, Counter[str]]:
    """Return for kept and for late orders how many messages and conversations they brought.

    A message belongs to the customer's latest counted order of before it.
    """
    of_customer = defaultdict(list)
    for order in orders:
        if order.counts:
            of_customer[order.email.lower()].append(order)
    tally: dict[str, Counter[str]] = {"late": Counter(), "kept": Counter()}
    for letter in found:
        sent = letter.sent.astimezone(BERLIN).replace(tzinfo=None)
        before = [order for order in of_customer.get(letter.sender, []) if order.placed <= sent]
        if not before:
            continue
        order = max(before, key=lambda order: order.placed)
        state = outcome(order, due=due_on(order.base, 2), as_of=as_of)
        if state != "open":
            tally["kept" if state == "kept" else "late"].update(["messages"] + ["conversations"] * (not letter.answers))
    return tally


def addresses(text: str) -> set[str]:
    """Return everything in a text that looks like a mail address, message ids apart."""
    return {found.lower() for found in re.findall(r"(?<![<\w.+-])[\w.+-]+@[\w.-]+\w", text)}
