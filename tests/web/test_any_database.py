"""Every page and every form, on whichever database: run as it is on SQLite, and by tests/test_postgres.py on a server.

A server is stricter: it refuses texts that are too long, zeros in them, and numbers that do not fit.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import resolve

from intake.conftest import emptied
from web.cast import PASSWORD, Desk, desk_of
from web.forty import forty
from web.test_every_page import pages

NAMES = ("ada", "mia", "ben", "cleo")

SCRIPT = "a script"
HOSTILE = {
    "longer than any column": "x" * 2_000 + "é",
    "a zero in the middle": "a\x00b",
    SCRIPT: "\"'><script>alert(1)</script>{{7*7}}{% x %}",
    "a number that fits nowhere": "99999999999999999999",
    "signs beyond the first plane": "𝔘😀\u202e\ufeff",
}

STRICT = tuple(name for name in HOSTILE if name != SCRIPT)
TRIED = STRICT if os.environ.get("KEPTWORD_DATABASE_URL") else ("longer than any column", SCRIPT)
"""A file takes whatever a server takes, and a page looks the same over either."""

LEFT_OUT = ("sign_out", "me.end", "me.end_all", "customers.erase", "monday.stop", "sign_in")
"""Forms that would end the test's own sign-in, or take somebody away who is needed later."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The desk over books with forty promises, on the database the tests run on."""
    from keptword.intake import database

    if not database.is_file():
        emptied()
    database.disconnect()
    place: Path = tmp_path_factory.mktemp("any") / "books"
    forty(place)
    yield desk_of(place)
    database.disconnect()


def test_every_page_answers(desk):
    for name in NAMES:
        assert len(pages(desk, name=name)) > 15, name


class Forms(HTMLParser):
    """The forms of a page that write: where each is sent, and its fields with what stands in them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], set[str]]] = []
        self._open = False
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take down a form or a field of it."""
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = told.get("method", "").lower() == "post"
            if self._open:
                self.found.append((told.get("action", ""), {}, set()))
        if not self._open:
            return
        _, fields, written = self.found[-1]
        name, kind = told.get("name", ""), told.get("type", "text")
        if tag == "select":
            self._select = name
        if tag == "option" and self._select and ("selected" in told or self._select not in fields):
            fields[self._select] = told.get("value", "")
        if not name or kind == "file" or (kind in ("checkbox", "radio") and "checked" not in told):
            return
        if tag in ("input", "textarea", "button"):
            fields.setdefault(name, told.get("value", ""))
        if tag == "textarea" or (tag == "input" and kind not in ("hidden", "checkbox", "radio")):
            written.add(name)

    def handle_endtag(self, tag: str) -> None:
        """Note where it ends."""
        self._open = self._open and tag != "form"
        self._select = "" if tag == "select" else self._select


def forms(desk: Desk) -> Iterator[tuple[str, str, dict[str, str], set[str]]]:
    """Each form the owner can reach, one of each route: its route, where it is sent, its fields, those to write in."""
    seen: Counter[str] = Counter()
    for address, (_, html) in pages(desk, name="ada").items():
        for action, fields, written in Forms(html).found:
            target = urljoin(address, action or address)
            route = resolve(urlsplit(target).path).view_name
            if not seen[route] and not route.startswith(LEFT_OUT):
                seen[route] += 1
                yield route, target, fields, written


def unshaken(desk: Desk) -> Client:
    """The owner's browser, which shows the page that something broke as any other."""
    client = desk.client("ada")
    client.raise_request_exception = False
    return client


def test_a_promise_is_kept_undone_and_kept_again(desk):
    """Ben marks it done, takes it back, marks it again; ten minutes later it is recorded, and the figures have it.

    Before anything is written into forms, by which somebody may mark this promise too.
    """
    from datetime import timedelta

    from keptword.figures.reading import current
    from keptword.office import acts
    from keptword.office.models import Act
    from keptword.web import shop
    from keptword.web.work.running import work_off

    ben, now = desk.members["ben"], shop.now() - timedelta(minutes=20)
    intent = acts.Intent("promise.kept", user_key="c1", promise_id="p1", subject="order:1001")
    first = acts.record([intent], by=ben, now=now, timezone="UTC")
    assert acts.undo(first.group, now=now) == 1
    acts.record([intent], by=ben, now=now, timezone="UTC")
    work_off(desk.books)
    assert Act.objects.filter(figures__isnull=False).count() == 1
    row = current(desk.books.folder).row("SELECT outcome FROM promises WHERE promise_id = 'p1'")
    assert row["outcome"] in ("kept", "late")


@pytest.mark.parametrize("name", TRIED)
def test_whatever_is_written_into_a_form_is_taken_or_refused(desk, name):
    """In every field one may write in, and in every hidden one: never a page that says that something broke."""
    client = unshaken(desk)
    broke = []
    for route, target, fields, written in forms(desk):
        for names in (written, set(fields) - written):
            if not names:
                continue
            told = {each: HOSTILE[name] if each in names else value for each, value in fields.items()}
            answer = client.post(target, told)
            if answer.status_code >= 500:
                broke.append(f"{route} ({', '.join(sorted(names))}): {answer.status_code}")
        # Something may have been changed that the next one needs: whoever asks, and in which language.
        desk.members["ada"].save()
        client = unshaken(desk)
    assert broke == []


@pytest.mark.parametrize("name", TRIED)
def test_whatever_is_written_into_an_address_is_taken_or_refused(desk, name):
    """In every filter of every list, and in every part of an address."""
    client = unshaken(desk)
    broke = []
    for address in list(pages(desk, name="ada"))[:80]:
        parts = urlsplit(address)
        asked = {each: HOSTILE[name] for each, _ in parse_qsl(parts.query)} | {
            "q": HOSTILE[name],
            "page": HOSTILE[name],
        }
        answer = client.get(parts.path, asked)
        if answer.streaming:
            list(answer.streaming_content)
        if answer.status_code >= 500:
            broke.append(f"{address}: {answer.status_code}")
    assert broke == []


def test_one_signs_in_and_out(desk):
    client = desk.client()
    form = {"mail": "cleo@example.org", "password": PASSWORD}
    assert client.post("/sign-in/", form).status_code == 303
    assert client.get("/").status_code == 200
    assert client.post("/sign-in/", form | {"password": "wrong"}).status_code in (422, 429)
    assert client.post("/sign-out/").status_code == 303
    assert client.get("/").status_code == 302
