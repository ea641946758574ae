"""Makes what was written outlive a power cut: files first, then the folders that name them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path


def sync_file(path: Path) -> None:
    """Return once the file's bytes are on the disk."""
    # Windows flushes only what is open for writing; elsewhere reading is enough, and a sealed file may be read-only.
    handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0) if sys.platform == "win32" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Return once the names in a folder are on the disk; Windows keeps them by itself and cannot be asked."""
    if sys.platform != "win32":
        sync_file(folder)


def sync_written(paths: Iterable[Path], *, top: Path) -> None:
    """Sync new files, the folders they stand in, and `top`, which holds those folders."""
    folders = set()
    for path in paths:
        sync_file(path)
        folders.add(path.parent)
    for folder in sorted(folders):
        sync_folder(folder)
    sync_folder(top)
