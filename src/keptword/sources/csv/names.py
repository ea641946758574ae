"""Which column of a file each name in a mapping means; refuses a name that no column has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from keptword.core.problems import KeptwordError, Sentence
from keptword.core.schema import nearest
from keptword.sources.csv.grammar import Column, Formula, Template, columns_of, parse_formula, parse_template
from keptword.sources.csv.mapping import Fate

LINE: Final = "line"
"""What a template calls the number of the row in its file."""

_SHOWN: Final = 12


def folded(name: str) -> str:
    """Return a column's name without regard to letter case and spaces."""
    return " ".join(name.split()).casefold()


@dataclass
class Names:
    """The columns of one kind of file: those of its header and those the mapping works out.

    `used` gathers the columns of the header that were asked for, so that no others need be read.
    """

    file: str
    header: tuple[str, ...]
    computed: tuple[str, ...] = ()
    fates: Mapping[str, Fate] = field(default_factory=dict)
    used: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._all = (*self.header, *self.computed)
        count = Counter(folded(name) for name in self._all)
        self._folded = {folded(name): name for name in self._all if count[folded(name)] == 1}
        self._fates = {self.find(column, place="[personal]").name: fate for column, fate in self.fates.items()}

    def _known(self, name: str) -> str | None:
        return name if name in self._all else self._folded.get(folded(name))

    def find(self, name: str, *, place: str) -> Column:
        """Return the column of that name, whatever its letter case; refuse one that is not there."""
        found = LINE if name == LINE else self._known(name)
        if found is None:
            raise KeptwordError("{place}: {why}", place=place, why=self._refusal(name))
        return Column(found)

    def used_column(self, name: str, *, place: str) -> Column:
        """Return the column of that name and note that it is needed; refuse one that is left out as personal."""
        column = self.find(name, place=place)
        if self.fate(column) == "left_out":
            raise KeptwordError(
                '{place}: "{name}" is left out by [personal], so nothing can be made of it.',
                place=place,
                name=column.name,
            )
        if column.name in self.header:
            self.used[column.name] = None
        return column

    def fate(self, column: Column) -> Fate | None:
        """Return what becomes of a personal column, or None for one that is not personal."""
        return self._fates.get(column.name)

    def text(self, written: str, *, place: str) -> Template:
        """Return the column or the template a text means: a column's name comes first, then braces."""
        if self._known(written) is None and "{" in written:
            parts = parse_template(written).parts
            return Template(
                tuple(part if isinstance(part, str) else self.used_column(part.name, place=place) for part in parts)
            )
        if self._known(written) is None and written != LINE:
            same = Sentence(
                'For a text that is the same on every row write {{ value = "{written}" }}.', written=written
            )
            raise KeptwordError("{place}: {why} {same}", place=place, why=self._refusal(written), same=same)
        return Template((self.used_column(written, place=place),))

    def formula(self, written: str, *, place: str) -> Formula:
        """Return the column or the formula a text means; its columns keep the names they are written by."""
        if self._known(written) is not None:
            tree: Formula = Column(written)
        else:
            try:
                tree = parse_formula(written)
            except KeptwordError as error:
                near = self._near(written)
                raise KeptwordError(
                    "{place}: {why}", place=place, why=self._refusal(written) if near else error
                ) from None
        for column in columns_of(tree):
            self.used_column(column.name, place=place)
        return tree

    def _near(self, name: str) -> str | None:
        by_lower = {folded(known): known for known in self._all}
        near = nearest(folded(name), by_lower)
        return by_lower[near] if near else None

    def _refusal(self, name: str) -> str:
        near = self._near(name)
        if near:
            hint = Sentence('Did you mean "{near}"?', near=near)
        else:
            more = ", …" if len(self._all) > _SHOWN else "."
            hint = Sentence("Its columns are: {columns}", columns=", ".join(self._all[:_SHOWN]) + more)
        return Sentence('"{name}" is no column of {file}. {hint}', name=name, file=self.file, hint=hint)


def check_others(names: Names, headers: Mapping[str, Sequence[str]]) -> None:
    """Refuse a further file of the same mapping that lacks a column which is needed."""
    for file, header in headers.items():
        there = {folded(column) for column in header}
        for column in names.used:
            if folded(column) not in there:
                raise KeptwordError(
                    '{file} has no column "{column}", which the mapping needs and {other} has. Give files of '
                    "another kind on their own, with a mapping of their own.",
                    file=file,
                    column=column,
                    other=names.file,
                )
