"""Waiting: who waits first, what is done about it, and by whom; in a browser and without one."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest

import keptword
from keptword.intake import tombstones
from keptword.office.acts import HOLD
from keptword.office.models import Act, Letter, Person
from office.at_once import at_once
from web.asking import do, drafted, file, html, keep, rows, said, ten_minutes_later
from web.forty import LATE, LATER, SCRIPT, TODAY, WEEK, due_in
from web.invented import fact, quiet, today
from web.serving import calm, opened, picture

ALL = 40 + 1 + 3
"""What is waited for: forty promises with a day, one without, three messages."""


def test_the_soonest_due_comes_first_then_who_was_let_down_most_often(monday):
    """Promises are due in pairs: 2 and 3 on one day, and c3 was let down twice; c7 once, before c6."""
    names = rows(html(monday))
    assert len(names) == ALL
    late = [name for name in names if name.startswith("p:p")][:LATE]
    assert late == [f"p:p{number}" for number in (0, 1, 3, 2, 4, 5, 7, 6, 8, 9)]
    assert names[-4:-1] == ["c:conversation:2", "c:conversation:1", "p:vague"] or names[-1].startswith("c:")


def test_the_counts_are_those_of_the_lists_behind_them(monday):
    page = html(monday)
    told = dict(zip(("all", "overdue", "today", "week", "unanswered"), _tab_counts(page), strict=True))
    assert told == {"all": ALL, "overdue": LATE, "today": TODAY, "week": TODAY + WEEK, "unanswered": 3}
    for when, count in told.items():
        assert len(rows(html(monday, f"/waiting/?when={when}"))) == count
    assert "44 things are waited for, by 43 customers. 4 of them were let down before." in said(
        monday.client("ben").get("/waiting/")
    )
    assert LATE + TODAY + WEEK + LATER == 40


def _tab_counts(page: str) -> list[int]:
    tabs = page[page.index('<nav class="tabs"') :].partition("</nav>")[0]
    return [int(count) for count in re.findall(r'<span class="soft">(\d+)</span>', tabs)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=refund", 10),
        ("kind=refund&channel=shop", 10),
        ("kind=refund&channel=web", 0),
        ("kind=conversation", 3),
        ("country=CH", 14),
        ("country=CH&when=overdue", 4),
        ("kind=nonsense", 0),
        ("when=nonsense", ALL),
        ("sort=nonsense&page=nonsense", ALL),
        ("page=3", 0),
        ("channel=' OR 1=1 --", 0),
    ],
)
def test_filters_stand_in_the_address_and_the_file_has_the_same_rows(monday, query, expected):
    page = html(monday, f"/waiting/?{query}")
    assert len(rows(page)) == expected
    if "page" not in query:
        assert len(file(monday, f"/waiting/?{query}&form=csv")) == expected


def test_the_file_says_what_the_list_says_in_its_order(monday):
    listed = file(monday, "/waiting/?form=csv")
    assert [row["Due"] for row in listed][:2] == [f"{today() + timedelta(days=due_in(0))}"] * 2
    assert listed[0]["Who"] == SCRIPT
    assert listed[0]["Days late"] == "5"
    assert listed[2]["Let down before"] == "2"


def test_of_two_who_keep_the_same_promise_the_second_is_told_by_whom(monday):
    ada, ben = (
        partial(monday.client(name).post, "/promises/several/", {"act": "keep", "row": ["p:p0"]}, follow=True)
        for name in ("ada", "ben")
    )
    both = [said(answer) for answer in at_once([ada, ben])]
    assert Act.objects.filter(promise_id="p0", kind="promise.kept").count() == 1
    told = [page for page in both if "Nothing was recorded twice" in page]
    assert len(told) == 1
    assert re.search(r"(Ada|Ben) marked it as kept just now\.", told[0])
    assert "You marked it as kept just now" in keep(monday, "p:p0", name="ada" if "Ada marked" in told[0] else "ben")


def test_of_somebody_who_is_being_erased_nothing_is_written_down_any_more(monday):
    """The figures still name them, and a page with them is open; what is done about others is recorded."""
    tombstones.bury(["c1"], now=datetime.now(UTC))
    assert "One of them is not there any more" in keep(monday, "p:p1", "p:p0")
    assert [act.promise_id for act in Act.objects.all()] == ["p0"]
    assert "erased at their request" in do(monday, "/waiting/draft/", row=["p:p1", "p:p39"])
    assert not Letter.objects.exists()


def test_what_is_done_shows_at_once_and_what_is_undone_too(monday):
    do(monday, "/promises/several/", act="keep", row=["p:p0", "p:p1", "c:conversation:1"])
    names = rows(html(monday))
    assert len(names) == ALL - 3
    assert not {"p:p0", "p:p1", "c:conversation:1"} & set(names)
    group = Act.objects.first().group
    assert "All 3 are taken back" in do(monday, f"/waiting/undo/{group}/")
    assert len(rows(html(monday))) == ALL
    assert "ten minutes are over" in do(monday, f"/waiting/undo/{group}/")


def test_an_answer_by_promise_is_an_answer_in_the_conversation_too(monday):
    """p2 is a promise to answer, but about an order: only the promise is kept. A message marked is answered."""
    keep(monday, "p:p2", "c:conversation:0")
    assert list(Act.objects.order_by("pk").values_list("kind", flat=True)) == ["promise.kept", "contact.replied"]


def test_done_at_the_desk_it_is_done_in_the_books(monday):
    """Kept late, it is late in the next figures; and the act is no longer laid over them."""
    from keptword.web.work.running import work_off

    keep(monday, "p:p0", "p:p30", "c:conversation:1")
    before = rows(html(monday))
    ten_minutes_later()
    work_off(monday.books)
    assert set(Act.objects.values_list("figures", flat=True)) == {2} or Act.objects.filter(figures=None).count() == 0
    assert rows(html(monday)) == before
    assert "kept, 5 days late" in said(monday.client("ben").get("/promise/p0/"))
    assert "kept, 5 days late" in said(monday.client("ben").get("/promises/?state=late&q=1000"))


def test_people_we_owe_are_told_once_with_what_and_since_when(monday):
    """Who waits for a refund, a prize or an answer, or for anything past its day; but not for what is yet to come."""
    owed = file(monday, "/waiting/owed/")
    assert len(owed) == waits().owed_people()
    mails = [row["Mail address"] for row in owed if row["Mail address"]]
    assert len(mails) == len(set(mails))
    expected = {f"c{number}@example.org" for number in range(40) if number % 4 or number < LATE} | {"w0@example.org"}
    assert set(mails) == expected - {"c9@example.org"}
    unwritten = {row["Name"] for row in owed if not row["Mail address"]}
    assert unwritten == {"Customer 9", "customer w1", "customer w2"}
    (first,) = (row for row in owed if row["Mail address"] == "c1@example.org")
    assert first["Name"] == "王芳"
    assert first["What we owe"] == "refund (order 1001)"
    assert first["Waits since"] == f"{today() - timedelta(days=11)}"


def waits():
    """What is waited for now, as the pages have it."""
    from keptword.web.desk.waiting.drafts import waits_now

    found = waits_now()
    assert found is not None
    return found


def test_what_is_long_overdue_is_owed_until_it_is_kept(monday):
    """C2 waits for an answer, and for a prize of 210 days ago that nobody is taken to wait for any more."""

    def row() -> dict[str, str]:
        (found,) = (row for row in file(monday, "/waiting/owed/") if row["Mail address"] == "c2@example.org")
        return found

    assert row()["What we owe"] == "prize and answer (order 1002)"
    assert row()["Waits since"] == f"{today() - timedelta(days=210)}"
    assert "ancient" not in {wait.promise_id for wait in waits().of_customer("c2")}
    keep(monday, "p:ancient")
    assert row()["What we owe"] == "answer (order 1002)"


def test_whom_we_owe_something_is_whom_an_offer_would_wrong(monday):
    """An offer to everybody: the red line finds those in the file who were promised something; messages it leaves."""
    from keptword.books.recording import post
    from keptword.figures.make import make
    from keptword.figures.reading import current
    from keptword.web import shop

    people = [*(f"c{number}" for number in range(40)), "w0"]
    offers = [fact(f"offer:{key}", "offer.sent", today(), user_key=key, subject="offer:1") for key in people]
    post(shop.books(), map(json.dumps, offers), say=quiet)
    make(shop.books(), say=quiet)
    reader = current(shop.books().folder)
    assert reader is not None
    crossed = reader.rows("SELECT user_key FROM crossings WHERE \"check\" = 'offer_to_owed'")
    owed = {wait.user_key for wait in waits().owed() if not wait.is_conversation}
    assert {row["user_key"] for row in crossed} == owed != set()


def test_a_reader_looks_and_does_nothing(monday):
    page = html(monday, name="cleo")
    assert rows(page) == []
    assert "Draft a note" not in page
    for address in ("/promises/several/", "/waiting/draft/", "/waiting/undo/x/", "/promise/p0/kept/"):
        assert monday.client("cleo").post(address, {"act": "keep", "row": ["p:p0"]}).status_code == 403
    assert monday.client("cleo").get("/waiting/notes/x/").status_code == 403
    assert not Act.objects.exists()


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"act": "keep"}, "Nothing was ticked."),
        ({"act": "keep", "row": ["p:nobody's", "c:nothing"]}, "2 of them are not there any more."),
        ({"act": "steal", "row": ["p:p0"]}, "Nothing was ticked."),
        ({"act": "keep", "row": ["p0", "x:p0", "", "p"]}, "Nothing was ticked."),
        ({"act": "keep", "row": [f"p:p{number}" for number in range(51)]}, "At most 50 can be done at once, and 51"),
        ({"act": "move", "row": ["c:conversation:1"]}, "Only promises can be moved"),
        ({"act": "keep", "row": ["p:off", "p:old-c3-0"]}, "Nothing was recorded twice."),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_recorded(monday, told, sentence):
    assert sentence in do(monday, "/promises/several/", **told)
    assert not Act.objects.exists()


def test_a_page_elsewhere_is_not_gone_to(monday):
    for told in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", "/waiting/draft/"):
        answer = monday.client("ben").post("/promises/several/", {"act": "keep", "next": told, "row": ["p:p0"]})
        assert answer.headers["Location"] in ("/", "/waiting/", "/promises/")


def test_what_was_done_lately_names_who_did_it_and_can_be_undone(monday):
    keep(monday, "p:p0", "p:p1", name="ada")
    keep(monday, "p:p2")
    drafted(monday, "p:p3")
    do(monday, f"/waiting/notes/{Letter.objects.get().group}/written/", note=[Letter.objects.get().pk])
    page = said(monday.client("ben").get("/waiting/done/"))
    assert re.search(r"2 promises marked as kept\s+Ada", page)
    assert re.search(r"One promise marked as kept\s+Ben", page)
    assert "One note marked as written" in page
    assert page.count("Undo") == 3
    ten_minutes_later()
    Letter.objects.update(sent_at=datetime.now(UTC) - HOLD)
    assert said(monday.client("ben").get("/waiting/done/")).count("Undo") == 0


def test_whatever_can_be_done_has_words_in_what_was_done_lately():
    """Every kind of entry that a module making acts names; apologies are listed with their letters."""
    from keptword.core.schema import KINDS
    from keptword.words import LANGUAGES, words

    source, named = Path(keptword.__file__).parent, set()
    for path in source.rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        if re.search(r"\bIntent\(", code):
            named |= {kind for kind in KINDS if f'"{kind}"' in code}
    assert {"promise.kept", "remedy.given", "redline.crossed"} <= named
    for language in LANGUAGES:
        keys = {f"waits.did_{kind.replace('.', '_')}" for kind in named - {"apology.sent"}}
        assert {key for key in keys if not words(language).has(key)} == set()


def test_a_file_with_a_chinese_name_keeps_it(monday):
    monday.members["ben"].language = "zh"
    monday.members["ben"].save()
    header = monday.client("ben").get("/waiting/owed/").headers["Content-Disposition"]
    assert header == f"attachment; filename*=utf-8''{quote('有所亏欠的顾客.csv')}"


def test_script_in_every_field_is_text(browser, monday_site, monday):
    bad = '"><img src=x onerror=alert(1)>' + SCRIPT
    Person.objects.filter(pk="c0").update(name=bad, mail="c0@example.org")
    place = drafted(monday, "p:p0", "p:vague")
    letter = Letter.objects.order_by("pk").first()
    do(monday, f"/waiting/note/{letter.pk}/", subject=bad, body=f"{bad}\n{bad}")
    with opened(browser, monday_site, name="ben") as page:
        page.on("dialog", lambda _: pytest.fail("a script ran"))
        for address in (
            f"/waiting/?kind={quote(bad)}&channel={quote(bad)}&when={quote(bad)}",
            "/waiting/",
            place,
            f"/waiting/note/{letter.pk}/",
            "/waiting/done/",
            f"/waiting/letter/?to={quote(bad)}",
            f"/promises/?q={quote(bad)}&rule={quote(bad)}&kind={quote(bad)}&due_from={quote(bad)}&colleague={quote(bad)}",
            "/promise/vague/",
        ):
            page.goto(address)
            assert page.locator("img").count() == 0


# --- In a browser -----------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False])
def test_a_promise_goes_from_rule_to_late_to_note_to_done(browser, site, desk, script):
    """The demo's shop told "ships within 2 working days"; order #1194 did not leave. Ben writes, then it is sent."""
    from keptword.web.work.running import work_off

    with opened(browser, site, name="ben", script=script) as page:
        page.goto("/waiting/")
        page.get_by_role("link", name="Past their day").click()
        page.wait_for_url("**/waiting/?when=overdue")
        line = page.locator("tbody tr").first
        who = line.get_by_role("link").first.inner_text()
        line.get_by_role("checkbox").check()
        page.get_by_role("button", name="Draft a note").click()
        page.get_by_role("heading", name=who).wait_for()
        assert page.get_by_text("We did not keep our word to you").is_visible()
        page.get_by_label("When will it be done?").fill(f"{today() + timedelta(days=2)}")
        page.get_by_role("button", name="Write the ticked notes anew").click()
        page.get_by_text("It will leave us by").wait_for()
        page.get_by_role("button", name="mark as written").click()
        page.get_by_text("One note is marked as written.").wait_for()
        page.goto("/waiting/?when=overdue")
        assert page.get_by_text("Ben wrote to them just now").is_visible()
        page.locator("tbody tr").first.locator("a.plain").click()
        page.get_by_role("button", name="It is kept").click()
        page.get_by_text("One was past its day and stays late.").wait_for()
        assert page.locator("p.lead .state.late").is_visible()
        ten_minutes_later()
        work_off(desk.books)
        page.reload()
        assert page.locator("p.lead .state.late").is_visible()
        assert page.get_by_text("we apologised").is_visible()
        assert page.get_by_role("button", name="It is kept").count() == 0
        page.goto("/waiting/?when=overdue")
        assert who not in page.locator("#list").inner_text()


