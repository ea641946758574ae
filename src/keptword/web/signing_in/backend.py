"""Tells Django who is signed in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from keptword.office.models import Member


class MembersOnly:
    """Knows colleagues by mail address and password; somebody inactive is nobody."""

    def authenticate(self, request: HttpRequest | None, **told: Any) -> Member | None:
        """Return the colleague of this mail and password, else None, after as long a time either way."""
        if "mail" not in told or "password" not in told:
            return None
        member = Member.objects.filter(mail=str(told["mail"]).strip().lower(), is_active=True).first()
        if member is None:
            make_password(str(told["password"]))
            return None
        return member if check_password(str(told["password"]), member.password) else None

    def get_user(self, user_id: Any) -> Member | None:
        """Return the colleague of a session, unless they have left."""
        return Member.objects.filter(pk=user_id, is_active=True).first()
