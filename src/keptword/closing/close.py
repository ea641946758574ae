"""Closes a day: computes its tables, by the short road where there is one, and seals them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ibis.expr.types import Table

from keptword.closing.compute import Closer, Computed
from keptword.closing.configuration import Configuration, Input
from keptword.closing.forward import carried
from keptword.closing.sealed import Drafting, Sealed, drafting, sealed_closings
from keptword.core.days import first_of_month
from keptword.core.postings import anchor_of
from keptword.engines.duckdb import Engine

ORDER: Mapping[str, Sequence[str]] = {
    "accounts": ("user_key",),
    "brought": ("user_key",),
    "effort": ("stage", "kind", "channel"),
    "at_once": ("promise_kind",),
    "ratings": ("kind", "target"),
    "missing": ("currency",),
}
"""The tables of a closing that are one file each, and what puts their rows in order."""


def close(
    engine: Engine,
    facts: Table,
    *,
    closings: Path,
    configuration: Configuration,
    upto: Input,
    full: bool = False,
    say: Callable[[str], None] = lambda _: None,
    guard: Callable[[], None] = lambda: None,
) -> Sealed:
    """Close a day and return the sealed closing; one that was closed before is returned as it is.

    `facts` is the journal. Carries the last closing before that day forward where `foundation` finds one, unless
    `full` is asked for: the content is the same either way. `guard` is called before anything is written and before it
    is sealed, and raises where another process has taken over meanwhile.
    """
    done = {each.input.day: each for each in sealed_closings(closings)}
    if upto.day in done:
        return done[upto.day]
    before = None if full else foundation(done.values(), configuration=configuration, upto=upto)
    with drafting(closings, engine) as draft:
        closer = Closer(engine, facts, configuration=configuration, upto=upto, say=say)
        computed = carried(closer, before) if before else closer.from_all()
        guard()
        write(draft, computed, before=before)
        say("Sealing …")
        return draft.seal(upto=upto, configuration=configuration.parts(until=upto.day), guard=guard)


def foundation(done: Any, *, configuration: Configuration, upto: Input) -> Sealed | None:
    """Return the closing that one of `upto` can be carried forward from: the last before it that fits, else None.

    It fits where it was computed by the same configuration as told up to its day, in the same year (the anchor of the
    sums moves with the year), and read no batch that is not to be read now.
    """
    fitting: list[Sealed] = [
        each
        for each in done
        if each.carries
        and each.input.day < upto.day
        and each.input.batch <= upto.batch
        and anchor_of(each.input.day) == anchor_of(upto.day)
        and each.configuration == configuration.parts(until=each.input.day)
    ]
    return max(fitting, key=lambda each: each.input.day, default=None)


def write(draft: Drafting, computed: Computed, *, before: Sealed | None) -> None:
    """Write the tables of a closing; months of the promise book that did not move are taken over as they are."""
    for name, by in ORDER.items():
        draft.write(name, getattr(computed, name), by=by)
    for month in computed.months:
        first = date.fromisoformat(f"{month}-01")
        rows = computed.promises.filter(first_of_month(computed.promises.made_on) == first)
        draft.write(f"promises/{month}", rows, by=("promise_id",), unless_empty=True)
    if before:
        for month in set(before.months("promises")) - set(computed.months):
            draft.take_over(before, f"promises/{month}.parquet")
