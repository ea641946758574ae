"""Writes the mapping of what was chosen on the page, from the first rows of the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePath
from typing import Final

from keptword.core.problems import KeptwordError
from keptword.sources.csv.guessing.choosing import (
    Choices,
    Trouble,
    choices_of,
    is_in_doubt,
    mapping_by,
    theme_of,
    trouble_of,
)
from keptword.sources.csv.guessing.roles import Looked, Told, found_in, looked_at
from keptword.sources.csv.trying import Sample

_CODE: Final = re.compile("[A-Za-z]{3}")


@dataclass(frozen=True)
class Written:
    """A mapping as TOML, empty where `trouble` says why there is none; and whether the order of dates is in doubt."""

    text: str
    trouble: Trouble | None
    is_in_doubt: bool


class Table:
    """The first rows of a file, and what its columns seem to hold."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        self.header = sample.header

    @cached_property
    def _looked(self) -> tuple[list[Looked], list[str]]:
        width = len(self.header)
        rows = [tuple(row[:width]) + ("",) * (width - len(row)) for row in self.sample.rows]
        return looked_at(self.header, rows)

    @property
    def columns(self) -> list[Looked]:
        """The columns, in the order of the file."""
        return self._looked[0]

    @property
    def empty(self) -> list[str]:
        """The words that stand for an empty cell."""
        return self._looked[1]

    @property
    def guessed(self) -> Choices:
        """What each column seems to be."""
        return choices_of(found_in(self.columns))

    def name_for(self, file: str) -> str:
        """Return a name for files like this one: that of the file, without its ending and its day."""
        stem = PurePath(file).name.split(".")[0]
        return re.sub(r"[-_ .]*\d[\d_ .-]*$", "", stem) or stem


def written(table: Table, choices: Choices, *, form: Mapping[str, str], file: str) -> Written:
    """Return the mapping for what was chosen and said."""
    told = Told(
        name=form["name"],
        currency=form["currency"].upper() if _CODE.fullmatch(form["currency"]) else "",
        decimal=form["decimal"] if form["decimal"] in (".", ",") else "",
        is_day_first={"day": True, "month": False}.get(form["order"]),
    )
    choices = replace(choices, theme=theme_of(form["theme"]), told=told)
    doubt = is_in_doubt(table.columns, choices)
    trouble = trouble_of(choices)
    if trouble is not None:
        return Written("", trouble, doubt)
    try:
        text = mapping_by(choices, table.columns, empty=table.empty, file=file, rows=len(table.sample.rows))
    except (KeptwordError, KeyError, IndexError, StopIteration):
        return Written("", Trouble("none"), doubt)
    return Written(text, None, doubt)
