"""The second factor: codes out of a phone, none of them taken twice, and recovery codes for when the phone is gone."""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import b32encode
from datetime import datetime
from hashlib import sha256
from typing import Final

import pyotp
from django.db import transaction

from keptword.office.models import Member, RecoveryCode

CODES: Final = 10
"""How many recovery codes there are at first."""

_SECONDS: Final = 30
_NEAR: Final = (0, -1, 1)
"""Time steps a phone's clock may be off."""


def new_secret() -> str:
    """Return a new secret to be shared with a phone, in base 32."""
    return pyotp.random_base32()


def address_of(secret: str, *, mail: str, business: str) -> str:
    """Return the address that a phone reads out of a drawing: `otpauth://totp/...`."""
    issuer = re.sub(r"[:\x00-\x1f]", " ", f"Keptword {business}").strip()
    return pyotp.TOTP(secret).provisioning_uri(name=mail, issuer_name=issuer)


def turn_on(member: Member, secret: str, *, code: str, now: datetime) -> tuple[str, ...]:
    """Ask for codes of this secret from now on and return the recovery codes; nothing where the code is not right."""
    step = _step_of(secret, code=code, now=now)
    if step is None:
        return ()
    with transaction.atomic():
        Member.objects.filter(pk=member.pk).update(totp_secret=secret, totp_since=now, totp_step=step)
        codes = new_codes(member)
    member.refresh_from_db()
    return codes


def turn_off(member: Member) -> None:
    """Ask for no codes any more."""
    with transaction.atomic():
        Member.objects.filter(pk=member.pk).update(totp_secret="", totp_since=None, totp_step=0)
        RecoveryCode.objects.filter(member=member).delete()
    member.refresh_from_db()


def passes(member: Member, code: str, *, now: datetime) -> bool:
    """Tell whether a code of the phone is right; its time step is used up with it, and every earlier one."""
    step = _step_of(member.totp_secret, code=code, now=now)
    if step is None:
        return False
    # In one statement: of two who send the same code at once, one is let in.
    return Member.objects.filter(pk=member.pk, totp_step__lt=step).update(totp_step=step) == 1


def recovers(member: Member, code: str, *, now: datetime) -> bool:
    """Tell whether this is a recovery code that is still good; it is used up."""
    rows = RecoveryCode.objects.filter(member=member, digest=_digest(member, code), used_at=None)
    return rows.update(used_at=now) == 1


def new_codes(member: Member) -> tuple[str, ...]:
    """Make recovery codes anew and return them; only their digests are kept, and earlier ones are good no more."""
    raw = [b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(member=member).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(member=member, digest=_digest(member, each)) for each in raw)
    return tuple("-".join(re.findall("....", each)) for each in raw)


def codes_left(member: Member) -> int:
    """Return how many recovery codes are still good."""
    return RecoveryCode.objects.filter(member=member, used_at=None).count()


def _step_of(secret: str, *, code: str, now: datetime) -> int | None:
    """Return the time step a code belongs to, None where it is no code of these moments."""
    plain = re.sub(r"\s", "", code)
    if not secret or not re.fullmatch(r"[0-9]{6}", plain):
        return None
    current = int(now.timestamp()) // _SECONDS
    codes = pyotp.TOTP(secret, interval=_SECONDS)
    found = [current + off for off in _NEAR if hmac.compare_digest(codes.generate_otp(current + off), plain)]
    return max(found, default=None)


def _digest(member: Member, code: str) -> str:
    plain = re.sub(r"[^a-z2-7]", "", code.lower())
    return sha256(f"{member.pk} {plain}".encode()).hexdigest()
