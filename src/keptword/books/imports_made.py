"""The imports the books remember: when, of which files, and what became of their entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class ImportMade:
    """One import the books remember; `read` has for each file its name, source, title and lines."""

    number: int
    started_at: datetime
    read: tuple[tuple[str, str, str, int], ...]
    state: str
    recorded: int
    known: int
    refused: int
    withdrawn: bool
    undated: frozenset[str] = field(default_factory=frozenset)


def imports_made() -> tuple[ImportMade, ...]:
    """Return the imports of the open books, the oldest first."""
    from keptword.intake import imports

    return tuple(
        ImportMade(
            number=row.number,
            started_at=row.started_at,
            read=tuple(
                (str(name), str(source), str(title), int(rows))
                for name, source, title, rows in row.read_as.get("files", ())
            ),
            state=row.state,
            recorded=row.recorded,
            known=row.known,
            refused=row.refused,
            withdrawn=row.withdrawn_at is not None,
            undated=frozenset(row.read_as.get("undated", ())),
        )
        for row in imports.listed()
    )
