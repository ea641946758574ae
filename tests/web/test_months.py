"""The months: closed, told in full, handed out as files, put side by side, printed for a bank."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, timedelta

import pytest

from keptword.web.keeping.telling import promise_page
from web.serving import calm, opened, serving
from web.test_overview import text_of


def worked(desk) -> None:
    """Have everything done that waits."""
    from keptword.web.work.running import work_off

    work_off(desk.books)


def days_of(desk) -> list[date]:
    """The closed days, the newest first."""
    from keptword.figures.statements import closed_days

    return list(reversed(closed_days(desk.books.folder)))


@pytest.fixture
def told(seen_desk):
    """The desk with the statements of its months written."""
    seen_desk.client("cleo").get("/months/")
    worked(seen_desk)
    return seen_desk


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_statement_not_written_yet_is_being_written_and_asked_for_once(desk):
    """Two visits, one job; the page asks by itself, and after the work every month has its row."""
    from keptword.office.models import Job

    client = desk.client("cleo")
    first = client.get("/months/").content.decode()
    client.get("/months/")
    assert first.count("being written") == len({(day.year, day.month) for day in days_of(desk)})
    assert 'hx-trigger="every 3s"' in first
    assert '<noscript><meta http-equiv="refresh"' in first
    assert Job.objects.filter(kind="statement").count() == 1
    worked(desk)
    assert "being written" not in client.get("/months/").content.decode()


def test_waiting_before_and_what_moved_come_to_waiting_after(told):
    """Read from the files handed out: for every kind of promise, in every month, to the last promise."""
    client = told.client("cleo")
    for day in days_of(told):
        rows = rows_of(client.get(f"/months/{day}/statement/csv/").content.decode())
        counts: dict[str, dict[str, float]] = {}
        for row in rows:
            if row["section"] == "promises" and row["figure"] != "kept_share":
                counts.setdefault(row["of"], {})[row["figure"]] = float(row["value"])
        for kind in counts.values():
            decided = kind["kept"] + kind["late"] + kind["broken"] + kind["released"]
            assert kind["waiting_before"] + kind["made"] + kind["corrected"] - decided == kind["waiting_after"]


def test_the_statement_says_what_the_command_says(told):
    """The month of the page is that of `keptword statement`; only who brought whom is left out."""
    from keptword.books.statement import statement
    from keptword.books.statement_figures import as_json

    until, since = days_of(told)[1:3]
    made = json.loads(
        json.dumps(as_json(statement(told.books, since=since, until=until, say=lambda _: None)), default=str)
    )
    kept = json.loads(told.client("cleo").get(f"/months/{until}/statement/json/").content)
    assert made["promises"][-1]["made"] > 0
    made["word_of_mouth"]["who_brought_how_many"] = []
    assert kept == made


def test_a_month_is_told_in_sentences_and_tables(told):
    until, since = days_of(told)[1:3]
    kept = json.loads(told.client("cleo").get(f"/months/{until}/statement/json/").content)
    whole = kept["promises"][-1]
    decided = whole["kept"] + whole["late"] + whole["broken"]
    said = text_of(told.client("cleo").get(f"/months/{until}/").content.decode())
    assert f"Of {decided} promises decided in this time we kept {whole['kept']}:" in said
    assert f"waiting on {since.day} {since:%B %Y}" in said
    assert f"= waiting on {until.day} {until:%B %Y} {whole['waiting_after']}" in said
    assert f"keptword verify --as-of {until}" in said
    assert "More than chance." in said or "The difference may be chance." in said


def test_the_table_of_months_is_its_file(told):
    client = told.client("cleo")
    html = client.get("/months/").content.decode()
    rows = rows_of(b"".join(client.get("/months/?form=csv").streaming_content).decode())
    shown = re.findall(r'<th scope="row"><a href="/months/([\d-]+)/">', html)
    assert [row["up to"] for row in rows] == shown
    for row in rows:
        line = text_of("<main>" + html[html.index(f'<a href="/months/{row["up to"]}/">') :].split("</tr>")[0])
        assert f"{row['kept']} {row['late']} {row['not kept']} {row['waiting after']}" in line


def test_the_promises_of_a_month_are_those_that_fell_due_in_it(told):
    """Counted once more from the figures; every row has its customer and how it stands."""
    from keptword.figures.reading import current

    day = days_of(told)[1]
    answer = told.client("cleo").get(f"/months/{day}/promises/")
    rows = rows_of(b"".join(answer.streaming_content).decode())
    there = current(told.books.folder).row(
        "SELECT count(*) AS n FROM promises WHERE due_day BETWEEN $first AND $last",
        {"first": day.replace(day=1), "last": day},
    )
    assert len(rows) == there["n"] > 0
    assert all(re.match("kept|not kept|called off|waiting", row["stands"]) for row in rows)
    assert all(day.replace(day=1) <= date.fromisoformat(row["due on"]) <= day for row in rows)


def test_the_promises_of_a_month_stand_as_of_now(desk):
    """One that is past its day is late by as many days as it is now; marked as kept, it is that in the file at once."""
    from keptword.figures.reading import current

    desk.client("cleo").get("/months/")
    worked(desk)
    row = current(desk.books.folder).row(
        "SELECT promise_id, due_day FROM promises WHERE outcome = 'broken' AND broken_on IS NULL AND due_day <= $last"
        " ORDER BY due_at DESC LIMIT 1",
        {"last": days_of(desk)[0]},
    )
    day = next(day for day in reversed(days_of(desk)) if day >= row["due_day"])

    def stands() -> str:
        answer = desk.client("cleo").get(f"/months/{day}/promises/")
        rows = rows_of(b"".join(answer.streaming_content).decode())
        return next(each["stands"] for each in rows if each["promise"] == row["promise_id"])

    days = (desk.books.today - row["due_day"]).days
    late = f"{days} day{'' if days == 1 else 's'} late"
    assert stands() == f"waiting, {late}"
    assert desk.client("ben").post(f"{promise_page(row['promise_id'])}kept/").status_code == 303
    assert stands() == f"kept, {late}"


def test_the_page_for_a_bank_holds_nothing_of_a_single_customer(told):
    """Neither it nor the statement's files name a customer or an order."""
    from keptword.figures.reading import current

    reader = current(told.books.folder)
    keys = {row["user_key"] for row in reader.rows("SELECT user_key FROM people")}
    day = days_of(told)[1]
    for place in ("paper/", "statement/csv/", "statement/json/", "statement/txt/"):
        text = told.client("cleo").get(f"/months/{day}/{place}").content.decode()
        assert not [key for key in keys if key in text], place
        assert "order:" not in text


