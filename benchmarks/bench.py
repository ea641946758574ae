"""What every case works with: sizes, figures and what is asked of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, Literal

from benchmarks.files import FOLDER
from benchmarks.measure import Pairs

FLAT: Final = 1.5
"""Memory is flat where four times the rows take at most this many times the memory."""

Unit = Literal["s", "cpu s", "ms", "MB", "facts/s", "pages/s"]


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
    few_facts: int = 2_000_000
    facts: int = 20_000_000
    posted: int = 300_000


FULL: Final = Sizes()
SMALL: Final = Sizes(
    orders=5_000,
    many_orders=20_000,
    few_rows=5_000,
    rows=20_000,
    few_facts=100_000,
    facts=300_000,
    posted=20_000,
)


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


def rows_of(pairs: Pairs, *, case: str, what: str, asked: Asked | None = None) -> list[Row]:
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


def as_json(row: Row) -> dict[str, object]:
    """Return a line of the table as it is written to `build/bench.json`."""
    return asdict(row) | {"ratio": row.ratio, "met": row.is_met}
