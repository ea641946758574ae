"""What the tests of sources share: an invented shop's exports with their truth, and how files become facts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from keptword.engines.duckdb import Engine
from keptword.simulate import simulate, write
from keptword.sources.registry import Gathered, gather
from keptword.sources.source import Reading

Gather = Callable[..., Gathered]
Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the exports of one small invented shop: `shopify` and `woocommerce`, and the truth in each."""
    world = simulate(seed=7, until=date(2031, 11, 24), users=120, months=9)
    folder = tmp_path_factory.mktemp("exports")
    write(world, kind="shopify", folder=folder / "shopify")
    write(world, kind="woocommerce", folder=folder / "woocommerce")
    return folder


@pytest.fixture(scope="session")
def told(exports: Path) -> dict[str, Any]:
    """What is true of that shop."""
    found: dict[str, Any] = json.loads((exports / "shopify" / "truth.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def gathered(engine: Engine) -> Gather:
    """Read files as the command line does, with a secret of the test's own."""

    def read(*paths: Path, **more: Any) -> Gathered:
        given = {"key": "secret", "recorded_at": datetime(2031, 12, 1, tzinfo=UTC), **more}
        return gather(Reading(engine=engine, **given), list(paths))

    return read


@pytest.fixture
def entries(engine: Engine) -> Rows:
    """Return facts as dicts, oldest first; of one kind where one is named."""

    def of(found: Gathered, kind: str | None = None) -> list[dict[str, Any]]:
        facts = found.facts if kind is None else found.facts.filter(found.facts.kind == kind)
        return engine.rows(facts.order_by("occurred_at", "fact_id"))

    return of
