"""Asks pages as one of the cast, sends their forms, reads what they say; for the tests of Waiting and Promises."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape

from keptword.office import acts
from keptword.office.models import Act, Letter
from web.cast import Desk


def html(desk: Desk, address: str = "/waiting/", *, name: str = "ben") -> str:
    """A page as one of the cast gets it."""
    answer = desk.client(name).get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def rows(page: str) -> list[str]:
    """The names of the rows of a list, in their order."""
    return [unescape(name) for name in re.findall(r'name="row" value="([^"]*)"', page)]


def file(desk: Desk, address: str, *, name: str = "ben") -> list[dict[str, str]]:
    """A list as a file."""
    answer = desk.client(name).get(address)
    assert answer.headers["Content-Type"].startswith("text/csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def said(answer) -> str:
    """What stands on the page an answer leads to."""
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def do(desk: Desk, address: str, *, name: str = "ben", **told: object) -> str:
    """Send a form, and return what is said then."""
    return said(desk.client(name).post(address, told, follow=True))


def keep(desk: Desk, *names: str, name: str = "ben") -> str:
    """Mark rows as done."""
    return do(desk, "/promises/several/", name=name, act="keep", row=list(names))


def ten_minutes_later() -> None:
    """Let the ten minutes be over for everything that was done."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    Act.objects.filter(hold_until__lt=acts.UNTIL_SENT).update(hold_until=past)
    Letter.objects.exclude(send_after=None).update(send_after=past)


def drafted(desk: Desk, *names: str, name: str = "ben") -> str:
    """Draft notes to those who wait for some things, and return where they are looked at."""
    answer = desk.client(name).post("/waiting/draft/", {"row": list(names)})
    assert answer.status_code == 303
    return answer.headers["Location"]
