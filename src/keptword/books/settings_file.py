"""Changes what the business says about itself in `keptword.toml`, and leaves everything else in that file as it is."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from keptword.books.folder import Business, Folder, business_from, read_business
from keptword.core.problems import KeptwordError
from keptword.journal.syncing import sync_file, sync_folder

PATIENCE: Final = 10.0
"""Seconds that a change waits for another one to be written."""


@dataclass(frozen=True)
class Change:
    """What is to be written: lines of the top by name, lines of `[settings]`, of `[costs]`; None takes a line out."""

    top: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    costs: Mapping[str, Any] = field(default_factory=dict)


def change(folder: Folder, told: Change) -> Business:
    """Write a change and return what the file says now; comments and lines not named stay as they are.

    Read back before it takes the old file's place: raises `KeptwordError`, with the old file untouched, where what
    would be written is not right. Two that come at once are written one after the other.
    """
    from keptword.intake.lease import held

    with held(name="settings", wait=PATIENCE):
        return _changed(folder, told)


def _changed(folder: Folder, told: Change) -> Business:
    read_business(folder)
    try:
        document = tomlkit.parse(folder.settings.read_text("utf-8").removeprefix("\ufeff"))
        _put(document, told.top)
        for name, lines in (("settings", told.settings), ("costs", told.costs)):
            if lines:
                _put(_table(document, name), lines)
        text = tomlkit.dumps(document)
    except TOMLKitError as error:
        raise KeptwordError(
            "{settings} cannot be changed: {error}. Mend that line by hand.", settings=folder.settings, error=error
        ) from None
    business = business_from(text, where=str(folder.settings))
    # A country or hours that no calendar can be made of are refused here and not at the next closing.
    business.settings.calendar(years=range(2024, 2026))
    _replace(folder.settings, text)
    return business


def _table(document: tomlkit.TOMLDocument, name: str) -> Table:
    if name not in document:
        document.add(tomlkit.nl())
        document.add(name, tomlkit.table())
    table = document[name]
    assert isinstance(table, Table)
    return table


def _put(table: tomlkit.TOMLDocument | Table, lines: Mapping[str, Any]) -> None:
    for name, value in lines.items():
        if value is None:
            table.pop(name, None)
        else:
            table[name] = value


def _replace(path: Path, text: str) -> None:
    """Put a file of this text in the place of another, whole or not at all."""
    handle, part = tempfile.mkstemp(prefix=path.name, suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        sync_file(Path(part))
        # Made for its owner alone: whoever may read the old one may read the new one.
        shutil.copymode(path, part)
        Path(part).replace(path)
    except OSError as error:
        Path(part).unlink(missing_ok=True)
        raise KeptwordError(
            "{path} could not be written: {why}. It is as it was before.", path=path, why=error.strerror or error
        ) from None
    sync_folder(path.parent)
