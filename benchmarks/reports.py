"""The cases that need no books: reports, facts of a table, the start, the size of an install."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Final, Literal

from benchmarks.bench import FLAT, FULL, Asked, Bench, Row, rows_of
from benchmarks.files import LAST_DAY, Made, made
from benchmarks.measure import MB, ROOT, Pairs, RunFailed, run, run_in_turns

KEPTWORD: Final = (sys.executable, "-m", "keptword")
LIMITS: Final = (sys.executable, "-m", "benchmarks.limits")
PROMISE: Final = "ships within 2 working days"
FACTS_PER_ROW: Final = 3
MAPPING: Final = ROOT / "benchmarks" / "mapping.toml"


def report_50k(bench: Bench) -> list[Row]:
    """Report on a Shopify export of 50,000 orders beside DuckDB reading it: under 10 s."""
    orders = bench.sizes.orders
    asked = Asked(10) if orders == FULL.orders else None
    return _report(bench, case="report-50k", orders=orders, asked=asked)


def report_2m(bench: Bench) -> list[Row]:
    """Report on a Shopify export of 2 million orders: at most 6 times what DuckDB takes to read it."""
    orders = bench.sizes.many_orders
    asked = Asked(6, of="ratio") if orders == FULL.many_orders else None
    return _report(bench, case="report-2m", orders=orders, asked=asked)


def _report(bench: Bench, *, case: str, orders: int, asked: Asked | None) -> list[Row]:
    file = made("shopify", count=orders, say=bench.say, folder=bench.folder)
    page = bench.out(f"{case}.html")
    asking = ["--promise", PROMISE, "--as-of", LAST_DAY.isoformat()]
    command = [*KEPTWORD, "report", str(file.path), *asking, "-o", str(page)]
    pairs = run_in_turns(command, _limit("read", file), times=bench.times, say=bench.say)
    _require_same_rows(pairs, file)
    return rows_of(pairs, case=case, what=f"report on {file.orders:,} orders", asked=asked)


def facts(bench: Bench) -> list[Row]:
    """Turn a table into facts, three a row, beside DuckDB copying it: 300,000 facts a second, flat memory."""
    few, many = bench.sizes.few_rows, bench.sizes.rows
    small, large = _facts(bench, rows=few), _facts(bench, rows=many)
    is_full, count = (few, many) == (FULL.few_rows, FULL.rows), many * FACTS_PER_ROW
    rows = rows_of(large, case="facts", what=f"{many:,} rows to {count:,} facts")
    rate = Asked(300_000, at_least=True) if is_full else None
    rows.append(Row("facts", "facts a second", "facts/s", count / large.seconds[0], asked=rate))
    if small.peak_megabytes and large.peak_megabytes:
        flat = Asked(FLAT, of="ratio") if is_full else None
        peaks = large.peak_megabytes[0], small.peak_megabytes[0]
        rows.append(Row("facts", f"peak memory, beside {few:,} rows", "MB", *peaks, asked=flat))
    return rows


def _facts(bench: Bench, *, rows: int) -> Pairs:
    file = made("entries", count=rows, say=bench.say, folder=bench.folder)
    out = bench.out(f"facts-{rows}.parquet")
    command = [*KEPTWORD, "facts", str(file.path), "--mapping", str(MAPPING), "-o", str(out)]
    pairs = run_in_turns(command, _limit("copy", file), times=bench.times, say=bench.say)
    _require_same_rows(pairs, file)
    _require_facts(out, count=rows * FACTS_PER_ROW)
    return pairs


def start(bench: Bench) -> list[Row]:
    """Show the help, beside Python doing nothing: 0.3 s."""
    pairs = run_in_turns([*KEPTWORD, "--help"], [sys.executable, "-c", "pass"], times=bench.times, say=bench.say)
    return rows_of(pairs, case="start", what="keptword --help", asked=Asked(0.3))


def size(bench: Bench) -> list[Row]:
    """Install the wheel into an empty environment and weigh it: 300 MB."""
    site = _installed(bench)
    weights = sorted(((_bytes(one), one.name) for one in _packages(site)), reverse=True)
    heaviest = ", ".join(f"{name} {weight / MB:.0f} MB" for weight, name in weights[:5])
    bench.notes.append(f"size: the five heaviest of {len(weights)} packages are {heaviest}.")
    return [Row("size", "core install", "MB", sum(weight for weight, _ in weights) / MB, asked=Asked(300))]


def _installed(bench: Bench) -> Path:
    """Return the folder of the packages of a fresh environment with the wheel and what it needs."""
    wheels, venv = bench.folder / "wheel", bench.folder / "venv"
    for old in wheels.glob("*.whl"):
        old.unlink()
    bench.say("building the wheel …")
    run([sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(wheels)])
    (wheel,) = wheels.glob("*.whl")
    bench.say("installing it into an empty environment …")
    run([sys.executable, "-m", "venv", "--clear", str(venv)])
    python = venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    constraints = str(ROOT / "constraints.txt")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--constraint", constraints]
    run([*pip, str(wheel)])
    return Path(run([python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"]).output.strip())


def _packages(site: Path) -> Iterable[Distribution]:
    """Return the packages installed there, without those every environment begins with."""
    return (one for one in distributions(path=[str(site)]) if one.name not in {"pip", "setuptools", "wheel"})


def _bytes(package: Distribution) -> int:
    """Return what a package's files weigh, compiled ones included, in bytes."""
    paths = (Path(str(file.locate())) for file in package.files or ())
    return sum(path.stat().st_size for path in paths if path.is_file())


def _limit(way: Literal["read", "copy"], file: Made) -> list[str]:
    return [*LIMITS, way, str(file.path)]


def _require_same_rows(pairs: Pairs, file: Made) -> None:
    """Raise `RunFailed` where DuckDB saw other rows than the file has: the comparison would be worth nothing."""
    seen = {int(one.output) for one in pairs.beside}
    if seen != {file.rows}:
        raise RunFailed(
            f"{file.path.name} has {file.rows:,} rows and DuckDB read {seen}. Remove the file and run again."
        )


def _require_facts(path: Path, *, count: int) -> None:
    """Raise `RunFailed` where fewer or more facts were written than the rows make."""
    written = int(run([*LIMITS, "parquet", str(path)]).output)
    if written != count:
        raise RunFailed(f"{path.name} holds {written:,} facts; {count:,} were expected.")
