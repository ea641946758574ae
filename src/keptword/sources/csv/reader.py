"""Reads files by a mapping: stages them, makes facts of their rows, and says what became nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import duckdb
import ibis
from ibis.expr.types import Table

from keptword.core.problems import KeptwordError, Problem
from keptword.core.schema import FACT_SCHEMA
from keptword.engines.duckdb import Engine, quoted
from keptword.sources.csv.building import NUMBER, built, checks_of, facts_of, left_out_reason
from keptword.sources.csv.expressions import Cells
from keptword.sources.csv.grammar import Comparison, Condition, Junction
from keptword.sources.csv.layering import layered
from keptword.sources.csv.layers import Layers
from keptword.sources.csv.mapping import Mapping
from keptword.sources.csv.moments import Zones
from keptword.sources.csv.names import Names, check_others, folded
from keptword.sources.csv.parsing import load
from keptword.sources.csv.people import Odd, book_columns, people
from keptword.sources.csv.shaping import FILE, Shaped, shaped
from keptword.sources.facts import union
from keptword.sources.files import Opened, Staged, stage
from keptword.sources.source import Read, Reading, Source

_STAMPS_LOOKED_AT: Final = 100_000


def mapped(path: Path) -> Source:
    """Return the source that reads files by the mapping in a TOML file; raise `KeptwordError` where that is wrong."""
    mapping = load(path)
    return Source(
        name=mapping.name,
        title=f"file read by {path.name}",
        adds="what its mapping says",
        required=frozenset(),
        read=lambda reading, files: read(reading, files, mapping=mapping),
    )


def read(reading: Reading, files: Sequence[Opened], *, mapping: Mapping) -> Read:
    """Turn files of one kind into facts by a mapping.

    Where the reading is not to be `stored`, the facts stay an expression, which the engine can write to a file in one
    pass over the rows, holding none of them. Raises `KeptwordError` where the mapping does not fit the files.
    """
    checked = Checked(Work(reading, tuple(files), mapping=mapping))
    facts = checked.facts()
    return Read(
        facts=reading.engine.load("facts", facts) if reading.stored else facts,
        rows={file: checked.lines(place) for place, file in enumerate(files)},
        refused={file: checked.refused(place) for place, file in enumerate(files)},
        left_out=checked.left_out(),
        problems=checked.problems(),
        offsets=checked.offsets(),
        undated=frozenset({"order.shipped"}) - {spec.kind for spec in mapping.facts},
        timezone=mapping.timezone,
        contacts=checked.contacts() if reading.contacts else None,
    )


class Work:
    """One reading of files by a mapping, from the check of the names to the rows that facts are made of."""

    def __init__(self, reading: Reading, files: tuple[Opened, ...], *, mapping: Mapping) -> None:
        self.reading = reading
        self.engine = reading.engine
        self.files = files
        self.mapping = mapping
        self.staged: list[Staged] = []
        _check_patterns(self.engine, mapping)
        try:
            self.names = self._names()
            self._rehearse()
        except KeptwordError as error:
            raise KeptwordError("{file}: {error}", file=mapping.file, error=error) from None

    def _names(self) -> Names:
        first = self.files[0]
        computed = tuple(name for name, _ in self.mapping.computed)
        names = Names(first.name, first.header, computed, dict(self.mapping.personal))
        taken = {folded(name) for name in first.header}
        for name in computed:
            if folded(name) in taken:
                raise KeptwordError(
                    '[columns]: {column} has a column "{name}" already. Choose another name.',
                    column=first.name,
                    name=name,
                )
        return names

    def _rehearse(self) -> None:
        """Make all expressions once over a table that is not there: so all names are checked before a byte is read."""
        table = ibis.table(
            {**dict.fromkeys(self.names.header, "string"), "line": "int64", FILE: "int32"}, name="header"
        )
        rows = shaped(self._cells(table), self.mapping)
        # What was asked for up to here was asked of the rows of the file, not of those that facts are made of.
        self.layers = Layers()
        rows = replace(rows, cells=replace(rows.cells, layers=self.layers))
        built(rows.cells, self.mapping)
        left_out_reason(rows.cells, self.mapping)
        check_others(self.names, {file.name: file.header for file in self.files[1:]})

    def _cells(self, table: Table) -> Cells:
        asked, told = self.reading.timezone, self.mapping.timezone
        zones = Zones(stamps=told or asked, business=asked or told)
        return Cells(table, self.names, self.mapping.cells, zones, self.reading.key, Layers())

    def rows(self) -> Shaped:
        """Read the columns needed of all files, and return the rows that facts are made of."""
        book = book_columns(self.names, self.mapping) if self.reading.contacts else {}
        columns = tuple(dict.fromkeys((*self.names.used, *book)))
        self.staged = [stage(self.engine, file, columns=columns, progress=self.reading.progress) for file in self.files]
        numbered = [part.table.mutate(**{FILE: ibis.literal(place, "int32")}) for place, part in enumerate(self.staged)]
        rows = shaped(self._cells(union(numbered)), self.mapping)
        cells = rows.cells
        if self.mapping.rows.group_by:
            cells = replace(cells, table=self.engine.load("mapped_rows", cells.table))
        cells = layered(replace(cells, layers=self.layers))
        return replace(rows, cells=replace(cells, table=_view(self.engine, "mapped_cells", cells.table)))


def _view(engine: Engine, stem: str, expression: Table) -> Table:
    """Give an expression a name in the engine, so that what stands on it need not hold it again."""
    name = engine.fresh(stem)
    engine.sql(f"CREATE VIEW {quoted(name)} AS {engine.compile(expression)}")
    return engine.table(name)


class Checked:
    """What became of the rows: facts, refusals, rows left out, and what is odd."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.engine = work.engine
        self.rows = rows = work.rows()
        self.made = built(rows.cells, work.mapping)
        self.out = left_out_reason(rows.cells, work.mapping)
        self.checks = self.engine.load("mapped_checks", checks_of(rows.cells, self.made, left_out=self.out))
        found = facts_of(
            rows.cells,
            self.made,
            recorded_at=work.reading.recorded_at,
            files=[file.name for file in work.files],
            left_out=self.out,
        )
        self.every = _view(self.engine, "mapped_all", found)
        self.losers = self._losers()

    def facts(self) -> Table:
        """Return the facts, each id once, as an expression that holds none of them."""
        found = self.every
        if self.losers is not None:
            found = found.anti_join(self.losers, [FILE, "line", NUMBER])
        return _view(self.engine, "mapped", found.select(*FACT_SCHEMA))

    def contacts(self) -> Table | None:
        """Return who the rows are about, a row a person, as an expression that holds nobody."""
        checks = self.checks
        is_out = checks.left_out.notnull()
        nothing = checks.filter(is_out | checks.is_nothing).select(FILE, "line")
        torn = checks.filter(checks.reason.notnull() & ~is_out).select(FILE, "line")
        odd = Odd(*(rows if self._count(rows) else None for rows in (nothing, torn)))
        return people(self.rows.cells, self.made, mapping=self.work.mapping, odd=odd)

    def _losers(self) -> Table | None:
        """Return the facts whose id an earlier one has, by their place, or None where there are none.

        To look at all ids of all facts would take as long as making them. So first it is looked for rows that share
        what an id is made of; only their facts are compared. Two [[fact]] tables of one kind are compared always.
        """
        suspects = self._suspects()
        if not suspects:
            return None
        found = self.every.semi_join(union(suspects).distinct(), [FILE, "line"])
        place = ibis.row_number().over(group_by="fact_id", order_by=[found[FILE], found.line, found[NUMBER]])
        ranked = found.select(FILE, "line", NUMBER, place=place)
        losers = self.engine.load("mapped_losers", ranked.filter(ranked.place > 0).drop("place"))
        return losers if self._count(losers) else None

    def _suspects(self) -> list[Table]:
        """Return the rows that may share a fact's id with another row."""
        kinds = [spec.kind for spec in self.work.mapping.facts]
        cells = self.rows.cells
        if len(set(kinds)) < len(kinds):
            return [cells.table.select(FILE, "line")]
        if self._is_grouped_by_id():
            return []
        suspects = []
        for spec in {one.id: one for one in self.work.mapping.facts}.values():
            made_of = replace(cells, place=spec.place).text(spec.id)
            keyed = cells.table.mutate(__key=made_of.hash())
            counted = keyed.group_by("__key").agg(__rows=keyed.count())
            again = self.engine.load("mapped_again", counted.filter(counted["__rows"] > 1).select("__key"))
            if self._count(again):
                suspects.append(keyed.semi_join(again, "__key").select(FILE, "line"))
        return suspects

    def _is_grouped_by_id(self) -> bool:
        """Say whether rows are groups, and every id holds all that they are grouped by: then no two can be equal."""
        mapping, names = self.work.mapping, self.work.names
        if not mapping.rows.group_by or (len(self.work.files) > 1 and not mapping.rows.across_files):
            return False
        keys = [names.find(name, place="[rows]") for name in mapping.rows.group_by]
        # Two parts beside each other can make one text in two ways; a single one cannot.
        return len(keys) == 1 and all(
            spec.id.text is not None
            and not spec.id.words
            and keys == [part for part in names.text(spec.id.text, place=spec.place).parts if not isinstance(part, str)]
            for spec in mapping.facts
        )

    def _count(self, table: Table) -> int:
        return int(self.engine.rows(table.agg(rows=table.count()))[0]["rows"])

    def lines(self, place: int) -> int:
        """Return how many lines of one file were read, with those that could not be split into cells."""
        staged = self.work.staged[place]
        return staged.rows + self._count(staged.refused)

    def refused(self, place: int) -> Table:
        """Return the refused lines of one file: one row each, `line` and `reason`."""
        told = self.checks.filter((self.checks[FILE] == place) & self.checks.reason.notnull())
        parts = [self.work.staged[place].refused.select("line", "reason"), told.select("line", "reason")]
        if self.rows.refused is not None:
            unfit = self.rows.refused
            parts.append(unfit.filter(unfit[FILE] == place).select("line", "reason"))
        return self.engine.load("mapped_refused", union(parts))

    def left_out(self) -> dict[str, int]:
        """Return how many rows each rule leaves out, by its reason."""
        out = self.checks.filter(self.checks.left_out.notnull())
        counted = out.group_by("left_out").agg(rows=out.count()).order_by("left_out")
        return {row["left_out"]: row["rows"] for row in self.engine.rows(counted)}

    def offsets(self) -> dict[int, int]:
        """Return how many of the stamps stand how many minutes east of UTC, from the first of them."""
        zones = self.rows.cells.zones
        some = self.every.filter(self.every.clock_seconds.notnull()).limit(_STAMPS_LOOKED_AT)
        if zones.business is None and not self._names_offsets():
            return {}
        wall = some.occurred_on.cast("timestamp(6)") + some.clock_seconds.cast("int64").as_interval("s")
        east = ((wall.epoch_seconds() - some.occurred_at.epoch_seconds()) / 60).round().cast("int32")
        counted = some.select(minutes=east)
        counted = counted.group_by("minutes").agg(stamps=counted.count())
        stored = self.engine.load("mapped_offsets", counted)
        return {row["minutes"]: row["stamps"] for row in self.engine.rows(stored)}

    def _names_offsets(self) -> bool:
        formats = {written for spec in self.work.mapping.facts for written in (spec.when.formats or ())}
        formats |= set(self.work.mapping.cells.dates)
        return any(written == "iso" or "%z" in written for written in formats)

    def problems(self) -> list[Problem]:
        """Return what is odd about the rows without stopping anything."""
        checks = self.checks
        row = self.engine.rows(
            checks.agg(gaps=checks.is_gap.sum().coalesce(0), nothing=checks.is_nothing.sum().coalesce(0))
        )[0]
        again = 0 if self.losers is None else self._count(self.losers)
        said = ((again, _AGAIN), (row["gaps"], _GAPS), (row["nothing"], _NOTHING))
        return [
            Problem(self.work.mapping.file, (one if count == 1 else several).format(count=count), count)
            for count, (one, several) in said
            if count
        ]


