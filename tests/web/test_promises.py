"""The promise book: every page of it as promises stand now, one promise's page, one written down by hand."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest

from keptword.office.models import Act
from web.cast import Desk
from web.forty import LATE, SCRIPT
from web.invented import today
from web.serving import calm, opened

SAID = "mail of Tuesday: that is fine"
"""What a customer said, and where it can be found."""

TOLD = 40 + 3 + 1 + 1 + 1 + 1
"""The promises of the shop: forty, three kept late long ago, one of each odd kind."""


def html(desk: Desk, address: str = "/promises/", *, name: str = "ben", status: int = 200) -> str:
    """A page as one of the cast gets it."""
    answer = desk.client(name).get(address)
    assert answer.status_code == status, answer.status_code
    return answer.content.decode()


def text_of(answer) -> str:
    """What stands on a page."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def do(desk: Desk, address: str, *, name: str = "ben", status: int = 200, **told: object) -> str:
    """Send a form, and return what is said then."""
    answer = desk.client(name).post(address, told, follow=True)
    assert answer.status_code == status, answer.status_code
    return text_of(answer)


def rows(page: str) -> list[str]:
    """The promises of a list, in their order."""
    return [unescape(name) for name in re.findall(r'name="row" value="p:([^"]*)"', page)]


def facts() -> list[dict]:
    """What was recorded and not undone, in order."""
    contents = Act.objects.filter(undone_at=None).order_by("pk").values_list("content", flat=True)
    return [json.loads(content) for content in contents]


def day(days: int) -> str:
    """A day so many days from now, as a form has it."""
    return f"{today() + timedelta(days=days)}"


def said_day(days: int) -> str:
    """The same as pages write it."""
    there = today() + timedelta(days=days)
    return f"{there.day} {there:%B %Y}"


# --- The list ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", TOLD),
        ("state=overdue", LATE + 1),
        ("state=broken", LATE + 2),
        ("state=late", 3),
        ("state=released", 1),
        ("state=vague", 1),
        ("state=kept", 0),
        ("kind=reward&state=overdue", 3),
        ("q=1007", 1),
        ("q=%231007", 1),
        ("q=customer+12", 1),
        ("q=c12@example.org", 1),
        ("q=王", 2),
        ("q=c3", 13),
        ("q=p17", 1),
        ("q=nobody", 0),
        ("q=%27%3B+DROP+TABLE", 0),
        ("channel=shop", 20),
        ("due_from=nonsense&due_to=2031-13-01&colleague=x&rule=&state=y&kind=z", TOLD),
    ],
)
def test_filters_stand_in_the_address_and_the_file_has_the_same_rows(monday, query, count):
    page = html(monday, f"/promises/?{query}")
    assert len(rows(page)) == min(count, 50)
    assert f"{count} promise" in text_of(monday.client("ben").get(f"/promises/?{query}"))
    answer = monday.client("cleo").get(f"/promises/?{query}&form=csv")
    listed = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row["Name of the promise"] for row in listed][:50] == rows(page)
    assert len(listed) == count


def test_due_days_are_filtered_from_to(monday):
    assert sorted(rows(html(monday, f"/promises/?due_from={day(-5)}&due_to={day(-5)}"))) == ["p0", "p1"]


def test_a_colleagues_promises_are_those_they_did_something_about(monday):
    for name in ("p3", "p4"):
        do(monday, f"/promise/{name}/kept/", name="ada")
    ada, ben = (monday.members[name].pk for name in ("ada", "ben"))
    assert sorted(rows(html(monday, f"/promises/?colleague={ada}"))) == ["p3", "p4"]
    assert rows(html(monday, f"/promises/?colleague={ben}")) == []


def test_a_list_is_sorted_either_way(monday):
    up, down = (rows(html(monday, f"/promises/?sort={sort}&state=overdue")) for sort in ("due", "-due"))
    assert up[0] == "ancient"
    assert {*up[1:3]} == {"p0", "p1"}
    assert down[-1] == "ancient"


# --- One promise ------------------------------------------------------------------------------------


