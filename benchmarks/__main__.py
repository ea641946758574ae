"""`python -m benchmarks`: runs the cases, prints one table of ratios and writes `build/bench.json`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.bench import FULL, SMALL, Asked, Bench, Row, Sizes, Unit, as_json
from benchmarks.cases import CASES
from benchmarks.measure import ROOT, Machine, RunFailed, this_machine

HEADER = ("case", "what", "keptword", "beside", "ratio", "asked", "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases asked for; return 1 where one could not be run. A figure that is missed is told, not failed."""
    options = _options(arguments)
    machine = this_machine()
    bench = Bench(sizes=_sizes(options), times=options.pairs, say=_say)
    rows: list[Row] = []
    failed: list[str] = []
    for name in options.only or CASES:
        _say(f"{name}: {CASES[name].sentence}")
        try:
            rows += CASES[name].run(bench)
        except RunFailed as failure:
            failed.append(f"{name} could not be measured: {failure}")
    _write(options.out, machine=machine, bench=bench, rows=rows)
    print(_page(rows, machine=machine, bench=bench))
    print(f"All figures: {options.out}")
    for sentence in failed:
        print(sentence, file=sys.stderr)
    return 1 if failed else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--small", action="store_true", help="small files: to try the benchmarks, not to judge by")
    parser.add_argument("--only", action="append", choices=list(CASES), metavar="NAME", help=", ".join(CASES))
    parser.add_argument("--orders", type=_count, metavar="N", help="this many orders in both reports")
    parser.add_argument("--rows", type=_count, metavar="N", help="this many rows to make facts of, beside a quarter")
    parser.add_argument("--facts", type=_count, metavar="N", help="this many facts in the books, beside a tenth")
    parser.add_argument("--posted", type=_count, metavar="N", help="this many facts to post")
    parser.add_argument("--pairs", type=_count, default=3, metavar="N", help="how often each is run; 3 unless told")
    out = ROOT / "build" / "bench.json"
    parser.add_argument("--out", type=Path, default=out, metavar="FILE", help="where to write the figures")
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    """Return a whole number of at least 1; argparse tells whoever wrote something else."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is no number of 1 or more')
    return int(text)


def _sizes(options: argparse.Namespace) -> Sizes:
    sizes = SMALL if options.small else FULL
    if options.orders:
        sizes = replace(sizes, orders=options.orders, many_orders=options.orders)
    if options.rows:
        sizes = replace(sizes, rows=options.rows, few_rows=max(1, options.rows // 4))
    if options.facts:
        sizes = replace(sizes, facts=options.facts, few_facts=max(1, options.facts // 10))
    if options.posted:
        sizes = replace(sizes, posted=options.posted)
    return sizes


def _say(sentence: str) -> None:
    """Tell how far it is, beside what is printed."""
    print(f"  {sentence}", file=sys.stderr, flush=True)


def _write(path: Path, *, machine: Machine, bench: Bench, rows: Sequence[Row]) -> None:
    """Write all figures, what machine they are of, and how large the files were."""
    told = {
        "keptword": version("keptword"),
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": asdict(machine),
        "sizes": asdict(bench.sizes),
        "pairs": bench.times,
        "rows": [as_json(row) for row in rows],
        "notes": bench.notes,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _page(rows: Sequence[Row], *, machine: Machine, bench: Bench) -> str:
    """Return what is printed: the machine, the table, and what has to be said beside it."""
    lines = ["", str(machine), ""]
    lines += _table([HEADER, *(_cells(row) for row in rows)])
    lines += ["", *bench.notes]
    if bench.sizes != FULL:
        lines.append("The files are not of the size that speed is asked at; those figures are not judged.")
    if machine.is_busy:
        lines.append(f"Others were at work here (load {machine.load:.1f}): trust the ratios more than the seconds.")
    return "\n".join(lines)


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows as lines: words to the left, figures to the right; a case is named on its first line only."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    lines, before = [], ""
    for row in rows:
        named = ["" if row[0] == before else row[0], *row[1:]]
        before = row[0]
        cells = [
            cell.rjust(width) if 2 <= column <= 4 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(named, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def _cells(row: Row) -> tuple[str, ...]:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f} ×"
    met = {None: "", True: "met", False: "MISSED"}[row.is_met]
    beside = "" if row.beside is None else _figure(row.beside, row.unit)
    return (row.case, row.what, _figure(row.ours, row.unit), beside, ratio, _asked(row.asked, row.unit), met)


def _asked(asked: Asked | None, unit: Unit) -> str:
    if asked is None:
        return ""
    bound = f"{asked.bound:g} ×" if asked.of == "ratio" else _figure(asked.bound, unit)
    return f"at least {bound}" if asked.at_least else f"at most {bound}"


def _figure(value: float, unit: Unit) -> str:
    """Return a figure with its unit: three digits for seconds, whole megabytes and facts."""
    if unit in ("s", "cpu s"):
        return f"{value:.2f} s" if value < 100 else f"{value:.0f} s"
    return f"{value:,.0f}{f' {unit}' if unit in ('MB', 'ms') else ''}"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        sys.exit(130)
