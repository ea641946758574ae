"""Links that are good once: made as a random text, kept as its digest, gone when used or too old."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from django.db import transaction

from keptword.office.models import Link, Member

FIRST: Final = "first"
SIGN_IN: Final = "sign-in"
INVITATION: Final = "invitation"
PASSWORD: Final = "password"

GOOD_FOR: Final = {
    FIRST: timedelta(days=1),
    SIGN_IN: timedelta(minutes=15),
    INVITATION: timedelta(days=7),
    PASSWORD: timedelta(hours=2),
}


def make(
    purpose: str, *, member: Member | None = None, mail: str = "", role: str = "", by: Member | None = None
) -> str:
    """Return the secret text of a new link; only its digest is kept."""
    text = secrets.token_urlsafe(32)
    Link.objects.create(
        digest=_digest(text),
        purpose=purpose,
        member=member,
        mail=mail,
        role=role,
        made_by=by,
        expires_at=datetime.now(UTC) + GOOD_FOR[purpose],
    )
    return text


def found(text: str, *, purpose: str | None = None) -> Link | None:
    """Return a link that is still good, without using it up; None for any other."""
    rows = Link.objects.filter(digest=_digest(text), used_at__isnull=True, expires_at__gt=datetime.now(UTC))
    return (rows.filter(purpose=purpose) if purpose else rows).select_related("member").first()


def use(link: Link) -> bool:
    """Use a link up and tell whether it was still good: of two who press it at once, one may."""
    with transaction.atomic():
        rows = Link.objects.filter(pk=link.pk, used_at__isnull=True)
        return rows.update(used_at=datetime.now(UTC)) == 1


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