def test_a_promise_is_moved_when_the_customer_agreed(monday):
    do(monday, "/promise/p20/moved/", day=day(30), hour="", agreed="phone", evidence=SAID)
    page = text_of(monday.client("cleo").get("/promise/p20/"))
    assert said_day(30) in page
    assert f"They said so on the phone · {SAID}" in page
    (fact,) = facts()
    assert (fact["kind"], fact["due_on"]) == ("promise.renegotiated", day(30))
    assert fact["attributes"] == {"agreed": "phone", "evidence": SAID}
    assert fact["due_at"] == f"{day(30)}T23:59:59.999999Z"
    assert f"{today() + timedelta(days=30):%Y}" in html(monday, f"/promises/?due_from={day(29)}&due_to={day(31)}")


def test_moved_after_it_was_due_it_stays_late(monday):
    page = do(monday, "/promise/p0/moved/", day=day(3), hour="", agreed="replied", evidence=SAID)
    assert "One was past its day and stays late." in page
    assert "waiting, 5 days late" in page
    there = today() + timedelta(days=3)
    assert f"agreed since: {there.day} {there:%b %Y}" in text_of(monday.client("ben").get("/waiting/"))


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"day": "", "agreed": "phone"}, "Name the day."),
        ({"day": "2031-02-30", "agreed": "phone"}, '"2031-02-30" is not on the calendar.'),
        ({"day": day(-1), "agreed": "phone"}, f"{said_day(-1)} has passed. A promise cannot be due before it is made"),
        ({"day": day(0), "hour": "00:00", "agreed": "phone"}, "has passed. A promise cannot be due before it is made"),
        ({"day": day(4000), "agreed": "phone"}, "is more than ten years away."),
        ({"day": day(3), "hour": "25:00", "agreed": "phone"}, '"25:00" is no hour.'),
        ({"day": day(3), "agreed": ""}, "Say how the customer agreed."),
        ({"day": day(3), "agreed": "by telepathy"}, "Say how the customer agreed."),
        ({"day": day(3), "agreed": "phone", "evidence": "  "}, "Write what the customer said"),
        ({"day": day(3), "agreed": "phone", "evidence": "x" * 501}, "This has 501 characters"),
        ({"day": SCRIPT, "hour": SCRIPT, "agreed": SCRIPT, "evidence": SCRIPT}, "is not on the calendar."),
    ],
)
def test_what_cannot_be_moved_so_is_refused_at_the_field(monday, told, sentence):
    assert sentence in do(monday, "/promise/p20/moved/", status=422, **told)
    assert not Act.objects.exists()


def test_a_promise_is_called_off_by_the_customers_wish_only(monday):
    assert "If the customer did not agree" in do(monday, "/promise/p20/called-off/", status=422, reason="late", wish="")
    told = {"reason": "They found another", "wish": "customer"}
    assert "Write what the customer said" in do(monday, "/promise/p20/called-off/", status=422, **told)
    page = do(monday, "/promise/p20/called-off/", **told, evidence=SAID)
    assert "called off" in page
    (fact,) = facts()
    assert fact["attributes"] == {**told, "evidence": SAID}
    assert "p:p20" not in html(monday, "/waiting/")


def test_a_promise_that_will_not_be_kept_comes_with_its_remedy_as_one(monday):
    told = {"reason": "Sold out", "remedy": "a voucher", "amount": "12,50", "currency": "eur", "sorry": "1"}
    page = do(monday, "/promise/p20/not-kept/", **told)
    assert "not kept" in page
    broken, remedy, sorry = facts()
    assert (broken["kind"], broken["attributes"]) == ("promise.broken", {"reason": "Sold out"})
    assert (remedy["kind"], remedy["amount"], remedy["currency"]) == ("remedy.given", "12.5", "EUR")
    assert (remedy["subject"], remedy["promise_id"], remedy["attributes"]) == (
        "order:1020",
        "p20",
        {"what": "a voucher"},
    )
    assert sorry["kind"] == "apology.sent"
    assert len({fact["fact_id"].rpartition(":")[0] for fact in (broken, remedy, sorry)}) == 1
    assert "a voucher" in page
    assert "p:p20" not in html(monday, "/waiting/")
    do(monday, f"/waiting/undo/{Act.objects.first().group}/")
    assert facts() == []


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"amount": "much"}, "Write the amount in figures"),
        ({"amount": "-5"}, "Write the amount in figures"),
        ({"amount": "1e3"}, "Write the amount in figures"),
        ({"amount": "5", "currency": "Euro"}, "Write the three letters of the currency"),
        ({"reason": "x" * 501}, "This has 501 characters; at most 500 can be kept."),
    ],
)
def test_a_remedy_that_makes_no_sense_is_refused_at_the_field(monday, told, sentence):
    assert sentence in do(monday, "/promise/p20/not-kept/", status=422, **told)
    assert not Act.objects.exists()


