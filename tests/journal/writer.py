"""A process of its own that writes the journal until it is killed: `python writer.py FOLDER WORK`.

`WORK` is a JSON list of steps: `["append", number, [[fact_id, user, day], …]]`, `["compact"]`, `["vacuum"]` or
`["erase", user]`. What is done already is passed over, as the pump does it. It says `ready` before the first.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from journal.batches import batch, free, row
from keptword.engines.duckdb import Engine
from keptword.journal.table import Journal


def run(journal: Journal, engine: Engine, *, work: list[list[Any]]) -> None:
    """Heal, then do every step."""
    journal.heal(guard=free)
    for step, *given in work:
        if step == "append":
            number, facts = given
            rows = [row(fact_id, user=user, day=day) for fact_id, user, day in facts]
            journal.append(engine, batch(engine, rows), number=number, guard=free)
        elif step == "compact":
            journal.compact(engine, guard=free)
        elif step == "vacuum":
            journal.vacuum(guard=free)
        elif step == "erase":
            journal.erase(engine, given, guard=free)


if __name__ == "__main__":
    with Engine(threads=1) as opened:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        run(Journal(Path(sys.argv[1])), opened, work=json.loads(sys.argv[2]))
