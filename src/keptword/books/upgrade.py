"""Brings books of an older layout up to date: by steps, under the lease, after a copy."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from keptword.books.folder import FORMAT, Business, Folder
from keptword.core.problems import KeptwordError

STEPS: Final[Mapping[int, Callable[[Folder], None]]] = {}
"""For each older format the step that makes it the next one. There is none yet: format 1 is the first."""

_FORMAT = re.compile(r"^format\s*=\s*\d+", re.MULTILINE)


def bring_up_to_date(
    folder: Folder, business: Business, *, steps: Mapping[int, Callable[[Folder], None]] = STEPS, to: int = FORMAT
) -> bool:
    """Take books through every step from their format to `to`; return whether anything was done.

    Before the first step the whole folder is copied beside itself, as `books-before-format-2`; that copy is the
    owner's to remove. A step that fails leaves the copy and says so; running again begins from the books as they are.
    """
    if business.format >= to:
        return False
    from keptword.intake import database
    from keptword.intake.lease import held

    # Before anything opens the database, since opening it brings its tables up to date.
    copy = _copied(folder, to=to)
    database.connect(folder.database)
    with held(name="journal", wait=60.0) as lease:
        for number in range(business.format, to):
            lease.check()
            try:
                steps[number](folder)
            except Exception as error:
                raise KeptwordError(
                    f"{folder.path} could not be brought from format {number} to {number + 1}: {error}. "
                    f"The books as they were are in {copy}."
                ) from error
            _write_format(folder, number + 1)
    return True


def _copied(folder: Folder, *, to: int) -> Path:
    from keptword.books.backup import copy_database

    copy = folder.path.with_name(f"{folder.path.name}-before-format-{to}")
    if not copy.exists():
        part = copy.with_name(copy.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        base = folder.database.name
        out = (base, folder.figures.name)
        shutil.copytree(folder.path, part, ignore=lambda _, names: [name for name in names if name.startswith(out)])
        if folder.database.exists():
            copy_database(folder.database, part / base)
        part.rename(copy)
    return copy


def _write_format(folder: Folder, number: int) -> None:
    text = folder.settings.read_text("utf-8")
    part = folder.settings.with_suffix(".toml.part")
    part.write_text(_FORMAT.sub(f"format = {number}", text, count=1), encoding="utf-8")
    part.replace(folder.settings)
