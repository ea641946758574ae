"""What the files of a lot were seen to be, as it is written down in the lot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from keptword.books import uploads
from keptword.books.uploads import Lot
from keptword.core.problems import sentence_as_json, sentence_from_json

State = Literal["known", "rates", "mapped", "unknown", "bad"]
"""Read by a source; rates of currencies; read by a mapping; a table nobody knows yet; nothing we can read."""

_LOOKED: Final = "looked.json"


@dataclass(frozen=True)
class Seen:
    """What one file is, with its first rows; `error` says why it cannot be read, `kept` that its mapping was kept."""

    place: int
    state: State
    source: str = ""
    error: str = ""
    kept: bool = False
    form: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    problems: tuple[str, ...] = field(default=())


def keep(lot: Lot, seen: Sequence[Seen]) -> None:
    """Write down in a lot what its files are."""
    uploads.write(
        lot.folder / _LOOKED, {"files": [{**asdict(each), "error": sentence_as_json(each.error)} for each in seen]}
    )


def looked(lot: Lot) -> tuple[Seen, ...] | None:
    """Return what was found out about the files of a lot; None where nobody has looked yet."""
    told = uploads.read(lot.folder / _LOOKED)
    return None if told is None else tuple(_of(each) for each in told["files"])


def forget(lot: Lot) -> None:
    """Let the files of a lot be looked at again."""
    (lot.folder / _LOOKED).unlink(missing_ok=True)


def _of(told: dict[str, Any]) -> Seen:
    rows = tuple(tuple(row) for row in told["rows"])
    error = sentence_from_json(told["error"])
    return Seen(
        **{**told, "error": error, "header": tuple(told["header"]), "rows": rows, "problems": tuple(told["problems"])}
    )
