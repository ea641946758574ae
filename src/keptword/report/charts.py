"""Draws the charts of the page as SVG, from numbers; colours come from the page's style, so that they follow it.

Places across are percentages and places down are pixels: a chart grows and shrinks with the page while its
letters stay as large as they are. Every number shown is given; nothing is reckoned here but places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

GUTTER: Final = 7.0
"""What is left free at the left for the scale's figures, in percent of the width."""

WIDEST_SLOT: Final = 15.0
TOP: Final = 14.0
PLOT: Final = 150.0
STRIP: Final = 44.0
"""How high a strip of small columns is, in pixels."""


@dataclass(frozen=True)
class Bar:
    """One column of a chart: what stands below it, its value with interval (0..1 or None), and how it is drawn.

    `faint` is for columns that stand for little; `marked` names a mark from the page's style ("can", "told").
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    figure: str = ""
    under: str = ""
    faint: bool = False
    marked: str = ""


@dataclass(frozen=True)
class Scale:
    """The upright scale: its upper end (0..1) and the lines drawn across, each with what is written on it."""

    top: float
    lines: tuple[tuple[float, str], ...]
    goal: tuple[float, str] | None = None

    def down(self, value: float) -> str:
        """Return how far down, in pixels, a value lies."""
        return _pixels(TOP + PLOT * (1 - min(value / self.top, 1.0)))


def columns(bars: Sequence[Bar], *, title: str, description: str, scale: Scale) -> Markup:
    """Return a chart of columns with interval whiskers, from left to right."""
    slot = min((100 - GUTTER) / max(len(bars), 1), WIDEST_SLOT)
    drawn = [
        {
            **_common(bar, scale),
            "left": _percent(GUTTER + slot * (place + 0.18)),
            "width": _percent(slot * 0.64),
            "middle": _percent(GUTTER + slot * (place + 0.5)),
        }
        for place, bar in enumerate(bars)
    ]
    return _draw("columns", bars=drawn, scale=_lines(scale), title=title, description=description)


def steps(bars: Sequence[Bar], *, title: str, description: str, scale: Scale) -> Markup:
    """Return a chart that rises in steps, each with its interval as a band."""
    slot = min((100 - GUTTER) / max(len(bars), 1), WIDEST_SLOT)
    drawn = [
        {
            **_common(bar, scale),
            "left": _percent(GUTTER + slot * place),
            "right": _percent(GUTTER + slot * (place + 1)),
            "width": _percent(slot),
            "middle": _percent(GUTTER + slot * (place + 0.5)),
        }
        for place, bar in enumerate(bars)
    ]
    rises = [
        {"at": after["left"], "from": before["down"], "to": after["down"]}
        for before, after in pairwise(drawn)
        if before["down"] is not None and after["down"] is not None
    ]
    return _draw("steps", bars=drawn, rises=rises, scale=_lines(scale), title=title, description=description)


def whisker(value: float, *, low: float, high: float, reference: float | None, kind: str = "") -> Markup:
    """Return one row's bar from nothing to all, with its interval and a line where the shop as a whole lies."""
    return _draw(
        "whisker",
        value=_percent(100 * value),
        low=_percent(100 * low),
        span=_percent(100 * (high - low)),
        high=_percent(100 * high),
        reference=None if reference is None else _percent(100 * reference),
        kind=kind,
    )


def bare(value: float, *, kind: str = "") -> Markup:
    """Return one row's bar without an interval; `value` is its part of the longest."""
    return _draw("bare", value=_percent(100 * value), kind=kind)


def strip(bars: Sequence[Bar], *, title: str, description: str) -> Markup:
    """Return a strip of small columns without a scale, to be read beside a sentence; `faint` and `marked` as told."""
    slot = 100 / max(len(bars), 1)
    drawn = [
        {
            "bar": bar,
            "left": _percent(slot * (place + 0.1)),
            "width": _percent(slot * 0.8),
            "down": _pixels(STRIP * (1 - (bar.value or 0.0))),
            "height": _pixels(STRIP * (bar.value or 0.0)),
        }
        for place, bar in enumerate(bars)
    ]
    return _draw("strip", bars=drawn, height=_pixels(STRIP), title=title, description=description)


def split(parts: Sequence[tuple[str, float]], *, title: str, description: str) -> Markup:
    """Return one bar divided into parts, each of a kind that gives it its colour."""
    total = sum(size for _, size in parts)
    drawn, left = [], 0.0
    for kind, size in parts:
        width = 100 * size / total if total else 0.0
        if width:
            drawn.append({"kind": kind, "left": _percent(left), "width": _percent(width)})
        left += width
    return _draw("split", parts=drawn, title=title, description=description)


def _common(bar: Bar, scale: Scale) -> dict[str, object]:
    down = None if bar.value is None else scale.down(bar.value)
    has_range = bar.value is not None and bar.low is not None and bar.high is not None
    low_at, high_at = (scale.down(bar.low or 0.0), scale.down(bar.high or 0.0)) if has_range else (None, None)
    return {
        "bar": bar,
        "down": down,
        "height": None if down is None else _pixels(TOP + PLOT - float(down)),
        "low_at": low_at,
        "high_at": high_at,
        "band": _pixels(float(low_at) - float(high_at)) if low_at is not None and high_at is not None else None,
    }


def _lines(scale: Scale) -> dict[str, object]:
    return {
        "lines": [{"down": scale.down(value), "text": text} for value, text in scale.lines],
        "goal": None if scale.goal is None else {"down": scale.down(scale.goal[0]), "text": scale.goal[1]},
        "gutter": _percent(GUTTER),
        "bottom": TOP + PLOT,
    }


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _pixels(value: float) -> str:
    return f"{value:.1f}"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("keptword.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _draw(chart: str, **values: object) -> Markup:
    macro = getattr(_environment().get_template("charts.html.jinja").module, chart)
    return Markup(str(macro(**values)).strip())
