"""The owner's first ten minutes: from the link that works once to the overview with a shop's own export."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from web.cast import PASSWORD, Desk, desk_of
from web.serving import calm, opened, serving


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The order export of an invented shop of 60 customers."""
    from keptword.cli.demo import invent

    until = datetime.now(UTC).date() - timedelta(days=1)
    folder = tmp_path_factory.mktemp("export")
    invent(folder, kind="shopify", users=60, months=8, seed=2, until=until.isoformat(), say=lambda _: None)
    return next(folder.glob("*orders*.csv"))


def begun(place: Path) -> None:
    """Books as `keptword serve` begins them where there are none."""
    from keptword.books.folder import NEW_NAME, Folder
    from keptword.books.opened import begin_books
    from keptword.intake import database

    database.disconnect()
    begin_books(Folder(place), name=NEW_NAME, currency="EUR", timezone="Europe/Berlin", country=None)


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Desk]:
    """New books that nobody owns yet."""
    from keptword.intake import database
    from keptword.web import shop
    from keptword.web.application import make

    begun(tmp_path / "books")
    make(tmp_path / "books")
    yield Desk(shop.books(), {})
    database.disconnect()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Desk]:
    """New books with the cast at the desk and no entry."""
    from keptword.intake import database

    begun(tmp_path / "books")
    yield desk_of(tmp_path / "books")
    database.disconnect()


@pytest.mark.parametrize("script", [True, False])
def test_the_owners_first_ten_minutes(browser, new, export, pictures, script):
    """The link, who I am, what the shop is called, one file, one question: and the overview says how it stands."""
    from keptword.books.rules import versions
    from keptword.office import links
    from keptword.web import shop
    from keptword.web.work.running import work_off

    with serving(new) as site, opened(browser, site, name=None, script=script) as page:
        page.goto(links.entrance())
        page.get_by_label("Your name").fill("Ada")
        page.get_by_label("Your mail address").fill("ada@example.org")
        page.get_by_label("A password").fill(PASSWORD)
        page.get_by_role("button", name="Begin").click()
        assert page.get_by_role("heading", name="What is your business called?").is_visible()
        if script:
            zone = page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
            assert page.get_by_label("Time zone").input_value() == zone
            calm(page, pictures, name="first-begin")
        page.get_by_label("Name").fill("Alder Tea")
        page.get_by_label("Country you sell from").select_option(label="Germany")
        page.get_by_label("Time zone").fill("Europe/Berlin")
        page.get_by_role("button", name="Go on").click()
        assert page.get_by_role("heading", name="Drop your shop's order export here.").is_visible()
        assert page.get_by_text("It stays on this computer.").is_visible()
        if script:
            calm(page, pictures, name="first-box")
        page.get_by_label("Drop a file here, or choose one").set_input_files(export)
        page.get_by_role("button", name="Read it").click()
        assert page.get_by_text("What do you tell customers about shipping?").is_visible()
        assert page.get_by_text("Your file is being read meanwhile.").is_visible()
        if script:
            calm(page, pictures, name="first-question")
        page.get_by_label("In your words").fill("ships within 2 working days")
        page.get_by_role("button", name="Show me").click()
        assert page.get_by_role("heading", name="Reading your file").is_visible()
        if script:
            calm(page, pictures, name="first-reading")
        work_off(new.books)
        if script:
            page.get_by_text("working days:").first.wait_for(timeout=20_000)
        else:
            page.reload()
        assert page.get_by_text("We ship within 2 working days.").first.is_visible()
        assert page.get_by_text("You told us this today.").is_visible()
        assert page.get_by_text("Your mailbox: how fast you answer").is_visible()
        assert "orders left within 2 working days:" in page.locator("main").inner_text()
        if script:
            calm(page, pictures, name="first-overview")
    business = shop.books().business
    assert (business.name, business.settings.country, business.settings.timezone) == (
        "Alder Tea",
        "DE",
        "Europe/Berlin",
    )
    assert [version.told.rule.kind for version in versions()] == ["dispatch"]
    assert new.books.folder.figures.is_dir()