def test_forty_promises_are_done_by_keys_alone(browser, monday_site, monday):
    """j and x tick line by line, Enter on the first button drafts; the head ticks all of them, two keys mark them."""
    with opened(browser, monday_site, name="ben") as page:
        page.goto("/waiting/?when=overdue")
        for _ in range(3):
            page.keyboard.press("j")
            page.keyboard.press("x")
        assert page.locator("input[name=row]:checked").count() == 3
        page.locator("[data-all]").focus()
        page.keyboard.press("Space")
        assert page.locator("input[name=row]:checked").count() == LATE
        page.get_by_role("button", name="Mark as done").focus()
        page.keyboard.press("Enter")
        page.get_by_text("10 are marked as done.").wait_for()
        assert page.get_by_text("10 were past their day and stay late.").is_visible()
        page.get_by_role("button", name="Undo").press("Enter")
        page.get_by_text("All 10 are taken back").wait_for()
        assert page.locator("input[name=row]").count() == LATE


def test_without_a_script_all_are_ticked_by_a_link(browser, monday_site):
    with opened(browser, monday_site, name="ben", script=False) as page:
        page.goto("/waiting/?when=overdue")
        assert page.locator("[data-all]").is_hidden()
        page.get_by_role("link", name="Tick all of them").click()
        assert page.locator("input[name=row]:checked").count() == LATE
        page.get_by_label("Through").select_option("mail")
        page.get_by_role("button", name="Show").click()
        page.wait_for_url("**channel=mail**")


