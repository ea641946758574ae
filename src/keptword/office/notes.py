"""Notes on customers: what colleagues wrote down, by whom and when; a customer may ask to read every one of them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from keptword.intake import tombstones
from keptword.office.models import Member, Note
from keptword.office.rights import Right

LONGEST: Final = 10_000
"""Characters a note may have."""

SPARED: Final = timedelta(minutes=10)
"""So long a note that was removed can be brought back; then it is gone."""

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def written(text: str) -> str:
    """Return a text as a note holds it: without control signs, its ends trimmed, lines ended in one way."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def add(user_key: str, *, text: str, member: Member, now: datetime) -> Note:
    """Write a note down; `text` is as `written` gives it and not longer than `LONGEST`.

    Raises `KeptwordError` about somebody who was erased.
    """
    tombstones.refuse([user_key])
    return Note.objects.create(user_key=user_key, text=text, member=member, at=now)


def listed(user_key: str) -> list[Note]:
    """Return the notes on a customer, the newest first."""
    return list(
        Note.objects.filter(user_key=user_key, removed_at__isnull=True).select_related("member").order_by("-at", "-pk")
    )


def may_remove(note: Note, *, member: Member) -> bool:
    """Tell whether somebody may remove a note: whoever wrote it, and whoever manages."""
    return member.may(Right.WORK) and (note.member_id == member.pk or member.may(Right.MANAGE))


def remove(note: Note, *, now: datetime) -> bool:
    """Remove a note, and tell whether it was there; for `SPARED` it can be brought back."""
    return bool(Note.objects.filter(pk=note.pk, removed_at__isnull=True).update(removed_at=now))


def bring_back(note: Note, *, now: datetime) -> bool:
    """Bring a note back that was removed just now, and tell whether it still could be."""
    return bool(Note.objects.filter(pk=note.pk, removed_at__gte=now - SPARED).update(removed_at=None))


def sweep(now: datetime) -> int:
    """Delete the notes that were removed and can be brought back no more, and return how many those were."""
    return int(Note.objects.filter(removed_at__lt=now - SPARED).delete()[0])
