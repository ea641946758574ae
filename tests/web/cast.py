"""The fixed cast and where they play: Ada owns the shop, Mia manages, Ben may write, Cleo may only read, Dov left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from keptword.web.application import make

if TYPE_CHECKING:
    from django.test import Client

    from keptword.books.opened import Books
    from keptword.office.models import Member

CAST = {"ada": "owner", "mia": "manager", "ben": "agent", "cleo": "reader", "dov": "agent"}
PASSWORD = "a sentence only we would write"


@dataclass(frozen=True)
class Desk:
    """The desk of one books folder, with everybody in it."""

    books: Books
    members: dict[str, Member]

    def client(self, name: str | None = None) -> Client:
        """A browser without a window: signed in as one of the cast, or as nobody."""
        from django.test import Client

        client = Client(SERVER_NAME="localhost")
        if name is not None:
            client.force_login(self.members[name], backend="keptword.web.signing_in.backend.MembersOnly")
        return client


@cache
def hashed() -> str:
    """The cast's password as it is kept, made once a run: making one is slow on purpose."""
    from django.contrib.auth.hashers import make_password

    return make_password(PASSWORD)


def desk_of(folder: Path) -> Desk:
    """The desk over a books folder, the cast in it."""
    make(folder)
    from keptword.office.models import Member
    from keptword.web import shop

    password = hashed()
    members = {}
    for name, role in CAST.items():
        members[name], _ = Member.objects.get_or_create(
            mail=f"{name}@example.org",
            defaults={
                "name": name.title(),
                "role": role,
                "password": password,
                "joined_at": datetime.now(UTC),
                "is_active": name != "dov",
            },
        )
    return Desk(shop.books(), members)
