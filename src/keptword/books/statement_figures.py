"""A statement for programs and spreadsheets: every figure with its period, its unit and its grade."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from keptword.books.spoken import unit
from keptword.books.statement import ASSUMED, COUNTED, PromisesOfKind, Statement
from keptword.core.rates import Share, wilson

_PLAIN: Final = (
    "kind",
    "stage",
    "channel",
    "promise_kind",
    "currency",
    "user_key",
    "target",
    "good_share",
    "bad_share",
)
_ASSUMED: Final = ("message_cost",)


def as_json(made: Statement) -> dict[str, Any]:
    """Return a statement as JSON holds it; decimals as texts, so that they stay exact."""
    period = {"from": made.first, "to": made.last}
    return {
        "business": made.business,
        "after": made.opening,
        **period,
        "currency": made.currency,
        "promises": [_promises(kind) | {"period": period, "grade": COUNTED} for kind in (*made.promises, made.total)],
        "lines": [
            {
                "line": each.line.name,
                "title": each.line.title,
                "unit": unit(each.line, currency=made.currency),
                **{name: getattr(each, name) for name in ("before", "added", "corrected", "faded", "after")},
                "period": period,
                "grade": COUNTED,
            }
            for each in made.lines
        ],
        "effort": [dict(row) | {"period": period, "grade": COUNTED} for row in made.effort],
        "waited": [dict(row) | {"period": period, "grade": COUNTED} for row in made.waited],
        "at_once": [dict(row) | {"period": period, "grades": _grades(made)} for row in made.at_once],
        "without_rate": [dict(row) | {"period": period, "grade": COUNTED} for row in made.missing],
        "word_of_mouth": {
            **made.recommended,
            "who_brought_how_many": [dict(row) for row in made.bringers],
            "period": period,
            "grade": COUNTED,
        },
        "ratings": [_rating(row) | {"period": period, "grade": COUNTED} for row in made.ratings],
        "notes": list(made.notes),
    }


def _promises(kind: PromisesOfKind) -> dict[str, Any]:
    return {"kind": kind.kind, **kind.counts, "kept_share": share_of(kind.share)}


def share_of(share: Share) -> dict[str, Any]:
    """Return a share and its 90 % interval, and how many out of how many."""
    return {"count": share.count, "of": share.of, "value": share.value, "low": share.low, "high": share.high}


def _grades(made: Statement) -> dict[str, str]:
    return {"message_cost": ASSUMED if made.message_cost_assumed else COUNTED, "rest": COUNTED}


def _rating(row: Mapping[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in row.items() if not name.endswith("_share")}
    shares = {f"{name}_share": share_of(wilson(row[name], row["ratings"])) for name in ("good", "bad")}
    return rest | shares


def figures(made: Statement) -> list[dict[str, Any]]:
    """Return a statement as one row per figure: section, what it is of, its name, value, unit, period and grade."""
    period = {"from": made.first, "to": made.last}
    return [row | period | {"grade": row["grade"]} for row in _figures(made)]


def _figures(made: Statement) -> Iterator[dict[str, Any]]:
    for kind in (*made.promises, made.total):
        for name, count in kind.counts.items():
            yield _figure("promises", kind.kind, name=name, value=count)
        yield _figure("promises", kind.kind, name="kept_share", value=kind.share.value, share=kind.share)
    for each in made.lines:
        for name in ("before", "added", "corrected", "faded", "after"):
            value = getattr(each, name)
            yield _figure("lines", each.line.name, name=name, value=value, unit=unit(each.line, currency=made.currency))
    sections = (
        ("effort", made.effort, ("stage", "kind", "channel")),
        ("waited", made.waited, ("promise_kind",)),
        ("at_once", made.at_once, ("promise_kind",)),
        ("without_rate", made.missing, ("currency",)),
        ("word_of_mouth", (made.recommended,), ()),
        ("who_brought", made.bringers, ("user_key",)),
        ("ratings", made.ratings, ("kind", "target")),
    )
    for section, rows, keys in sections:
        for row in rows:
            of = " ".join(str(row[key]) for key in keys if row[key] is not None)
            yield from _row_figures(made, row, section=section, of=of)


def _row_figures(made: Statement, row: Mapping[str, Any], *, section: str, of: str) -> Iterator[dict[str, Any]]:
    for name, value in row.items():
        if name in _PLAIN:
            continue
        money = (row.get("currency") or made.currency) if isinstance(value, Decimal) and _is_money(name) else ""
        grade = ASSUMED if name in _ASSUMED and made.message_cost_assumed else COUNTED
        yield _figure(section, of, name=name, value=value, unit=money, grade=grade)
    if section == "ratings":
        for name in ("good", "bad"):
            share = wilson(row[name], row["ratings"])
            yield _figure(section, of, name=f"{name}_share", value=share.value, share=share)


def _is_money(name: str) -> bool:
    return name.endswith(("amount", "cost"))


def _figure(
    section: str,
    of: str,
    *,
    name: str,
    value: Any,
    unit: str = "",
    share: Share | None = None,
    grade: str = COUNTED,
) -> dict[str, Any]:
    low, high = (share.low, share.high) if share else (None, None)
    of_what = {"section": section, "of": of, "figure": name, "value": value, "low": low, "high": high}
    return of_what | {"unit": unit, "grade": grade}
