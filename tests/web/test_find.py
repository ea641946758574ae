"""Finding anything with `Ctrl-K`, the keys that work everywhere, and both without a script."""

from __future__ import annotations

import time
from statistics import median

import pytest

from keptword.figures.reading import current
from keptword.office.models import Person
from web.cast import Desk
from web.serving import accessible, calm, opened

SCRIPT = "<script>document.title = 'taken'</script>"
PART = {"HX-Request": "true", "HX-Target": "found"}


def an_order(desk: Desk) -> dict[str, str]:
    """An order whose customer is known, with its promise."""
    reader = current(desk.books.folder)
    assert reader is not None
    row = reader.row(
        "SELECT number, subject, user_key, promise_id FROM subjects JOIN promises_of USING (user_key, subject)"
        " ORDER BY number LIMIT 1"
    )
    assert row is not None
    return {name: str(value) for name, value in row.items()}


def found(desk: Desk, asked: str, *, name: str = "ben") -> str:
    """What the palette shows for some letters."""
    answer = desk.client(name).get("/find/", {"q": asked}, headers=PART)
    assert answer.status_code == 200
    return answer.content.decode()


def test_pages_customers_orders_and_promises_are_found(seen_desk):
    order, person = an_order(seen_desk), Person.objects.exclude(name="").first()
    assert 'href="/what-it-takes/"' in found(seen_desk, "takes")
    assert person.name.split()[0] in found(seen_desk, person.name)
    by_number = found(seen_desk, order["number"])
    assert f'href="/customers/{order["user_key"]}/"' in by_number
    assert "order #" in by_number
    assert 'aria-label="Promises"' in by_number


def test_a_promise_is_found_from_when_it_is_written_down(monday):
    """Long before the figures hold it; one that they hold is found once, whatever was done about it since."""
    told = {"what": "a lid of glass", "kind": "resolution", "to": "c12@example.org", "day": "", "channel": "phone"}
    assert monday.client("ben").post("/promises/new/", told).status_code == 303
    assert found(monday, "of GLASS").count("a lid of glass") == 1
    assert monday.client("ben").post("/promise/vague/kept/").status_code == 303
    assert found(monday, "a tea from").count('href="/promise/vague/"') == 1


def test_without_letters_stand_the_pages_one_may_see(seen_desk):
    html = found(seen_desk, "", name="cleo")
    assert html.count('role="option"') >= 8
    assert 'aria-label="Customers"' not in html


def test_the_part_is_no_page_and_the_page_is_whole(seen_desk):
    assert "<html" not in found(seen_desk, "tea")
    html = seen_desk.client("ben").get("/find/?q=customers").content.decode()
    assert 'href="/customers/"' in html
    assert "<h1>Find anything</h1>" in html


@pytest.mark.parametrize(
    "asked", [SCRIPT, "'; DROP TABLE people --", "\x00", "%_%", "a" * 4000, "\u202e", "𠜎", "#", "?"]
)
def test_hostile_letters_find_nothing_and_do_no_harm(seen_desk, asked):
    assert SCRIPT not in found(seen_desk, asked)


def test_what_is_found_is_there_within_a_moment(seen_desk):
    """Half a second of patience in a busy test, 150 ms at a desk: the median of ten searches."""
    client, times = seen_desk.client("ben"), []
    for asked in ("an", "mar", "10", "11", "ship", "lu", "x", "te", "ea", "quick") * 2:
        began = time.perf_counter()
        client.get("/find/", {"q": asked}, headers=PART)
        times.append(time.perf_counter() - began)
    assert median(times) < 0.15


# --- With the keyboard alone -------------------------------------------------------------------------


