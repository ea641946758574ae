"""How often signing in may be tried: counted for all processes, whatever the clock does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keptword.office import tries
from keptword.office.tries import FIRST_WAIT, LONGEST_WAIT, Gate
from office.at_once import at_once
from office.conftest import NOW

GATE = Gate("mail ada", 5)
NONE = timedelta()
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _clean(hire):
    """Nobody has tried anything."""


def tried(times: int, *, now=NOW):
    """Try that often at this moment, and return the last wait."""
    return [tries.knock((GATE,), now=now) for _ in range(times)][-1]


def test_five_tries_are_free_and_the_sixth_waits():
    assert tried(5) == NONE
    assert tried(1) == FIRST_WAIT


def test_a_refused_try_does_not_make_the_wait_longer():
    tried(20)
    assert tried(1, now=NOW + FIRST_WAIT - timedelta(seconds=1)) == timedelta(seconds=1)
    assert tried(1, now=NOW + FIRST_WAIT) == NONE


def test_the_wait_grows_to_a_quarter_of_an_hour_and_no_further():
    now, waits = NOW, []
    tried(5)
    for _ in range(12):
        waits.append(tries.knock((GATE,), now=now))
        now += waits[-1]
        assert tries.knock((GATE,), now=now) == NONE
    assert waits[:3] == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


def test_a_day_later_it_is_forgotten():
    tried(5)
    assert tried(5, now=NOW + timedelta(hours=25)) == NONE


def test_the_clock_going_back_an_hour_locks_nobody_out_and_opens_nothing():
    """
    12:00 five tries
    11:00 by the clock that was put back: still to wait, no longer than before
    """
    tried(5)
    assert tried(1, now=NOW - HOUR) == FIRST_WAIT
    assert tried(1, now=NOW - HOUR + FIRST_WAIT) == NONE
    assert tried(1, now=NOW - HOUR + FIRST_WAIT) == 2 * FIRST_WAIT


def test_the_clock_going_on_and_back_gives_one_try_more_at_most():
    tried(5)
    assert tried(1, now=NOW + HOUR) == NONE
    assert tried(1, now=NOW) == 2 * FIRST_WAIT


def test_a_hundred_at_once_are_a_hundred():
    """Counted before anybody looks whether it is right: of twenty at once five are looked at."""
    waits = at_once([lambda: tries.knock((GATE,), now=NOW)] * 20)
    assert sorted(wait > NONE for wait in waits) == [False] * 5 + [True] * 15


def test_whoever_gets_in_is_counted_no_more_and_others_behind_the_same_address_are():
    address = tries.of_address("192.0.2.7")
    for _ in range(4):
        tries.knock((GATE, address), now=NOW)
    tries.forget(GATE)
    tries.take_back(address)
    from keptword.office.models import Tried

    assert dict(Tried.objects.values_list("key", "count")) == {"address 192.0.2.7": 1}


def test_a_house_that_signs_in_every_day_never_waits_for_the_slips_of_last_week():
    """Six wrong tries a day and a right one after each, for a month: the next colleague waits for nothing."""
    address = tries.of_address("192.0.2.8")
    for hours in range(0, 24 * 30, 4):
        assert tries.knock((address,), now=NOW + timedelta(hours=hours)) == timedelta()
        assert tries.knock((address,), now=NOW + timedelta(hours=hours)) == timedelta()
        tries.take_back(address)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "address 192.0.2.7"),
        ("::ffff:192.0.2.7", "address 192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "address 2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "address 2001:db8:1:2::/64"),
        ("", "address unknown"),
    ],
)
def test_addresses_of_one_household_are_one(address, key):
    assert tries.of_address(address).key == key


def test_no_mail_address_is_kept():
    assert "ada" not in tries.of_mail("ada@example.org").key
