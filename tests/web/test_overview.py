"""The overview: both drawings to the sentence, on shops whose every number is counted here once more."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from web.asking import html, rows
from web.cast import Desk, desk_of
from web.invented import PRIZE, Much, fact, in_100, little, much, today
from web.serving import Site, calm, opened, serving


def text_of(html: str) -> str:
    """What stands in the main part of a page, as one line."""
    main = html[html.index("<main") :]
    return (
        re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))
        .replace(" .", ".")
        .replace(" ,", ",")
        .replace(" :", ":")
        .strip()
    )


def seen(desk: Desk, address: str = "/", *, name: str = "ada") -> str:
    """What one of the cast reads at an address."""
    answer = desk.client(name).get(address)
    assert answer.status_code == 200, answer.status_code
    return text_of(answer.content.decode())


@dataclass(frozen=True)
class Shop:
    """A desk over one of the invented shops."""

    desk: Desk
    told: Much | None = None


@pytest.fixture(scope="module")
def little_books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from keptword.intake import database

    database.disconnect()
    return little(tmp_path_factory.mktemp("little") / "books").books.folder.path


@pytest.fixture(scope="module")
def much_made(tmp_path_factory: pytest.TempPathFactory) -> Much:
    from keptword.intake import database

    database.disconnect()
    return much(tmp_path_factory.mktemp("much") / "books")


@pytest.fixture
def with_little(little_books: Path, tmp_path: Path) -> Iterator[Desk]:
    from keptword.intake import database

    database.disconnect()
    shutil.copytree(little_books, tmp_path / "books")
    yield desk_of(tmp_path / "books")
    database.disconnect()


@pytest.fixture
def with_much(much_made: Much, tmp_path: Path) -> Iterator[Shop]:
    from keptword.intake import database

    database.disconnect()
    shutil.copytree(much_made.books.folder.path, tmp_path / "books")
    yield Shop(desk_of(tmp_path / "books"), much_made)
    database.disconnect()


def test_with_little_the_promise_told_today_is_held_against_the_past(with_little):
    """60 orders, promise told today: 47 left within 2 days, 10 later, 3 wait; nobody wrote, too few to name another."""
    said = seen(with_little)
    assert "You keep your word 78 times in 100." in said
    assert "We ship within 2 days. You told us this today. What came before is only compared with it" in said
    assert f"47 of 60 orders left within 2 days: {in_100(47, 60)}." in said
    assert "3 orders are past 2 days. #1040 has waited longest:" in said
    waited = (today() - (today() - timedelta(days=147) + timedelta(days=7 * 13 + 1))).days
    assert f"{waited} days" in said or f"{waited - 1} days" in said
    assert "order #1040" in said or "#1040" in said
    assert "Of" in said
    assert "bought again within 90 days" in said
    assert "What returning customers are worth in money: from 1,000 customers on; 60 so far." in said
    assert "117 entries, from " in said
    assert "0 files" not in said
    assert "Everything is on this computer." in said


def test_with_little_who_waits_is_counted_as_of_now_once_promises_are_made(tmp_path):
    """The same 60 orders, told since before the first: 3 promises are past their day; one is kept at the desk: 2."""
    from keptword.intake import database
    from keptword.office import acts
    from keptword.office.acts import Intent

    database.disconnect()
    made = little(tmp_path / "books", since=today() - timedelta(days=200))
    desk = desk_of(tmp_path / "books")
    try:
        said = seen(desk)
        assert "Your rule since" in said
        assert "3 orders are past 2 days. #1040 has waited longest:" in said
        assert "Show the 3, longest wait first" in said
        assert 'href="/waiting/?when=overdue&amp;sort=since"' in desk.client("ada").get("/").content.decode()
        shown = rows(html(desk, "/waiting/?when=overdue&sort=since", name="ada"))
        assert [name.rpartition("#")[2] for name in shown] == ["1040", "1050", "1059"]
        assert "Draft a short note to them" in said
        moment = datetime.now(UTC)
        kept = Intent("promise.kept", user_key="k40", promise_id="dispatch.v1/order:#1040", subject="order:#1040")
        done = acts.record([kept], by=desk.members["ben"], now=moment, timezone="UTC")
        assert "2 orders are past 2 days. #1050 has waited longest:" in seen(desk)
        assert acts.undo(done.group, now=moment) == 1
        assert "3 orders are past 2 days." in seen(desk)
        assert made.books.folder.path.exists()
    finally:
        database.disconnect()


def test_with_much_the_verdict_is_told_from_chance_and_the_numbers_add_up(with_much):
    """810 fell due last month, 724 kept; 380 of 400 the month before; Iceland failed 40 times in 100, others 5."""
    from keptword.words import words

    month, before = words("en").month(with_much.told.last), words("en").month(with_much.told.before)
    said = seen(with_much.desk)
    assert "We are spending trust." in said
    assert f"Of 810 promises that fell due in {month} we kept 724: {in_100(724, 810)}." in said
    assert f"{before}: {in_100(380, 400)}. More than chance. Mostly: Iceland." in said
    assert "Ship 800 724 72 4" in said
    assert "Prizes and points 10 0 0 10" in said
    assert "All 810 724 72 14" in said
    assert f"What late and unkept promises cost in {month}" in said
    assert (
        "At once: 3 refunds and vouchers (EUR 30.00) and 6 messages (0.5 h of work, EUR 16.50); together EUR 46.50."
        in said
    )
    assert "14 customers wait for something from us." in said
    assert "it takes a later Keptword" in said


def test_the_three_acts_are_ranked_and_each_has_its_button(with_much):
    """First who waits, then where it fails with the promise that could be kept there, then the prizes."""
    html = with_much.desk.client("ada").get("/").content.decode()
    acts = [text_of(f"<main>{each}") for each in re.findall(r"<li><p>(.*?)</li>", html, re.DOTALL)]
    assert acts[0].startswith("14 customers wait for something promised. 2 were let down before.")
    assert acts[1].startswith(
        f"Iceland: 40 of 100 late or not kept, {in_100(40, 100)}, last month; elsewhere 5 in 100. "
        "Promise 5 days there instead of 2 days."
    )
    assert acts[2].startswith(f"10 prizes are not sent: {PRIZE}.")
    assert [re.findall(r"(Write to them|Change the promise|Send|Tell the 10 winners)", act) for act in acts] == [
        ["Write to them"],
        ["Change the promise"],
        ["Send", "Tell the 10 winners"],
    ]
    assert PRIZE not in html
    listed = unescape(re.search(r'href="([^"]+)">Send<', html)[1])
    assert len(rows(with_much.desk.client("ada").get(listed).content.decode())) == 10


def test_the_promise_is_changed_where_it_fails_and_stays_elsewhere(with_much):
    """One rule becomes two from tomorrow on; pressed twice, it is changed once, and it is not offered again."""
    from keptword.books.rules import versions
    from keptword.web.work.running import work_off

    client = with_much.desk.client("mia")
    page = client.get("/overview/promise/").content.decode()
    proposed = unescape(re.search(r'name="proposed" value="([^"]+)"', page)[1])
    said = text_of(page)
    assert "We ship within 5 days, where country = IS." in said
    assert "We ship within 2 days, where country != IS." in said
    for _ in range(2):
        assert client.post("/overview/promise/", {"proposed": proposed}).status_code == 303
    tomorrow = today() + timedelta(days=1)
    told = {version.told.rule.identity: version.told.rule for version in versions()}
    assert told["dispatch"].until == today()
    assert {identity: (rule.within.number, rule.since) for identity, rule in told.items() if rule.where} == {
        "dispatch[country = is]": (5, tomorrow),
        "dispatch[country != is]": (2, tomorrow),
    }
    work_off(with_much.desk.books)
    assert "Promise 5 days there" not in seen(with_much.desk)
    assert client.get("/overview/promise/").headers["Location"] == "/our-rules/"


def test_what_was_not_shown_is_not_changed(with_much):
    """Seen within 6 days, and by now it would be 5: nothing is changed, and what it would be now is shown."""
    from keptword.books.rules import versions

    client = with_much.desk.client("mia")
    page = client.get("/overview/promise/").content.decode()
    proposed = unescape(re.search(r'name="proposed" value="([^"]+)"', page)[1])
    for told in ({}, {"proposed": proposed.replace("within 5 days", "within 6 days")}):
        answer = client.post("/overview/promise/", told)
        assert answer.status_code == 409
        assert "What is proposed has changed since you saw it" in text_of(answer.content.decode())
        assert "We ship within 5 days, where country = IS." in text_of(answer.content.decode())
    assert [version.told.rule.identity for version in versions()] == ["dispatch"]


def test_promises_without_a_day_are_counted_as_they_are_listed(monday):
    """One names no day; called off at the desk, there is none any more."""
    from keptword.figures.reading import current
    from keptword.web.desk.overview_acts import Seen, _vague
    from keptword.web.desk.overview_parts import waits_now
    from keptword.words import without_marks, words

    def told() -> list[str]:
        reader = current(monday.books.folder)
        return [without_marks(act.sentence) for act in _vague(Seen(words("en"), reader, waits_now(reader)))]

    assert told() == ["One promise names no day; nobody can rely on it."]
    off = {"wish": "customer", "evidence": "a call on Tuesday"}
    assert monday.client("ben").post("/promise/vague/called-off/", off).status_code == 303
    assert told() == []


def test_nothing_came_in_for_days_though_the_desk_records_what_it_does(with_much):
    """Ben owned up to somebody today; the newest file ended weeks ago, or has its newest line from yesterday."""
    from keptword.books.recording import post
    from keptword.figures.make import make
    from keptword.figures.reading import current
    from keptword.web.desk.overview_acts import Seen, _stale
    from keptword.web.desk.overview_parts import waits_now
    from keptword.words import words

    def told(*entries: dict) -> list[str]:
        post(with_much.desk.books, map(json.dumps, entries), say=lambda _: None)
        make(with_much.desk.books, say=lambda _: None)
        reader = current(with_much.desk.books.folder)
        return [act.sentence for act in _stale(Seen(words("en"), reader, waits_now(reader)))]

    newest = words("en").day(with_much.told.last + timedelta(days=26))
    sorry = fact("sorry", "apology.sent", today(), hour=0, user_key="c1")
    is_old = today() - with_much.told.last > timedelta(days=29)
    assert told(sorry | {"source": "desk:1:0"}) == ([words("en").say("acts.stale", day=newest)] if is_old else [])
    visit = fact("visit", "page.viewed", today() - timedelta(days=1), user_key="c1", subject="page:tea")
    assert told(visit) == []


def test_lines_that_could_not_be_read_are_those_that_wait_now(with_little):
    """Eleven refused since the figures were made; then they are dropped."""
    from keptword.books.recording import post
    from keptword.intake import quarantine

    lines = [json.dumps({"fact_id": f"odd-{number}", "kind": "nothing.known"}) for number in range(11)]
    post(with_little.books, lines, say=lambda _: None)
    assert "11 lines" in seen(with_little)
    for refusal in quarantine.listed():
        quarantine.drop(refusal.number)
    assert "11 lines" not in seen(with_little)


def test_last_weeks_work_is_whoever_waited_and_was_written_to_in_it(monday):
    """A note drafted last month and sent now counts; one about nothing, and one sent last month, do not."""
    from keptword.office.models import Letter
    from keptword.web.desk.overview_much import _work
    from keptword.words import words

    now = datetime.now(UTC)
    ago = now - timedelta(days=30)
    for key, about, drafted, sent in (("c1", ["p:p1"], ago, now), ("c2", [], now, now), ("c3", ["p:p3"], now, ago)):
        letter = Letter(user_key=key, promise_ids=about, subject="s", body="b", state="sent", at=drafted, sent_at=sent)
        letter.save()
    assert _work(words=words("en")).startswith("You wrote to one customer who waits.")


def test_a_reader_sees_the_overview_and_changes_no_promise(with_much):
    assert "We are spending trust." in seen(with_much.desk, name="cleo")
    assert with_much.desk.client("cleo").get("/overview/promise/").status_code == 403
    assert "List for your mail tool" in seen(with_much.desk, name="cleo")
    assert "Change the promise" not in seen(with_much.desk, name="cleo")


@pytest.mark.parametrize(
    ("value", "beyond", "said"),
    [
        (-0.056, True, "We are spending trust."),
        (-0.02, True, "We are spending trust, a little."),
        (0.02, True, "We are earning trust, a little."),
        (0.2, True, "We are earning trust."),
        (-0.2, False, "We are holding trust: neither earned nor spent."),
        (None, False, "We are holding trust: neither earned nor spent."),
    ],
)
def test_the_verdict_is_the_test_that_tells_a_change_from_chance(value, beyond, said):
    from keptword.web.desk.overview_much import headline
    from keptword.words import words

    assert headline({"change": {"value": value, "beyond_chance": beyond}}, words=words("en")) == said


def test_much_needs_two_closed_months(with_much):
    """With one of the two closings gone, the same shop is told with little."""
    closings = with_much.desk.books.folder.closings
    shutil.rmtree(sorted(closings.iterdir())[0])
    said = seen(with_much.desk)
    assert "You keep your word 92 times in 100." in said
    assert "We are spending trust" not in said


def test_while_figures_are_worked_out_the_page_says_so_and_looks_again_by_itself(with_little):
    """A rule told after the figures were made: the old ones stand, and say that they are; then there are new ones."""
    from keptword.books import rules
    from keptword.core.rules import parse_promise
    from keptword.web.work.running import work_off

    client = with_little.client("ada")
    asks = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "counting"}
    assert client.get("/", **asks).headers["HX-Refresh"] == "true"
    rules.add(with_little.books, parse_promise("refunds within 14 days"))
    assert "these figures are the ones before" in seen(with_little)
    part = client.get("/", **asks).content.decode()
    assert 'hx-trigger="every 3s"' in part
    assert "<main" not in part
    work_off(with_little.books)
    assert "these figures are the ones before" not in seen(with_little)


def test_without_figures_the_page_says_that_it_counts(with_little):
    shutil.rmtree(with_little.books.folder.figures)
    html = with_little.client("ada").get("/").content.decode()
    assert "Counting how you kept your word" in html
    assert '<noscript><meta http-equiv="refresh"' in html


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("drawing", ["little", "much"])
def test_both_drawings_can_be_read_by_everybody(
    browser, pictures, little_books, much_made, tmp_path, drawing, language
):
    """On a desk and on a phone, in light and dark, in both languages, without a script as well."""
    from keptword.intake import database

    database.disconnect()
    source = little_books if drawing == "little" else much_made.books.folder.path
    shutil.copytree(source, tmp_path / "books")
    desk = desk_of(tmp_path / "books")
    desk.members["ada"].language = language
    desk.members["ada"].save()
    try:
        with serving(desk) as site:
            _looked_at(browser, site, pictures, name=f"overview-{drawing}{'' if language == 'en' else '-zh'}")
    finally:
        database.disconnect()


def _looked_at(browser, site: Site, pictures: Path, *, name: str) -> None:
    with opened(browser, site) as page:
        page.goto("/")
        calm(page, pictures, name=name)
    with opened(browser, site, script=False) as page:
        page.goto("/")
        page.locator("summary").nth(1).click()
        assert page.locator("details[open]").first.is_visible()
