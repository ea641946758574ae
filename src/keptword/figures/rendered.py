"""The sections of a report as documents hold them, and read back: blocks of sentences, tables and charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from markupsafe import Markup

from keptword.report.blocks import (
    Block,
    Cell,
    Figure,
    Head,
    Heading,
    HowWeKnow,
    Point,
    Points,
    Quote,
    Say,
    Section,
    Sum,
    Table,
)

Plain = Mapping[str, Any]


def plain_section(section: Section) -> dict[str, Any]:
    """Return a section as JSON holds it; each block names its kind as `block`."""
    blocks = [{"block": type(block).__name__, **asdict(block)} for block in section.blocks]
    return {"key": section.key, "title": section.title, "blocks": blocks}


def section_of(told: Plain) -> Section:
    """Return the section that a document holds, as it was."""
    return Section(told["key"], told["title"], tuple(_block(block) for block in told["blocks"]))


def _block(told: Plain) -> Block:
    kind = told["block"]
    if kind == "Table":
        return _table(told)
    if kind == "Figure":
        drawing, key = Markup(told["drawing"]), tuple((name, said) for name, said in told["key"])
        return Figure(told["caption"], drawing, _table(told["table"]), key=key)
    if kind == "Points":
        return Points(tuple(Point(**point | {"more": tuple(point["more"])}) for point in told["points"]))
    if kind == "Sum":
        parts = tuple((name, count, said) for name, count, said in told["parts"])
        return Sum(Markup(told["drawing"]), (told["total"][0], told["total"][1]), parts)
    if kind == "HowWeKnow":
        return HowWeKnow(tuple(told["paragraphs"]))
    if kind == "Say":
        return Say(told["text"], told["tone"])
    return Quote(told["text"], told["origin"]) if kind == "Quote" else Heading(told["text"])


def _table(told: Plain) -> Table:
    rows = tuple(tuple(_cell(cell) for cell in row) for row in told["rows"])
    return Table(told["caption"], tuple(Head(**head) for head in told["heads"]), rows, frozenset(told["marked"]))


def _cell(told: Plain) -> Cell:
    drawing = None if told["drawing"] is None else Markup(told["drawing"])
    return Cell(told["text"], told["aside"], drawing, told["strong"])
