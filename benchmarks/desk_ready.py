"""Makes books ready for the desk's case: figures, an address book of everybody, an owner who is signed in."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

FIRSTS = "Ada Ben Cleo Dov Emma Finn Greta Hugo Ida Jonas Klara Leo Mia Nora Oskar Rosa Sven Wei"
LASTS = "Adler Brandt Conrad Dietz Ebert Falk Graf Hahn Jung Kurz Lang Maier Nagel Otto Roth Vogt"


def main(place: Path) -> dict[str, Any]:
    """Make ready and return the cookie of a session, the addresses to click, and how long the figures took."""
    from keptword.web.application import make as application

    application(place)
    from keptword.figures.make import make
    from keptword.figures.reading import current
    from keptword.web import shop
    from keptword.web.work.nightly import close_next

    # As in the morning: what is due to be closed was closed in the night.
    while close_next(shop.books(), datetime.now(UTC)) is not None:
        pass
    began = time.perf_counter()
    make(shop.books(), say=lambda _: None)
    seconds = time.perf_counter() - began
    reader = current(shop.books().folder)
    assert reader is not None
    _address_book(reader)
    return {"figures_seconds": seconds, "cookie": _cookie(), "pages": _pages(reader)}


def _address_book(reader: Any) -> None:
    """Give everybody a name and a mail address, once."""
    from keptword.office.models import Person
    from keptword.office.people import remember

    keys = [row["user_key"] for row in reader.rows("SELECT user_key FROM people WHERE user_key IS NOT NULL")]
    if Person.objects.count() >= len(keys):
        return
    firsts, lasts = FIRSTS.split(), LASTS.split()
    chance, told_at = random.Random(1), datetime(2026, 6, 30)

    def contacts() -> Iterator[Any]:
        for number, key in enumerate(keys):
            first, last = chance.choice(firsts), chance.choice(lasts)
            yield key, f"{first} {last}", f"{first.lower()}.{number}@example.org", "", "DE", "", told_at

    remember(contacts(), now=datetime.now(UTC))


def _cookie() -> str:
    from django.test import Client

    from keptword.office.models import Member

    owner, _ = Member.objects.get_or_create(
        mail="owner@example.org", defaults={"name": "Ada", "role": "owner", "joined_at": datetime.now(UTC)}
    )
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(owner, backend="keptword.web.signing_in.backend.MembersOnly")
    return str(client.cookies["keptword"].value)


def _pages(reader: Any) -> dict[str, list[str]]:
    """Return addresses by kind of page: those of the menu, lists filtered, searches, customers."""
    from keptword.web.pages import address

    chance = random.Random(2)
    keys = [row["user_key"] for row in reader.rows("SELECT user_key FROM people USING SAMPLE 200 ROWS (reservoir, 1)")]
    orders = [row["number"] for row in reader.rows("SELECT number FROM subjects USING SAMPLE 50 ROWS (reservoir, 1)")]
    texts = [*(chance.choice(FIRSTS.split())[:3] + " " + chance.choice(LASTS.split()) for _ in range(50)), *orders]
    kinds = [row["promise_kind"] for row in reader.rows("SELECT DISTINCT promise_kind FROM promises")]
    return {
        **{name: [address(name)] for name in ("overview", "commitments", "breakdown", "effort", "months", "settings")},
        "waiting": [address("waiting"), *(f"{address('waiting')}?kind={kind}" for kind in kinds)],
        "promises": [address("promises"), *(f"{address('promises')}?kind={kind}&state=late" for kind in kinds)],
        "customers": [address("customers")],
        "a customer's page": [address("customers.person", user_key=key) for key in keys],
        "search": [f"{address('find')}?q={quote(text)}" for text in texts],
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