def test_the_page_for_a_bank_prints_on_a4_with_its_pages_numbered(told, browser, pictures):
    day = days_of(told)[1]
    with serving(told) as site, opened(browser, site, name="cleo") as page:
        page.goto(f"/months/{day}/paper/")
        assert page.locator("nav").count() == 0
        assert page.get_by_text("It is counted, not estimated").is_visible()
        page.emulate_media(media="print")
        assert not page.get_by_text("use your browser's menu").is_visible()
        printed = page.pdf(prefer_css_page_size=True)
        (pictures / "month-paper.pdf").write_bytes(printed)
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert box is not None
    assert [round(float(side)) for side in box.groups()] == [595, 842]
    assert 1 <= len(re.findall(rb"/Type /Page\b", printed)) <= 4


def test_two_periods_stand_side_by_side_with_what_changed(told):
    """The newest two without being told; any two by the address; unknown days are none."""
    client = told.client("cleo")
    days = days_of(told)
    said = text_of(client.get("/months/beside/").content.decode())
    assert "More than chance." in said or "The difference may be chance." in said
    chosen = text_of(client.get(f"/months/beside/?a={days[2]}&b={days[1]}").content.decode())
    for day in (days[2], days[1]):
        whole = json.loads(client.get(f"/months/{day}/statement/json/").content)["promises"][-1]
        assert str(whole["waiting_after"]) in chosen
    assert client.get("/months/beside/?a=2031-02-30&b=<script>").status_code == 200


def test_every_note_of_a_statement_is_told_in_the_readers_language():
    """All sentences that `keptword.books.statement` can add, and one that it could not: that one stays as it is."""
    from keptword.figures.statements import Kept, Period
    from keptword.web.desk.months_shown import notes
    from keptword.words import words

    written = [
        "1 promise not kept before was done after all.",
        "1,204 promises not kept before were done after all.",
        "2 promises decided before now stand otherwise, or not at all.",
        "Of those waiting, 1,500 have no date.",
        "The year changed: the sums of 31 December 2030 stand at 1 January 2030, those of 31 January 2031 at …",
        "3 customers erased at their request are not in these figures.",
        "What an answer costs is not known: there is no rate for the assumed wage. Tell your own.",
        "The cost of answers is assumed: 5 minutes each, 33 EUR an hour, where you told no other.",
    ]
    changes = 'the currency was not told and is EUR; the rule dispatch@2 in within, cutoff; the setting "x"'
    written.append(f"Since these days were closed, this changed: {changes}. What that moved is in what faded.")
    kept = Kept(Period(None, date(2031, 1, 31)), {"notes": [*written, "Since these days were closed: x"]}, "", "")
    told = notes(kept, words=words("zh"))
    assert told[-2].text == (
        "结清这些日子之后，有以下变动：货币由未填写改为EUR、规则dispatch@2的within, cutoff、设置“x”。"
        "由此引起的变化计入淡忘。"
    )
    assert [note.language for note in told] == [*[""] * len(written), "en"]
    assert "1,204" in told[1].text
    assert notes(kept, words=words("en"))[1].text == written[1]


