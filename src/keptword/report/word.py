"""How the business kept its word: the kept share, the promise it can keep, who waits, where it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import ibis
import numpy as np
from ibis.expr.types import Table

from keptword.core.days import first_of_month
from keptword.core.differences import ALL_OTHERS, changed, merge_small, stand_out
from keptword.core.keepable import Keepable, keepable
from keptword.core.promises import outcomes
from keptword.core.rates import Share, wilson
from keptword.core.rules import Rule
from keptword.report.model import Breakdown, Group, Month, Waiting, WaitingNow, Word
from keptword.report.shop import LONGEST_COUNTED, Shop

LISTED = 200
"""How many of those who wait are listed one by one; all are counted."""


def versions_of(rules: Sequence[Rule], *, on: date) -> tuple[Rule, ...]:
    """Return the versions, the oldest first, of the promise a report is about: the first one in force on a day.

    Where none is in force then, the first one told; none where no rule was.
    """
    if not rules:
        return ()
    main = next((rule for rule in rules if rule.is_in_force(on)), rules[0])
    return tuple(rule for rule in rules if rule.identity == main.identity)


def judged_by(shop: Shop, versions: Sequence[Rule]) -> Table:
    """Return what a promise asked for in all its versions, each event judged by the version of its day.

    One row per subject, as `Shop.judged`, with `made`: False where the event came before the promise was first made
    and is only compared with its first version, or where it is not known since when the promise is made.
    """
    first = versions[0]
    parts = [shop.judged(version).mutate(made=ibis.literal(version.since is not None)) for version in versions]
    if first.since is not None:
        earlier = replace(first, since=None, until=first.since - timedelta(days=1))
        parts.insert(0, shop.judged(earlier).mutate(made=ibis.literal(False)))
    return parts[0] if len(parts) == 1 else shop.engine.create("judged", ibis.union(*parts, distinct=False))


def word(shop: Shop, judged: Table, *, said: Rule) -> Word:
    """Return how a promise made by rule was kept, in all and by the month of the event it counts from.

    `judged` as `judged_by` gives it. Where no promise made has fallen due yet, the past is compared with it.
    """
    rows = judged.mutate(month=first_of_month(judged.event_on))
    made = rows.filter(rows.made)
    due = made.filter(made.state.isin(["kept", "late", "waiting"]))
    if not shop.count(due):
        not_due = shop.count(rows.filter(rows.state == "open"))
        return _word(_months(shop, rows), not_due=not_due, rule=said, kind=said.kind, compared_only=True)
    before = _word(_months(shop, rows.filter(~rows.made)), not_due=0, rule=said, kind=said.kind, compared_only=True)
    not_due = shop.count(made.filter(made.state == "open"))
    counted = _word(_months(shop, made), not_due=not_due, rule=said, kind=said.kind, compared_only=False)
    return replace(counted, before=before.share if before.due else None)


def made_word(shop: Shop, judged: Table, *, kind: str) -> Word:
    """Return how the promises of one kind that the files carry were kept, by the month they fell due.

    One decided ahead of a day that is still to come counts in the month in which it was done.
    """
    of_kind = judged.filter(judged.promise_kind == kind)
    last = ibis.literal(shop.as_of.day)
    due_on = of_kind.due_on.coalesce(of_kind.due_at.date()).coalesce(of_kind.made_on)
    month = first_of_month((due_on > last).ifelse(of_kind.kept_on.coalesce(last), due_on))
    state = (of_kind.outcome == "broken").ifelse("waiting", of_kind.outcome)
    rows = of_kind.mutate(month=month, state=state)
    open_ones = shop.count(rows.filter(rows.state == "open"))
    return _word(_months(shop, rows), not_due=open_ones, rule=None, kind=kind, compared_only=False)


def _months(shop: Shop, rows: Table) -> list[Month]:
    counts = {state: (rows.state == state).sum() for state in ("kept", "late", "waiting")}
    monthly = rows.group_by("month").agg(**counts).order_by("month")
    return [
        Month(
            first=row["month"],
            share=wilson(row["kept"], row["kept"] + row["late"] + row["waiting"]),
            late=row["late"],
            waiting=row["waiting"],
        )
        for row in shop.engine.rows(monthly)
        if row["kept"] + row["late"] + row["waiting"]
    ]


def _word(months: list[Month], *, not_due: int, rule: Rule | None, kind: str, compared_only: bool) -> Word:
    kept = round(sum(month.share.count for month in months))
    late = sum(month.late for month in months)
    waiting = sum(month.waiting for month in months)
    due = kept + late + waiting
    change = None
    if len(months) > 1:
        change = changed(months[-2].share, months[-1].share)
    return Word(
        rule=rule,
        kind=kind,
        due=due,
        kept=kept,
        late=late,
        waiting=waiting,
        not_due=not_due,
        share=wilson(kept, due),
        months=tuple(months),
        last_change=change,
        compared_only=compared_only,
    )


def promise_to_keep(shop: Shop, judged: Table) -> Keepable | None:
    """Return the promise that can be kept, from what each obligation took; None where there was none.

    `judged` is timed in days. Those still open count for as long as they were seen to be; those called off, not.
    """
    done = judged.filter(judged.done_on.notnull())
    open_ones = judged.filter(judged.state.isin(["waiting", "open"]))
    left = _histogram(shop, done, "taken")
    waiting = _histogram(shop, open_ones, "observed")
    if not left.sum() + waiting.sum():
        return None
    return keepable(left, waiting)


def _histogram(shop: Shop, rows: Table, column: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    capped = rows.mutate(days=ibis.least(rows[column], LONGEST_COUNTED))
    counted = shop.engine.rows(capped.group_by("days").agg(count=capped.count()))
    histogram = np.zeros(LONGEST_COUNTED + 1, dtype=np.int64)
    for row in counted:
        histogram[row["days"]] = row["count"]
    return histogram


def waiting_now(shop: Shop, judged: Table) -> WaitingNow:
    """Return what was due and is not done at the end of the day, longest wait first."""
    rows = judged.filter(judged.state == "waiting")
    return listed(shop, rows.select("subject", since="event_on", due_on="due_on"))


def listed(shop: Shop, rows: Table) -> WaitingNow:
    """Count rows of `subject`, `since`, `due_on` and list the first of them, the longest wait first."""
    count = shop.count(rows)
    first = shop.engine.rows(rows.order_by(["since", "subject"]).limit(LISTED))
    day = shop.as_of.day
    return WaitingNow(
        count=count,
        longest=tuple(
            Waiting(row["subject"], since=row["since"], due_on=row["due_on"], waited_days=(day - row["since"]).days)
            for row in first
        ),
    )


def breakdown(shop: Shop, judged: Table, *, by: str) -> Breakdown | None:
    """Return the kept share by one trait; None where all have the same, or nobody has any.

    Small groups are merged; what stands out does so beyond chance, with all groups looked at together.
    """
    due = judged.filter(judged.state.isin(["kept", "late", "waiting"]))
    rows = due.inner_join(shop.trait(by), "subject")
    counted = shop.engine.rows(
        rows.group_by("value").agg(due=rows.count(), kept=(rows.state == "kept").sum()).order_by("value")
    )
    missing = shop.count(due.anti_join(shop.trait(by), "subject"))
    labels = [row["value"] for row in counted]
    if len(labels) < 2:
        return None
    merged = merge_small(labels, [row["due"] for row in counted])
    return Breakdown(column=by, groups=_groups(counted, merged), missing=missing)


def _groups(counted: list[dict[str, Any]], merged: dict[str, str]) -> tuple[Group, ...]:
    together: dict[str, list[int]] = {}
    for row in counted:
        into = together.setdefault(merged[row["value"]], [0, 0, 0])
        into[0] += row["due"]
        into[1] += row["kept"]
        into[2] += 1
    ordered = sorted(together.items(), key=lambda item: (item[0] == ALL_OTHERS, -item[1][0], item[0]))
    found = stand_out(
        np.array([due - kept for _, (due, kept, _) in ordered]), np.array([due for _, (due, _, _) in ordered])
    )
    return tuple(
        Group(
            label=label,
            share=wilson(kept, due),
            stands_out=standing.stands_out,
            elsewhere=_rest(standing.elsewhere),
            better=standing.direction == "less",
            members=members,
        )
        for (label, (due, kept, members)), standing in zip(ordered, found, strict=True)
    )


def _rest(late: Share) -> Share:
    """Return the kept share beside a share of late ones."""
    return wilson(late.of - late.count, late.of)


def made_promises(shop: Shop) -> Table:
    """Return the promises the files carry, judged as of the day (see `promises.outcomes`), stored in the engine."""
    return shop.engine.create("outcomes", outcomes(shop.facts, as_of=shop.as_of))
