"""Colleagues come, change and leave; one owner is always left, also of two who act at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from keptword.core.problems import KeptwordError
from keptword.office import colleagues, links
from keptword.office.colleagues import Newcomer, Refused
from keptword.office.models import Audit, Link, Member, Session
from keptword.office.turns import one_at_a_time
from office.at_once import at_once


def owners() -> int:
    """How many owners there are."""
    return Member.objects.filter(is_active=True, role="owner").count()


def newcomer(name: str = "eve") -> Newcomer:
    """What somebody new tells."""
    return Newcomer(name.title(), f"{name}@example.org", "!", "en")


def test_the_last_owner_cannot_leave_or_be_less(hire):
    ada = hire("ada", "owner")
    hire("mia", "manager")
    hire("old", "owner", is_active=False)
    for act in (
        lambda: colleagues.remove(ada, by=ada),
        lambda: colleagues.change_role(ada, to="manager", by=ada),
    ):
        with pytest.raises(Refused, match="last_owner"):
            act()
    assert owners() == 1


def test_of_two_owners_who_remove_each_other_at_once_one_is_left(hire):
    for _ in range(5):
        Member.objects.all().delete()
        ada, bea = hire("ada", "owner"), hire("bea", "owner")
        results = at_once([partial(colleagues.remove, bea, by=ada), partial(colleagues.remove, ada, by=bea)])
        assert sorted(isinstance(each, Refused) for each in results) == [False, True]
        assert owners() == 1


def test_of_two_owners_who_step_down_at_once_one_is_left(hire):
    for _ in range(5):
        Member.objects.all().delete()
        ada, bea = hire("ada", "owner"), hire("bea", "owner")
        at_once(
            [
                partial(colleagues.change_role, ada, to="agent", by=ada),
                partial(colleagues.change_role, bea, to="reader", by=bea),
            ]
        )
        assert owners() == 1


def test_whoever_is_no_owner_any_more_does_nothing_more(hire):
    ada, bea, ben = hire("ada", "owner"), hire("bea", "owner"), hire("ben")
    colleagues.change_role(bea, to="reader", by=ada)
    for act in (
        lambda: colleagues.remove(ben, by=bea),
        lambda: colleagues.change_role(ben, to="owner", by=bea),
        lambda: colleagues.bring_back(ben, by=bea),
        lambda: colleagues.invite(by=bea, role="owner"),
    ):
        with pytest.raises(Refused, match="not_allowed"):
            act()


def test_two_first_owners_at_once_are_one(hire):
    texts = [links.make(links.FIRST) for _ in range(4)]
    results = at_once([lambda text=text: colleagues.join(text, newcomer(f"eve{text[:5]}")) for text in texts])
    assert sum(isinstance(each, Member) for each in results) == 1
    assert owners() == 1


def test_one_invitation_is_one_colleague(hire):
    text = colleagues.invite(by=hire("ada", "owner"), role="agent")
    results = at_once([lambda name=name: colleagues.join(text, newcomer(name)) for name in ("eve", "fay", "gus")])
    assert sum(isinstance(each, Member) for each in results) == 1
    assert Member.objects.count() == 2


def test_the_first_link_is_good_only_while_there_is_no_owner(hire):
    text = links.make(links.FIRST)
    assert links.found(text) is not None
    hire("ada", "owner")
    assert links.found(text) is None
    with pytest.raises(Refused):
        colleagues.join(text, newcomer())


def test_an_invitation_goes_with_whoever_made_it(hire):
    ada, bea = hire("ada", "owner"), hire("bea", "owner")
    text = colleagues.invite(by=bea, role="owner")
    colleagues.change_role(bea, to="manager", by=ada)
    assert links.found(text) is None
    assert links.invitations() == []
    with pytest.raises(Refused):
        colleagues.join(text, newcomer())


def test_inviting_the_same_address_again_ends_the_first_invitation(hire):
    ada = hire("ada", "owner")
    first, second = (colleagues.invite(by=ada, role="agent", mail="eve@example.org") for _ in range(2))
    assert links.found(first) is None
    assert colleagues.join(second, newcomer("other")).mail == "eve@example.org"


def test_who_is_here_or_was_is_not_invited_anew(hire):
    ada = hire("ada", "owner")
    hire("ben")
    hire("dov", is_active=False)
    for name, key in (("ben", "is_here"), ("dov", "was_here")):
        with pytest.raises(Refused, match=key):
            colleagues.invite(by=ada, role="agent", mail=f"{name}@example.org")


def test_whoever_leaves_is_out_at_once_and_may_come_back(hire):
    ada, ben = hire("ada", "owner"), hire("ben")
    soon = datetime.now(UTC) + timedelta(days=1)
    Session.objects.create(session_key="x" * 32, session_data="", expire_date=soon, member=ben)
    text = links.make(links.PASSWORD, member=ben)
    colleagues.remove(ben, by=ada)
    assert not Session.objects.filter(member=ben).exists()
    assert links.found(text) is None
    assert not Link.objects.filter(member=ben).exists()
    colleagues.bring_back(ben, by=ada)
    assert ben.is_active


@pytest.mark.parametrize("role", ["", "admin", "OWNER", "owner\x00"])
def test_roles_that_are_none_are_refused(hire, role):
    ada = hire("ada", "owner")
    with pytest.raises(Refused, match="no_role"):
        colleagues.invite(by=ada, role=role)
    with pytest.raises(Refused, match="no_role"):
        colleagues.change_role(ada, to=role, by=ada)


@pytest.mark.parametrize("mail", ["", "ada", "a@b", "ada@example.org\nbcc: x@example.org", "a" * 250 + "@example.org"])
def test_what_is_no_mail_address_is_refused(mail):
    with pytest.raises(Refused, match="no_mail"):
        colleagues.mail_of(mail)


def test_a_link_is_used_once_and_not_after_its_time(hire):
    ada = hire("ada", "owner")
    text = links.make(links.SIGN_IN, member=ada)
    link = links.found(text)
    assert link is not None
    assert sorted(at_once([lambda: links.use(link)] * 4)) == [False, False, False, True]
    late = links.make(links.SIGN_IN, member=ada)
    Link.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert links.found(late) is None


def test_only_digests_of_links_are_kept(hire):
    text = links.make(links.SIGN_IN, member=hire("ada", "owner"))
    assert all(text not in str(row) for row in Link.objects.values())


def test_at_the_computer_itself_there_is_always_a_way_in(hire):
    def purpose() -> str:
        link = links.found(links.entrance().split("/")[2])
        return link.purpose + (f" {link.member.name}" if link.member else "")

    assert purpose() == "first"
    hire("ada", "owner")
    bea = hire("bea", "owner")
    Member.objects.filter(pk=bea.pk).update(last_login=datetime.now(UTC))
    assert purpose() == "sign-in Bea"
    assert Audit.objects.order_by("-pk").first().actor == "on the computer itself"
    with pytest.raises(KeptwordError, match="Nobody here signs in"):
        links.entrance(mail="who@example.org")


def test_turns_are_taken_one_by_one(hire):
    """Both read the same number before either wrote, unless they take turns."""
    ada = hire("ada", "owner", totp_step=0)

    def count() -> None:
        for _ in range(5):
            with one_at_a_time("counting"):
                step = Member.objects.get(pk=ada.pk).totp_step
                Member.objects.filter(pk=ada.pk).update(totp_step=step + 1)

    assert at_once([count] * 3) == [None] * 3
    assert Member.objects.get(pk=ada.pk).totp_step == 15
