"""Who did what: every act has its sentence, the page narrows and hands out, and no customer stands in it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from keptword.words import LANGUAGES, words
from web.every_route import ROUTES
from web.serving import calm, opened


@pytest.fixture
def desk(empty_desk):
    """The desk of new books: signing in needs no shop."""
    return empty_desk


@pytest.fixture
def told(desk):
    """A desk where a few things were done, 120 of them by Mia."""
    from keptword.office import audit

    members = desk.members
    for number in range(120):
        audit.write(member=members["mia"], act="settings.hours", place=f"hours {number}", outcome="done", address="::1")
    audit.write(member=members["ben"], act="settings.colleagues.role", outcome="refused", address="192.0.2.7")
    audit.write(member=None, act="sign_in", place="Ada", outcome="wrong_password", address="192.0.2.8")
    audit.write(member=None, act="sign_in", outcome="unknown_address", address="192.0.2.8")
    audit.write(member=None, actor=audit.HERE, act="link", place="Ada", outcome="done")
    audit.write(member=members["ada"], act="download", place="settings.audit", outcome="done", address="::1")
    return desk


def rows(client, query: str = "") -> list[list[str]]:
    """The file of the audit, without its heads."""
    response = client.get(f"/settings/audit/?form=csv{query}")
    assert response.headers["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))[1:]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_act_has_its_sentence(language):
    """What can be done has a name that a person reads; what is missing is listed here."""
    said = words(language)
    writing = [route.name for route in ROUTES if "POST" in route.methods]
    assert [name for name in writing if not said.has(f"audit.{name}")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_of_an_act_there_is_not(language):
    known = {route.name for route in ROUTES} | {"unknown", "download", "link"}
    told = {key.removeprefix("audit.") for key in words(language).entries if key.startswith("audit.")}
    assert sorted(told - known) == []


def test_the_page_is_calm(browser, told, site, pictures):
    with opened(browser, site) as page:
        page.goto("/settings/audit/")
        calm(page, pictures, name="desk-audit")
        page.goto("/settings/audit/?act=none")
        calm(page, pictures, name="desk-audit-empty")


@pytest.mark.parametrize("script", [True, False])
def test_the_page_is_narrowed_and_turned(browser, told, site, script):
    with opened(browser, site, script=script) as page:
        page.goto("/settings/audit/")
        page.locator("select[name=who]").select_option(label="Mia")
        if not script:
            page.get_by_role("button", name="Show").click()
        page.wait_for_url("**who=*")
        page.get_by_text("1 to 50 of 120").first.wait_for()
        page.get_by_role("link", name="Further").click()
        page.get_by_text("51 to 100 of 120").first.wait_for()
        assert "who=" in page.url
        page.get_by_role("link", name="When").click()
        page.get_by_text("hours 0", exact=True).wait_for()
        page.locator("select[name=act]").select_option(label="Signed in")
        if not script:
            page.get_by_role("button", name="Show").click()
        page.get_by_text("No such act").wait_for()


def test_the_file_equals_the_page(told):
    ada, members = told.client("ada"), told.members
    there = rows(ada, f"&who={members['mia'].pk}")
    assert [row[3] for row in there] == [f"hours {number}" for number in reversed(range(120))]
    assert [row[3] for row in rows(ada, f"&who={members['mia'].pk}&sort=at")] == [row[3] for row in reversed(there)]
    page = ada.get(f"/settings/audit/?who={members['mia'].pk}&page=3").content.decode()
    assert [row[3] for row in there[100:]] == [f"hours {n}" for n in reversed(range(20)) if f"hours {n}<" in page]


def test_the_file_tells_who_in_words(told):
    ada = told.client("ada")
    nobody = [row[1:] for row in rows(ada, "&who=0")]
    assert ["On the computer itself", "Made a link that signs in", "Ada", "done", ""] in nobody
    assert ["Nobody signed in", "Signed in", "Ada", "wrong password", "192.0.2.8"] in nobody
    assert ["Nobody signed in", "Signed in", "", "wrong: an unknown address", "192.0.2.8"] in nobody
    taken = rows(ada, "&act=download")
    assert taken[0][1:4] == ["Ada", "Took a file along", "Who did what"]


def test_a_day_is_the_businesss_day(told):
    today = told.books.today.isoformat()
    ada = told.client("ada")
    assert len(rows(ada, f"&day={today}&act=settings.hours")) == 120
    assert rows(ada, "&day=2001-01-01") == []
    response = ada.get("/settings/audit/?day=2031-02-30")
    assert response.status_code == 200
    assert "is not on the calendar" in response.content.decode()


@pytest.mark.parametrize(
    "query",
    ["who=x", "who=99999999999999999999", "who=-1", "act=%00", "day=9999-12-31", "day=0001-01-01", "page=9999999",
     "page=-1", "sort=address", "sort=--at", "act='; DROP TABLE office_audit; --", "who=%F0%9F%92%A9", "day=<script>"],
)  # fmt: skip
def test_an_address_that_asks_for_nonsense_is_answered(told, query):
    for form in ("", "&form=csv"):
        response = told.client("ada").get(f"/settings/audit/?{query}{form}")
        assert response.status_code == 200
        text = (b"".join(response.streaming_content) if response.streaming else response.content).decode()
        assert "<script>" not in text


def test_a_refusal_and_a_file_taken_along_are_written_down(desk):
    from keptword.office.models import Audit

    desk.client("cleo").post("/settings/business/", {"name": "Cleo's"})
    rows(desk.client("ada"))
    told = list(Audit.objects.order_by("-pk").values_list("actor", "act", "place", "outcome", "address")[:2])
    assert told == [
        ("Ada", "download", "settings.audit", "done", "127.0.0.1"),
        ("Cleo", "settings.business", "", "refused", "127.0.0.1"),
    ]


def test_what_was_not_taken_and_what_broke_is_told_apart(desk, monkeypatch):
    from keptword.office.models import Audit
    from keptword.web.desk import me

    ben = desk.client("ben")
    ben.post("/me/about/", {"name": "", "language": "en"})
    ben.post("/no/such/page/")
    ben.raise_request_exception = False

    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(me, "texts", breaks)
    ben.post("/me/about/", {"name": "Ben", "language": "en"})
    told = list(Audit.objects.order_by("-pk").values_list("act", "outcome")[:3])
    assert told == [("me.about", "failed"), ("unknown", "not_taken"), ("me.about", "not_taken")]


def test_no_customer_stands_in_the_audit(desk):
    """Whatever is done about a customer, by every writing route that names one: neither key nor name is kept."""
    from keptword.office.models import Audit, Person

    key, name = "u-4f1dab77c0ffee90", "Maria Example-Customer"
    Person.objects.create(user_key=key, name=name, mail="maria@customer.example", updated_at=datetime.now(UTC))
    ada = desk.client("ada")
    from django.urls import reverse

    tried = 0
    for route in ROUTES:
        if "<key:user_key>" in route.path or "<str:user_key>" in route.path:
            told = {"user_key": key, **({"pk": 1} if "pk>" in route.path else {})}
            form = {"name": name, "text": name, "mail": "maria@customer.example", "note": name}
            if "POST" in route.methods:
                ada.post(reverse(route.name, kwargs=told), form)
                tried += 1
            response = ada.get(reverse(route.name, kwargs=told))
            if response.streaming:
                list(response.streaming_content)
    assert tried
    kept = str(list(Audit.objects.values()))
    for secret in (key, "Maria", "customer.example"):
        assert secret not in kept


def test_the_clock_going_back_leaves_the_order_of_acts(told):
    """Lines are in the order they were written, whatever their clock says."""
    from keptword.office.models import Audit

    last = Audit.objects.order_by("-pk").first()
    Audit.objects.create(at=last.at - timedelta(hours=1), actor="Ada", act="later", outcome="done")
    # The file tells that it was taken along as well.
    assert [row[2] for row in rows(told.client("ada"))][:2] == ["Took a file along", "later"]
