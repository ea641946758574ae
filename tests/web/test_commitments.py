"""What we do and never do: taken on, held against the entries, recorded by hand, undone, given up."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from web.serving import accessible, calm, opened


def figures():
    from keptword.figures.make import make
    from keptword.web import shop

    make(shop.books(), say=lambda _: None)


def entries(desk, *rows):
    """Bring entries into the books, as another program would post them."""
    from keptword.books.recording import post

    done = post(desk.books, [json.dumps(row) for row in rows], say=lambda _: None)
    assert done.posted.accepted == len(rows)


def refunded_late(desk, *, days=20):
    """An order called off, and paid back many days later."""
    last = desk.books.today - timedelta(days=10)
    first = last - timedelta(days=days)
    told = [("order.cancelled", first), ("order.refunded", last)]
    entries(
        desk,
        *(
            {
                "fact_id": f"t/{kind}",
                "kind": kind,
                "occurred_at": f"{on}T10:00:00Z",
                "user_key": "rosa",
                "subject": "order:9001",
                "source": "t",
            }
            for kind, on in told
        ),
    )
    figures()


def test_a_ready_line_is_taken_on_and_shows_how_it_stands(desk):
    """Before: the line is held or not by the shop's own entries; a refund after 20 days crosses it once more."""
    client = desk.client("mia")
    page = client.post("/do-and-never-do/add/", {"check": "refund_late"}, follow=True).content.decode()
    assert "We never pay money back later than we said" in page
    before = _crossed(client)
    refunded_late(desk)
    assert _crossed(client) == before + 1
    page = client.get("/do-and-never-do/1/").content.decode()
    assert "9001" in page


def _crossed(client):
    page = client.get("/do-and-never-do/").content.decode()
    found = re.search(r"Crossed (once|[\d,]+ times)", page)
    return 0 if not found else 1 if found[1] == "once" else int(found[1].split()[0].replace(",", ""))


def test_what_is_done_is_measured_by_its_promises(desk):
    """The share shown is that of the promises to ship that fell due in the last 12 months."""
    from keptword.core.days import first_of_year_to
    from keptword.core.rates import wilson
    from keptword.figures.reading import current
    from keptword.words import words

    client = desk.client("mia")
    fields = {"text": "We ship when we said.", "check": "kept:dispatch", "never": ""}
    page = client.post("/do-and-never-do/add/", fields, follow=True).content.decode()
    first = first_of_year_to(desk.books.today)
    rows = current(desk.books.folder).rows("SELECT outcome, due_day FROM promises WHERE promise_kind = 'dispatch'")
    decided = [row for row in rows if row["outcome"] in ("kept", "late", "broken") and row["due_day"] >= first]
    share = wilson(sum(row["outcome"] == "kept" for row in decided), len(decided))
    assert words("en").in_100(share.value) + " in 100" in page
    assert f"of {len(decided):,} that fell due" in page


def test_a_crossing_recorded_by_hand_can_be_undone_for_ten_minutes(desk):
    from keptword.office.models import Act

    client = desk.client("mia")
    client.post("/do-and-never-do/add/", {"text": "We never sell addresses.", "never": "never"})
    client.post("/do-and-never-do/1/crossed/", {"what": "A list was sold."})
    act = Act.objects.get()
    assert json.loads(act.content)["subject"] == "commitment:1"
    assert "One line recorded as crossed" in client.get("/waiting/done/").content.decode()
    client.post(f"/do-and-never-do/undo/{act.group}/")
    assert Act.objects.get().undone_at is not None
    client.post("/do-and-never-do/1/crossed/", {})
    Act.objects.filter(undone_at__isnull=True).update(hold_until=act.at - timedelta(minutes=1))
    late = Act.objects.get(undone_at__isnull=True)
    page = client.post(f"/do-and-never-do/undo/{late.group}/", follow=True).content.decode()
    assert "The ten minutes are over" in page


def test_a_crossing_recorded_by_hand_counts_at_once_and_once(desk):
    """The form is sent twice: one crossing, at once on both pages and in the file, and still one in the figures."""
    from keptword.office import acts
    from keptword.office.models import Act
    from keptword.web.work.running import work_off

    client = desk.client("mia")
    client.post("/do-and-never-do/add/", {"text": "We never sell addresses.", "never": "never"})
    once = re.search(r'name="once" value="([0-9a-f]{32})"', client.get("/do-and-never-do/1/").content.decode())
    for said in ("Recorded, and counted from now on.", "it is recorded, and not twice."):
        page = client.post("/do-and-never-do/1/crossed/", {"once": once[1], "what": "A list was sold."}, follow=True)
        assert said in page.content.decode()
    assert Act.objects.count() == 1

    def counted():
        file = b"".join(client.get("/do-and-never-do/1/?form=csv").streaming_content).decode()
        return _crossed(client), file.count("commitment:1")

    assert counted() == (1, 1)
    Act.objects.update(hold_until=desk_now() - timedelta(seconds=1))
    assert acts.post_due(desk_now()) == 1
    work_off(desk.books)
    figures()
    assert counted() == (1, 1)


