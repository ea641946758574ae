"""The summary in the terminal: short, narrow, calm, and as good without colour."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from keptword.report.terminal import summary
from keptword.words import LANGUAGES
from report.samples import ALL, ordinary

ORDINARY = """\

  Alder Tea                                             As of 24 November 2031

  You keep your word 72 times in 100.
  In the 12 months to 24 November 2031, 297 of 412 orders left within 2
  working days: 72 in 100 (68 to 76).
  You could promise 5 working days and keep it 93 in 100 (91 to 95).
  9 orders are past 2 working days. #1387 has waited longest: 6 days.

  December 2030  ▇▇▇█▇▆▅▂▅▆▅▃  November 2031   55 to 84 in 100

  It fails most with Hermes: kept 50 in 100 (42 to 58), elsewhere 79 in 100
  (75 to 82). More than chance.
  Of 262 customers who first bought over 90 days ago, 71 bought again within
  90 days: 27 in 100 (23 to 32).
  Half of your answers come within 3.4 working hours; nine in ten within 14
  working hours.
  115 late orders brought 46 messages, 40 per 100; the other 297 brought 24
  messages, 8 per 100.

  4 lines we could not read.
  They lie in orders_export.rejected.csv, each with the reason.
  Left out by rule, and in none of the figures: 3 test orders, 5 staff orders
  and 2 orders worth nothing.
  orders_export.csv, line 214: the order number #1210 is used twice; both are
  counted.
  The whole report: report.html
  Everything is on this computer. Nothing was sent anywhere."""


def without_colour(text: str) -> str:
    """The text as a file or a pipe receives it."""
    return "\n".join(line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines())


def test_the_summary_of_an_ordinary_shop():
    assert without_colour(summary(ordinary(), language="en", page=Path("report.html"))) == ORDINARY


@pytest.mark.parametrize("width", [80, 60])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_no_line_is_wider_than_the_terminal(name, language, width):
    """A Chinese sign takes two columns."""
    plain = without_colour(summary(ALL[name](), language=language, page=Path("report.html"), width=width))
    assert max(cell_len(line) for line in plain.splitlines()) <= width
    assert len(plain.splitlines()) < 60


@pytest.mark.parametrize("name", ALL)
def test_no_chinese_line_begins_with_what_closes_the_one_before(name):
    plain = without_colour(summary(ALL[name](), language="zh", width=60))
    assert not [line for line in plain.splitlines() if line.strip()[:1] in set("，。：；、？！）”")]


def test_a_name_cannot_steer_the_terminal():
    """A product with an escape sequence, and one with a direction override, in its name."""
    from dataclasses import replace

    from keptword.report.model import Breakdown
    from report.samples import group

    steering = group("\x1b[31mred\x1b]0;title\x07 \u202efdp", 10, 100, stands_out=True)
    report = replace(ordinary(), breakdowns=(Breakdown("carrier", (steering, group("B", 90, 100)), missing=0),))
    text = summary(report, language="en")
    assert "\x1b[31m" not in text
    assert "\x1b]" not in text
    assert "\u202e" not in text
