"""Links that are good once: made as a random text, kept as its digest, gone when used or too old."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from django.db import transaction
from django.db.models import F

from keptword.core.problems import KeptwordError
from keptword.office import audit
from keptword.office.models import Link, Member
from keptword.office.rights import Right, Role

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


def entrance(*, mail: str = "") -> str:
    """Return the path of a new link for whoever sits at the computer itself: `/sign-in/<secret>/`.

    Where there is no owner yet it makes the first one. Else it signs in the colleague of this mail address, or the
    owner who was here last. Raises `KeptwordError` where nobody has the address.
    """
    there = Member.objects.filter(is_active=True)
    owners = there.filter(role=Role.OWNER)
    if not mail and not owners.exists():
        return f"/sign-in/{make(FIRST)}/"
    wanted = there.filter(mail=mail.strip().lower()) if mail else owners
    member = wanted.order_by(F("last_login").desc(nulls_last=True), "pk").first()
    if member is None:
        raise KeptwordError(f'Nobody here signs in with "{mail}". Name the mail address of a colleague who is here.')
    audit.write(member=None, actor=audit.HERE, act="link", place=member.name, outcome="done")
    return f"/sign-in/{make(SIGN_IN, member=member)}/"


def found(text: str, *, purpose: str | None = None) -> Link | None:
    """Return a link that is still good, without using it up; None for any other."""
    rows = Link.objects.filter(digest=_digest(text), used_at__isnull=True, expires_at__gt=datetime.now(UTC))
    link = (rows.filter(purpose=purpose) if purpose else rows).select_related("member", "made_by").first()
    return link if link is not None and _still_meant(link) else None


def _still_meant(link: Link) -> bool:
    """Tell whether a link still does what it was made for: people leave while links lie in mailboxes."""
    if link.made_by is not None and not link.made_by.may(Right.OWN):
        return False
    if link.purpose == FIRST:
        return not Member.objects.filter(is_active=True, role=Role.OWNER).exists()
    return link.purpose == INVITATION or (link.member is not None and link.member.is_active)


def use(link: Link) -> bool:
    """Use a link up and tell whether it was still good: of two who press it at once, one may."""
    with transaction.atomic():
        rows = Link.objects.filter(pk=link.pk, used_at__isnull=True, expires_at__gt=datetime.now(UTC))
        return rows.update(used_at=datetime.now(UTC)) == 1


def invitations() -> list[Link]:
    """Return the invitations that wait for somebody, the newest first."""
    rows = Link.objects.filter(purpose=INVITATION, used_at__isnull=True, expires_at__gt=datetime.now(UTC))
    return [row for row in rows.select_related("made_by").order_by("-pk") if _still_meant(row)]


def withdraw(link: Link) -> bool:
    """Make a link good for nothing, and tell whether it was good for anything."""
    return bool(Link.objects.filter(pk=link.pk, used_at__isnull=True).delete()[0])


def withdraw_all(member: Member) -> None:
    """Withdraw the links that were made for a colleague."""
    Link.objects.filter(member=member, used_at__isnull=True).delete()


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
