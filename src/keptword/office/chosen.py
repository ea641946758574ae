"""What was chosen at the desk and is not the books' own: read and written by its key."""

from __future__ import annotations

from typing import Any

from keptword.office.models import Setting


def chosen(key: str, default: Any = None) -> Any:
    """Return what was chosen under a key, `default` where nothing was."""
    row = Setting.objects.filter(key=key).first()
    return default if row is None else row.value


def choose(key: str, value: Any) -> None:
    """Keep a choice, as JSON."""
    Setting.objects.update_or_create(key=key, defaults={"value": value})


def forget(key: str) -> None:
    """Keep a choice no more."""
    Setting.objects.filter(key=key).delete()
