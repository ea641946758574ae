"""What subjects are known by: the traits a source wrote into the attributes, as tables to join."""

from __future__ import annotations

from typing import Final

import ibis
from ibis.expr.types import Table

from keptword.engines.duckdb import Engine
from keptword.engines.functions import json_keys, json_part, json_text, json_texts

FIRST: Final = ("carrier", "country", "product", "vendor")
"""The traits a report breaks its figures down by without being asked."""

_SAMPLE: Final = 20_000


def trait_names(engine: Engine, facts: Table) -> tuple[str, ...]:
    """Return the names of the traits in the facts, those of `FIRST` first, the rest by name."""
    sample = facts.filter(facts.attributes.notnull()).select("attributes").limit(_SAMPLE)
    names = engine.load("trait_names", sample.select(name=json_keys(sample.attributes).unnest()).distinct())
    found = {row["name"] for row in engine.rows(names)}
    return tuple(name for name in FIRST if name in found) + tuple(sorted(found - set(FIRST)))


def trait(engine: Engine, facts: Table, *, name: str) -> Table:
    """Return one trait: one row per subject and value of it, with columns `subject`, `value`."""
    path = "$." + '"' + name.replace('"', "") + '"'
    known = facts.filter(facts.attributes.notnull() & facts.subject.notnull())
    # Taken out of the attributes once; what is asked of it then reads only this small part.
    parts = known.select("subject", part=json_part(known.attributes, ibis.literal(path)))
    parts = parts.filter(parts.part.notnull())
    one = ibis.array([json_text(parts.part, ibis.literal("$"))])
    values = parts.part.startswith("[").ifelse(json_texts(parts.part, ibis.literal("$[*]")), one)
    rows = parts.select("subject", value=values.unnest())
    rows = rows.mutate(value=rows.value.strip())
    return engine.load("trait", rows.filter(rows.value.length() > 0).distinct())