_AGAIN: Final = (
    "One entry has the id of an earlier one, in the same file or in another; only the earlier one counts. Where they "
    'are different things, "id" in the mapping has to tell them apart.',
    "{count:,} entries have the id of an earlier one, in the same file or in another; only the earlier one counts. "
    'Where they are different things, "id" in the mapping has to tell them apart.',
)
_GAPS: Final = (
    "One row names an hour that clocks skipped when they went forward; it is read as an hour later.",
    "{count:,} rows name an hour that clocks skipped when they went forward; it is read as an hour later. If there "
    'are many, "timezone" in the mapping is probably not that of the file.',
)
_NOTHING: Final = (
    'One row became no entry, because the cells that say when are empty, or no "if" of the mapping holds.',
    '{count:,} rows became no entry, because the cells that say when are empty, or no "if" of the mapping holds.',
)
"""Each said of one and of several."""


def _check_patterns(engine: Engine, mapping: Mapping) -> None:
    """Refuse a pattern after "matches" that the engine cannot read."""
    conditions = [mapping.rows.where, *(rule.condition for rule in mapping.leave_out)]
    for spec in mapping.facts:
        conditions += [spec.condition, None if isinstance(spec.agreed, bool) else spec.agreed]
    for condition in conditions:
        for pattern in _patterns(condition):
            try:
                engine.sql("SELECT regexp_matches('', ?)", [pattern])
            except duckdb.Error as error:
                said = str(error).splitlines()[0].rpartition(": ")[2]
                raise KeptwordError(
                    '{file}: the pattern "{pattern}" after "matches" cannot be read ({said}).',
                    file=mapping.file,
                    pattern=pattern,
                    said=said,
                ) from None


def _patterns(condition: Condition | None) -> Iterator[str]:
    if isinstance(condition, Junction):
        for part in condition.parts:
            yield from _patterns(part)
    elif isinstance(condition, Comparison) and condition.operator == "matches":
        yield from (part for part in condition.right if isinstance(part, str))
