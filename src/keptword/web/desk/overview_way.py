"""Buttons that lead to other pages, where there are such pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from keptword.office.rights import Right


@dataclass(frozen=True)
class Way:
    """A button: what it says and where it leads; `main` is the one to press first.

    `right` is that which is asked for there, so that nobody is led to where they may not go.
    """

    said: str
    address: str
    main: bool = False
    right: Right = Right.LOOK


def way(
    name: str,
    said: str,
    *,
    main: bool = False,
    right: Right = Right.LOOK,
    path: Mapping[str, Any] | None = None,
    asked: Mapping[str, str] | None = None,
    **more: str,
) -> Way | None:
    """Return a button to a page: `path` is what its address holds, `asked` and `more` what follows a question mark.

    None where there is no such page.
    """
    try:
        place = reverse(name, kwargs=path)
    except NoReverseMatch:
        return None
    told = {**(asked or {}), **more}
    return Way(said, f"{place}?{urlencode(told)}" if told else place, main, right)


def ways(*found: Way | None) -> tuple[Way, ...]:
    """Return the buttons that lead somewhere."""
    return tuple(each for each in found if each is not None)
