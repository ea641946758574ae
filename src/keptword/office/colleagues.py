"""Who works here: invited, joining, given another role, leaving, coming back; one owner is always left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from keptword.office import links
from keptword.office.models import Link, Member
from keptword.office.rights import Right, Role
from keptword.office.sessions import end_all
from keptword.office.turns import one_at_a_time

_TURN: Final = "colleagues"


class Refused(Exception):
    """What cannot be done; `key` is its sentence in the word lists."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True)
class Newcomer:
    """What somebody tells of themself as they join; `password` is its digest as Django keeps it."""

    name: str
    mail: str
    password: str
    language: str
    outside_id: str = ""


def mail_of(text: str) -> str:
    """Return a mail address as it is kept; raises `Refused` where it is none."""
    mail = text.strip().lower()
    try:
        validate_email(mail)
    except ValidationError:
        raise Refused("first_owner.no_mail") from None
    if len(mail) > 254:
        raise Refused("first_owner.no_mail")
    return mail


def invite(*, by: Member, role: str, mail: str = "") -> str:
    """Return the secret text of an invitation; an earlier one to the same mail address is good no more."""
    if role not in set(Role):
        raise Refused("colleagues.no_role")
    with one_at_a_time(_TURN):
        _still_owner(by)
        if mail:
            there = Member.objects.filter(mail=mail).first()
            if there is not None:
                raise Refused("colleagues.is_here" if there.is_active else "colleagues.was_here")
            Link.objects.filter(purpose=links.INVITATION, mail=mail, used_at__isnull=True).delete()
        return links.make(links.INVITATION, mail=mail, role=role, by=by)


def join(text: str, newcomer: Newcomer) -> Member:
    """Return the new colleague of an invitation, or the first owner; raises `Refused`.

    The secret text is looked up again in here, and used up: of two who send the form at once, one joins.
    """
    with one_at_a_time(_TURN):
        link = links.found(text)
        if link is None or link.purpose not in (links.FIRST, links.INVITATION):
            raise Refused("failure.link")
        return _joined(link, newcomer)


def join_invited(newcomer: Newcomer) -> Member | None:
    """Return the new colleague who was invited by this mail address, proven elsewhere; None where nobody was."""
    with one_at_a_time(_TURN):
        link = next((each for each in links.invitations() if each.mail and each.mail == newcomer.mail), None)
        return None if link is None else _joined(link, newcomer)


def _joined(link: Link, newcomer: Newcomer) -> Member:
    mail = link.mail or newcomer.mail
    if Member.objects.filter(mail=mail).exists():
        raise Refused("colleagues.mail_taken")
    if not links.use(link):
        raise Refused("failure.link")
    return Member.objects.create(
        mail=mail,
        name=newcomer.name[:120],
        role=Role.OWNER.value if link.purpose == links.FIRST else link.role,
        password=newcomer.password,
        language=newcomer.language,
        outside_id=newcomer.outside_id,
        joined_at=datetime.now(UTC),
    )


def change_role(member: Member, *, to: str, by: Member) -> None:
    """Give a colleague another role; raises `Refused` where that would leave no owner."""
    if to not in set(Role):
        raise Refused("colleagues.no_role")
    with one_at_a_time(_TURN):
        _still_owner(by)
        member.refresh_from_db()
        if to != Role.OWNER:
            _not_the_last(member)
        member.role = to
        member.save(update_fields=["role"])


def remove(member: Member, *, by: Member) -> None:
    """Take a colleague's entrance away: their sessions and links end at once, what they did and began stays.

    Raises `Refused` where that would leave no owner.
    """
    with one_at_a_time(_TURN):
        _still_owner(by)
        member.refresh_from_db()
        _not_the_last(member)
        member.is_active = False
        member.save(update_fields=["is_active"])
        end_all(member)
        links.withdraw_all(member)


def bring_back(member: Member, *, by: Member) -> None:
    """Let a colleague who left in again, with the role they had."""
    with one_at_a_time(_TURN):
        _still_owner(by)
        Member.objects.filter(pk=member.pk).update(is_active=True)
    member.refresh_from_db()


def _still_owner(by: Member) -> None:
    """Look again whether whoever asks is an owner: somebody may have been quicker."""
    if not Member.objects.get(pk=by.pk).may(Right.OWN):
        raise Refused("failure.not_allowed")


def _not_the_last(member: Member) -> None:
    others = Member.objects.filter(is_active=True, role=Role.OWNER).exclude(pk=member.pk)
    if member.is_active and member.role == Role.OWNER and not others.exists():
        raise Refused("colleagues.last_owner")
