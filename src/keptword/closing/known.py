"""What a closing knows: the facts up to its day and batch that no withdrawn import brought, and what is new to it."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from keptword.closing.configuration import Input

WITHDRAWN = "import.withdrawn"


def withdrawn_imports(facts: Table, *, batch: int) -> Table:
    """Return the imports taken back by a batch: one row each, with column `import_number`."""
    said = facts.filter((facts.kind == WITHDRAWN) & (facts.batch <= batch))
    return said.select(import_number=said.subject.replace("import:", "").try_cast("int64")).distinct()


def known(facts: Table, upto: Input, *, withdrawn: Table) -> Table:
    """Return the facts a closing knows: one row each, of the imports that are not in `withdrawn`."""
    read = facts.filter((facts.batch <= upto.batch) & (facts.occurred_on <= ibis.literal(upto.day)))
    return read.anti_join(withdrawn, "import_number")


def fresh(facts: Table, *, before: Input, upto: Input, withdrawn: Table) -> Table:
    """Return the facts known at `upto` that were not at `before`: come in since, or dated since."""
    day, last = ibis.literal(before.day), ibis.literal(upto.day)
    arrived = facts.filter((facts.batch > before.batch) & (facts.batch <= upto.batch) & (facts.occurred_on <= last))
    dated = facts.filter((facts.batch <= before.batch) & (facts.occurred_on > day) & (facts.occurred_on <= last))
    return ibis.union(arrived, dated, distinct=False).anti_join(withdrawn, "import_number")


def gone(facts: Table, *, before: Input, newly_withdrawn: Table) -> Table:
    """Return the facts that were known at `before` and are no more, because their import was taken back since."""
    read = facts.filter((facts.batch <= before.batch) & (facts.occurred_on <= ibis.literal(before.day)))
    return read.semi_join(newly_withdrawn, "import_number")