def test_only_the_owner_says_what_the_business_is_called(empty):
    assert empty.client("ada").get("/").headers["Location"] == "/begin/"
    assert "Drop your shop&#39;s order export here." in empty.client("mia").get("/").content.decode()
    assert empty.client("mia").get("/begin/").status_code == 403
    assert "An owner or manager can add the first file." in empty.client("ben").get("/").content.decode()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "", "currency": "EUR", "timezone": "Europe/Berlin"}, "does not name the business"),
        ({"name": "Tea", "currency": "EURO", "timezone": "Europe/Berlin"}, "is no currency"),
        ({"name": "Tea", "currency": "EUR", "timezone": "Mars/Base"}, "Mars/Base"),
        ({"name": "Tea", "currency": "EUR", "timezone": "Europe/Berlin", "country": "XX"}, "XX"),
        ({}, "is no currency"),
    ],
)
def test_a_beginning_that_cannot_be_is_refused_in_a_sentence_and_changes_nothing(empty, form, said):
    from keptword.web import shop

    before = empty.books.folder.settings.read_bytes()
    answer = empty.client("ada").post("/begin/", form)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert empty.books.folder.settings.read_bytes() == before
    assert shop.books().business.name == "My shop"


def test_script_in_every_field_is_text(empty):
    bad = "<script>alert(1)</script>"
    client = empty.client("ada")
    for address, form in (
        ("/begin/", {"name": bad, "currency": "EUR", "timezone": bad, "country": bad}),
        ("/first-run/promise/", {"answer": "rule", "sentence": bad, "since": bad}),
    ):
        answer = client.post(address, form)
        assert answer.status_code == 422
        assert bad not in answer.content.decode()
        assert "&lt;script&gt;" in answer.content.decode()
    client.post("/begin/", {"name": bad, "currency": "EUR", "timezone": "Europe/Berlin", "country": ""})
    assert bad not in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"answer": "rule", "sentence": "we are very fast"}, "cannot be read"),
        ({"answer": "rule", "sentence": ""}, "cannot be read"),
        ({"answer": "rule", "sentence": "ships within 2 days", "since": "2031-02-30"}, "is not on the calendar"),
        ({"answer": "why", "sentence": ""}, "Choose one of the three."),
        ({}, "Choose one of the three."),
    ],
)
def test_an_answer_that_is_none_is_refused_in_a_sentence(empty, form, said):
    from keptword.books.rules import versions

    answer = empty.client("mia").post("/first-run/promise/", form)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert versions() == ()


def test_a_promise_told_long_ago_counts_since_then(empty):
    from keptword.books.rules import versions

    form = {"answer": "rule", "sentence": "ships within 2 days", "since": "2025-01-01"}
    assert empty.client("mia").post("/first-run/promise/", form).status_code == 303
    assert str(versions()[0].told.rule.since) == "2025-01-01"


@pytest.mark.parametrize("answer", ["nothing", "dates"])
def test_whoever_tells_nothing_is_asked_once_and_sees_what_the_past_would_carry(empty, export, answer):
    """No rule, no second question; the overview names the promise that could be kept."""
    from keptword.books.recording import import_files
    from keptword.books.rules import versions
    from keptword.figures.make import make

    client = empty.client("mia")
    assert client.post("/first-run/promise/", {"answer": answer}).status_code == 303
    assert client.get("/first-run/promise/").status_code == 303
    import_files(empty.books, [export], mapping=None, say=lambda _: None)
    make(empty.books, say=lambda _: None)
    html = client.get("/").content.decode()
    assert versions() == ()
    assert "What do you tell customers about shipping?" not in html
    assert "You have not said what you promise" in html or "too few" in html


def test_the_question_stands_on_the_overview_while_it_is_not_answered(empty, export):
    """Somebody came by another way than the box: a manager is asked there, a reader is not."""
    from keptword.books.recording import import_files
    from keptword.figures.make import make

    import_files(empty.books, [export], mapping=None, say=lambda _: None)
    make(empty.books, say=lambda _: None)
    assert "What do you tell customers about shipping?" in empty.client("mia").get("/").content.decode()
    assert "What do you tell customers about shipping?" not in empty.client("cleo").get("/").content.decode()
    assert empty.client("ada").get("/begin/").headers["Location"] == "/"


def test_a_first_file_that_nobody_knows_says_so_and_leads_to_where_its_columns_are_told(empty):
    from keptword.office import jobs

    job = jobs.ask("import", member=None)
    jobs.end(jobs.take(), error="mine.csv is none of the files Keptword knows.")
    html = empty.client("mia").get("/").content.decode()
    assert "mine.csv is none of the files Keptword knows." in html
    assert f"/add-data/work/{job.pk}/" in html or "Say what its columns mean" in html
