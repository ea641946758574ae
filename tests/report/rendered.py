"""Reads a rendered page back: its text as a person sees it, its elements, its headings, its tables."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import keptword.report
from keptword.report.model import Report
from keptword.report.page import render

SOURCE_FOLDER = Path(keptword.report.__file__).parent

BLOCKS = {"p", "li", "h1", "h2", "h3", "th", "td", "small", "dt", "dd", "caption", "figcaption", "title", "summary"}
VOID = {"meta", "link", "br", "img", "input", "hr", "col", "rect", "line", "circle"}


@dataclass
class Element:
    """One element of a page: its name, attributes, children, and its text with that of its children."""

    name: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    pieces: list[str | Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text as read, with single spaces; styles are not read."""
        if self.name == "style":
            return ""
        joined = "".join(piece if isinstance(piece, str) else piece.text for piece in self.pieces)
        return re.sub(r"\s+", " ", f" {joined} " if self.name in BLOCKS else joined)

    def all(self, name: str, **attributes: str) -> list[Element]:
        """Every element below with this name and these attributes, in the order of the page."""
        found = []
        for child in self.children:
            fits = all(child.attributes.get(key.rstrip("_")) == value for key, value in attributes.items())
            found += [child] if child.name == name and fits else []
            found += child.all(name, **attributes)
        return found

    def first(self, name: str, **attributes: str) -> Element:
        """The first of `all`."""
        return self.all(name, **attributes)[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        self.open[-1].pieces.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open[-1].name, f"</{tag}> closes <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].pieces.append(data)


def parsed(html: str) -> Element:
    """The page as a tree; fails where an element is closed that is not the one open."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].name}> is never closed"
    return reader.root


def page_of(report: Report, *, language: str = "en") -> Element:
    """The report's page, rendered and read back."""
    return parsed(render(report, language=language))


def text_of(report: Report, *, language: str = "en") -> str:
    """All that can be read on the report's page, folded parts and descriptions of charts too."""
    return page_of(report, language=language).first("body").text


def section(page: Element, key: str) -> Element:
    """One section of a page by its key."""
    return page.first("section", id=key)
