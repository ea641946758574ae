"""Every page there is, found by following the links from the overview: each answers, and speaks people's words."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import resolve

from report.test_words import code_words
from web.cast import Desk

OF_A_KIND = 3
"""How many pages of one route are looked at: the hundredth customer's is like the third's."""

SILENT = {"script", "style", "option", "textarea", "code", "pre", "kbd"}
"""Elements that hold what people wrote, choose from or type, or nothing to read."""


class Read(HTMLParser):
    """The text of a page as read, its links, its headings, and the names of its ids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.text: list[str] = []
        self.count: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.language = ""
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.count[tag] += 1
        self._silent += tag in SILENT
        self.language = told.get("lang") or self.language if tag == "html" else self.language
        if told.get("id"):
            self.ids[str(told["id"])] += 1
        if tag == "a" and told.get("href"):
            self.links.append(str(told["href"]))
        for name in ("alt", "title", "aria-label", "placeholder"):
            self.text.append(told.get(name) or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text.append(data)


def pages(desk: Desk, *, name: str) -> dict[str, tuple[str, str]]:
    """Every page that can be reached by links: its address, the name of its route, its HTML."""
    client, seen, wait = desk.client(name), {}, ["/"]
    of_a_kind: Counter[str] = Counter()
    while wait:
        address = wait.pop(0)
        route = resolve(urlsplit(address).path).view_name
        if address in seen or of_a_kind[route] >= OF_A_KIND:
            continue
        of_a_kind[route] += 1
        answer = client.get(address)
        if answer.status_code in (301, 302, 303):
            wait.append(urljoin(address, answer.url))
            continue
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        html = answer.content.decode()
        seen[address] = (route, html)
        ours = (link for link in Read(html).links if not link.startswith(("mailto:", "#")))
        links = (urljoin(address, link).split("#")[0] for link in ours)
        wait += [link for link in links if link.startswith("/") and not link.startswith(("/static/", "/sign-out"))]
    return seen


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_answers_and_speaks_peoples_words(seen_desk, language):
    """The owner follows every link: one heading on top, its language told, no id twice, no word of ours."""
    member = seen_desk.members["ada"]
    member.language = language
    member.save(update_fields=["language"])
    try:
        seen = pages(seen_desk, name="ada")
    finally:
        member.language = "en"
        member.save(update_fields=["language"])
    assert len({route for route, _ in seen.values()}) > 25
    said = {}
    for address, (_, html) in seen.items():
        read = Read(html)
        text = re.sub(r"\s+", " ", " ".join(read.text))
        twice = [name for name, count in read.ids.items() if count > 1]
        assert read.count["h1"] == 1, address
        assert read.language == ("zh-Hans" if language == "zh" else "en"), address
        assert not twice, f"{address}: {twice}"
        assert " style=" not in html, f"{address}: an inline style, which the policy forbids"
        assert not re.search(r"<[a-z][^>]*\son[a-z]+=", html), f"{address}: a script in an attribute"
        said[address] = code_words(text)
    assert {address: words for address, words in said.items() if words} == {}


def test_nobody_is_led_to_what_they_may_not_see(seen_desk):
    """A reader follows every link there is for readers, and is refused nowhere."""
    assert len(pages(seen_desk, name="cleo")) > 20
