"""Proposes a mapping for a file from its headings and a sample of its rows."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import Engine, literal
from keptword.sources.csv.guessing.roles import found_in, looked_at
from keptword.sources.csv.guessing.writing import checked_lines, proposal
from keptword.sources.csv.parsing import parse
from keptword.sources.csv.reader import read
from keptword.sources.files import Opened, stage
from keptword.sources.files.objects import rows_of
from keptword.sources.files.rows import walk
from keptword.sources.files.scanning import parquet_of
from keptword.sources.source import Reading

SAMPLED: Final = 10_000
"""How many rows are looked at, from the first on."""

_FILE: Final = "the proposed mapping"


def guess(engine: Engine, file: Opened) -> str:
    """Return a mapping proposed for a file: TOML with comments, which `parse` takes and `read` reads the sample by.

    Only the first `SAMPLED` rows are looked at, whatever the size of the file. Raises `KeptwordError` where no column
    holds dates, since nothing then says when anything happened, and for a mailbox, which needs no mapping.
    """
    if file.form == "mbox":
        raise KeptwordError(
            "{name} is a mailbox, which needs no mapping: give it to keptword report as it is.", name=file.name
        )
    sample = sampled(engine, file)
    staged = stage(engine, sample)
    rows = engine.rows(staged.table.order_by("line"))
    columns, empty = looked_at(file.header, [[row[name] for name in file.header] for row in rows])
    found = found_in(columns)
    found.empty = list(dict.fromkeys([*empty, *found.empty]))
    if not rows or not found.dates:
        raise KeptwordError(_nothing(file, len(rows)))
    text = proposal(found, file=file.name, rows=len(rows), is_whole=len(rows) < SAMPLED)
    mapping = parse(text, file=_FILE)
    reading = Reading(engine=engine, key="sample", recorded_at=datetime(2000, 1, 1, tzinfo=UTC))
    made = read(reading, [sample], mapping=mapping)
    facts = made.facts
    counts = engine.rows(facts.group_by("kind").agg(count=facts.count()).order_by("kind"))
    refused = made.refused[sample]
    refusals = engine.rows(refused.group_by("reason").agg(count=refused.count()).order_by("reason"))
    return text + checked_lines(
        rows=len(rows),
        counts={row["kind"]: row["count"] for row in counts},
        refusals={row["reason"]: row["count"] for row in refusals},
    )


def _nothing(file: Opened, rows: int) -> str:
    if not rows:
        return f"{file.name} has a header and no rows, so there is nothing to judge by. Give an export with some rows."
    shown = ", ".join(file.header[:12]) + (", …" if len(file.header) > 12 else "")
    return (
        f"{file.name}: none of its columns ({shown}) holds dates that Keptword recognises, so nothing says when "
        "anything happened. Needed is at least one column with the day something was ordered, sent, asked or rated. "
        "Export the file with such a column; if it has one, write the mapping by hand and name the format of its dates."
    )


def sampled(engine: Engine, file: Opened, *, most: int = SAMPLED) -> Opened:
    """Return the first rows of a file as a small file in the scratch folder, so that no large one is read whole."""
    if file.form == "parquet":
        copy = engine.folder / f"{engine.fresh('sample')}.parquet"
        few = f"SELECT * FROM {parquet_of(file.readable)} LIMIT {most}"
        engine.sql(f"COPY ({few}) TO {literal(str(copy))} (FORMAT parquet)")
        return replace(file, readable=copy)
    if file.form in ("json", "jsonl"):
        copy = engine.folder / f"{engine.fresh('sample')}.jsonl"
        form = "json" if file.form == "json" else "jsonl"
        few = f"SELECT object::VARCHAR FROM {rows_of(file.readable, form='json' if form == 'json' else 'jsonl')}"
        objects = engine.sql(f"{few} WHERE object IS NOT NULL LIMIT {most}").fetchall()
        copy.write_text("".join(_one_line(text) for (text,) in objects), encoding="utf-8", newline="\n")
        return replace(file, readable=copy, form="jsonl")
    copy = engine.folder / f"{engine.fresh('sample')}.csv"
    with copy.open("w", encoding="utf-8", newline="", errors="replace") as stream:
        write = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow
        write(file.header)
        sound = (row.cells for row in walk(file) if row.reason is None)
        for cells in islice(sound, most):
            write([cell.replace("\0", "") for cell in cells])
    return replace(file, readable=copy, path=copy, delimiter=",", lead=0, header_line=1, problems=())


def _one_line(written: str) -> str:
    # Line breaks inside texts are escaped in JSON, so those left only lay the object out.
    return written.replace("\r", " ").replace("\n", " ") + "\n"
