"""What is wrong with a path before anything is read from it: not there, a folder, no permission."""

from __future__ import annotations

import difflib
import errno
from pathlib import Path
from typing import Final

from keptword.core.problems import KeptwordError, Sentence

_TABLES: Final = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".gz", ".zip")


def refuse_no_file(path: Path) -> None:
    """Raise a `KeptwordError` where the path is no ordinary file, naming what lies near it."""
    if path.is_file():
        return
    if path.is_dir():
        inside = _listed(_tables_in(path), before=" In it: ", path=path)
        raise KeptwordError(
            "{path}: this is a folder. Give the file in it that you mean.{inside}", path=path, inside=inside
        )
    if path.exists():
        raise KeptwordError(
            "{path}: this is not an ordinary file. Save what it gives to a file and give that.", path=path
        )
    folder = path.parent
    if not folder.is_dir():
        raise KeptwordError(
            "{path}: there is no folder {folder}, so no such file. Look for a slip in the path.",
            path=path,
            folder=folder,
        )
    raise KeptwordError("{path}: there is no such file.{near}", path=path, near=_near(path))


def unreadable(path: Path, error: OSError) -> KeptwordError:
    """Return what to say where the system refuses to let a file be read, or where there is no room for a copy."""
    if isinstance(error, PermissionError):
        said = Sentence(
            "you have no permission to read this file. Give yourself the right to read it, or copy it to a folder of"
            " your own and give that copy."
        )
    elif error.errno == errno.ENOSPC:
        said = Sentence(
            "there is not enough room on the disk for working on this file (a copy of it in UTF-8 is needed)."
            " Make room, or let TMPDIR name a folder on a larger disk."
        )
    else:
        said = Sentence(
            "this file cannot be read ({why}). Copy it to this computer's disk and give that copy.",
            why=error.strerror or error,
        )
    return KeptwordError("{path}: {said}", path=path, said=said)


def _tables_in(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir() if entry.suffix.lower() in _TABLES and entry.is_file())
    except OSError:
        return []


def _near(path: Path) -> str:
    try:
        names = sorted(entry.name for entry in path.parent.iterdir() if entry.is_file())
    except OSError:
        names = []
    # The same name in other letters comes first: on Linux Orders.CSV is not orders.csv.
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(name.casefold(), name)
    near = [folded[name] for name in difflib.get_close_matches(path.name.casefold(), folded, n=3, cutoff=0.6)]
    if near:
        return _listed(near, before=" Did you mean ", path=path.parent, end="?")
    return _listed(_tables_in(path.parent), before=" In that folder: ", path=path.parent) or (
        f" There is no table in {path.parent} at all." if path.parent != Path() else ""
    )


def _listed(names: list[str], *, before: str, path: Path, end: str = ".") -> str:
    if not names:
        return ""
    joined = ", ".join(f'"{name}"' for name in names[:5])
    return f"{before}{joined}{f' and {len(names) - 5} more' if len(names) > 5 else ''}{end}"
