"""The lines of an account: what is posted to each, how fast it fades, and what it is assumed to weigh.

The rows are in `lines.toml` beside this file, each with its source and its grade. A row without one is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from keptword.core.problems import KeptwordError
from keptword.core.schema import KINDS, nearest, unknown

OUTCOME_LINES: Final[dict[str, str]] = {
    "promise:kept": "kept in time",
    "promise:early": "kept a day or more before it was due",
    "promise:failed": "kept late, or not kept",
}
"""What may become of a promise, as a line names it in `from`."""

MAGNITUDES: Final[dict[str, str]] = {
    "one": "each counts one",
    "amount": "money, in the business's currency",
    "minutes": "the time the user spent",
    "steps": "the acts the user spent",
    "severity": "how late a promise was",
}

GROUPS: Final = ("habit", "kept", "broken", "recovery", "effort", "word_of_mouth", "acquired")
"""What the statement of changes gathers lines under."""

GRADES: Final[dict[str, str]] = {
    "A": "measured here, at random",
    "B": "measured here, with a control that passed",
    "C": "goes with it here",
    "P": "assumed, from studies of other shops",
}

SHORTEST_HALF_LIFE: Final = 7
"""Days. A shorter one would make the weights of a year's last days too large for the sums to hold."""

LONGEST_HALF_LIFE: Final = 3650