def test_before_any_figures_the_page_teaches(monday):
    from keptword.figures.reading import forget

    for path in monday.books.folder.figures.glob("*.duckdb"):
        path.unlink()
    forget(monday.books.folder)
    for address in ("/waiting/", "/promises/", "/promises/new/"):
        assert "Add data" in html(monday, address, name="ada")
    assert file(monday, "/waiting/owed/") == []
    assert "Nothing was ticked" in keep(monday, "p:p0")
    assert monday.client("ben").get("/promise/p0/").status_code == 404


def test_the_pages_are_calm(browser, monday_site, monday, pictures):
    place = drafted(monday, "p:p0", "p:p1", "c:conversation:0")
    keep(monday, "p:p8", name="ada")
    do(monday, f"{place}written/", note=[Letter.objects.order_by("pk").first().pk])
    letter = Letter.objects.order_by("-pk").first().pk
    pages = {
        "waiting": "/waiting/",
        "waiting-notes": place,
        "waiting-note": f"/waiting/note/{letter}/",
        "waiting-done": "/waiting/done/",
        "waiting-none": "/waiting/?kind=refund&channel=web",
    }
    with opened(browser, monday_site, name="ben") as page:
        for name, address in pages.items():
            page.goto(address)
            calm(page, pictures, name=f"desk-{name}")


def test_it_speaks_chinese_too(browser, monday_site, monday, pictures):
    monday.members["ben"].language = "zh"
    monday.members["ben"].save()
    place = drafted(monday, "p:p1", "c:conversation:0")
    with opened(browser, monday_site, name="ben") as page:
        for name, address in {"waiting": "/waiting/", "waiting-notes": place, "promise": "/promise/p1/"}.items():
            page.goto(address)
            picture(page, pictures, name=f"desk-{name}-zh")
    assert "王芳，您好：" in Letter.objects.get(user_key="c1").body
