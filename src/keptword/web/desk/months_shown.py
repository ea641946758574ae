"""A statement as a page shows it: sentences, tables and small drawings, in a language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from markupsafe import Markup

from keptword.core.lines import lines
from keptword.core.rates import Share
from keptword.figures.plain import share_of
from keptword.figures.statements import Kept
from keptword.report import charts
from keptword.report.blocks import Block, Cell, Head, HowWeKnow, Say, Section, Table
from keptword.web.pages import money
from keptword.web.spoken import promise, stage
from keptword.words import Words, without_marks

STEPS: Final = (
    ("waiting_before", ""),
    ("made", "+"),
    ("corrected", "+"),
    ("kept", "−"),
    ("late", "−"),
    ("broken", "−"),
    ("released", "−"),
    ("waiting_after", "="),
)
"""What moves the promises from one closed day to the next, each with its sign."""

_MOVES: Final = ("before", "added", "corrected", "faded", "after")


@dataclass(frozen=True)
class Total:
    """What was decided in the period, as one divided bar with its parts."""

    drawing: Markup
    decided: int
    parts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Note:
    """A sentence that belongs to the figures; `language` is named where it is not the page's."""

    text: str
    language: str = ""


_NOTES: Final = (
    (r"([\d,]+) promises? not kept before w\w+ done after all\.", "months.note_after_all"),
    (r"([\d,]+) promises? decided before now stands? otherwise, or not at all\.", "months.note_otherwise"),
    (r"Of those waiting, ([\d,]+) have no date\.", "months.note_no_date"),
    (r"The year changed: .*", "months.note_year"),
    (r"([\d,]+) customers? erased at their request .*", "months.note_erased"),
    (r"What an answer costs is not known: .*", "months.note_no_cost"),
    (r"The cost of answers is assumed: .*", "months.note_assumed"),
)
"""The notes a statement is written with, and the words a page tells them in."""

_CHANGED: Final = re.compile(r"Since these days were closed, this changed: (.*)\. What that moved is in what faded\.")

_CHANGES: Final = (
    (r"the currency was (?P<before>.+) and is (?P<now>.+)", "months.change_currency"),
    (r"the timezone was (?P<before>.+) and is (?P<now>.+)", "months.change_timezone"),
    (r"the list of lines \(.*\)", "months.change_lines"),
    (r"the rule (?P<rule>.+) is there no more", "months.change_rule_gone"),
    (r"the rule (?P<rule>.+) is new", "months.change_rule_new"),
    (r"the rule (?P<rule>.+) in (?P<parts>[\w, ]+)", "months.change_rule"),
    (r"the rates of other currencies up to that day", "months.change_rates"),
    (r"what an hour of work costs, or how long an answer takes", "months.change_costs"),
    (r'the setting "(?P<name>.+)"', "months.change_setting"),
)
"""What may have changed since a day was closed, as `books.changes` tells it, and the words of the page for it."""


def notes(kept: Kept, *, words: Words) -> tuple[Note, ...]:
    """Return the sentences that belong to the figures; one that has no words stays as it was written."""
    return tuple(_note(text, words) for text in kept.values["notes"])


def _note(text: str, words: Words) -> Note:
    changed = _CHANGED.fullmatch(text)
    if changed is not None:
        changes = [_change(each, words) for each in changed[1].split("; ")]
        return Note(words.say("months.note_changed", changes=words.say("list.comma").join(changes)))
    for pattern, key in _NOTES:
        found = re.fullmatch(pattern, text)
        if found is not None:
            return Note(words.say(key, count=int(found[1].replace(",", ""))) if found.groups() else words.say(key))
    return Note(text, "en")


def _change(text: str, words: Words) -> str:
    """Return what of the configuration changed since a day was closed; what has no words stays as it was written."""
    for pattern, key in _CHANGES:
        found = re.fullmatch(pattern, text)
        if found is not None:
            untold = words.say("months.change_untold")
            values: dict[str, Any] = {
                name: untold if value == "not told" else value for name, value in found.groupdict().items()
            }
            return without_marks(words.say(key, **values))
    return text


def title(kept: Kept, *, words: Words) -> str:
    """Return what a period is called: "October 2031", or its first and last day."""
    if kept.period.is_month:
        return words.month(kept.period.day)
    first = date.fromisoformat(kept.values["from"])
    return words.say("period.from_to", first=words.short_day(first), last=words.short_day(kept.period.day))


def whole(kept: Kept) -> Mapping[str, Any]:
    """Return the row of all promises together."""
    rows: Sequence[Mapping[str, Any]] = kept.values["promises"]
    return rows[-1]


def kept_share(kept: Kept) -> Share:
    """Return the kept share of all that was decided in the period."""
    return share_of(whole(kept)["kept_share"])


