"""Whole addresses, for what is read outside the pages: mails, links to be copied, other systems."""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import urljoin

from django.http import HttpRequest

from keptword.office.chosen import choose, chosen
from keptword.web.settings import ADDRESS

SERVED: Final = "served"
"""The setting that remembers where `keptword serve` listened of late, the last place first."""

REMEMBERED: Final = 5


def serving_at(address: str) -> None:
    """Remember where these books are being served."""
    choose(SERVED, [address, *(each for each in served_at() if each != address)][:REMEMBERED])


def served_at() -> list[str]:
    """Return where these books were served of late, the last place first; some of it may be over."""
    return [str(each) for each in chosen(SERVED) or ()]


def whole(path: str) -> str:
    """Return the whole address of a path of ours where nobody asks: for what is sent by itself.

    Under the address the owner told, else where the pages are served on this computer.
    """
    told = os.environ.get(ADDRESS, "").strip()
    return urljoin(told or next(iter(served_at()), "http://127.0.0.1:8321"), path)


def outside(request: HttpRequest, path: str) -> str:
    """Return the whole address of a path of ours: under the address the owner told, else under the host asked."""
    told = os.environ.get(ADDRESS, "").strip()
    return urljoin(told, path) if told else str(request.build_absolute_uri(path))
