"""The cases: what each runs, what it is run beside, and what is asked of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Final, Literal

from benchmarks.files import FOLDER, LAST_DAY, Made, made
from benchmarks.measure import MB, ROOT, Pairs, RunFailed, run, run_in_turns

KEPTWORD: Final = (sys.executable, "-m", "keptword")
LIMITS: Final = (sys.executable, "-m", "benchmarks.limits")
PROMISE: Final = "ships within 2 working days"
FACTS_PER_ROW: Final = 3
FLAT: Final = 1.5
"""Memory is flat where four times the rows take at most this many times the memory."""
MAPPING: Final = ROOT / "benchmarks" / "mapping.toml"

Unit = Literal["s", "cpu s", "MB", "facts/s"]


@dataclass(frozen=True)
class Asked:
    """A bound that a figure is held against: our own figure, or its ratio to what it was run beside."""

    bound: float
    of: Literal["ours", "ratio"] = "ours"
    at_least: bool = False


@dataclass(frozen=True)
class Row:
    """One line of the table. `beside` is None where a figure stands alone."""

    case: str
    what: str
    unit: Unit
    ours: float
    beside: float | None = None
    asked: Asked | None = None

    @property
    def ratio(self) -> float | None:
        """Return how many times the other side's figure ours is; None where there is no other side."""
        return self.ours / self.beside if self.beside else None

    @property
    def is_met(self) -> bool | None:
        """Return whether the figure keeps to what is asked; None where nothing is."""
        held = self.ours if self.asked and self.asked.of == "ours" else self.ratio
        if self.asked is None or held is None:
            return None
        return held >= self.asked.bound if self.asked.at_least else held <= self.asked.bound


@dataclass(frozen=True)
class Sizes:
    """How large the files are. What is asked of a case is asked only where the size is that of its name."""

    orders: int = 50_000
    many_orders: int = 2_000_000
    few_rows: int = 250_000
    rows: int = 1_000_000


FULL: Final = Sizes()
SMALL: Final = Sizes(orders=5_000, many_orders=20_000, few_rows=5_000, rows=20_000)


@dataclass
class Bench:
    """One run of the benchmarks: how large, how often, whom it tells how far it is, what to say beside the table."""

    sizes: Sizes
    times: int
    say: Callable[[str], None]
    folder: Path = FOLDER
    notes: list[str] = field(default_factory=list)

    def out(self, name: str) -> Path:
        """Return where a run writes what nobody reads."""
        folder = self.folder / "out"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name


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
    return _rows(pairs, case=case, what=f"report on {file.orders:,} orders", asked=asked)


def facts(bench: Bench) -> list[Row]:
    """Turn a table into facts, three a row, beside DuckDB copying it: 300,000 facts a second, flat memory."""
    few, many = bench.sizes.few_rows, bench.sizes.rows
    small, large = _facts(bench, rows=few), _facts(bench, rows=many)
    is_full, count = (few, many) == (FULL.few_rows, FULL.rows), many * FACTS_PER_ROW
    rows = _rows(large, case="facts", what=f"{many:,} rows to {count:,} facts")
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
    return _rows(pairs, case="start", what="keptword --help", asked=Asked(0.3))


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


def _rows(pairs: Pairs, *, case: str, what: str, asked: Asked | None = None) -> list[Row]:
    """Return the lines every pair of runs gives: seconds, processor seconds, peak memory."""
    rows = [Row(case, what, "s", *pairs.seconds, asked=asked)]
    if pairs.cpu_seconds:
        rows.append(Row(case, "processor time", "cpu s", *pairs.cpu_seconds))
    if pairs.peak_megabytes:
        rows.append(Row(case, "peak memory", "MB", *pairs.peak_megabytes))
    return rows


@dataclass(frozen=True)
class Case:
    """A case by its name; its sentence is the first line of what runs it."""

    name: str
    run: Callable[[Bench], list[Row]]

    @property
    def sentence(self) -> str:
        """Return what is measured, beside what, and what is asked."""
        return (self.run.__doc__ or "").strip()


CASES: Final[dict[str, Case]] = {
    case.name: case
    for case in (
        Case("report-50k", report_50k),
        Case("report-2m", report_2m),
        Case("facts", facts),
        Case("start", start),
        Case("size", size),
    )
}


def as_json(row: Row) -> dict[str, object]:
    """Return a line of the table as it is written to `build/bench.json`."""
    return asdict(row) | {"ratio": row.ratio, "met": row.is_met}
