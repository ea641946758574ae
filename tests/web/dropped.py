"""Files as people drop them: tables of orders nobody knows, dropped and looked at without a browser."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from web.cast import Desk

HEAD = "Order No;Customer name;E-Mail;Ordered on;Promised for;Delivered on;Total;Carrier;Phone"


MONTH = (datetime.now(UTC).date().replace(day=1) - timedelta(days=40)).replace(day=1)
"""The month the orders are of: over, and not long ago."""


def day(number: int) -> str:
    """A day of that month as the table writes it."""
    return f"{number:02}.{MONTH:%m.%Y}"


def told_day(number: int) -> str:
    """A day of that month as pages write it."""
    there = date(MONTH.year, MONTH.month, number)
    return f"{there.day} {there:%B %Y}"


def orders(count: int, *, first: int = 1000, odd: str = "") -> bytes:
    """A table of orders in a shape of its own: so many lines, one in three delivered late; `odd` is its last line."""
    lines = [HEAD]
    for each in range(count):
        on = each % 25 + 1
        lines.append(
            f"A-{first + each};Rosa Tea {each % 40};rosa{each % 40}@mail.example;{day(on)};{day(on + 1)};"
            f"{day(on + each % 3)};1.2{each % 100:02},50;Swift;+49 30 12345{each:05}"
        )
    return ("\n".join([*lines, *([odd] if odd else [])]) + "\n").encode()


def file(content: bytes, name: str) -> io.BytesIO:
    """Content under a name, as Django's client sends it."""
    made = io.BytesIO(content)
    made.name = name
    return made


@dataclass(frozen=True)
class Dropped:
    """Files dropped by one of the cast, and what can be done with them."""

    desk: Desk
    client: Any
    token: str

    @property
    def address(self) -> str:
        """Where they are looked at."""
        return f"/add-data/files/{self.token}/"

    def page(self) -> str:
        """What stands there."""
        return self.client.get(self.address).content.decode()

    def told(self, place: int = 1, **changed: str) -> Any:
        """Say what the columns of a file are: as guessed, but for what is changed."""
        return self.client.post(f"{self.address}{place}/", fields(self.client, f"{self.address}{place}/") | changed)

    def brought(self) -> Any:
        """Press the button, have the work done, and return the job."""
        from keptword.office.models import Job

        self.client.post(f"{self.address}bring/")
        jobs_done(self.desk)
        return Job.objects.filter(kind="import", asked__upload=self.token).latest("pk")


def jobs_done(desk: Desk) -> int:
    """Have the work done that was asked for, and no figures made, which most tests do not look at."""
    from keptword.web import shop
    from keptword.web.work.running import one_job

    done = 0
    while one_job(desk.books, shop.now()) is not None:
        done += 1
    return done


def dropped(desk: Desk, *files: io.BytesIO, name: str = "mia", work: bool = True) -> Dropped:
    """Drop files and have them looked at."""
    client = desk.client(name)
    answer = client.post("/add-data/drop/", {"files": list(files)})
    assert answer.status_code == 303, answer.content.decode()
    found = Dropped(desk, client, answer.headers["Location"].strip("/").split("/")[-1])
    if work:
        jobs_done(desk)
    return found


def fields(client: Any, address: str) -> dict[str, str]:
    """The fields of the form on a page of columns, as a browser without script would send them."""
    from html.parser import HTMLParser

    class Form(HTMLParser):
        found: dict[str, str] = {}  # noqa: RUF012
        select = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            told = dict(attrs)
            name = told.get("name") or ""
            if tag == "input" and name and (told.get("type") != "checkbox" or "checked" in told):
                self.found[name] = told.get("value") or ""
            elif tag == "select":
                self.select = name
                self.found[name] = ""
            elif tag == "option" and "selected" in told:
                self.found[self.select] = told.get("value") or ""

    form = Form()
    form.found = {}
    page = client.get(address).content.decode()
    form.feed(page[page.index('class="telling"') :])
    return form.found
