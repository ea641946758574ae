"""The secret behind the pseudonyms: one per computer, made at first use, never written into facts or reports."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from platformdirs import user_config_path

VARIABLE = "KEPTWORD_KEY"


def pseudonym_key() -> str:
    """Return the secret: that of the environment where set, else this computer's own, made where there is none.

    Where nothing can be written the secret lasts for this run only: pseudonyms then differ from run to run.
    """
    told = os.environ.get(VARIABLE)
    if told:
        return told
    path = user_config_path("keptword", appauthor=False) / "pseudonyms.key"
    try:
        return path.read_text("ascii").strip() or _made(path)
    except OSError:
        return _made(path)


def _made(path: Path) -> str:
    key = secrets.token_hex(32)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(key + "\n")
    except OSError:
        return key
    return key