def total(kept: Kept, *, words: Words) -> Total | None:
    """Return what became of what was decided; None where nothing was."""
    row = whole(kept)
    found = (("kept", row["kept"]), ("late", row["late"]), ("not_kept", row["broken"]))
    decided = sum(count for _, count in found)
    if not decided:
        return None
    said = [f"{words.number(count)} {words.say(f'sum.{name}')}" for name, count in found]
    about = words.say("months.became", count=decided)
    drawing = charts.split(found, title=about, description=words.listed(said))
    parts = tuple((name, words.number(count), words.say(f"sum.{name}")) for name, count in found)
    return Total(drawing, decided, parts)


def sections(kept: Kept, *, words: Words) -> tuple[Section, ...]:
    """Return the sections of a statement, from top to bottom."""
    return (
        _word(kept, words),
        _cost(kept, words),
        _took(kept, words),
        _spoke(kept, words),
        _moved(kept, words),
    )


def _word(kept: Kept, words: Words) -> Section:
    rows = kept.values["promises"]
    title_said = words.say("months.word")
    if len(rows) < 2:
        return Section("word", title_said, (Say(words.say("months.no_promises")),))
    blocks: list[Block] = [_kinds(rows, words), _movement(kept, words)]
    row = whole(kept)
    if row["corrected"]:
        blocks.append(Say(_corrected(row, words), "quiet"))
    blocks.append(HowWeKnow((words.say("months.how_decided"), words.say("months.how_moves"), words.say("how.range"))))
    return Section("word", title_said, tuple(blocks))


def _corrected(row: Mapping[str, Any], words: Words) -> str:
    names = ("came_to_light", "taken_back", "reopened")
    return words.say("months.corrected", **{name: row[name] for name in names})


def _kinds(rows: Sequence[Mapping[str, Any]], words: Words) -> Table:
    decided = [row for row in rows[:-1] if row["kept_share"]["of"]]
    reference = rows[-1]["kept_share"]["value"]
    return Table(
        words.say("months.by_kind"),
        heads=(
            Head(words.say("word.kind")),
            Head("", "drawing"),
            Head(words.say("word.in_100"), "share"),
            Head(words.say("months.decided_head"), "figure"),
        ),
        rows=tuple(_kind(row, reference=reference, words=words) for row in decided),
    )


def _kind(row: Mapping[str, Any], *, reference: float | None, words: Words) -> tuple[Cell, ...]:
    share = share_of(row["kept_share"])
    drawing = charts.whisker(share.value or 0.0, low=share.low or 0.0, high=share.high or 0.0, reference=reference)
    return (
        Cell(promise(words, row["kind"])),
        Cell(drawing=drawing),
        Cell(words.figure(share), aside=words.range(share), strong=True),
        Cell(words.number(share.of)),
    )


def _movement(kept: Kept, words: Words) -> Table:
    rows = kept.values["promises"]
    return Table(
        words.say("months.movement"),
        heads=(
            Head(words.say("months.promises")),
            *(Head(promise(words, row["kind"]), "figure") for row in rows[:-1]),
            Head(words.say("overview.all"), "figure"),
        ),
        rows=tuple(
            (Cell(_step(name, sign, kept=kept, words=words)), *(Cell(words.number(row[name])) for row in rows))
            for name, sign in STEPS
        ),
        marked=frozenset({len(STEPS) - 1}),
    )


def _step(name: str, sign: str, *, kept: Kept, words: Words) -> str:
    if name == "waiting_before":
        opening = kept.period.opening
        return words.say("months.waiting_on", day=words.day(opening)) if opening else words.say("months.at_first")
    if name == "waiting_after":
        return f"{sign} {words.say('months.waiting_on', day=words.day(kept.period.day))}"
    return f"{sign} {words.say(f'months.step_{name}')}"


def _cost(kept: Kept, words: Words) -> Section:
    rows = [
        row
        for row in kept.values["at_once"]
        if any(row[name] for name in ("late", "broken", "refunds", "remedies", "messages"))
    ]
    currency = kept.values["currency"]
    title_said = words.say("months.cost")
    if not rows:
        return Section("cost", title_said, (Say(words.say("months.nothing_failed")),))
    heads = ("late", "not_kept", "given_back", "made_good", "messages")
    table = Table(
        words.say("months.cost_caption"),
        heads=(Head(words.say("word.kind")), *(Head(words.say(f"months.{name}"), "figure") for name in heads)),
        rows=tuple(_costs(row, currency=currency, words=words) for row in rows),
    )
    blocks: list[Block] = [table]
    untold = sum(row["not_told"] + row["left_out"] for row in rows)
    if untold:
        blocks.append(Say(words.say("overview.cost_untold", count=untold), "quiet"))
    for row in kept.values["without_rate"]:
        amount = money(words, Decimal(row["amount"]), currency=row["currency"])
        blocks.append(Say(words.say("months.without_rate", count=row["entries"], money=amount), "quiet"))
    assumed = rows[0]["grades"]["message_cost"] == "assumed"
    how = (words.say("overview.how_cost"), *((words.say("months.how_assumed"),) if assumed else ()))
    return Section("cost", title_said, (*blocks, HowWeKnow(how)))


