"""The audit log: who did what, where, and what became of it; added to and never changed."""

from __future__ import annotations

from datetime import UTC, datetime

from keptword.office.models import Audit, Member

NOBODY = "nobody signed in"


def write(*, member: Member | None, act: str, place: str = "", outcome: str, address: str = "") -> None:
    """Add a line. `place` may name a page, a rule, a file; never a customer, since lines cannot be taken out."""
    Audit.objects.create(
        at=datetime.now(UTC),
        member_id=member.pk if member else None,
        actor=member.name[:255] if member else NOBODY,
        act=act[:64],
        place=place[:255],
        outcome=outcome[:255],
        address=address[:64],
    )
