"""The cases of what comes into the books: a table imported, facts posted one by one."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.bench import FLAT, FULL, Asked, Bench, Row, rows_of
from benchmarks.files import made
from benchmarks.measure import Pairs, RunFailed, run, run_in_turns, said
from benchmarks.reports import FACTS_PER_ROW, KEPTWORD, LIMITS, MAPPING
from benchmarks.shop import made_lines

STEPS: Final = (sys.executable, "-m", "benchmarks.steps")
AT_ONCE: Final = 4
"""How many processes post at the same time."""


def import_(bench: Bench) -> list[Row]:
    """Import a table, three facts a row, duplicates checked, beside DuckDB copying it: 100,000 facts a second."""
    few, many = bench.sizes.few_rows, bench.sizes.rows
    is_full, count = (few, many) == (FULL.few_rows, FULL.rows), many * FACTS_PER_ROW
    small, large = _imported(bench, rows=few, again=False), _imported(bench, rows=many, again=False)
    repeated = _imported(bench, rows=many, again=True)
    rate = Asked(100_000, at_least=True) if is_full else None
    rows = rows_of(large, case="import", what=f"{many:,} rows, {count:,} facts into new books")
    rows.append(Row("import", "facts a second", "facts/s", count / large.seconds[0], asked=rate))
    if small.peak_megabytes and large.peak_megabytes:
        peaks = large.peak_megabytes[0], small.peak_megabytes[0]
        flat = Asked(FLAT, of="ratio") if is_full else None
        rows.append(Row("import", f"peak memory, beside {few:,} rows", "MB", *peaks, asked=flat))
    rows += rows_of(repeated, case="import", what="the same file again, all known")
    rows.append(Row("import", "facts a second, all known", "facts/s", count / repeated.seconds[0], asked=rate))
    return rows


def _imported(bench: Bench, *, rows: int, again: bool) -> Pairs:
    """Import a table in turns with DuckDB copying it: each time into new books, or `again` into those that have it."""
    file = made("entries", count=rows, say=bench.say, folder=bench.folder)
    books = bench.out(f"import-{rows}")
    command = [*KEPTWORD, "import", str(file.path), "--mapping", str(MAPPING), "--books", str(books)]
    ready = (lambda: None) if again else (lambda: _begin(books))
    pairs = run_in_turns(command, [*LIMITS, "copy", file.path], times=bench.times, say=bench.say, ready=ready)
    told = f"{rows * FACTS_PER_ROW:,} in the books already" if again else f"{rows * FACTS_PER_ROW:,} entries new"
    for one in pairs.ours:
        if told not in one.output:
            raise RunFailed(f'An import did not say "{told}" but:\n{one.output}')
    return pairs


def post(bench: Bench) -> list[Row]:
    """Post facts in durable batches of 100, beside bare SQLite keeping the same lines: 30,000 facts a second."""
    count = bench.sizes.posted
    asked = Asked(30_000, at_least=True) if count == FULL.posted else None
    rows = _posted(bench, parts=1, asked=asked)
    return rows + _posted(bench, parts=AT_ONCE, asked=None)


def _posted(bench: Bench, *, parts: int, asked: Asked | None) -> list[Row]:
    count, books = bench.sizes.posted, bench.out(f"post-{parts}")
    files = made_lines(count=count, parts=parts, say=bench.say, folder=bench.folder)
    whole = made_lines(count=count, parts=1, say=bench.say, folder=bench.folder)
    beside = [*STEPS, "bare", str(bench.out("bare.sqlite3")), str(whole[0])]
    pairs = run_in_turns(
        [*STEPS, "post", books, *files], beside, times=bench.times, say=bench.say, ready=lambda: _begin(books)
    )
    told = [said(one) for one in (*pairs.ours, *pairs.beside)]
    if {one["accepted"] for one in told} != {count}:
        raise RunFailed(f"{count:,} lines were posted and {[one['accepted'] for one in told]} accepted.")
    door = said(pairs.ours[0])
    who = "one process" if parts == 1 else f"{parts} processes"
    bench.notes.append(
        f"post: {who}, SQLite says synchronous = {door['synchronous']} (2 is FULL), "
        f"journal_mode = {door['journal_mode']}."
    )
    seconds = [median(said(one)["seconds"] for one in side) for side in (pairs.ours, pairs.beside)]
    rows = rows_of(pairs, case="post", what=f"{count:,} facts, {who}")
    rates = count / seconds[0], count / seconds[1]
    return [*rows, Row("post", f"facts a second, {who}", "facts/s", *rates, asked=asked)]


def _begin(place: Path) -> None:
    """Begin books in a folder, in place of any that were there."""
    shutil.rmtree(place, ignore_errors=True)
    about = ["--name", "Benchmark", "--currency", "EUR", "--timezone", "Europe/Berlin"]
    run([*KEPTWORD, "init", *about, "--books", place])