def desk_now():
    from keptword.web import shop

    return shop.now()


def test_the_list_and_the_page_of_a_line_count_the_same_days(desk):
    """Crossed yesterday and two years ago: once in the last 12 months, on both pages, which say from when to when."""
    from keptword.core.days import first_of_year_to
    from keptword.words import words

    client = desk.client("mia")
    client.post("/do-and-never-do/add/", {"text": "We never sell addresses.", "never": "never"})
    for days in (1, 730):
        told = {"on": f"{desk.books.today - timedelta(days=days)}", "what": "A list was sold."}
        client.post("/do-and-never-do/1/crossed/", told)
    assert _crossed(client) == 1
    page = client.get("/do-and-never-do/1/").content.decode()
    first = words("en").day(first_of_year_to(desk.books.today))
    assert f"from {first} to {words('en').day(desk.books.today)}" in page
    assert page.count('<th scope="row"') == 1


def test_given_up_the_same_day_it_was_never_one(desk):
    from keptword.office.models import Commitment

    client = desk.client("mia")
    client.post("/do-and-never-do/add/", {"check": "review_changed"})
    client.post("/do-and-never-do/1/end/")
    assert not Commitment.objects.exists()
    client.post("/do-and-never-do/add/", {"check": "review_changed"})
    Commitment.objects.update(since=desk.books.today - timedelta(days=3))
    client.post(f"/do-and-never-do/{Commitment.objects.get().pk}/end/")
    assert Commitment.objects.get().until == desk.books.today


@pytest.mark.parametrize(
    "fields", [{"text": ""}, {"text": "A", "check": "drop table"}, {"check": "kept:nothing", "text": "B"}]
)
def test_what_is_no_commitment_is_refused(desk, fields):
    from keptword.office.models import Commitment

    assert desk.client("mia").post("/do-and-never-do/add/", fields).status_code == 422
    assert not Commitment.objects.exists()


def test_script_in_a_commitment_is_text(desk):
    client = desk.client("mia")
    page = client.post("/do-and-never-do/add/", {"text": "<script>alert(1)</script>", "never": "never"}, follow=True)
    assert "<script>alert" not in page.content.decode()
    assert "<script>alert" not in client.get("/do-and-never-do/1/").content.decode()
    assert client.get("/do-and-never-do/77/").status_code == 404


def test_the_crossings_can_be_had_as_a_file(desk):
    client = desk.client("mia")
    client.post("/do-and-never-do/add/", {"check": "refund_late"})
    refunded_late(desk)
    file = b"".join(client.get("/do-and-never-do/1/?form=csv").streaming_content).decode("utf-8-sig")
    assert "order:9001" in file
    assert file.startswith("Day,About,Customer,Promise")


@pytest.mark.parametrize("script", [True, False])
def test_a_line_is_taken_on_in_the_browser(browser, site, pictures, script):
    with opened(browser, site, script=script) as page:
        page.goto("/do-and-never-do/")
        offer = page.locator("li", has_text="We never pay money back later")
        offer.get_by_role("button", name="Take it on").click()
        assert "Taken on" in page.get_by_role("status").inner_text()
        page.get_by_role("link", name="Look").first.click()
        assert page.get_by_role("heading", level=1).inner_text().startswith("We never pay money back")
        if script:
            accessible(page)
        page.get_by_role("button", name="Record that it was crossed").click()
        page.get_by_role("button", name="Undo").click()
        assert "Nothing was recorded" in page.get_by_role("status").inner_text()


def test_the_page_can_be_read_by_everybody(browser, seen_site, pictures):
    client = seen_site.desk.client("mia")
    if "We ship when we said." not in client.get("/do-and-never-do/").content.decode():
        client.post("/do-and-never-do/add/", {"text": "We ship when we said.", "check": "kept:dispatch", "never": ""})
        for check in ("refund_late", "offer_to_owed", "review_changed"):
            client.post("/do-and-never-do/add/", {"check": check})
    with opened(browser, seen_site) as page:
        page.goto("/do-and-never-do/")
        calm(page, pictures, name="desk-commitments")