def test_what_is_done_cannot_be_done_otherwise(monday):
    do(monday, "/promise/p20/kept/")
    for act, told in (
        ("kept", {}),
        ("moved", {"day": day(9), "agreed": "phone", "evidence": SAID}),
        ("called-off", {"wish": "customer", "evidence": SAID}),
        ("not-kept", {}),
    ):
        assert "Nothing was recorded twice." in do(monday, f"/promise/p20/{act}/", name="ada", **told)
    assert len(facts()) == 1
    assert "It is kept</button>" not in html(monday, "/promise/p20/")


def test_what_will_not_be_kept_can_still_be_kept_and_nothing_else(monday):
    """From a page opened before, and from a list where it is ticked: one remedy, no move, no calling off."""
    remedy = {"reason": "Sold out", "remedy": "a voucher", "amount": "12.50", "currency": "EUR"}
    do(monday, "/promise/p20/not-kept/", **remedy)
    again = do(monday, "/promise/p20/not-kept/", **remedy)
    assert "You recorded that it will not be kept just now. Nothing was recorded twice." in again
    for act in (
        {"act": "move", "day": day(9), "agreed": "phone"},
        {"act": "call_off", "wish": "both"},
    ):
        told = {**act, "evidence": SAID, "sent": "1", "row": ["p:p20", "p:given-up"]}
        assert "Nothing was recorded twice." in do(monday, "/promises/several/", name="ada", **told)
    assert [fact["kind"] for fact in facts()] == ["promise.broken", "remedy.given"]
    assert "One is marked as done." in do(monday, "/promise/p20/kept/")


def test_a_form_that_moves_sent_twice_moves_once(monday):
    """One promise, then several: pressed twice, each form is recorded once, and says so; opened anew, it is another."""
    page = html(monday, "/promise/p20/")
    once = re.search(r'name="once" value="([0-9a-f]{32})"', page)
    told = {"day": day(30), "agreed": "phone", "evidence": SAID, "once": once[1]}
    assert "One promise is moved." in do(monday, "/promise/p20/moved/", **told)
    assert "This form had been sent before" in do(monday, "/promise/p20/moved/", **told)
    assert len(facts()) == 1
    ticked = {"act": "move", "row": ["p:p21", "p:p22"]}
    asked = monday.client("ben").post("/promises/several/", ticked).content.decode()
    told["once"] = re.search(r'name="once" value="([0-9a-f]{32})"', asked)[1]
    for _ in range(2):
        do(monday, "/promises/several/", sent="1", **ticked, **told)
    assert len(facts()) == 3
    assert once[0] not in html(monday, "/promise/p20/")


def test_called_off_one_without_a_day_asks_for_none_any_more(monday):
    do(monday, "/promise/vague/called-off/", wish="customer", evidence=SAID)
    assert rows(html(monday, "/promises/?state=vague")) == []


def test_a_promise_has_its_history_in_order_with_who_did_what(monday):
    do(monday, "/promise/p20/moved/", day=day(30), agreed="replied", evidence=SAID, name="ada")
    do(monday, "/promise/p20/kept/")
    page = html(monday, "/promise/p20/")
    history = text_of_part(page, '<ol class="history">')
    assert [history.index(part) for part in ("ordered", "we promised", "another day", "we did what")] == sorted(
        history.index(part) for part in ("ordered", "we promised", "another day", "we did what")
    )
    assert history.index("Ada") < history.index("Ben")
    assert "can be undone until" in page


