"""The cases of a closing: from all facts beside hand-written SQL, and carried forward by a day beside from all."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.bench import FULL, Asked, Bench, Row, rows_of
from benchmarks.files import LAST_DAY
from benchmarks.measure import Pairs, RunFailed, Usage, run, run_in_turns, said
from benchmarks.shop import DAY_BEFORE, Shop, live_files, made_shop

BY_HAND: Final = (sys.executable, "-m", "benchmarks.by_hand")
STEPS: Final = (sys.executable, "-m", "benchmarks.steps")
ACCOUNTS: Final = "Adding up the accounts …"
"""What a closing says before it adds up what facts post, as the hand-written SQL does."""

LINEAR: Final = 0.8
"""A closing is linear where ten times the facts are closed at no less than this part of the facts a second."""

_CURRENCY: Final = "EUR"


def close(bench: Bench) -> list[Row]:
    """Close a day from all facts, beside hand-written SQL for the accounts: at most 2 times, under 4 GB, linear."""
    is_full = bench.sizes.facts == FULL.facts
    small = _shop(bench, count=bench.sizes.few_facts)
    large = _shop(bench, count=bench.sizes.facts)
    fewer = [_closed(small, day=LAST_DAY) for _ in range(bench.times)]
    pairs = _in_turns(bench, large)
    keys = [run(_by_hand(large.keys)) for _ in range(bench.times)]
    _require_same_totals(large, beside=[*pairs.beside, *keys])
    asked = Asked(2, of="ratio") if is_full else None
    what = f"full closing, {large.facts:,} facts, {large.users:,} users"
    rows = [Row("close", what, "s", *pairs.seconds, asked=asked)]
    if pairs.cpu_seconds:
        rows.append(Row("close", "processor time", "cpu s", *pairs.cpu_seconds))
    if pairs.peak_megabytes:
        most = Asked(4000) if is_full else None
        rows.append(Row("close", "peak memory", "MB", *pairs.peak_megabytes, asked=most))
    rows += _alike(pairs, keys)
    rates = large.facts / pairs.seconds[0], small.facts / median(one.seconds for one in fewer)
    linear = Asked(LINEAR, of="ratio", at_least=True) if is_full else None
    rows.append(Row("close", f"facts a second, beside {small.facts:,}", "facts/s", *rates, asked=linear))
    rows.append(Row("close", "facts a second into the journal", "facts/s", large.facts / large.seconds))
    bench.notes.append(f"close: {_told_steps(pairs.ours)}")
    return rows


def _alike(pairs: Pairs, keys: Iterable[Usage]) -> list[Row]:
    """Return what compares like with like: the accounts alone, and what it costs that keys are texts."""
    ours = [said(one)["steps"][ACCOUNTS] for one in pairs.ours]
    beside = [said(one) for one in pairs.beside]
    whole = [said(one) for one in keys]
    texts = median(one["seconds"] for one in beside), median(one["cpu_seconds"] for one in beside)
    return [
        Row("close", "the accounts alone", "s", median(one[0] for one in ours), texts[0]),
        Row("close", "the accounts alone, processor", "cpu s", median(one[1] for one in ours), texts[1]),
        Row("close", "by hand, beside whole numbers as keys", "s", texts[0], median(one["seconds"] for one in whole)),
        Row("close", "the same, processor", "cpu s", texts[1], median(one["cpu_seconds"] for one in whole)),
    ]


def forward(bench: Bench) -> list[Row]:
    """Carry a closing forward by one day, beside closing that day from all facts: 10 times faster."""
    shop = _shop(bench, count=bench.sizes.facts)
    _remove(shop, day=DAY_BEFORE)
    bench.say(f"closing {DAY_BEFORE}, to be carried forward …")
    _closed(shop, day=DAY_BEFORE)
    taken = []
    for number in range(1, bench.times + 1):
        full, carried = _closed(shop, day=LAST_DAY), _closed(shop, day=LAST_DAY, full=False)
        bench.say(f"pair {number} of {bench.times}: {carried.seconds:.2f} s beside {full.seconds:.2f} s")
        taken.append((carried, full))
    pairs = Pairs(tuple(one for one, _ in taken), tuple(other for _, other in taken))
    asked = Asked(0.1, of="ratio") if bench.sizes.facts == FULL.facts else None
    what = f"one day, {shop.of_the_day:,} facts, beside all {shop.facts:,}"
    bench.notes.append(f"forward: {_told_steps(pairs.ours)}")
    return rows_of(pairs, case="forward", what=what, asked=asked)


def _shop(bench: Bench, *, count: int) -> Shop:
    return made_shop(count=count, say=bench.say, folder=bench.folder)


def _in_turns(bench: Bench, shop: Shop) -> Pairs:
    close = _close(shop, day=LAST_DAY, full=True)
    ready = lambda: _remove(shop, day=LAST_DAY)  # noqa: E731
    return run_in_turns(close, _by_hand(*live_files(shop)), times=bench.times, say=bench.say, ready=ready)


def _closed(shop: Shop, *, day: date, full: bool = True) -> Usage:
    """Close a day that may have been closed before; raise `RunFailed` where it took the other road."""
    _remove(shop, day=day)
    done = run(_close(shop, day=day, full=full))
    if said(done)["carried"] == full:
        raise RunFailed(f"The closing of {day} was {'' if full else 'not '}carried forward.")
    return done


def _close(shop: Shop, *, day: date, full: bool) -> list[str]:
    return [*STEPS, "close", str(shop.books), day.isoformat(), *(["full"] if full else [])]


def _by_hand(*files: Path) -> list[str]:
    return [*BY_HAND, "sums", LAST_DAY.isoformat(), _CURRENCY, *map(str, files)]


def _remove(shop: Shop, *, day: date) -> None:
    shutil.rmtree(shop.books / "closings" / day.isoformat(), ignore_errors=True)


def _require_same_totals(shop: Shop, *, beside: Iterable[Usage]) -> None:
    """Raise `RunFailed` where the hand-written SQL came to other sums than the closing: it would be no limit."""
    accounts = shop.books / "closings" / LAST_DAY.isoformat() / "accounts.parquet"
    ours = said(run([*BY_HAND, "totals", str(accounts)]))["totals"]
    for one in beside:
        theirs = said(one)["totals"]
        odd = [name for name in ours if ours[name] != theirs[name]]
        if odd:
            raise RunFailed(f"The hand-written SQL adds up something else in {', '.join(odd)}.")


def _told_steps(runs: Iterable[Usage]) -> str:
    """Return how many processor seconds each step of the runs took, as a sentence."""
    steps = [said(one)["steps"] for one in runs]
    told = (f"{name.rstrip(' …')} {median(one[name][1] for one in steps):.1f}" for name in steps[0])
    return f"processor seconds by step: {', '.join(told)}."
