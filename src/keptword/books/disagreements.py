"""Says where a sealed closing and the same one computed again disagree: whose line, which promise, which entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from ibis.expr.types import Table

from keptword.books.checks import Behind, Found
from keptword.books.spoken import OUTCOMES, column
from keptword.closing.comparing import Compared, Difference
from keptword.closing.compute import Closer
from keptword.closing.line_totals import left_of, rounded
from keptword.closing.traced import fact_postings, facts_behind, promise_postings
from keptword.core.lines import Line, lines

BEHIND: Final = 5
"""How many entries behind one disagreement are named, those that would explain it first; the rest are counted."""

_SHOWN: Final = {"outcome": OUTCOMES}


@dataclass(frozen=True)
class _Gap:
    """One line of one account on which two sides differ, as sums at the anchor; None where one has no such account."""

    user_key: str
    line: Line
    sealed: Decimal | None
    again: Decimal | None

    @property
    def size(self) -> Decimal:
        return abs((self.sealed or Decimal(0)) - (self.again or Decimal(0)))


def of_accounts(closer: Closer, seen: Compared, *, book: Table) -> tuple[Found, ...]:
    """Return what is behind the accounts that differ: one per user and line. `book` is the one computed again."""
    gaps = [gap for each in seen.differences for gap in _gaps(each)]
    keys = sorted({gap.user_key for gap in gaps})
    if not keys:
        return ()
    posted = _posted(closer, keys, book=book)
    return tuple(_account_found(closer, gap, posted=posted.get(gap.user_key, ())) for gap in gaps)


def _gaps(difference: Difference) -> list[_Gap]:
    sealed, again = ((dict(side) if side else {}) for side in (difference.sealed, difference.again))
    key = str(difference.key["user_key"])
    gaps = [_Gap(key, line, sealed.get(line.name), again.get(line.name)) for line in lines()]
    # Of an account that one side lacks and the other has with nothing in it, one line stands for all.
    return [gap for gap in gaps if gap.size] or gaps[:1]


@dataclass(frozen=True)
class _Posted:
    """What an entry, or a promise with its entries, posts to each line."""

    posts: Mapping[str, Any]
    entries: tuple[Behind, ...]


def _posted(closer: Closer, keys: Sequence[str], *, book: Table) -> dict[str, tuple[_Posted, ...]]:
    """Return what was posted to the accounts of some users, by user."""
    engine = closer.engine
    told = closer.told()
    theirs = engine.create("theirs", told.filter(told.user_key.isin(list(keys))))
    posts = {row["fact_id"]: row for row in engine.rows(fact_postings(closer, theirs))}
    found: dict[str, list[_Posted]] = {key: [] for key in keys}
    for row in engine.rows(theirs.select("user_key", "fact_id", "source").order_by("fact_id")):
        if row["fact_id"] in posts:
            entry = Behind(row["fact_id"], row["source"] or "")
            found[row["user_key"]].append(_Posted(posts[row["fact_id"]], (entry,)))
    promised = engine.create("promised", book.filter(book.user_key.isin(list(keys))))
    by_promise = entries_by_promise(closer, promised)
    owners = {row["promise_id"]: row["user_key"] for row in engine.rows(promised.select("promise_id", "user_key"))}
    for row in engine.rows(promise_postings(closer, promised, as_of=closer.as_of).order_by("promise_id")):
        name = row["promise_id"]
        found[owners[name]].append(_Posted(row, by_promise.get(name, (Behind(name, "by rule"),))))
    return {key: tuple(each) for key, each in found.items()}


def entries_by_promise(closer: Closer, promises: Table) -> dict[str, tuple[Behind, ...]]:
    """Return the entries behind each promise, by its id, in the order they happened."""
    rows = closer.engine.rows(
        facts_behind(closer, promises)
        .select("behind", "fact_id", "source", "occurred_at")
        .order_by("behind", "occurred_at", "fact_id")
    )
    return {
        name: tuple(Behind(row["fact_id"], row["source"] or "") for row in some)
        for name, some in groupby(rows, key=lambda row: str(row["behind"]))
    }


def _account_found(closer: Closer, gap: _Gap, *, posted: Sequence[_Posted]) -> Found:
    line = gap.line
    on_line = [each for each in posted if each.posts.get(line.name)]
    # What posts as much as the two differ by comes first: it is what one side has and the other has not.
    on_line.sort(key=lambda each: abs(abs(each.posts[line.name]) - gap.size))
    entries = list(dict.fromkeys(entry for each in on_line for entry in each.entries))
    sealed, again = (_balance(closer, line, side) for side in (gap.sealed, gap.again))
    if sealed == again:
        sealed, again = (f"a sum of {side if side is not None else 'nothing'}" for side in (gap.sealed, gap.again))
    return Found(
        f'Customer {gap.user_key}, "{line.title}": sealed is {sealed}, the entries come to {again}.',
        user_key=gap.user_key,
        line=line.name,
        behind=tuple(entries[:BEHIND]),
        more=max(len(entries) - BEHIND, 0),
    )


def _balance(closer: Closer, line: Line, posted: Decimal | None) -> str:
    if posted is None:
        return "nothing"
    return str(rounded(left_of(posted, line=line, anchor=closer.anchor, as_of=closer.upto.day)).normalize() + 0)


def of_promises(closer: Closer, seen: Compared, *, sealed: Table, again: Table) -> tuple[Found, ...]:
    """Return what is behind the promises that differ: one per promise, with the entries that make and end it."""
    names = [str(each.key["promise_id"]) for each in seen.differences]
    if not names:
        return ()
    entries: dict[str, tuple[Behind, ...]] = {}
    for side in (sealed, again):
        for name, behind in entries_by_promise(closer, side.filter(side.promise_id.isin(names))).items():
            entries[name] = tuple(dict.fromkeys((*entries.get(name, ()), *behind)))
    return tuple(_promise_found(each, entries.get(str(each.key["promise_id"]), ())) for each in seen.differences)


def _promise_found(difference: Difference, entries: tuple[Behind, ...]) -> Found:
    name = str(difference.key["promise_id"])
    row = difference.sealed or difference.again or {}
    return Found(
        f"Promise {name} to customer {row.get('user_key') or 'unknown'}: {_sides(difference)}.",
        user_key=row.get("user_key"),
        promise_id=name,
        behind=entries[:BEHIND],
        more=max(len(entries) - BEHIND, 0),
    )


def of_rows(seen: Compared, *, title: str) -> tuple[Found, ...]:
    """Return the rows of any other table that differ, one sentence each."""
    found = []
    for each in seen.differences:
        key = ", ".join(str(value) for value in each.key.values() if value is not None)
        user = each.key.get("user_key")
        found.append(Found(f"{title}, {key or 'unnamed'}: {_sides(each)}.", user_key=user))
    return tuple(found)


def _sides(difference: Difference) -> str:
    if difference.again is None:
        return "it is sealed, but the entries do not tell it"
    if difference.sealed is None:
        return "the entries tell it, but it is not sealed"
    sealed, again = difference.sealed, difference.again
    told = [
        f"{column(name)} is sealed as {_value(name, sealed[name])}, the entries say {_value(name, again[name])}"
        for name in difference.columns
    ]
    return "; ".join(told)


def _value(column: str, value: object) -> str:
    return "nothing" if value is None else _SHOWN.get(column, {}).get(str(value), str(value))
