"""Adding data in a browser: an unknown table from the box to the promise book, with and without a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from web.dropped import dropped, file, orders, told_day
from web.serving import calm, opened

ODD = "A-9999;Rosa;rosa@mail.example;31.02.2031;;;1,00;Swift;"


def promises_in_the_book(desk) -> int:
    """How many promises by the table there are in what pages read."""
    from keptword.figures.reading import current

    row = current(desk.books.folder).row("SELECT count(*) AS n FROM promises WHERE promise_id LIKE 'orders/delivery/%'")
    return int(row["n"])


def test_an_unknown_table_goes_from_the_box_to_the_promise_book(browser, site, pictures, tmp_path):
    """300 orders nobody has seen the shape of, one line of them damaged: 300 promises, and a person found by name."""
    from keptword.office import jobs
    from keptword.office.models import Job, Person
    from keptword.web.work.running import work_off

    path = tmp_path / "orders-2031-03.csv"
    path.write_bytes(orders(300, odd=ODD))
    with opened(browser, site, name="mia") as page:
        page.goto("/add-data/")
        calm(page, pictures, name="imports-front")
        page.get_by_label("Drop files here, or choose them").set_input_files(path)
        page.wait_for_url("**/files/**")
        assert page.get_by_text("This is begun in a moment").is_visible()
        address = page.url
        work_off(site.desk.books)
        page.get_by_role("link", name="Say what its columns are").click()
        calm(page, pictures, name="imports-columns")
        page.get_by_label("Total: What it is").select_option("")
        page.get_by_text("EUR 1,200.50").wait_for(state="hidden")
        page.get_by_label("Carrier: What it is").select_option("begun")
        assert "Ordered on and Carrier" in page.locator("#preview .trouble").inner_text(timeout=10_000)
        page.get_by_label("Carrier: What it is").select_option("carrier")
        page.get_by_label("Total: What it is").select_option("total")
        page.get_by_text(f"we promised on {told_day(1)}: delivery by {told_day(2)}").first.wait_for()
        page.get_by_role("button", name="Look at the whole file").click()
        page.wait_for_url(address)
        work_off(site.desk.books)
        page.get_by_text("1,200 entries would be new").wait_for()
        assert page.get_by_text('"Ordered on" reads "31.02.2031"').is_visible()
        calm(page, pictures, name="imports-lot")
        page.get_by_role("button", name="Bring in 1,200 entries").click()
        page.wait_for_url("**/work/**")
        jobs.say(Job.objects.latest("pk"), "Reading the files …", percent=37.0)
        Job.objects.filter(pk=Job.objects.latest("pk").pk).update(state="running")
        page.locator("progress[value]").wait_for()
        calm(page, pictures, name="imports-work")
        address = page.url
        page.goto("/add-data/")
        page.get_by_role("link", name="See how far it is").click()
        assert page.url == address
        jobs.resume()
        work_off(site.desk.books)
        page.get_by_text("1,200 entries are new").wait_for()
        calm(page, pictures, name="imports-made")
        with page.expect_download() as lines:
            page.get_by_role("link", name="Download these lines").click()
        assert "31.02.2031" in Path(lines.value.path()).read_text("utf-8-sig")
    assert promises_in_the_book(site.desk) == 300
    assert Person.objects.filter(mail="rosa7@mail.example", name="Rosa Tea 7").exists()
    assert not list(site.desk.books.folder.uploads.rglob("orders-2031-03.csv"))


def test_the_same_without_a_script_and_the_next_file_is_read_as_before(browser, site, tmp_path):
    """Buttons in place of what the script does; the second month needs no word about its columns."""
    from keptword.web.work.running import work_off

    first, second = tmp_path / "orders-2031-03.csv", tmp_path / "orders-2031-04.csv"
    first.write_bytes(orders(60))
    second.write_bytes(orders(90))
    with opened(browser, site, name="mia", script=False) as page:
        page.goto("/add-data/")
        page.get_by_label("Drop files here, or choose them").set_input_files(first)
        page.get_by_role("button", name="Look at them").click()
        work_off(site.desk.books)
        page.get_by_role("link", name="Say what its columns are").click()
        page.get_by_label("Phone: What it is").select_option("book_phone")
        page.get_by_role("button", name="Show what it becomes").click()
        assert page.get_by_label("Phone: What it is").input_value() == "book_phone"
        assert page.get_by_text("The first 60 lines become 240 entries").is_visible()
        page.get_by_text("The same as text").click()
        page.get_by_role("button", name="Change the text").click()
        text = page.get_by_label("The mapping as text")
        assert 'as = "phone"' in text.input_value()
        text.fill(text.input_value() + '\n[[leave_out]]\nreason = "tests"\nif = "Carrier = none"\n')
        page.get_by_role("button", name="Look at the whole file").click()
        work_off(site.desk.books)
        page.get_by_role("button", name="Bring in 240 entries").click()
        work_off(site.desk.books)
        # Without a script the page asks again by itself.
        page.get_by_text("240 entries are new").wait_for()
        page.get_by_role("link", name="Add more").click()
        page.get_by_label("Drop files here, or choose them").set_input_files(second)
        page.get_by_role("button", name="Look at them").click()
        work_off(site.desk.books)
        page.get_by_text("read as before").wait_for()
        page.get_by_role("button", name="Bring in 120 entries").click()
        work_off(site.desk.books)
    assert promises_in_the_book(site.desk) == 90


def test_taking_back_asks_first_and_says_what_it_means(browser, site, pictures):
    """The whole import counts no more, and its files may be given again."""
    from keptword.web.work.running import work_off

    given = dropped(site.desk, file(orders(30), "orders.csv"))
    given.told()
    number = given.brought().result["number"]
    work_off(site.desk.books)
    assert promises_in_the_book(site.desk) == 30
    with opened(browser, site, name="mia") as page:
        page.goto(f"/add-data/{number}/")
        page.get_by_role("link", name="Take this import back").click()
        calm(page, pictures, name="imports-undo")
        page.get_by_role("button", name="Take it back").click()
        page.wait_for_url("**/work/**")
        work_off(site.desk.books)
        page.goto(f"/add-data/{number}/")
        assert page.get_by_text("its entries stay on record and count no more").is_visible()
        assert page.get_by_role("link", name="Take this import back").count() == 0
    assert promises_in_the_book(site.desk) == 0


@pytest.mark.parametrize("script", [True, False])
def test_a_line_is_mended_and_tried_again(browser, site, pictures, script):
    """An order with a day that is on no calendar lies aside; mended it is recorded, and the list is empty."""
    from keptword.books.recording import post

    line = (
        '{"fact_id": "till/1", "kind": "order.placed", "occurred_at": "2031-02-30T10:00:00Z", "subject": "order:1", '
        '"user_key": "rosa", "amount": "12.50", "currency": "EUR", "source": "till"}'
    )
    post(site.desk.books, [line, '{"fact_id": "<script>alert(1)</script>", "kind": "x"}'], say=lambda _: None)
    with opened(browser, site, name="mia", script=script) as page:
        page.goto("/add-data/")
        page.get_by_role("link", name="Look at them").click()
        if script:
            calm(page, pictures, name="imports-lines")
        page.locator("tbody").last.get_by_role("link").last.click()
        if script:
            calm(page, pictures, name="imports-line")
        field = page.get_by_label("As it came")
        page.get_by_role("button", name="Try it again").click()
        assert page.get_by_role("alert").is_visible()
        field.fill(field.input_value().replace("2031-02-30", "2031-02-28"))
        page.get_by_role("button", name="Try it again").click()
        assert page.get_by_text("Mended. It is recorded now").is_visible()
        page.locator("tbody").last.get_by_role("link").last.click()
        page.get_by_role("button", name="Delete this line").click()
        assert page.get_by_text("Every line could be read.").is_visible()
