"""Whole addresses, for what is read outside the pages: mails, links to be copied, other systems."""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import urljoin

from django.http import HttpRequest

from keptword.office.chosen import chosen
from keptword.web.settings import ADDRESS


SERVED: Final = "served"
"""The setting that remembers where `keptword serve` listened last: {"address": "http://127.0.0.1:8321"}"""


def whole(path: str) -> str:
    """Return the whole address of a path of ours where nobody asks: for what is sent by itself.

    Under the address the owner told, else where the pages are served on this computer.
    """
    told = os.environ.get(ADDRESS, "").strip()
    return urljoin(told or (chosen(SERVED) or {}).get("address") or "http://127.0.0.1:8321", path)


def outside(request: HttpRequest, path: str) -> str:
    """Return the whole address of a path of ours: under the address the owner told, else under the host asked."""
    told = os.environ.get(ADDRESS, "").strip()
    return urljoin(told, path) if told else str(request.build_absolute_uri(path))
