"""Tells whether books may be begun in a folder."""

from __future__ import annotations

from keptword.books.folder import Folder


def is_empty(folder: Folder) -> bool:
    """Tell whether there is nothing in a folder, or only what was begun there as books and never whole."""
    if folder.settings.exists() or (folder.path.exists() and not folder.path.is_dir()):
        return False
    return not folder.path.exists() or not any(folder.path.iterdir()) or _was_cut_short(folder)


def _was_cut_short(folder: Folder) -> bool:
    own = {folder.database.name, folder.journal.name, folder.staged.name, folder.closings.name}
    there = {path.name.split("-")[0] for path in folder.path.iterdir()}
    return there <= {*own, folder.settings.name + ".part"} and not any(folder.journal.glob("**/*.parquet"))
