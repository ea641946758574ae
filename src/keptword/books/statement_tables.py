"""A statement for people: tables with a heading in plain words, and the sentences that belong to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from keptword.books.spoken import ENTRIES, PROMISES, STAGES, counted, number, spoken_day, unit
from keptword.books.statement import Statement
from keptword.core.rates import Share, wilson

FEW: Final = 10
"""How many who brought others are named; the rest are counted."""

RATED: Final = {"review.posted": "reviews", "survey.answered": "surveys"}


@dataclass(frozen=True)
class Shown:
    """One table of a statement: its heading, its rows by column title, and sentences below."""

    title: str
    rows: tuple[Mapping[str, Any], ...]
    sentences: tuple[str, ...] = ()


def tables(made: Statement) -> tuple[Shown, ...]:
    """Return the tables of a statement in their order."""
    parts = (_promises, _lines, _effort, _at_once, _word, _ratings)
    return tuple(_aligned(part(made)) for part in parts)


def _aligned(shown: Shown) -> Shown:
    """Set figures written as texts to the right, as a column of numbers is read."""
    columns = list(shown.rows[0]) if shown.rows else []
    widths = {
        name: max(len(str(row[name])) for row in shown.rows)
        for name in columns
        if all(str(row[name])[:1] in "–-0123456789" for row in shown.rows)
    }
    rows = [{name: str(row[name]).rjust(widths.get(name, 0)) for name in columns} for row in shown.rows]
    return replace(shown, rows=tuple(rows))


def in_100(share: Share) -> str:
    """Return a share as in "72 in 100 (68 to 76)"."""
    if share.value is None or share.low is None or share.high is None:
        return "–"
    return f"{100 * share.value:.0f} in 100 ({100 * share.low:.0f} to {100 * share.high:.0f})"


def _promises(made: Statement) -> Shown:
    if not made.promises:
        return Shown("YOUR WORD", (), ("Nothing was promised.",))
    steps = {
        f"  waiting on {spoken_day(made.opening)}" if made.opening else "  waiting before": "waiting_before",
        "+ made": "made",
        "+ corrected": "corrected",
        "- kept": "kept",
        "- late": "late",
        "- not kept": "broken",
        "- called off": "released",
        f"= waiting on {spoken_day(made.last)}": "waiting_after",
    }
    kinds = (*made.promises, made.total)
    rows = tuple(
        {"promises": said} | {PROMISES.get(kind.kind, kind.kind): f"{kind.counts[name]:,}" for kind in kinds}
        for said, name in steps.items()
    )
    counts = made.total.counts
    corrected = (
        f"Corrected: {counts['came_to_light']:,} of earlier days came to light, {counts['taken_back']:,} that waited "
        f"were taken back, {counts['reopened']:,} that were decided wait again."
    )
    sentences = [_kept(kind.share, PROMISES.get(kind.kind, kind.kind)) for kind in (made.total, *made.promises)]
    told = [said for said in sentences if said] + ([corrected] if counts["corrected"] else [])
    return Shown("YOUR WORD (counted)", rows, tuple(told))


def _kept(share: Share, kind: str) -> str:
    if not share.of:
        return ""
    whole = "Kept of those decided" if kind == "all" else f"  {kind}"
    return f"{whole}: {share.count:,.0f} of {share.of:,.0f}, {in_100(share)}."


def _lines(made: Statement) -> Shown:
    rows = tuple(
        {
            "with all customers": each.line.title,
            "before": number(each.before),
            "+ added": number(each.added),
            "+ corrected": number(each.corrected),
            "+ faded": number(each.faded),
            "= after": number(each.after),
            "in": unit(each.line, currency=made.currency),
        }
        for each in made.lines
        if any((each.before, each.added, each.corrected, each.after))
    )
    said = "Added counts in full; corrected as much as was left of it; faded is what time took. Here to two places."
    return Shown("WHAT MOVED (counted)", rows, (said,) if rows else ("Nothing.",))


def _effort(made: Statement) -> Shown:
    told = [row for row in made.effort if row["seconds_told"] or row["steps_told"]]
    rows = tuple(
        {
            "stage": STAGES.get(row["stage"], row["stage"]),
            "what they did": ENTRIES.get(row["kind"], row["kind"]),
            "where": row["channel"] or "",
            "times": f"{row['facts']:,}",
            "customers": f"{row['users']:,}",
            "minutes": _told(Decimal(row["seconds"]) / 60, row["seconds_told"], whole=row["facts"], places=1),
            "steps": _told(Decimal(row["steps"]), row["steps_told"], whole=row["facts"], places=0),
        }
        for row in told
    )
    silent = sum(row["facts"] for row in made.effort) - sum(row["facts"] for row in told)
    said = f"{counted(silent, one='entry tells', several='entries tell')} neither time nor steps." if silent else ""
    return Shown("WHAT IT TOOK YOUR CUSTOMERS (counted)", rows, (said,) if said else () if rows else ("Nothing.",))


def _told(value: Decimal, told: int, *, whole: int, places: int) -> str:
    """Return a measure, and of how many entries it is where not all of them tell it."""
    if not told:
        return "–"
    return number(value, places=places) + (f" (of {told:,})" if told < whole else "")


def _at_once(made: Statement) -> Shown:
    answers = "answers, assumed" if made.message_cost_assumed else "answers"
    rows = tuple(
        {
            "what failing cost at once": PROMISES.get(row["promise_kind"], row["promise_kind"]),
            "late": row["late"],
            "not kept": row["broken"],
            "money given back": _costing(row["refunds"], row["refund_amount"], made.currency),
            "made good": _costing(row["remedies"], row["remedy_amount"], made.currency),
            f"messages ({answers})": _costing(row["messages"], row["message_cost"], made.currency),
        }
        for row in made.at_once
        if any(row[name] for name in ("late", "broken", "refunds", "remedies", "messages"))
    )
    sentences = [] if rows else ["Nothing failed."]
    for row in made.missing:
        some = counted(row["entries"], one="entry", several="entries")
        sentences.append(
            f"Left out, not taken as 1: {some} in {row['currency']} without a rate, {number(row['amount'])} in all."
        )
    untold = sum(row["not_told"] for row in made.at_once)
    if untold:
        sentences.append(f"{counted(untold, one='of these names', several='of these name')} no money.")
    return Shown("WHAT LATE AND UNKEPT PROMISES COST AT ONCE (counted)", rows, tuple(sentences))


def _costing(count: int, money: Decimal | None, currency: str) -> str:
    if not count:
        return "–"
    return f"{count:,} ({'not known' if money is None else f'{number(money)} {currency}'})"


def _word(made: Statement) -> Shown:
    told = made.recommended
    brought = [row for row in made.bringers if row["brought"]]
    brought.sort(key=lambda row: (-row["brought"], row["user_key"]))
    rows = tuple(
        {"customer": row["user_key"], "brought": f"{row['brought']:,}", "recommended": f"{row['sent']:,}"}
        for row in brought[:FEW]
    )
    said = (
        f"{counted(told['brought'], one='customer', several='customers')} came on the word of "
        f"{counted(told['bringers'], one='customer', several='customers')}; "
        f"{counted(told['senders'], one='customer', several='customers')} sent "
        f"{counted(told['sent'], one='recommendation', several='recommendations')}."
    )
    rest = (f"… and {len(brought) - FEW:,} more brought somebody.",) if len(brought) > FEW else ()
    return Shown("WHO SPOKE OF YOU (counted)", rows, (*rest, said))


def _ratings(made: Statement) -> Shown:
    rows = tuple(
        {
            "ratings": RATED.get(row["kind"], row["kind"]),
            "of": row["target"] or "",
            "how many": f"{row['ratings']:,}",
            "good in 100": in_100(wilson(row["good"], row["ratings"])),
            "bad in 100": in_100(wilson(row["bad"], row["ratings"])),
        }
        for row in made.ratings
    )
    return Shown("HOW THEY RATE YOU (counted)", rows, () if rows else ("No ratings.",))
