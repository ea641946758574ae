"""Who the rows of a file are about, for the address book: of every person what the mapping keeps for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import cast

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table, TimestampValue, Value

from keptword.sources.cells import pseudonym
from keptword.sources.contacts import PARTS, contacts_of, joined
from keptword.sources.csv.building import Built
from keptword.sources.csv.expressions import Cells, any_of
from keptword.sources.csv.grammar import Column
from keptword.sources.csv.mapping import Mapping, Part
from keptword.sources.csv.names import Names
from keptword.sources.csv.shaping import FILE
from keptword.sources.facts import union


@dataclass(frozen=True)
class Odd:
    """Rows by `FILE` and `line`: those that surely give nothing, and those of which something is refused."""

    giving_nothing: Table | None
    refused_in_part: Table | None


def book_columns(names: Names, mapping: Mapping) -> dict[str, Part | None]:
    """Return the columns of the file that go to the address book, each with what it is there."""
    return {names.find(name, place="[personal]").name: part for name, part in mapping.book}


def people(cells: Cells, made: Sequence[Built], *, mapping: Mapping, odd: Odd) -> Table | None:
    """Return who the rows that give facts are about, a row a person (`CONTACT_SCHEMA`); None where nothing is kept.

    A person is the user of the first fact that has one. Where nothing else tells their country, the trait does.
    Nobody is looked up, and nothing is held.
    """
    whom, columns = mapping.user, book_columns(cells.names, mapping)
    if whom is None or not columns:
        return None
    told = {
        "whom": cells.text(whom, hashed=True).strip().lower().nullif(""),
        "told_at": _told_at(cells, mapping),
        **_parts(cells, columns, mapping),
    }
    rows = _giving(cells.table, told, made=made, odd=odd)
    parts = {name: rows[name] for name in told if name in PARTS}
    # The digest costs more than all else, so it is made once a person and not once a row.
    found = contacts_of(rows, by=rows.whom, told_at=rows.told_at, **parts)
    return found.mutate(user_key=pseudonym(found.user_key, key=cells.key))


def _told_at(cells: Cells, mapping: Mapping) -> TimestampValue:
    """Return the latest moment a row names, as its clock showed it: which zone is costly, and hours do not matter."""
    walls = []
    for spec in {fact.when: None for fact in mapping.facts}:
        kept = cells.layers.moment(cells, spec)
        if kept is not None:
            walls.append(kept[1].wall)
    return walls[0] if len(walls) == 1 else cast(TimestampValue, ibis.greatest(*walls))


def _giving(table: Table, told: dict[str, Value], *, made: Sequence[Built], odd: Odd) -> Table:
    """Return what the rows that give facts tell. Most do: only those of which anything is refused are looked into."""
    every = table.select(FILE, "line", **told)
    rows = every if odd.giving_nothing is None else every.anti_join(odd.giving_nothing, [FILE, "line"])
    if odd.refused_in_part is None:
        return rows
    sound = rows.anti_join(odd.refused_in_part, [FILE, "line"])
    giving = table.filter(any_of([one.is_given for one in made])).select(FILE, "line")
    giving = giving.semi_join(odd.refused_in_part, [FILE, "line"])
    return union([sound, every.semi_join(giving, [FILE, "line"])])


def _parts(cells: Cells, columns: dict[str, Part | None], mapping: Mapping) -> dict[str, StringValue]:
    found: dict[str, list[StringValue]] = {}
    for name, part in columns.items():
        cell = cells.cell(Column(name))
        if part is not None:
            found.setdefault(part, []).append(cell)
            continue
        is_mail = cast(BooleanValue, cell.contains("@"))
        found.setdefault("mail", []).append(cast(StringValue, is_mail.ifelse(cell, None)))
        found.setdefault("name", []).append(cast(StringValue, is_mail.ifelse(None, cell)))
    parts = {part: joined(cells_of) if part == "name" else _first(cells_of) for part, cells_of in found.items()}
    if "country" not in parts and (country := _trait(cells, mapping)) is not None:
        parts["country"] = country
    return parts


def _first(cells: Sequence[StringValue]) -> StringValue:
    return reduce(lambda one, other: cast(StringValue, one.coalesce(other)), cells)


def _trait(cells: Cells, mapping: Mapping) -> StringValue | None:
    """Return the country that facts are broken down by, where there is one."""
    trait = next((spec for fact in mapping.facts for name, spec in fact.traits if name == "country"), None)
    if trait is None:
        return None
    found = cells.text(trait)
    return found if found.type().is_string() else None
