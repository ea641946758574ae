"""The audit log: who did what, where, and what became of it; added to and never changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from keptword.office.models import Audit, Member

NOBODY: Final = "nobody signed in"
HERE: Final = "on the computer itself"

DOWNLOAD: Final = "download"
"""The act of taking a file along; its place is the page's name."""


def write(
    *,
    member: Member | None,
    act: str,
    place: str = "",
    outcome: str,
    address: str = "",
    actor: str = NOBODY,
) -> None:
    """Add a line. `place` may name a page, a rule, a file; never a customer, since lines cannot be taken out.

    `act` is the name of a route, told in words as `audit.<act>`; `outcome` is told as `audit_outcome.<outcome>`.
    `actor` says who it was where no colleague was signed in.
    """
    Audit.objects.create(
        at=datetime.now(UTC),
        member_id=member.pk if member else None,
        actor=_plain(member.name if member else actor)[:255],
        act=act[:64],
        place=_plain(place)[:255],
        outcome=_plain(outcome)[:255],
        address=address[:64],
    )


def lines(
    *, actor: str = "", act: str = "", since: datetime | None = None, until: datetime | None = None, newest: bool = True
) -> Any:
    """Return the lines of a colleague (by number; "0" is nobody signed in), of an act, between two instants.

    One row a line, the newest first or last; read from the database as it is gone through.
    """
    rows = Audit.objects.order_by("-pk" if newest else "pk")
    if actor:
        rows = rows.filter(member_id=int(actor)) if actor != "0" else rows.filter(member_id__isnull=True)
    if act:
        rows = rows.filter(act=act)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    return rows


def acts() -> list[str]:
    """Return every act there is a line of."""
    return list(Audit.objects.order_by("act").values_list("act", flat=True).distinct())


def _plain(text: str) -> str:
    # PostgreSQL takes every sign but this one.
    return text.replace("\x00", "")