def _costs(row: Mapping[str, Any], *, currency: str, words: Words) -> tuple[Cell, ...]:
    counts = (("refunds", "refund_amount"), ("remedies", "remedy_amount"), ("messages", "message_cost"))
    return (
        Cell(promise(words, row["promise_kind"])),
        Cell(words.number(row["late"])),
        Cell(words.number(row["broken"])),
        *(_costing(row[count], row[amount], currency=currency, words=words) for count, amount in counts),
    )


def _costing(count: int, amount: str | None, *, currency: str, words: Words) -> Cell:
    if not count:
        return Cell("–")
    return Cell(words.number(count), aside=money(words, Decimal(amount), currency=currency) if amount else "")


def _took(kept: Kept, words: Words) -> Section:
    waited = [row for row in kept.values["waited"] if row["late"] or row["broken"]]
    blocks: list[Block] = [_waited(waited, words)] if waited else []
    spent = _spent(kept.values["effort"])
    if spent:
        blocks.append(
            Table(
                words.say("months.spent"),
                heads=(
                    Head(words.say("months.stage")),
                    *(Head(words.say(f"months.{name}"), "figure") for name in ("times", "minutes", "steps")),
                ),
                rows=tuple(
                    (
                        Cell(stage(words, name)),
                        Cell(words.number(times)),
                        Cell(words.number(round(minutes))),
                        Cell(words.number(steps)),
                    )
                    for name, (times, minutes, steps) in spent.items()
                ),
            )
        )
        blocks.append(HowWeKnow((words.say("months.how_spent"),)))
    return Section("took", words.say("months.took"), tuple(blocks) or (Say(words.say("months.took_nothing")),))


def _waited(rows: Sequence[Mapping[str, Any]], words: Words) -> Table:
    heads = ("late", "days_late", "not_kept", "days_overdue")
    return Table(
        words.say("months.waited"),
        heads=(
            Head(words.say("word.kind")),
            *(Head(words.say(f"months.{name}"), "figure") for name in heads),
        ),
        rows=tuple(
            (
                Cell(promise(words, row["promise_kind"])),
                *(Cell(words.number(int(row[name]))) for name in ("late", "days_late", "broken", "days_overdue")),
            )
            for row in rows
        ),
    )


def _spent(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, float, int]]:
    """Return by stage how often customers did something that tells its time or steps, the minutes and the steps."""
    found: dict[str, tuple[int, float, int]] = {}
    for row in rows:
        if row["seconds_told"] or row["steps_told"]:
            times, minutes, steps = found.get(row["stage"], (0, 0.0, 0))
            found[row["stage"]] = (
                times + row["facts"],
                minutes + float(row["seconds"]) / 60,
                steps + int(row["steps"]),
            )
    return found


def _spoke(kept: Kept, words: Words) -> Section:
    told, rated = kept.values["word_of_mouth"], kept.values["ratings"]
    names = ("brought", "bringers", "sent", "senders")
    blocks: list[Block] = [Say(words.say("months.spoke", **{name: told[name] for name in names}))]
    if rated:
        blocks.append(
            Table(
                words.say("months.rated"),
                heads=(
                    Head(words.say("months.ratings")),
                    Head(words.say("months.of")),
                    Head(words.say("months.how_many"), "figure"),
                    Head(words.say("months.good"), "share"),
                    Head(words.say("months.bad"), "share"),
                ),
                rows=tuple(_rating(row, words) for row in rated),
            )
        )
        blocks.append(HowWeKnow((words.say("months.how_rated"), words.say("how.range"))))
    return Section("spoke", words.say("months.spoke_title"), tuple(blocks))


def _rating(row: Mapping[str, Any], words: Words) -> tuple[Cell, ...]:
    shares = [share_of(row[f"{name}_share"]) for name in ("good", "bad")]
    key = f"months.rated_{row['kind'].replace('.', '_')}"
    return (
        Cell(words.say(key) if words.has(key) else row["kind"]),
        Cell(row["target"] or "–"),
        Cell(words.number(row["ratings"])),
        *(Cell(words.figure(share), aside=words.range(share)) for share in shares),
    )


def _moved(kept: Kept, words: Words) -> Section:
    titles = {line.name: line.title_zh if words.language == "zh" else line.title for line in lines()}
    rows = [row for row in kept.values["lines"] if any(Decimal(row[name]) for name in _MOVES)]
    table = Table(
        words.say("months.moved_caption"),
        heads=(
            Head(words.say("months.line")),
            *(Head(words.say(f"months.line_{name}"), "figure") for name in _MOVES),
            Head(words.say("months.unit")),
        ),
        rows=tuple(
            (
                Cell(titles.get(row["line"], row["title"])),
                *(Cell(f"{Decimal(row[name]):,.2f}") for name in _MOVES),
                Cell(_unit(row["unit"], words)),
            )
            for row in rows
        ),
    )
    blocks = (table, HowWeKnow((words.say("months.how_moved"),))) if rows else (Say(words.say("months.nothing_moved")),)
    return Section("moved", words.say("months.moved"), blocks)


def _unit(name: str, words: Words) -> str:
    key = f"months.unit_{name.replace(' ', '_')}"
    return words.say(key) if words.has(key) else name
