"""Tells Django who is signed in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import check_password
from django.http import HttpRequest

from keptword.office.models import Member
from keptword.web.signing_in.passwords import plain


class MembersOnly:
    """Knows colleagues by mail address and password; somebody inactive is nobody."""

    def authenticate(self, request: HttpRequest | None, **told: Any) -> Member | None:
        """Return the colleague of this mail and password, else None, after as long a time either way."""
        if "mail" not in told or "password" not in told:
            return None
        member = Member.objects.filter(mail=str(told["mail"]).strip().lower(), is_active=True).first()
        password = plain(str(told["password"]))
        # "!" is no password's digest; Django takes as long over it as over one.
        right = check_password(password, member.password if member else "!")
        return member if right else None

    def get_user(self, user_id: Any) -> Member | None:
        """Return the colleague of a session, unless they have left."""
        return Member.objects.filter(pk=user_id, is_active=True).first()
