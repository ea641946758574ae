"""Mappings kept for files with the same columns: told once, used again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from keptword.office.chosen import choose, chosen
from keptword.office.chosen import forget as forgotten

_BEGINS: Final = "mapping:"


@dataclass(frozen=True)
class KeptMapping:
    """A mapping that was kept: what it is called, as TOML, and what was chosen on the page to make it."""

    name: str
    text: str
    form: dict[str, Any]


def key_of(header: Sequence[str]) -> str:
    """Return what a mapping for these columns is kept under: their names, whatever their letter case and order."""
    names = sorted(" ".join(name.split()).casefold() for name in header)
    return _BEGINS + sha256("\x1f".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:40]


def found(header: Sequence[str]) -> KeptMapping | None:
    """Return the mapping kept for files with these columns."""
    told = chosen(key_of(header))
    return KeptMapping(told["name"], told["text"], told["form"]) if isinstance(told, dict) else None


def kept(header: Sequence[str]) -> str | None:
    """Return the mapping kept for files with these columns, as TOML."""
    there = found(header)
    return None if there is None else there.text


def keep(header: Sequence[str], mapping: KeptMapping) -> None:
    """Keep a mapping for files with these columns."""
    choose(key_of(header), {"name": mapping.name, "text": mapping.text, "form": mapping.form})


def forget(header: Sequence[str]) -> None:
    """Keep none for files with these columns any more."""
    forgotten(key_of(header))
