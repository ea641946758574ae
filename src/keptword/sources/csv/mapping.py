"""What a mapping says: how the rows of a file become facts, as plain values, independent of any file."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from keptword.sources.csv.grammar import Condition, Formula

Fate = Literal["hash", "address_book", "left_out"]
FATES: Final[dict[str, str]] = {
    "hash": "a keyed digest stands in its place everywhere",
    "address_book": "goes to the address book of the books; in the facts only its keyed digest stands, as the user",
    "left_out": "never read",
}
"""What becomes of a personal column on the way in."""

Part = Literal["name", "mail", "phone", "country", "language"]
PARTS: Final[tuple[Part, ...]] = ("name", "mail", "phone", "country", "language")
"""What a column can be to the address book."""

Take = Literal["first", "last", "sum", "min", "max", "earliest", "latest", "list", "count"]
TAKES: Final[dict[str, str]] = {
    "first": "the first cell that is not empty",
    "last": "the last cell that is not empty",
    "sum": "the sum of the numbers",
    "min": "the smallest number",
    "max": "the largest number",
    "earliest": "the cell with the earliest moment",
    "latest": "the cell with the latest moment",
    "list": "all different texts, as a list",
    "count": "how many cells are not empty",
}
"""How the cells of several rows become one."""

UNITS: Final[dict[str, int]] = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400, "weeks": 604_800}
"""Units of time, in seconds."""


@dataclass(frozen=True)
class TextSpec:
    """A text of a fact: a column or a template (`text`), or the same for all rows (`constant`).

    `words` translates cells; a cell that is not among them becomes `otherwise`, or stays where that is None.
    `fate` is what becomes of a column that names a person.
    """

    text: str | None = None
    constant: str | None = None
    words: tuple[tuple[str, str], ...] = ()
    otherwise: str | None = None
    fate: Fate | None = None


@dataclass(frozen=True)
class NumberSpec:
    """A number of a fact: a column or a formula (`text`), or the same for all rows (`constant`).

    The number read is multiplied by `factor`. `scale` maps its two ends to 0 and 1; `words` gives numbers for
    cells that are words.
    """

    text: str | None = None
    constant: Decimal | None = None
    factor: int = 1
    scale: tuple[Decimal, Decimal] | None = None
    words: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True)
class MomentSpec:
    """A moment: columns or templates, of which `take` says which counts where several are filled.

    `formats` of None are those of the file. `day` says that only the day counts. `plus` is added, in units of
    `plus_seconds`.
    """

    texts: tuple[str, ...]
    take: Literal["first", "earliest", "latest"] = "first"
    formats: tuple[str, ...] | None = None
    timezone: str | None = None
    day: bool = False
    plus: NumberSpec | None = None
    plus_seconds: int = 86_400


@dataclass(frozen=True)
class PromiseSpec:
    """Which promise a fact is about, of what kind, and when it falls due.

    `id` of None is the mapping's name, the kind and the fact's id. `vague` says that a row without a due moment
    still makes a promise, one without a date.
    """

    kind: str | None = None
    id: TextSpec | None = None
    due: MomentSpec | None = None
    due_is_day: bool = False
    vague: bool = False


@dataclass(frozen=True)
class FactSpec:
    """One [[fact]] table: the kind of fact each row (or group of rows) becomes, and from what."""

    number: int
    kind: str
    when: MomentSpec
    id: TextSpec
    condition: Condition | None = None
    agreed: Condition | bool | None = None
    subject: TextSpec | None = None
    user: TextSpec | None = None
    other_user: TextSpec | None = None
    channel: TextSpec | None = None
    currency: TextSpec | None = None
    amount: NumberSpec | None = None
    cost: NumberSpec | None = None
    seconds: NumberSpec | None = None
    steps: NumberSpec | None = None
    score: NumberSpec | None = None
    promise: PromiseSpec | None = None
    traits: tuple[tuple[str, TextSpec], ...] = ()

    @property
    def place(self) -> str:
        """Where in the mapping this stands, for sentences."""
        return f"[[fact]] number {self.number} ({self.kind})"


@dataclass(frozen=True)
class CellFormat:
    """How cells are written: dates, numbers, and what stands for an empty one."""

    dates: tuple[str, ...] = ("iso",)
    decimal: str = "."
    thousands: str = ","
    empty: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rows:
    """Which rows count, and how several become one."""

    where: Condition | None = None
    fill_down: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    order_by: tuple[str, ...] = ()
    take: tuple[tuple[str, Take], ...] = ()
    across_files: bool = False


@dataclass(frozen=True)
class LeaveOut:
    """Rows that become no fact by rule, counted under a reason."""

    reason: str
    condition: Condition


@dataclass(frozen=True)
class Mapping:
    """A whole mapping. `name` is the first part of every fact id; `file` names the TOML file, for sentences.

    `book` names the columns that go to the address book, each with what it is there: None where each cell tells it.
    """

    file: str
    name: str
    facts: tuple[FactSpec, ...]
    timezone: str | None = None
    cells: CellFormat = CellFormat()
    rows: Rows = Rows()
    computed: tuple[tuple[str, Formula], ...] = ()
    personal: tuple[tuple[str, Fate], ...] = ()
    book: tuple[tuple[str, Part | None], ...] = ()
    leave_out: tuple[LeaveOut, ...] = ()

    @property
    def user(self) -> TextSpec | None:
        """Whom the rows are about: the user of the first fact that has one."""
        return next((spec.user for spec in self.facts if spec.user is not None and spec.user.fate != "left_out"), None)
