"""How often something may be tried: a few times at once, then with a wait that grows; counted for all processes."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.crypto import salted_hmac

from keptword.office.models import Member, Tried
from keptword.office.turns import one_at_a_time

FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(days=1)

_NONE: Final = timedelta()


@dataclass(frozen=True)
class Gate:
    """What tries are counted at, and how many of them are free before one has to wait."""

    key: str
    free: int


def of_mail(mail: str) -> Gate:
    """Return the gate of a mail address, whether anybody has it or not; the address itself is not kept."""
    return Gate(f"mail {salted_hmac('keptword tries', mail, algorithm='sha256').hexdigest()}", 5)


def of_address(address: str) -> Gate:
    """Return the gate of a computer's address; in IPv6 of its network, since one household has 2^64 of them."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return Gate("address unknown", 30)
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        shown = str(mapped or ipaddress.ip_network((int(parsed), 64), strict=False))
        return Gate(f"address {shown}", 30)
    return Gate(f"address {parsed}", 30)


def of_code(member: Member) -> Gate:
    """Return the gate of a colleague's second step."""
    return Gate(f"code {member.pk}", 5)


def of_password(member: Member) -> Gate:
    """Return the gate of a colleague who is signed in and tells their password again."""
    return Gate(f"password {member.pk}", 5)


def of_letters(mail: str) -> Gate:
    """Return the gate of mails sent to whoever forgot a password, by mail address."""
    return Gate(f"forgot {salted_hmac('keptword tries', mail, algorithm='sha256').hexdigest()}", 2)


def knock(gates: Sequence[Gate], *, now: datetime) -> timedelta:
    """Count one try at each gate and return no time; where one of them says wait, count nothing and return how long.

    It is counted before anybody looks whether the try is right, so that a hundred at once are a hundred.
    """
    with one_at_a_time("tries"):
        Tried.objects.filter(since__lt=now - FORGOTTEN_AFTER).delete()
        rows = {row.key: row for row in Tried.objects.filter(key__in=[gate.key for gate in gates])}
        wait = max((_left(rows.get(gate.key), free=gate.free, now=now) for gate in gates), default=_NONE)
        if wait > _NONE:
            return wait
        for gate in gates:
            row = rows.get(gate.key) or Tried(key=gate.key, count=0)
            row.count, row.since = row.count + 1, now
            row.save()
    return _NONE


def forget(gate: Gate) -> None:
    """Forget what was tried at a gate, after it was right."""
    Tried.objects.filter(key=gate.key).delete()


def take_back(gate: Gate) -> None:
    """Take back the try just counted, after it was right, and half of those before it.

    Many may come through one gate, and in a house that signs in every day the wrong tries would never be forgotten. Who
    has a sign-in of their own gains little by it: what they try for somebody else is counted at that one's gate too.
    """
    with one_at_a_time("tries"):
        row = Tried.objects.filter(key=gate.key).first()
        if row is not None and row.count > 2:
            row.count = (row.count - 1) // 2
            row.save(update_fields=["count"])
        elif row is not None:
            row.delete()


def _left(row: Tried | None, *, free: int, now: datetime) -> timedelta:
    """Return how long is to be waited still.

    Where the clock was put back, the last try lies in the future; it is then taken for one of this moment. So nobody
    waits longer than the longest wait, and nobody gets in sooner for it.
    """
    if row is None or row.count < free:
        return _NONE
    if row.since > now:
        row.since = now
        row.save(update_fields=["since"])
    whole = min(FIRST_WAIT * 2 ** min(row.count - free, 10), LONGEST_WAIT)
    return max(row.since + whole - now, _NONE)
