"""Which entries the rows of a file become, from what its columns hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from keptword.sources.csv.guessing import words
from keptword.sources.csv.guessing.cells import rating
from keptword.sources.csv.guessing.roles import Found, Looked
from keptword.sources.csv.guessing.toml import inline, listed, text

_OF_ORDERS: Final = {
    "begun": "order.placed",
    "paid": "order.paid",
    "shipped": "order.shipped",
    "delivered": "order.delivered",
    "cancelled": "order.cancelled",
    "returned": "order.returned",
    "refunded": "order.refunded",
}
_OF_TICKETS: Final = {"begun": "contact.opened", "replied": "contact.replied", "resolved": "contact.resolved"}
_OFTEN_WITH_CLOCK: Final = 0.05


@dataclass
class Fact:
    """One [[fact]] table: its kind, its other entries as TOML, and a comment above it."""

    kind: str
    entries: dict[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def has_money(self) -> bool:
        """Whether it tells an amount."""
        return "amount" in self.entries

    def lines(self) -> list[str]:
        """Return the lines of the table."""
        note = [f"# {self.note}"] if self.note else []
        return [
            *note,
            "[[fact]]",
            f"kind = {text(self.kind)}",
            *(f"{key} = {value}" for key, value in self.entries.items()),
        ]


class _Making:
    """Makes the tables of one mapping."""

    def __init__(self, found: Found, own_formats: Mapping[str, tuple[str, ...]]) -> None:
        self.found = found
        self.own_formats = own_formats
        self.made: list[Fact] = []

    def when(self, column: Looked) -> str:
        """Return a moment as TOML, with formats where they are not those of the file."""
        formats = self.own_formats.get(column.name)
        return (
            text(column.name) if formats is None else f"{{ column = {text(column.name)}, format = {listed(formats)} }}"
        )

    def add(self, kind: str, column: Looked, *, note: str = "", **entries: str) -> Fact:
        """Add a table whose moment is a column."""
        fact = Fact(
            kind, {"when": self.when(column), **{name.rstrip("_"): value for name, value in entries.items()}}, note
        )
        self.made.append(fact)
        return fact

    @property
    def begun(self) -> Looked:
        """When it all began, or the best that is known of it."""
        dates = self.found.dates
        known = next((dates[role] for role in ("begun", "paid", "due", "shipped", "delivered") if role in dates), None)
        return known or next(iter(dates.values()))


def facts_for(found: Found, own_formats: Mapping[str, tuple[str, ...]], *, amount: str | None) -> list[Fact]:
    """Return the tables for what was recognised; `amount` is the column of what an order came to, where it is told."""
    making = _Making(found, own_formats)
    if found.theme == "review":
        _review(making, "survey.answered" if words.SURVEY.search(found.cells["rating"].spoken) else "review.posted")
        return making.made
    kinds = _OF_TICKETS if found.theme == "ticket" else _OF_ORDERS
    for role, kind in kinds.items():
        if role in found.dates:
            making.add(kind, found.dates[role])
    if not making.made and "due" not in found.dates:
        making.add(next(iter(kinds.values())), making.begun, note="No heading tells what the date is of.")
    for fact in making.made:
        if fact.kind == "order.placed" and amount:
            fact.entries["amount"] = text(amount)
        if fact.kind == "contact.resolved" and found.steps:
            fact.entries["steps"] = text(" + ".join(f"{{{one.name}}}" for one in found.steps))
    if found.theme == "order":
        _called_off(making)
    _promised(making)
    if "rating" in found.cells:
        _review(making, "survey.answered" if found.theme == "ticket" else "review.posted")
    return making.made


def _called_off(making: _Making) -> None:
    """Add what a status tells and no date does: that an order was called off, or paid back."""
    status, dates = making.found.cells.get("status"), making.found.dates
    if status is None or "begun" not in dates:
        return
    for role, kind, pattern, what in (
        ("cancelled", "order.cancelled", words.CALLED_OFF, "called off"),
        ("refunded", "order.refunded", words.PAID_BACK, "paid back"),
    ):
        cells = [cell for cell in status.cells if pattern.search(words.spoken(cell)) and '"' not in cell]
        if role not in dates and cells:
            condition = f"{{{status.name}}} in ({', '.join(map(_quoted, cells))})"
            note = f"No column tells when an order was {what}, so the day it was placed stands for that."
            making.add(kind, dates["begun"], note=note, if_=text(condition))


def _quoted(cell: str) -> str:
    return '"' + cell + '"'


def _promised(making: _Making) -> None:
    found = making.found
    due = found.dates.get("due")
    if due is not None:
        _dated_promise(making, due)
    elif "kept" in found.cells:
        _undated_promise(making, found.cells["kept"])


def _dated_promise(making: _Making, due: Looked) -> None:
    """Add a promise with a due moment, and its keeping where a column tells of that."""
    found = making.found
    kind, done = _kind_of(found, due)
    word = "due_at" if due.dates.with_clock > _OFTEN_WITH_CLOCK * due.dates.formats.total() else "due_on"
    # Rows without a due moment promise nothing; what was done on them keeps nothing.
    gaps = {"if_": text(f"{{{due.name}}} is not empty")} if due.filled < len(due.rows) else {}
    alone = (
        ""
        if making.begun is not due
        else "No column tells when this was promised; the day it was promised for stands for that."
    )
    if done is None:
        alone = (alone + " No column tells when it was done, so nothing can be judged as kept yet.").strip()
    making.add(
        "promise.made", making.begun, note=alone, promise=f'{{ kind = "{kind}", {word} = {making.when(due)} }}', **gaps
    )
    if done is not None:
        making.add("promise.kept", done, promise=f'{{ kind = "{kind}" }}', **gaps)


def _kind_of(found: Found, due: Looked) -> tuple[str, Looked | None]:
    """Return what is promised for the due moment, and the column that tells when it was done."""
    dates = found.dates
    if found.theme == "ticket":
        if words.REPLY.search(due.spoken) or "resolved" not in dates:
            return "reply", dates.get("replied")
        return "resolution", dates.get("resolved")
    says_arrival = words.DATES["delivered"].search(due.spoken) is not None
    says_leaving = words.DISPATCH.search(due.spoken) is not None and not says_arrival
    if says_leaving or (not says_arrival and "delivered" not in dates and "shipped" in dates):
        return "dispatch", dates.get("shipped")
    return "delivery", dates.get("delivered")


def _undated_promise(making: _Making, kept: Looked) -> None:
    """Add a promise without a due moment, of which a column tells whether it was kept."""
    found = making.found
    is_adverse = words.ADVERSE.search(kept.spoken) is not None
    good, bad = (words.NO, words.YES) if is_adverse else (words.YES, words.NO)
    kind = "resolution" if found.theme == "ticket" else "delivery"
    ends = [found.dates[role] for role in ("resolved", "delivered", "shipped", "replied") if role in found.dates]
    end = ends[0] if ends else making.begun
    note = f"The file tells no due moment, only whether it was kept: the column {text(kept.name)}."
    making.add("promise.made", making.begun, note=note, promise=f'{{ kind = "{kind}", vague = true }}')
    for fate, wanted in (("promise.kept", good), ("promise.broken", bad)):
        cells = [cell for cell in kept.cells if cell.casefold() in wanted]
        if cells:
            condition = f"{{{kept.name}}} in ({', '.join(map(_quoted, cells))})"
            making.add(fate, end, if_=text(condition), promise=f'{{ kind = "{kind}" }}')


def _review(making: _Making, kind: str) -> None:
    """Add a rating with its scale."""
    found = making.found
    column = found.cells["rating"]
    scaled = rating(column.cells)
    if scaled is None:
        return
    scale, said = scaled
    translated = f", map = {inline(said)}" if said else ""
    dates = found.dates
    at = next((dates[role] for role in ("reviewed", "resolved", "delivered") if role in dates), making.begun)
    if found.theme == "review":
        at = dates.get("begun", at)
    note = (
        f"The lowest rating is taken for {scale.split('..')[0]} and the highest for {scale.split('..')[1]}: check that."
    )
    fact = making.add(
        kind, at, note=note, score=f"{{ column = {text(column.name)}, scale = {text(scale)}{translated} }}"
    )
    if found.theme == "review":
        own = found.id.name if found.id and not found.several_rows else "line"
        fact.entries["id"] = text(f"{{{own}}}")
