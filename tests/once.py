"""What takes long to make and is never changed, made once a run however many processes run the tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return the folder of that name, made by the first process that asks; the others wait until it is whole.

    `make` is given the folder, empty; where it fails, the next one who asks makes it anew. What it opened it closes
    before it returns: others copy what is there.
    """
    base = factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"once-{name}"
    whole = place.with_suffix(".whole")
    with FileLock(place.with_suffix(".lock")):
        if not whole.exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            make(place)
            whole.touch()
    return place
