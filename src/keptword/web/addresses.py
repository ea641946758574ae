"""Whole addresses, for what is read outside the pages: mails, links to be copied, other systems."""

from __future__ import annotations

import os
from urllib.parse import urljoin

from django.http import HttpRequest

from keptword.web.settings import ADDRESS


def outside(request: HttpRequest, path: str) -> str:
    """Return the whole address of a path of ours: under the address the owner told, else under the host asked."""
    told = os.environ.get(ADDRESS, "").strip()
    return urljoin(told, path) if told else str(request.build_absolute_uri(path))
