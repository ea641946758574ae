"""Whatever is done in whatever order, the journal holds exactly the facts recorded and not erased."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from journal.batches import batch, free, row
from keptword.journal.table import Journal

USERS = ("rosa", "li", "ada")

facts = st.lists(st.tuples(st.sampled_from(USERS), st.integers(0, 70), st.none() | st.sampled_from(USERS)), max_size=4)
steps = st.one_of(
    st.tuples(st.just("append"), facts),
    st.tuples(st.just("again"), facts),
    st.tuples(st.just("erase"), st.lists(st.sampled_from(USERS), max_size=2, unique=True)),
    st.tuples(st.sampled_from(["compact", "vacuum", "heal"]), st.none()),
)


class Expected:
    """The same journal as a dictionary: id to (user, day, other user, batch)."""

    def __init__(self) -> None:
        self.facts: dict[str, tuple[str, int, str | None, int]] = {}
        self.number = 0

    def append(self, given_facts):
        """Count a batch and return its rows."""
        self.number += 1
        rows = []
        for n, (user, day, other) in enumerate(given_facts):
            name = f"{self.number}-{n}"
            self.facts[name] = (user, day, other, self.number)
            rows.append(row(name, user=user, day=day, other=other))
        return rows

    def erase(self, users):
        """Take out the people's facts and the mentions of them."""
        self.facts = {
            name: (user, day, None if other in users else other, number)
            for name, (user, day, other, number) in self.facts.items()
            if user not in users
        }


@settings(max_examples=15)
@given(st.lists(steps, max_size=9))
def test_any_sequence_of_work_leaves_exactly_the_expected_rows(engine, done):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        journal, expected = Journal.create(Path(scratch) / "journal"), Expected()
        for step, what in done:
            if step == "append":
                rows = expected.append(what)
                assert journal.append(engine, batch(engine, rows), number=expected.number, guard=free) == len(rows)
            elif step == "again":
                rows = [row(f"again-{n}", user=user, day=day) for n, (user, day, _) in enumerate(what)]
                number = expected.number
                if number:
                    assert journal.append(engine, batch(engine, rows), number=number, guard=free) == 0
            elif step == "erase":
                expected.erase(what)
                journal.erase(engine, what, guard=free)
            else:
                {
                    "compact": lambda: journal.compact(engine, guard=free),
                    "vacuum": lambda: journal.vacuum(guard=free),
                    "heal": lambda: journal.heal(guard=free),
                }[step]()
        found = engine.rows(journal.facts(engine))
        wanted = {
            name: row(name, user=user, day=day, other=other) | {"batch": number}
            for name, (user, day, other, number) in expected.facts.items()
        }
        assert len(found) == len(wanted)
        for one in found:
            assert {column: one[column] for column in wanted[one["fact_id"]]} == wanted[one["fact_id"]]
        assert journal.last_batch() == expected.number