def text_of_part(page: str, begin: str) -> str:
    """The text of a page from a place on."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page[page.index(begin) :])))


@pytest.mark.parametrize("name", ["nothing", "p0~2F..", "~", "%00", "x" * 2000, quote(SCRIPT, safe="")])
def test_a_promise_there_is_not_is_not_found(monday, name):
    assert monday.client("ben").get(f"/promise/{name}/").status_code == 404
    for act in ("kept", "moved", "called-off", "not-kept"):
        assert monday.client("ben").post(f"/promise/{name}/{act}/").status_code == 404


def test_a_promise_by_rule_has_a_slash_in_its_name_and_a_page(desk):
    name = rows(html(desk, "/promises/?state=overdue"))[0]
    assert "/" in name
    link = re.search(r'href="(/promise/[^"]+)"', html(desk, "/promises/?state=overdue"))
    assert link is not None
    page = html(desk, unescape(link[1]))
    assert "we promised it by our rule" in page


# --- Several at once --------------------------------------------------------------------------------


def test_several_are_moved_at_once_after_asking_for_the_day(monday):
    ticked = {"row": ["p:p20", "p:p21", "c:conversation:0"]}
    assert "Move 2 promises to another day" in do(monday, "/promises/several/", act="move", **ticked)
    assert "Name the day." in do(monday, "/promises/several/", status=422, act="move", sent="1", **ticked)
    told = {"act": "move", "sent": "1", "day": day(12), "hour": "14:30", "agreed": "link"}
    assert "Write what the customer said" in do(monday, "/promises/several/", status=422, **told, **ticked)
    told["evidence"] = SAID
    assert "2 promises are moved." in do(monday, "/promises/several/", next="/promises/?state=open", **told, **ticked)
    assert {fact["due_at"] for fact in facts()} == {f"{day(12)}T14:30:00.000000Z"}
    assert all("due_on" not in fact for fact in facts())
    assert all(fact["attributes"]["evidence"] == SAID for fact in facts())


def test_several_are_called_off_at_once(monday):
    ticked = {"row": ["p:p20", "p:p21"]}
    assert "Call 2 promises off" in do(monday, "/promises/several/", act="call_off", **ticked)
    told = {"act": "call_off", "sent": "1", "wish": "both", "reason": "Flood"}
    assert "Write what the customer said" in do(monday, "/promises/several/", status=422, **told, **ticked)
    assert facts() == []
    told["evidence"] = SAID
    assert "2 promises are called off." in do(monday, "/promises/several/", **told, **ticked)
    assert len({fact["fact_id"].rpartition(":")[0] for fact in facts()}) == 1


# --- By hand ----------------------------------------------------------------------------------------

GOOD = {"what": "a new lid", "kind": "resolution", "to": "c12@example.org", "day": day(5), "channel": "phone"}


def test_a_promise_is_written_down_by_hand(monday):
    told = {**GOOD, "order": "#1012", "amount": "8.00", "currency": "EUR", "shown": "1", "shown_at": "our mail"}
    page = do(monday, "/promises/new/", **told)
    assert "The promise is written down." in page
    assert "a new lid" in page
    (fact,) = facts()
    assert (fact["user_key"], fact["subject"], fact["promise_kind"]) == ("c12", "order:1012", "resolution")
    assert (fact["due_on"], fact["amount"], fact["channel"]) == (day(5), "8", "phone")
    assert fact["attributes"] == {"what": "a new lid", "shown_at": "our mail"}
    assert "A new lid" in html(monday, "/waiting/?when=week") or "a new lid" in html(monday, "/waiting/?when=week")
    assert rows(html(monday, "/promises/?q=1012"))[0].startswith("desk:")
    assert "8.00" in page


def test_one_without_a_day_is_listed_as_one_with_no_date(monday):
    do(monday, "/promises/new/", **{**GOOD, "day": ""})
    assert "due_at" not in facts()[0]
    assert len(rows(html(monday, "/promises/?state=vague"))) == 2


def test_a_form_sent_twice_writes_one_promise_down(monday):
    told = {**GOOD, "once": "ab" * 16}
    do(monday, "/promises/new/", **told)
    assert "had been written down already" in do(monday, "/promises/new/", **told)
    assert len(facts()) == 1


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"what": ""}, "Write what was promised."),
        ({"what": "x" * 501}, "This has 501 characters"),
        ({"kind": "anything"}, "Choose what kind of promise it is."),
        ({"to": ""}, "Say to whom it was promised"),
        ({"to": "nobody at all"}, 'Nobody is found by "nobody at all".'),
        ({"to": "Customer"}, "customers fit. Choose one"),
        ({"to": "", "order": "99999"}, 'There is no order "99999" in your entries.'),
        ({"order": "1013"}, "Order 1013 is another customer's."),
        ({"day": day(-1)}, "has passed. A promise cannot be due before it is made"),
        ({"day": "", "hour": "12:00"}, "Name the day this hour belongs to."),
        ({"day": day(0), "hour": "00:00"}, "has passed."),
        ({"amount": "lots"}, "Write the amount in figures"),
        ({"shown": "1", "shown_at": ""}, "Say where the customer can read it"),
        ({"channel": "pigeon"}, "Choose through what it was promised."),
        ({"user_key": "nobody", "to": ""}, 'Nobody is found by "nobody".'),
        ({"what": SCRIPT * 70, "to": SCRIPT, "order": SCRIPT, "day": SCRIPT, "kind": SCRIPT}, "characters"),
    ],
)
def test_what_cannot_be_written_down_so_is_refused_at_the_field(monday, told, sentence):
    page = monday.client("ben").post("/promises/new/", {**GOOD, **told})
    assert page.status_code == 422
    assert sentence in text_of(page)
    assert SCRIPT not in page.content.decode()
    assert not Act.objects.exists()


def test_of_several_customers_one_is_chosen(monday):
    page = monday.client("ben").post("/promises/new/", {**GOOD, "to": "Customer 3"})
    keys = re.findall(r'name="user_key" value="([^"]+)"', page.content.decode())
    assert "c3" in keys
    assert len(keys) > 3
    do(monday, "/promises/new/", **{**GOOD, "to": "", "user_key": "c3"})
    assert facts()[0]["user_key"] == "c3"


def test_the_form_is_filled_for_a_customer_and_for_an_order(monday):
    assert "王芳" in html(monday, "/promises/new/?to=c1")
    do(monday, "/promises/new/", **{**GOOD, "to": "", "order": "1005"})
    assert (facts()[0]["user_key"], facts()[0]["subject"]) == ("c5", "order:1005")


def test_a_reader_writes_nothing_down(monday):
    assert monday.client("cleo").get("/promises/new/").status_code == 403
    assert monday.client("cleo").post("/promises/new/", GOOD).status_code == 403
    page = html(monday, "/promise/p0/", name="cleo")
    assert "It is kept" not in page
    assert "Move to another day" not in page


@pytest.mark.parametrize("script", [True, False])
def test_a_promise_by_hand_in_a_browser(browser, monday_site, script):
    with opened(browser, monday_site, name="ben", script=script) as page:
        page.goto("/promises/")
        page.get_by_role("link", name="Write a promise down").click()
        page.get_by_label("What is promised?").fill("a new lid for the teapot")
        page.get_by_label("Kind").select_option("resolution")
        page.get_by_label("To whom?").fill("Customer 12")
        page.get_by_label("By which day?").fill(day(2))
        page.get_by_role("button", name="Write it down").click()
        page.get_by_role("heading", name="a new lid for the teapot").wait_for()
        page.get_by_text("Move to another day").click()
        page.get_by_label("The new day").fill(day(-2))
        page.get_by_label("They answered").check()
        page.locator("#evidence-move").fill(SAID)
        page.get_by_role("button", name="Move", exact=True).click()
        page.get_by_text("A promise cannot be due before it is made").wait_for()
        page.get_by_label("The new day").fill(day(4))
        page.get_by_role("button", name="Move", exact=True).click()
        page.get_by_text("One promise is moved.").wait_for()
        page.get_by_role("button", name="It is kept").click()
        page.get_by_text("One is marked as done.").wait_for()
        page.locator(".told").get_by_role("button", name="Undo").click()
        page.get_by_text("Taken back").wait_for()
        assert page.get_by_role("button", name="It is kept").is_visible()
        page.goto("/promises/")
        page.get_by_label("How it stands").select_option("overdue")
        if not script:
            page.get_by_role("button", name="Show").click()
        page.get_by_text("11 promises").wait_for()
        assert "state=overdue" in page.url


def test_the_pages_are_calm(browser, monday_site, monday, pictures):
    do(monday, "/promise/p21/kept/", name="ada")
    do(monday, "/promise/p20/moved/", day=day(30), hour="", agreed="phone", evidence=SAID, name="ada")
    pages = {"promises": "/promises/", "promise": "/promise/p20/", "promise-new": "/promises/new/?to=c1"}
    with opened(browser, monday_site, name="ben") as page:
        for name, address in pages.items():
            page.goto(address)
            calm(page, pictures, name=f"desk-{name}")
        page.goto("/promises/?state=overdue")
        page.locator("input[name=row]").nth(1).check()
        page.locator("input[name=row]").nth(2).check()
        page.get_by_role("button", name="Call off").click()
        page.get_by_role("heading", name="Call 2 promises off").wait_for()
        calm(page, pictures, name="desk-promises-several")
