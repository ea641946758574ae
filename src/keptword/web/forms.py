"""Reads what a form sends: texts of decent length, days, numbers; refuses the rest in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.http import HttpRequest

from keptword.core.problems import KeptwordError


def texts(request: HttpRequest, names: Iterable[str], *, longest: int = 1000) -> dict[str, str]:
    """Return the fields of a form by name, trimmed; what is left out is empty, what is too long is cut."""
    return {name: request.POST.get(name, "").replace("\x00", "").strip()[:longest] for name in names}


def day_of(text: str) -> date | None:
    """Return the day a field names, None where it is empty; refuse anything else in a sentence."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise KeptwordError(
            '"{text}" is not on the calendar. Write the day as YYYY-MM-DD, like 2031-03-01.', text=text.strip()[:40]
        ) from None
