"""Two periods side by side: how each kind of promise was kept in both, what changed beyond chance, what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from keptword.core.differences import changed
from keptword.figures.plain import share_of
from keptword.figures.statements import Kept
from keptword.report.blocks import Cell, Head, Table
from keptword.web.desk.months_shown import STEPS, title, whole
from keptword.web.pages import money
from keptword.web.spoken import promise
from keptword.words import Words


@dataclass(frozen=True)
class Beside:
    """What two periods are called, a sentence on what changed, and the tables that hold both."""

    left: str
    right: str
    sentence: str
    tables: tuple[Table, ...]


def beside(left: Kept, right: Kept, *, words: Words) -> Beside:
    """Return two periods side by side."""
    names = title(left, words=words), title(right, words=words)
    return Beside(*names, _changed(left, right, words=words), tuple(_tables(left, right, names=names, words=words)))


def _changed(left: Kept, right: Kept, *, words: Words) -> str:
    shares = [share_of(whole(each)["kept_share"]) for each in (left, right)]
    if not all(share.of for share in shares):
        return words.say("months.none_decided")
    said = words.say(
        "months.changed",
        left=title(left, words=words),
        left_share=words.share(shares[0]),
        right=title(right, words=words),
        right_share=words.share(shares[1]),
    )
    beyond = changed(*shares).beyond_chance
    chance = words.say("overview.more_than_chance" if beyond else "overview.may_be_chance")
    return words.say("list.space").join((said, chance))


def _tables(left: Kept, right: Kept, *, names: tuple[str, str], words: Words) -> list[Table]:
    heads = tuple(Head(name, "figure") for name in names)
    return [
        Table(
            words.say("months.by_kind"),
            heads=(
                Head(words.say("word.kind")),
                *(Head(name, "share") for name in names),
                Head(words.say("months.difference"), "figure"),
            ),
            rows=_shares(left, right, words=words),
        ),
        Table(
            words.say("months.movement"),
            heads=(Head(words.say("months.promises")), *heads),
            rows=tuple(
                (Cell(_step(name, words)), *(Cell(words.number(whole(each)[name])) for each in (left, right)))
                for name, _ in STEPS
            ),
        ),
        Table(
            words.say("months.cost_caption"),
            heads=(Head(words.say("months.cost_head")), *heads),
            rows=tuple(
                (Cell(words.say(f"months.{said}")), *(_sum(each, count, amount, words=words) for each in (left, right)))
                for said, count, amount in (
                    ("given_back", "refunds", "refund_amount"),
                    ("made_good", "remedies", "remedy_amount"),
                    ("messages", "messages", "message_cost"),
                )
            ),
        ),
    ]


def _step(name: str, words: Words) -> str:
    return words.say(f"months.step_{name}")


def _shares(left: Kept, right: Kept, *, words: Words) -> tuple[tuple[Cell, ...], ...]:
    both = [{row["kind"]: row for row in each.values["promises"]} for each in (left, right)]
    kinds = [*sorted({*both[0], *both[1]} - {"all"}), "all"]
    return tuple(_kind(kind, both[0].get(kind), both[1].get(kind), words=words) for kind in kinds)


def _kind(
    kind: str, left: Mapping[str, Any] | None, right: Mapping[str, Any] | None, *, words: Words
) -> tuple[Cell, ...]:
    name = words.say("overview.all") if kind == "all" else promise(words, kind)
    shares = [share_of(row["kept_share"]) if row else None for row in (left, right)]
    cells = [Cell(words.figure(share), aside=words.range(share)) if share else Cell("–") for share in shares]
    known = [share for share in shares if share is not None and share.of]
    if len(known) < 2:
        return Cell(name), *cells, Cell("–")
    change = changed(known[0], known[1])
    if not change.beyond_chance:
        return Cell(name), *cells, Cell(words.say("months.chance"))
    better = (change.value or 0.0) > 0
    return Cell(name), *cells, Cell(words.say("months.better" if better else "months.worse"), strong=True)


def _sum(kept: Kept, count: str, amount: str, *, words: Words) -> Cell:
    rows = kept.values["at_once"]
    told = sum(row[count] for row in rows)
    if not told:
        return Cell("–")
    known = [Decimal(row[amount]) for row in rows if row[amount] is not None]
    value = money(words, sum(known, Decimal(0)), currency=kept.values["currency"]) if known else ""
    return Cell(words.number(told), aside=value)