@pytest.mark.browser
def test_everything_is_found_with_the_keyboard_alone(browser, seen_site):
    person = Person.objects.exclude(name="").order_by("name").first()
    with opened(browser, seen_site, name="ben") as page:
        page.goto("/customers/")
        page.get_by_role("link", name="Download CSV").focus()
        page.keyboard.press("Control+k")
        box = page.get_by_role("combobox")
        page.wait_for_selector("#found [role=option]")
        assert box.evaluate("each => each === document.activeElement")
        accessible(page)
        # The arrows go round.
        first = page.locator("#found [aria-selected=true]").inner_text()
        page.keyboard.press("ArrowUp")
        assert page.locator("#found [aria-selected=true]").inner_text() != first
        page.keyboard.press("ArrowDown")
        assert page.locator("#found [aria-selected=true]").inner_text() == first
        assert box.get_attribute("aria-activedescendant") == page.locator("#found [aria-selected=true]").get_attribute(
            "id"
        )
        # Escape goes back to where one was.
        page.keyboard.press("Escape")
        assert page.get_by_role("link", name="Download CSV").evaluate("each => each === document.activeElement")
        page.keyboard.press("Control+k")
        page.keyboard.type(person.name)
        option = page.locator("#found [aria-selected=true]", has_text=person.name)
        option.wait_for()
        page.keyboard.press("Enter")
        page.wait_for_url("**/customers/*/")
        assert page.get_by_role("heading", level=1).inner_text() == person.name


@pytest.mark.browser
def test_keys_lead_to_pages_and_are_explained(browser, seen_site):
    with opened(browser, seen_site, name="ben") as page:
        page.goto("/")
        for key, address in {"c": "/customers/", "b": "/break-down/", "t": "/what-it-takes/", "o": "/"}.items():
            page.keyboard.press("g")
            page.keyboard.press(key)
            page.wait_for_url(f"{seen_site.address}{address}")
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog")
        dialog.wait_for()
        assert "down and up a list" in dialog.inner_text()
        accessible(page)
        # In a dialog the keys lead nowhere.
        page.keyboard.press("g")
        page.keyboard.press("c")
        page.keyboard.press("Escape")
        assert dialog.count() == 0
        assert page.url == f"{seen_site.address}/"


@pytest.mark.browser
def test_a_list_is_walked_through_and_searched_by_keys(browser, seen_site):
    with opened(browser, seen_site, name="ben") as page:
        page.goto("/customers/")
        links = page.locator("table[data-rows] tbody a")
        for key, place in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
            page.keyboard.press(key)
            assert links.nth(place).evaluate("each => each === document.activeElement")
        name = links.nth(1).inner_text()
        page.keyboard.press("Enter")
        page.wait_for_url("**/customers/*/")
        assert page.get_by_role("heading", level=1).inner_text() == name
        page.go_back()
        page.keyboard.press("/")
        # What is typed into a field are letters, not keys.
        page.keyboard.type("gwj?")
        assert page.get_by_role("searchbox").input_value() == "gwj?"
        assert "/customers/" in page.url


@pytest.mark.browser
def test_without_a_script_there_is_a_page_for_each_of_it(browser, seen_site):
    with opened(browser, seen_site, script=False) as page:
        page.goto("/customers/")
        assert page.get_by_role("dialog").count() == 0
        page.get_by_role("link", name="Find").click()
        page.get_by_role("searchbox").fill("break")
        page.get_by_role("button", name="Search").click()
        page.locator("main").get_by_role("link", name="Break down").click()
        assert page.url.endswith("/break-down/")
        page.goto("/find/?q=keys")
        page.locator("main").get_by_role("link", name="Keys").click()
        assert "find anything" in page.locator("main").inner_text()


@pytest.mark.browser
def test_finding_is_calm(browser, seen_site, pictures):
    with opened(browser, seen_site) as page:
        page.goto("/customers/")
        page.keyboard.press("Control+k")
        page.keyboard.type("an")
        page.wait_for_selector("#found [role=option]:has-text('@')")
        calm(page, pictures, name="desk-palette")
        page.goto("/find/?q=an")
        calm(page, pictures, name="desk-find")
        page.goto("/keys/")
        calm(page, pictures, name="desk-keys")
