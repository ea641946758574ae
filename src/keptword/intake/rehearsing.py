"""Says what would become of entries, before any of them is handed over: new, known, contradicting, of people erased."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keptword.core.schema import FACT_SCHEMA
from keptword.engines.duckdb import Engine, literal, quoted
from keptword.intake import database, tombstones
from keptword.intake.duplicates import Buried, Workbench, sort_out
from keptword.journal.table import Journal


@dataclass(frozen=True)
class Compared:
    """How many entries are new, are there already, say otherwise than what is there, and are of people erased."""

    new: int
    known: int
    refused: int
    erased: int


def compared(journal: Journal, engine: Engine, *, file: Path) -> Compared:
    """Compare a Parquet file of facts (FACT_SCHEMA) with the journal as it is now, as the pump will; write nothing."""
    with database.troubles():
        buried = Buried(tombstones.salt(), tombstones.buried())
    columns = ", ".join(quoted(column) for column in FACT_SCHEMA)
    with Workbench(engine) as bench:
        bench.run(
            f"CREATE VIEW intake.arrived AS SELECT file_row_number AS line, {columns}, NULL::BIGINT AS import_number"
            f" FROM read_parquet([{literal(str(file))}], file_row_number = true)"
        )
        result = sort_out(bench, journal=journal, buried=buried)
        return Compared(result.recorded, result.known, result.refused, result.erased)
