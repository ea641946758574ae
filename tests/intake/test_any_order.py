"""Whatever is split, shuffled, sent twice and pumped in between: the same facts are in the journal."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from intake.desk import Desk, line
from keptword.core.schema import FACT_SCHEMA

FACTS = 12

# Each step posts some of the facts, seals some as a file, or pumps.
numbers = st.lists(st.integers(0, FACTS - 1), min_size=1, max_size=8)
steps = st.lists(
    st.one_of(st.tuples(st.just("post"), numbers), st.tuples(st.just("seal"), numbers), st.just(("pump", []))),
    max_size=6,
)


@settings(max_examples=12)
@given(steps=steps, rest=st.permutations(range(FACTS)))
def test_any_road_leads_to_the_same_facts(tmp_path_factory, engine, steps, rest):
    desk = Desk.made(tmp_path_factory.mktemp("any order") / "books")
    from intake.test_pump import an_import

    for turn, (step, some) in enumerate([*steps, ("post", rest), ("pump", [])]):
        if step == "post":
            desk.post([line(number, source=f"step {turn}") for number in some], timezone="UTC")
        elif step == "seal":
            an_import(desk, engine, [line(number) for number in some], name=f"{turn}.parquet")
        else:
            desk.pump(engine, at_once=5)
    free = {"recorded_at", "source", "attributes"}
    booked = [{name: row[name] for name in FACT_SCHEMA if name not in free} for row in desk.rows(engine)]
    assert booked == expected(engine, tmp_path_factory)
    assert not desk.reasons()


_EXPECTED: list[dict[str, object]] = []


def expected(engine, folders) -> list[dict[str, object]]:
    """Return the facts as they are when each is posted once, in order, and pumped once."""
    if not _EXPECTED:
        desk = Desk.made(folders.mktemp("in order") / "books")
        desk.post([line(number) for number in range(FACTS)], timezone="UTC")
        desk.pump(engine)
        free = {"recorded_at", "source", "attributes"}
        _EXPECTED.extend({name: row[name] for name in FACT_SCHEMA if name not in free} for row in desk.rows(engine))
    return _EXPECTED
