"""Tells a report in the terminal: the verdict, what waits and what could be promised, in a few calm lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from keptword.report import phrases
from keptword.report.blocks import Say
from keptword.report.model import Report, Word
from keptword.report.sections import answers, back, where
from keptword.report.sections.read import left_out
from keptword.report.verdict import headline, lede
from keptword.words import STRONG_BEGINS, STRONG_ENDS, Words, words

WIDTH: Final = 80
"""How many columns the summary takes at most."""

NOTICED: Final = 5
"""How many of the things noticed are told; the page has more."""

_BLOCKS: Final = "▁▂▃▄▅▆▇█"

_PIECES: Final = re.compile(
    "(?:[^\\s\u2e80-\uffef]+|[\u2e80-\uffef]|\\s)[\u3001\u3002\uff01\uff09\uff0c\uff1a\uff1b\uff1f”]*\\s*"
)
"""What stays on one line: a word or a figure, or one Chinese sign, with what closes it."""


def summary(report: Report, *, language: str, page: Path | None = None, width: int = WIDTH) -> str:
    """Return the report in a few lines of at most `width` columns, with the codes that make a terminal show weight.

    Whoever prints it into a file or a pipe takes these codes off, as `typer.echo` does; without them it reads as well.
    `page` is where the whole report lies.
    """
    into = StringIO()
    console = Console(
        file=into,
        width=min(width, WIDTH),
        force_terminal=True,
        color_system="standard",
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    console.print(_summary(report, words(language), page=page))
    return "\n".join(line.rstrip() for line in into.getvalue().rstrip().splitlines())


def _summary(report: Report, words: Words, *, page: Path | None) -> RenderableType:
    parts: list[RenderableType] = [_masthead(report, words), Text("")]
    parts.append(Text(_plain(headline(report, words=words)), style="bold"))
    parts += [_weighted(sentence) for sentence in lede(report, words=words)]
    months = _months(report.word, words)
    if months is not None:
        parts += [Text(""), months]
    more = _more(report, words)
    if more:
        parts += [Text(""), *more]
    parts += [Text(""), *_end(report, words, page=page)]
    return Padding(Group(*(_Lines(part) if isinstance(part, Text) else part for part in parts)), (1, 2, 0, 2))


def _masthead(report: Report, words: Words) -> RenderableType:
    line = Table.grid(expand=True)
    line.add_column()
    line.add_column(justify="right")
    business = phrases.name(report.business) if report.business else "Keptword"
    line.add_row(
        Text(_plain(business), style="bold"), Text(words.say("page.as_of", day=words.day(report.as_of)), "dim")
    )
    return line


def _months(word: Word | None, words: Words) -> RenderableType | None:
    """Return the last twelve months as a row of blocks between the worst and the best, which are told."""
    shown = word.months[-12:] if word else ()
    shares = [month.share.value or 0.0 for month in shown]
    if len(shown) < 3 or max(shares) == min(shares):
        return None
    low, high = min(shares), max(shares)
    # What hardly differs shall not look as if it did.
    spread = max(high - low, 0.08)
    blocks = "".join(_BLOCKS[round(1 + (share - low) / spread * (len(_BLOCKS) - 2))] for share in shares)
    line = Text()
    line.append(f"{words.month(shown[0].first)}  ", "dim")
    line.append(blocks, "cyan")
    line.append(f"  {words.month(shown[-1].first)}   ", "dim")
    line.append(words.say("terminal.months", low=words.in_100(low), high=words.in_100(high)), "dim")
    return line


def _more(report: Report, words: Words) -> list[RenderableType]:
    """Return the first sentence of each section that has found something, beyond what the verdict says."""
    found = []
    if any(group.stands_out for breakdown in report.breakdowns for group in breakdown.groups):
        found.append(where.section(report, words))
    if report.returning is not None:
        found.append(back.section(report, words))
    if report.replies is not None:
        found += [answers.section(report, words), answers.cost_section(report, words)]
    said = [
        next((block.text for block in section.blocks if isinstance(block, Say)), "") for section in found if section
    ]
    return [_weighted(text) for text in said if text]


def _end(report: Report, words: Words, *, page: Path | None) -> list[RenderableType]:
    """Return what is said last: what could not be read or was left out, what was noticed, where the report lies."""
    said = []
    refused = sum(file.refused for file in report.files)
    if refused:
        places = [phrases.name(str(file.rejected_to)) for file in report.files if file.refused and file.rejected_to]
        said.append(words.say("read.refused_total", count=refused))
        said += [words.say("read.rejected_to", place=words.listed(places))] if places else []
    if report.left_out:
        said.append(words.say("read.left_out", reasons=left_out(report, words)))
    lines: list[RenderableType] = [Text(_plain(text), "dim") for text in said]
    lines += [Text(_plain(phrases.line(str(problem), longest=300)), "yellow") for problem in report.problems[:NOTICED]]
    if report.word is None and report.orders:
        lines.append(Text(words.say("terminal.promise")))
    if page is not None:
        lines.append(_weighted(words.say("terminal.report", place=f"{STRONG_BEGINS}{page}{STRONG_ENDS}")))
    lines.append(Text(words.say("page.everything_here"), "dim"))
    return lines


@dataclass(frozen=True)
class _Lines:
    """A text broken into lines where both English and Chinese may be: not inside a figure, not before a full stop."""

    text: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        breaks, used, at = [], 0, 0
        for piece in _PIECES.findall(self.text.plain):
            length = cell_len(piece.rstrip())
            if used + length > options.max_width and at:
                breaks.append(at)
                used = 0
            used += cell_len(piece)
            at += len(piece)
        for line in self.text.divide(breaks):
            line.rstrip()
            yield line


def _weighted(sentence: str) -> Text:
    """Return a sentence with what is marked to be heavy in bold."""
    text = Text()
    heavy = False
    for piece in sentence.replace(STRONG_ENDS, STRONG_BEGINS).split(STRONG_BEGINS):
        text.append(_plain(piece), "bold" if heavy else "")
        heavy = not heavy
    return text


def _plain(text: str) -> str:
    """Return a text without marks and without the signs that keep a name's direction to itself."""
    return "".join(sign for sign in text if sign not in (STRONG_BEGINS, STRONG_ENDS, "\u2068", "\u2069"))
