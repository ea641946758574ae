"""What both drawings of the overview are made of: parts of sentences, and the report as the figures hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.http import HttpRequest

from keptword.figures.reading import Reader
from keptword.figures.rendered import section_of
from keptword.intake import quarantine
from keptword.report.blocks import Figure, HowWeKnow, Point, Points, Quote, Say, Section, Table
from keptword.sources.rooms import ROOMS
from keptword.web import shop
from keptword.web.desk.overview_way import way
from keptword.web.keeping.standing import Moment
from keptword.web.keeping.waits import Together, Waits, waits_of
from keptword.words import Words

NEXT_BEST: Final = ("mailbox", "shopify_products", "judgeme_reviews")
"""What adds most to a shop's orders, in this order."""


@dataclass(frozen=True)
class Part:
    """One part of the page: its name, its sentences, and how they are known."""

    key: str
    sentences: tuple[str, ...]
    how: tuple[str, ...] = ()


@dataclass(frozen=True)
class Counted:
    """As of when the figures are, and whether newer ones are being worked out."""

    made_at: datetime
    today: date
    busy: bool


@dataclass(frozen=True)
class Footer:
    """What the figures stand on: entries and files, lines that could not be read, and where those are."""

    sentence: str
    unreadable: str
    lines: str


def counted(reader: Reader, *, busy: bool) -> Counted:
    """Return as of when the figures are."""
    return Counted(reader.made_at, date.fromisoformat(reader.said("made")["today"]), busy)


class Told:
    """The report on the books in a language, as the figures hold it."""

    def __init__(self, report: Mapping[str, Any], *, words: Words) -> None:
        page = report["pages"].get(words.language) or report["pages"]["en"]
        self.figures: Mapping[str, Any] = report["figures"]
        self.headline: str = page["headline"]
        self.lede: tuple[str, ...] = tuple(page["lede"])
        self._sections = {section["key"]: section_of(section) for section in page["sections"]}

    def section(self, key: str) -> Section:
        """Return a section, an empty one where the report has none of that name."""
        return self._sections.get(key) or Section(key, "", ())

    def part(self, key: str, *more: str) -> Part | None:
        """Return what a section says first, and further sentences; None where the report has no such section."""
        section = self.section(key)
        said = [block.text for block in section.blocks if isinstance(block, Say)]
        return Part(key, (*said, *more), how(section)) if said else None


def says(section: Section, tone: str) -> tuple[str, ...]:
    """Return the sentences of a section in one tone."""
    return tuple(block.text for block in section.blocks if isinstance(block, Say) and block.tone == tone)


def how(section: Section) -> tuple[str, ...]:
    """Return how a section's figures are known."""
    return tuple(text for block in section.blocks if isinstance(block, HowWeKnow) for text in block.paragraphs)


def quote(section: Section) -> Quote | None:
    """Return the promise a section quotes."""
    return next((block for block in section.blocks if isinstance(block, Quote)), None)


def table(section: Section) -> Table | None:
    """Return the first table of a section, that behind its first chart where it has one."""
    for block in section.blocks:
        if isinstance(block, Table):
            return block
        if isinstance(block, Figure):
            return block.table
    return None


def points(section: Section) -> tuple[tuple[Point, ...], ...]:
    """Return the lists of a section, one after another."""
    return tuple(block.points for block in section.blocks if isinstance(block, Points))


def next_best(reader: Reader, *, words: Words) -> str:
    """Return what one more file would add, the next best one; empty where all that is known was given."""
    have = {file["source"] for file in reader.said("shop")["files"]}
    known = {*ROOMS} - have
    if "shopify_orders" not in have:
        known.discard("shopify_products")
    found = next((name for name in NEXT_BEST if name in known), "")
    return words.say(f"next.{found}") if found else ""


def footer(request: HttpRequest, reader: Reader) -> Footer:
    """Return the last line of the page."""
    words, about = request.words, reader.said("shop")
    files = len(about["files"])
    sentence = words.say(
        "read.lead" if files else "read.lead_posted",
        entries=words.say("count.entry", count=about["entries"]),
        files=words.say("count.file", count=files),
        first=words.day(date.fromisoformat(about["first_on"])),
        newest=words.day(date.fromisoformat(about["newest_on"])),
    )
    waiting = quarantine.count()
    unreadable = words.say("read.refused_total", count=waiting) if waiting else ""
    place = way("imports.lines", "") or way("imports", "")
    return Footer(sentence, unreadable, place.address if place else "")


def overdue(reader: Reader, *, kind: str = "") -> Together:
    """Return what is past its day and neither kept nor called off, now: as the page of who waits tells it."""
    return waits_now(reader).together({"when": "overdue", "kind": kind})


def unanswered(reader: Reader) -> Together:
    """Return who wrote and has had no answer, now."""
    return waits_now(reader).together({"when": "unanswered"})


def waits_now(reader: Reader) -> Waits:
    """Return all that is waited for at this moment."""
    return waits_of(reader, moment=Moment(shop.now(), shop.books().timezone))
