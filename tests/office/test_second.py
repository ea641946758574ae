"""The second factor: codes of the moment, none taken twice, and codes for when the phone is gone."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest

from keptword.office import second
from keptword.office.models import Member, RecoveryCode
from office.at_once import at_once
from office.conftest import NOW

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = timedelta(seconds=30)


def code(moment=NOW) -> str:
    """What the phone shows at a moment."""
    return pyotp.TOTP(SECRET).at(moment)


@pytest.fixture
def ada(hire) -> Member:
    """A colleague with the second factor turned on some time ago."""
    there = hire("ada")
    assert len(second.turn_on(there, SECRET, code=code(NOW - timedelta(hours=1)), now=NOW - timedelta(hours=1))) == 10
    return there


def test_it_is_turned_on_only_with_the_right_code(hire):
    there = hire("ada")
    assert second.turn_on(there, SECRET, code="000000" if code() != "000000" else "000001", now=NOW) == ()
    assert there.totp_since is None
    assert second.turn_on(there, SECRET, code=f"{code()[:3]} {code()[3:]}", now=NOW)
    assert there.totp_since == NOW


def test_the_code_that_turned_it_on_does_not_sign_in_as_well(hire):
    there = hire("ada")
    second.turn_on(there, SECRET, code=code(), now=NOW)
    assert not second.passes(there, code(), now=NOW)


def test_a_code_is_taken_once(ada):
    assert second.passes(ada, code(), now=NOW)
    assert not second.passes(ada, code(), now=NOW)
    assert not second.passes(ada, code(), now=NOW + STEP)
    assert second.passes(ada, code(NOW + STEP), now=NOW + STEP)


def test_an_earlier_code_is_not_taken_after_a_later_one(ada):
    assert second.passes(ada, code(NOW + STEP), now=NOW)
    assert not second.passes(ada, code(), now=NOW)


def test_of_two_with_the_same_code_at_once_one_is_let_in(ada):
    assert sorted(at_once([lambda: second.passes(ada, code(), now=NOW)] * 4)) == [False, False, False, True]


@pytest.mark.parametrize("off", [-2, 2, 10, 120])
def test_codes_of_other_moments_are_not_taken(ada, off):
    assert not second.passes(ada, code(NOW + off * STEP), now=NOW)


@pytest.mark.parametrize("given", ["", "12345", "1234567", "abcdef", "１２３４５６", "000000; DROP", "\x00"])
def test_what_is_no_code_is_not_taken(ada, given):
    assert not second.passes(ada, given, now=NOW)
    assert not second.recovers(ada, given, now=NOW)


def test_the_clock_going_back_an_hour_lets_no_used_code_in_again(ada):
    """The phone's clock is right; the server's was an hour ahead of itself and is put back."""
    assert second.passes(ada, code(), now=NOW)
    assert not second.passes(ada, code(NOW - timedelta(hours=2)), now=NOW - timedelta(hours=2))


def test_a_recovery_code_lets_in_once(ada):
    codes = second.new_codes(ada)
    assert second.recovers(ada, codes[3].upper().replace("-", " "), now=NOW)
    assert not second.recovers(ada, codes[3], now=NOW)
    assert second.codes_left(ada) == 9
    assert second.recovers(ada, codes[4], now=NOW)


def test_of_two_with_the_same_recovery_code_at_once_one_is_let_in(ada):
    given = second.new_codes(ada)[0]
    assert sorted(at_once([lambda: second.recovers(ada, given, now=NOW)] * 4)) == [False, False, False, True]


def test_recovery_codes_are_nobody_elses_and_new_ones_end_the_old(ada, hire):
    old = second.new_codes(ada)
    new = second.new_codes(ada)
    ben = Member.objects.create(mail="ben@example.org", name="Ben", role="agent", joined_at=NOW)
    assert not second.recovers(ada, old[0], now=NOW)
    assert not second.recovers(ben, new[0], now=NOW)
    assert len(set(old + new)) == 20


def test_only_digests_of_recovery_codes_are_kept(ada):
    codes = second.new_codes(ada)
    kept = " ".join(RecoveryCode.objects.values_list("digest", flat=True))
    assert not any(each.replace("-", "") in kept for each in codes)


def test_turned_off_nothing_of_it_is_left(ada):
    second.turn_off(ada)
    assert (ada.totp_secret, ada.totp_since, second.codes_left(ada)) == ("", None, 0)
    assert not second.passes(ada, code(), now=NOW)


def test_the_address_for_the_phone_names_business_and_mail():
    parsed = pyotp.parse_uri(second.address_of(SECRET, mail="ada@example.org", business="Tea: & more"))
    assert (parsed.secret, parsed.issuer, parsed.name) == (SECRET, "Keptword Tea  & more", "ada@example.org")
