"""The facts of the books as the report reads them: every live one, as if files had been read just now."""

from __future__ import annotations

from ibis.expr.types import Table

from keptword.books.failing import told
from keptword.books.opened import Books
from keptword.closing.known import withdrawn_imports
from keptword.core.schema import FACT_SCHEMA
from keptword.engines.duckdb import Engine
from keptword.sources.registry import FileRead, Gathered


def live_facts(books: Books, engine: Engine) -> Table:
    """Return the facts in the journal whose import was not taken back: one row each, with the schema's columns."""
    journal = books.journal
    last = journal.last_batch()
    facts = journal.facts(engine, upto=last)
    withdrawn = engine.create("withdrawn", withdrawn_imports(facts, batch=last))
    return facts.anti_join(withdrawn, "import_number").select(*FACT_SCHEMA)


def gathered(books: Books, engine: Engine, *, facts: Table | None = None) -> Gathered:
    """Return all live facts as `gather` returns those of files; what was read is told per import.

    `facts` are those to take instead, where somebody has them in the engine already.
    """
    from keptword.books.imports_made import imports_made

    made = [each for each in imports_made() if not each.withdrawn]
    files = tuple(
        FileRead(name=name, source=source, title=title, rows=rows)
        for each in made
        for name, source, title, rows in each.read
    )
    with told(books.folder, doing="reading the books"):
        facts = engine.load("live", live_facts(books, engine) if facts is None else facts)
    return Gathered(
        facts=facts,
        files=files,
        undated=frozenset[str]().union(*(each.undated for each in made)),
        timezone=books.timezone,
    )
