"""Writes names, texts and small tables as TOML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping


def text(written: str) -> str:
    """Return a text in quotes: in single ones, which need no escapes, where it holds double ones and nothing odd."""
    if '"' in written and "'" not in written and written.isprintable():
        return f"'{written}'"
    return json.dumps(written, ensure_ascii=False).replace("\x7f", "\\u007f")


def key(name: str) -> str:
    """Return a key, in quotes where it needs them."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else text(name)


def listed(items: Iterable[str]) -> str:
    """Return a list of texts."""
    return "[" + ", ".join(map(text, items)) + "]"


def inline(table: Mapping[str, str | float]) -> str:
    """Return a table on one line: texts in quotes, whole numbers without decimals."""
    shown = (f"{value:g}" if isinstance(value, int | float) else text(value) for value in table.values())
    return "{ " + ", ".join(f"{key(name)} = {value}" for name, value in zip(table, shown, strict=True)) + " }"