@pytest.mark.parametrize("day", ["2031-02-30", "none", "1999-01-01", "2026-1-1"])
def test_a_day_that_is_not_closed_has_no_page(told, day):
    for place in ("", "paper/", "promises/", "statement/csv/"):
        assert told.client("ada").get(f"/months/{day}/{place}").status_code == 404
    assert told.client("ada").get(f"/months/{days_of(told)[0]}/statement/exe/").status_code == 404


@pytest.mark.parametrize("day", ["", "soon", "2031-02-30", "9999-12-31", "<script>alert(1)</script>", "x" * 10_000])
def test_a_day_that_cannot_be_closed_is_refused_in_a_sentence(told, day):
    from keptword.office.models import Job

    answer = told.client("mia").post("/months/close/", {"day": day})
    assert answer.status_code == 422
    assert "<script>alert" not in answer.content.decode()
    assert 'role="alert"' in answer.content.decode() or 'class="trouble"' in answer.content.decode()
    assert not Job.objects.filter(kind="close").exists()


@pytest.mark.parametrize("script", [True, False])
def test_a_manager_closes_a_day_and_reads_its_statement(browser, site, script):
    """The day before yesterday, from the button to the statement; a reader finds no button."""
    day = site.desk.books.today - timedelta(days=2)
    with opened(browser, site, name="mia", script=script) as page:
        page.goto("/months/")
        page.get_by_text("Close a day").click()
        page.get_by_label("Up to the end of").fill(day.isoformat())
        page.get_by_role("button", name="Close it").click()
        assert page.get_by_text("is being closed").is_visible()
        worked(site.desk)
        page.goto(f"/months/{day}/")
        assert page.get_by_text("keptword verify").is_visible()
    with opened(browser, site, name="cleo", script=script) as page:
        page.goto("/months/")
        assert page.get_by_text("Close a day").count() == 0
    assert site.desk.client("cleo").post("/months/close/", {"day": day.isoformat()}).status_code == 403


def test_a_day_before_the_first_entry_fails_in_a_sentence(desk):
    client = desk.client("mia")
    client.post("/months/close/", {"day": "2001-01-01"})
    worked(desk)
    assert "There is nothing to close on 2001-01-01" in client.get("/months/").content.decode()


def test_where_nothing_is_closed_the_page_says_what_a_month_is_for(desk):
    import shutil

    shutil.rmtree(desk.books.folder.closings)
    html = desk.client("mia").get("/months/").content.decode()
    assert "No month is closed yet" in html
    assert re.search(r"Close \w+ 20\d\d", html)
    assert "Two closed days are needed" in desk.client("mia").get("/months/beside/").content.decode()


def test_a_statement_is_written_anew_when_what_it_stands_on_changed(desk):
    """The same closings under other costs: another statement, in place of the old one and not beside it."""
    from keptword.books.opened import open_books
    from keptword.books.settings_file import Change, change
    from keptword.figures.statements import closed_days, keep, kept, period_of

    days = closed_days(desk.books.folder)
    period = period_of(days, days[-1])
    keep(desk.books, period, say=lambda _: None)
    change(desk.books.folder, Change(costs={"wage_per_hour": 66}))
    books = open_books(desk.books.folder)
    assert kept(books, period) is None
    keep(books, period, say=lambda _: None)
    assert len(list((desk.books.folder.figures / "statements").iterdir())) == 1


def test_a_damaged_statement_is_written_again(desk):
    from keptword.figures.statements import closed_days, keep, kept, period_of

    days = closed_days(desk.books.folder)
    period = period_of(days, days[-1])
    made = keep(desk.books, period, say=lambda _: None)
    for path in (desk.books.folder.figures / "statements").iterdir():
        path.write_text("{", encoding="utf-8")
    assert kept(desk.books, period) is None
    assert keep(desk.books, period, say=lambda _: None) == made


def test_the_pages_can_be_read_by_everybody(told, browser, pictures):
    until, since = days_of(told)[1:3]
    pages = {
        "list": "/months/",
        "month": f"/months/{until}/",
        "beside": f"/months/beside/?a={since}&b={until}",
        "paper": f"/months/{until}/paper/",
    }
    with serving(told) as site, opened(browser, site, name="mia") as page:
        for name, address in pages.items():
            page.goto(address)
            calm(page, pictures, name=f"months-{name}")
