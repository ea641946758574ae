"""The vocabulary: complete, consistent, and the same in the glossary as in the code."""

from __future__ import annotations

import pytest

import glossary_page
from keptword.core.schema import ALWAYS_REQUIRED, COLUMNS, FACT_SCHEMA, KINDS, STAGES, nearest, unknown


def test_the_glossary_says_what_the_schema_says(root):
    """Every column and kind stands in docs/glossary.md with its sentence, stage and required columns."""
    assert (root / "docs" / "glossary.md").read_text("utf-8") == glossary_page.page()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_has_a_sentence_a_stage_and_columns_that_exist(kind):
    """A sentence ends with a full stop; what a kind requires is a column beyond what every fact needs."""
    assert kind.sentence.endswith(".")
    assert len(kind.sentence) > 10
    assert kind.stage in STAGES
    assert set(kind.required) <= set(FACT_SCHEMA) - set(ALWAYS_REQUIRED)
    assert kind.name.count(".") == 1


def test_what_every_fact_needs_are_columns():
    """And no column stands twice."""
    assert set(ALWAYS_REQUIRED) <= set(FACT_SCHEMA)
    assert len(FACT_SCHEMA) == len(COLUMNS)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("order.payed", "order.paid"), ("Order.Shipped", "order.shipped"), ("promise.keep", "promise.kept")],
)
def test_a_refusal_names_the_nearest_known_kind(written, meant):
    """order.payed -> Did you mean "order.paid"?"""
    assert nearest(written, KINDS) == meant
    assert f'Did you mean "{meant}"?' in unknown("kind of entry", written, known=KINDS)


def test_a_refusal_lists_what_is_known_where_nothing_is_near():
    """xyzzy is like no stage, so all of them are named."""
    said = unknown("stage", "xyzzy", known=STAGES)
    assert "Did you mean" not in said
    assert all(stage in said for stage in STAGES)
