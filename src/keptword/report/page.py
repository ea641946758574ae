"""Renders a report as one HTML file that needs nothing else: no script, no font, no picture, no network."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

import keptword
from keptword.report import charts, phrases
from keptword.report.blocks import Page, Sum
from keptword.report.model import Report, Word
from keptword.report.sections import sections
from keptword.report.verdict import headline, lede
from keptword.words import STRONG_BEGINS, STRONG_ENDS, Language, Words, without_marks, words

HTML_LANGUAGES: Final[dict[Language, str]] = {"en": "en", "zh": "zh-Hans"}


LONGEST_UNBROKEN: Final = 20
"""Up to so many letters, what is heavy is not broken over two lines."""


def render(report: Report, *, language: str) -> str:
    """Return the report as the text of an HTML file, complete in itself, in a language of `words.LANGUAGES`."""
    template = _environment().get_template("page.html.jinja")
    return template.render(page=page(report, words=words(language)), style=_style(), words=words(language)) + "\n"


def page(report: Report, *, words: Words) -> Page:
    """Return all that the template receives, with nothing left to reckon."""
    business = phrases.name(report.business) if report.business else ""
    title = words.say("page.title", business=business) if business else words.say("page.title_unnamed")
    day = words.day(report.as_of)
    return Page(
        language=HTML_LANGUAGES[words.language],
        title=title,
        business=business,
        period=_period(report, words),
        as_of=words.say("page.as_of", day=words.weekday(report.as_of)),
        headline=headline(report, words=words),
        lede=lede(report, words=words),
        total=_sum(report.word, words) if report.word and report.word.due else None,
        sections=sections(report, words),
        footer=(words.say("page.everything_here"), words.say("page.made_by", version=keptword.__version__, day=day)),
        paper_footer=words.say("page.paper_named" if business else "page.paper", business=business, day=day),
    )


def _period(report: Report, words: Words) -> str:
    if report.first_on is None or report.first_on > report.as_of:
        return ""
    first, last = words.short_day(report.first_on), words.short_day(report.as_of)
    return words.say("period.from_to", first=first, last=last)


def _sum(word: Word, words: Words) -> Sum:
    """Return what fell due as a sum: kept, late and what is still waited for."""
    rest = "waiting" if word.rule else "not_kept"
    parts = [("kept", word.kept), ("late", word.late), (rest, word.waiting)]
    description = words.listed([f"{words.number(count)} {words.say(f'sum.{kind}')}" for kind, count in parts])
    drawing = charts.split(
        parts, title=words.say("sum.title", due=words.number(word.due)), description=without_marks(description)
    )
    return Sum(
        drawing,
        total=(words.number(word.due), words.say("sum.due")),
        parts=tuple((kind, words.number(count), words.say(f"sum.{kind}")) for kind, count in parts),
    )


def marked(text: str) -> Markup:
    """Return a sentence as HTML: escaped, and heavy where it is marked to be; a short figure stays on one line."""
    pieces = text.replace(STRONG_ENDS, STRONG_BEGINS).split(STRONG_BEGINS)
    html = Markup()
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            html += escape(piece)
        elif len(piece) <= LONGEST_UNBROKEN:
            html += Markup('<strong class="whole">{}</strong>').format(piece)
        else:
            html += Markup("<strong>{}</strong>").format(piece)
    return html


def css_text(text: str) -> Markup:
    """Return a text as a quoted CSS string that can end neither the string nor the style around it."""
    signs = "".join(sign if sign.isascii() and sign.isalnum() else f"\\{ord(sign):x} " for sign in without_marks(text))
    return Markup(f'"{signs}"')


def kind(block: object) -> str:
    """Return the name of a block's kind, by which the template chooses how to lay it out."""
    return type(block).__name__


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("keptword.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["marked"] = marked
    environment.filters["css_text"] = css_text
    environment.filters["kind"] = kind
    return environment


@cache
def _style() -> Markup:
    return Markup(files("keptword.report.templates").joinpath("report.css").read_text(encoding="utf-8"))
