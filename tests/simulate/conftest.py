"""One invented shop, written once for all tests of its exports."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from keptword.simulate import World, simulate, write

UNTIL = date(2031, 11, 24)


@pytest.fixture(scope="session")
def haiwen() -> World:
    """The shop of the demo: some 400 customers, eighteen months."""
    return simulate(seed=5, until=UNTIL)


@pytest.fixture(scope="session")
def shopify(haiwen: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the shop's Shopify exports."""
    folder = tmp_path_factory.mktemp("shopify")
    write(haiwen, kind="shopify", folder=folder)
    return folder


@pytest.fixture(scope="session")
def woocommerce(haiwen: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the shop's WooCommerce exports."""
    folder = tmp_path_factory.mktemp("woocommerce")
    write(haiwen, kind="woocommerce", folder=folder)
    return folder


@pytest.fixture(scope="session")
def truth(shopify: Path) -> dict[str, Any]:
    """What is true of the shop, as it was written beside its exports."""
    found: dict[str, Any] = json.loads((shopify / "truth.json").read_text(encoding="utf-8"))
    return found