_NEVER: Final = "never"
_NEEDED: Final = (
    *("name", "title", "title_zh", "group", "from", "magnitude", "half_life_days", "prior_mean", "prior_sd"),
    *("source", "grade"),
)
_KEYS: Final = (*_NEEDED, "where")
_NUMBERS: Final = ("amount", "cost", "seconds", "steps", "score")
_CONDITION: Final = re.compile(r"(\w+)\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Threshold:
    """A condition on a number of a fact: the column, one of <, <=, > and >=, and the bound."""

    column: str
    sign: str
    bound: float


@dataclass(frozen=True)
class Line:
    """One line of an account.

    It is posted from facts of `kinds` that meet `where`, or from promises with the `outcome` ("promise:kept",
    "promise:early", "promise:failed"): one of the two is empty. `half_life_days` is None where it never fades.
    `prior_mean` and `prior_sd` are log-odds per unit of ln(1 + line / scale) (model 3.4). Everything is posted
    raw: what the model scales by a median (money) or a fixed figure (minutes) is scaled when a line is read,
    since a median moves with every closing and a posting must not.
    """

    name: str
    title: str
    title_zh: str
    group: str
    kinds: tuple[str, ...]
    outcome: str | None
    where: Threshold | None
    magnitude: str
    half_life_days: int | None
    prior_mean: float
    prior_sd: float
    source: str
    grade: str


def lines() -> tuple[Line, ...]:
    """Return the lines of the reviewed file, in its order."""
    return _bundled()


def lines_hash() -> str:
    """Return the SHA-256 of what decides the sums of a closing, for its manifest.

    Names, what is posted and how fast it fades; a reworded title, another prior or source changes no sum.
    """
    deciding = ("name", "kinds", "outcome", "where", "magnitude", "half_life_days")
    told = [{key: value for key, value in asdict(line).items() if key in deciding} for line in lines()]
    content = json.dumps(told, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode("utf-8")).hexdigest()


def read_lines(text: str, *, where: str) -> tuple[Line, ...]:
    """Return the lines written in a TOML text; `where` names it in errors.

    Raises `KeptwordError` for a row without source or grade, an unknown kind, a half-life below a week, a name
    used twice, or anything else that is not as the head of `lines.toml` says.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KeptwordError(f"{where} is not TOML: {error}. Mend that line.") from error
    entries = tables.get("line", [])
    if set(tables) - {"line"} or not isinstance(entries, list) or not all(isinstance(row, dict) for row in entries):
        raise KeptwordError(f"{where} holds something other than lines. Begin each row with [[line]].")
    read = tuple(_Row(f"{where}, line {number}", cells).line() for number, cells in enumerate(entries, start=1))
    names = [line.name for line in read]
    for name in names:
        if names.count(name) > 1:
            raise KeptwordError(f'{where}: two lines are called "{name}". Give one of them another name.')
    return read


@cache
def _bundled() -> tuple[Line, ...]:
    return read_lines(files("keptword.core").joinpath("lines.toml").read_text(encoding="utf-8"), where="lines.toml")


@dataclass(frozen=True)
class _Row:
    """One row as written, with its place in the file."""

    place: str
    cells: Mapping[str, object]

    def line(self) -> Line:
        self._complete()
        kinds, outcome = self._origin()
        magnitude = self._choice("magnitude", MAGNITUDES)
        if (outcome is None and magnitude == "severity") or (outcome and magnitude not in ("one", "severity")):
            raise self._wrong(
                f'"magnitude" is {magnitude}, which {"a promise" if outcome else "a fact"} does not have. '
                f"Write one{' or severity' if outcome else ', amount, minutes or steps'}."
            )
        return Line(
            name=self._name(),
            title=self._word("title"),
            title_zh=self._word("title_zh"),
            group=self._choice("group", GROUPS),
            kinds=kinds,
            outcome=outcome,
            where=self._condition(outcome),
            magnitude=magnitude,
            half_life_days=self._half_life(),
            prior_mean=self._number("prior_mean"),
            prior_sd=self._spread(),
            source=self._word("source"),
            grade=self._choice("grade", GRADES),
        )

    def _wrong(self, seen: str) -> KeptwordError:
        return KeptwordError(f"{self.place}: {seen}")

    def _complete(self) -> None:
        for key in self.cells:
            if key not in _KEYS:
                raise self._wrong(unknown("column", key, known=_KEYS))
        if not self.cells.get("source"):
            raise self._wrong("it names no source. Say what its prior and half-life stand on, or leave the line out.")
        if not self.cells.get("grade"):
            raise self._wrong(f"it has no grade. Write one of {', '.join(GRADES)}, or leave the line out.")
        missing = [key for key in _NEEDED if key not in self.cells]
        if missing:
            raise self._wrong(f"it lacks {', '.join(missing)}. Add what is missing, or leave the line out.")

    def _word(self, key: str) -> str:
        value = self.cells[key]
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(f'"{key}" is {value!r}. Write a text there.')
        return value.strip()

    def _choice(self, key: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
        value = self._word(key)
        if value not in known:
            raise self._wrong(unknown(key, value, known=known))
        return value

    def _name(self) -> str:
        name = self._word("name")
        if not re.fullmatch("[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or name == "user_key":
            raise self._wrong(f'"{name}" cannot be the name of a line. Write small letters, as in purchase_recent.')
        return name

    def _origin(self) -> tuple[tuple[str, ...], str | None]:
        """Return the kinds of fact a line is posted from, or the outcome of a promise."""
        value = self.cells["from"]
        if isinstance(value, str) and value in OUTCOME_LINES:
            return (), value
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            raise self._wrong(f'"from" is {value!r}. Write a kind of fact, or a list of kinds.')
        for name in names:
            if name not in KINDS:
                near = nearest(name, [*KINDS, *OUTCOME_LINES])
                hint = f'Did you mean "{near}"?' if near else "The catalogue of kinds has none like it."
                raise self._wrong(f'"{name}" is not a known kind of fact or outcome of a promise. {hint}')
        if len(set(names)) < len(names):
            raise self._wrong('"from" names a kind twice. Write each kind once.')
        return tuple(names), None

    def _condition(self, outcome: str | None) -> Threshold | None:
        if "where" not in self.cells:
            return None
        found = _CONDITION.fullmatch(self._word("where"))
        if outcome or not found or found[1] not in _NUMBERS:
            raise self._wrong(
                f'"where" is {self.cells["where"]!r}. Compare one of {", ".join(_NUMBERS)} of a fact with a number, '
                f'as in "score >= 0.75".'
            )
        return Threshold(column=found[1], sign=found[2], bound=float(found[3]))

    def _half_life(self) -> int | None:
        days = self.cells["half_life_days"]
        if days == _NEVER:
            return None
        if type(days) is not int or not SHORTEST_HALF_LIFE <= days <= LONGEST_HALF_LIFE:
            raise self._wrong(
                f'"half_life_days" is {days!r}. Write whole days from {SHORTEST_HALF_LIFE} to {LONGEST_HALF_LIFE}, '
                f'or "{_NEVER}" for what does not fade.'
            )
        return days

    def _number(self, key: str) -> float:
        value = self.cells[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 100:
            raise self._wrong(f'"{key}" is {value!r}. Write a number between -100 and 100.')
        return float(value)

    def _spread(self) -> float:
        spread = self._number("prior_sd")
        if spread <= 0:
            raise self._wrong(f'"prior_sd" is {spread}. Write a number above 0: nothing is known for certain.')
        return spread
