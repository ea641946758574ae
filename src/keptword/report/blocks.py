"""What a report's sections are made of: sentences, tables and charts, with nothing left to reckon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

Tone = Literal["lead", "plain", "quiet", "joy"]


@dataclass(frozen=True)
class Say:
    """One paragraph: `lead` is what a section says first, `quiet` an aside, `joy` something to be glad about."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True)
class Quote:
    """A promise in the words customers read, and below it when it was made."""

    text: str
    origin: str


@dataclass(frozen=True)
class Heading:
    """The heading of a part of a section."""

    text: str


@dataclass(frozen=True)
class Cell:
    """One cell: a text, smaller `aside` below it, and a drawing instead of a text where there is one."""

    text: str = ""
    aside: str = ""
    drawing: Markup | None = None
    strong: bool = False


@dataclass(frozen=True)
class Head:
    """One column's heading; figures stand at the right, shares have room for their range, drawings are wide."""

    text: str
    kind: Literal["text", "day", "figure", "share", "drawing"] = "text"


@dataclass(frozen=True)
class Table:
    """A table: its caption (read aloud, and shown where it stands alone), its columns, one row of cells each.

    The first cell of a row is its heading. Rows whose number is in `marked` are emphasised.
    """

    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    marked: frozenset[int] = frozenset()

    @property
    def is_drawn(self) -> bool:
        """Say whether some column holds drawings, which need columns of even width from one table to the next."""
        return any(head.kind == "drawing" for head in self.heads)

    @property
    def is_wide(self) -> bool:
        """Say whether a phone has to scroll it sideways, which the keyboard must be able to as well."""
        return len(self.heads) > 3 and not self.is_drawn


@dataclass(frozen=True)
class Figure:
    """A chart with a caption above, a key below, and the table it was drawn from."""

    caption: str
    drawing: Markup
    table: Table
    key: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Point:
    """One point of a list: what it says, more about it, where it comes from; `language` where it is another one."""

    text: str
    more: tuple[str, ...] = ()
    source: str = ""
    language: str = ""


@dataclass(frozen=True)
class Points:
    """A list of points."""

    points: tuple[Point, ...]


@dataclass(frozen=True)
class Sum:
    """A sum as on a receipt: its parts, each with a kind that gives it its colour, and what they add up to."""

    drawing: Markup
    total: tuple[str, str]
    parts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class HowWeKnow:
    """How the figures above were come by, in plain words; folded away on the screen."""

    paragraphs: tuple[str, ...]


Block = Say | Quote | Heading | Table | Figure | Points | Sum | HowWeKnow


@dataclass(frozen=True)
class Section:
    """One section of the page: its name in an address, its heading, its blocks from top to bottom."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """All that the page template receives."""

    language: str
    title: str
    business: str
    period: str
    as_of: str
    headline: str
    lede: tuple[str, ...]
    total: Sum | None
    sections: tuple[Section, ...]
    footer: tuple[str, ...]
    paper_footer: str
