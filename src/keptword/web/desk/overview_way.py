"""Buttons that lead to other pages, where there are such pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True)
class Way:
    """A button: what it says and where it leads; `main` is the one to press first."""

    said: str
    address: str
    main: bool = False


def way(name: str, said: str, *, main: bool = False, path: dict[str, Any] | None = None, **asked: str) -> Way | None:
    """Return a button to a page: `path` is what its address holds, `asked` what follows; None where there is none."""
    try:
        place = reverse(name, kwargs=path)
    except NoReverseMatch:
        return None
    return Way(said, f"{place}?{urlencode(asked)}" if asked else place, main)


def ways(*found: Way | None) -> tuple[Way, ...]:
    """Return the buttons that lead somewhere."""
    return tuple(each for each in found if each is not None)
