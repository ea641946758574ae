"""The work behind adding data: watched, cut off, waiting its turn, done twice over many lines, first without a look."""

from __future__ import annotations

import html
import re
import threading
import time
from datetime import UTC, datetime

import pytest

from web.dropped import dropped, file, jobs_done, orders

RATES = "Date,USD,JPY,CNY\n2026-03-02,1.0850,161.2,7.8125\n2026-03-03,1.0870,161.9,7.8230\n"


def imports(desk) -> list[tuple[int, str, int, int]]:
    """Number, state, new and known entries of each import."""
    from keptword.books.imports_made import imports_made

    return [(each.number, each.state, each.recorded, each.known) for each in imports_made()]


def test_many_lines_twice_are_known_the_second_time_and_progress_never_goes_back(desk):
    """Fifty thousand lines in two drops, the percentages watched all the while."""
    from django.db import connections

    from keptword.office.models import Job

    content = orders(50_000)
    first = dropped(desk, file(content, "orders.csv"))
    first.told()
    jobs_done(desk)
    seen: list[tuple[float, str]] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            row = Job.objects.filter(kind="import", state="running").values_list("percent", "said").first()
            if row and row[0] is not None:
                seen.append(row)
        connections.close_all()

    watcher = threading.Thread(target=watch)
    watcher.start()
    job = first.brought()
    done.set()
    watcher.join()
    assert job.state == "done"
    assert imports(desk)[-1][1:] == ("recorded", 200_000, 0)
    percents = [percent for percent, _ in seen]
    assert percents == sorted(percents)
    assert {said for _, said in seen} >= {"Reading the files …", "Writing into your books …"}
    second = dropped(desk, file(content, "orders.csv"))
    assert "Nothing in these files is new" in second.page()
    assert second.brought().state == "done"
    assert imports(desk)[-1][1:] == ("recorded", 0, 200_000)


@pytest.mark.parametrize("place", ["before", "after"])
def test_an_import_that_is_cut_off_is_gone_on_with(desk, monkeypatch, place):
    """Before its entries are safe it begins anew; after that it is finished, and nothing counts twice."""
    from keptword.books import recording
    from keptword.office import jobs

    found = dropped(desk, file(orders(40), "orders.csv"))
    found.told()
    jobs_done(desk)
    found.client.post(f"{found.address}bring/")
    broken = {"before": "_not_staged", "after": "_settled"}[place]

    def cut_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(recording, broken, cut_off)
        if place == "before":
            patched.setattr(recording, "stage", lambda *_: 1 / 0)
        with pytest.raises(KeyboardInterrupt):
            jobs_done(desk)
    jobs.resume()
    job = found.brought()
    page = found.client.get(f"/add-data/work/{job.pk}/", follow=True).content.decode()
    assert "160 entries" in page
    assert ("cut off in the middle and gone on with" in page) == (place == "after")
    states = [state for _, state, *_ in imports(desk)[1:]]
    assert states == {"before": ["reading", "recorded"], "after": ["recorded"]}[place]
    assert sum(new for _, _, new, _ in imports(desk)[1:]) == 160
    if place == "before":
        stopped = found.client.get(f"/add-data/{imports(desk)[1][0]}/").content.decode()
        assert "cut off before anything of it was safe" in stopped


def test_an_import_waits_for_a_closing_and_says_that_something_else_comes_first(desk):
    """The books are held by somebody else for a while: the import is done once they are free."""
    from django.db import connections

    from keptword.intake.lease import held
    from keptword.office import jobs
    from keptword.office.models import Job

    found = dropped(desk, file(orders(20), "orders.csv"))
    found.told()
    jobs_done(desk)
    earlier = jobs.ask("figures", member=None)
    answer = found.client.post(f"{found.address}bring/")
    page = found.client.get(answer.headers["Location"]).content.decode()
    assert "Something else is done first; then this is begun." in page
    # Pressed twice, it is brought in once.
    assert found.client.post(f"{found.address}bring/").headers["Location"] == answer.headers["Location"]
    Job.objects.filter(pk=earlier.pk).delete()

    def work() -> None:
        jobs_done(desk)
        connections.close_all()

    with held():
        worker = threading.Thread(target=work)
        worker.start()
        time.sleep(2)
        assert "Bringing your files in" in found.client.get(answer.headers["Location"]).content.decode()
        assert imports(desk)[-1][1:] != ("recorded", 80, 0)
    worker.join()
    assert imports(desk)[-1][1:] == ("recorded", 80, 0)


def test_the_first_file_is_brought_in_at_once_and_an_unknown_one_says_what_is_missing(desk):
    """The first run asks for no look; a table nobody knows fails in a sentence, which leads to its columns."""
    from keptword.office.models import Job

    client = desk.client("ada")
    for onward, goal in (("/settings/", "/settings/?job="), ("https://elsewhere.example/", "/?job=")):
        answer = client.post("/add-data/drop/", {"files": [file(orders(5), "orders.csv")], "next": onward})
        assert answer.headers["Location"].startswith(goal)
    jobs_done(desk)
    job = Job.objects.filter(kind="import").first()
    assert (job.state, job.error) == (
        "failed",
        "Nobody knows yet what the columns of orders.csv say. Say it once, then it is read.",
    )
    page = client.get(f"/add-data/work/{job.pk}/").content.decode()
    assert f"/add-data/files/{job.asked['upload']}/" in page
    assert "Say what its columns are" in client.get(f"/add-data/files/{job.asked['upload']}/").content.decode()


def test_rates_of_currencies_are_taken_too(desk):
    from keptword.books.rates import known

    found = dropped(desk, file(RATES.encode(), "eurofxref-hist.csv"))
    assert "Take the rates" in found.page()
    job = found.brought()
    assert "6 rates are new" in desk.client("mia").get(f"/add-data/work/{job.pk}/").content.decode()
    assert [each.currency for each in known(desk.books)] == ["CNY", "JPY", "USD"]
    again = dropped(desk, file(RATES.encode(), "eurofxref-hist.csv")).brought()
    assert "known already" in desk.client("mia").get(f"/add-data/work/{again.pk}/").content.decode()


def test_an_unknown_file_can_be_left_out_and_the_rest_brought_in(desk):
    found = dropped(desk, file(orders(5), "a.csv"), file(RATES.encode(), "rates.csv"))
    assert "One file is still to be told of" in found.page()
    found.client.post(f"{found.address}without/", {"place": "1"})
    jobs_done(desk)
    page = found.page()
    assert "Take it in again" in page
    assert "Take the rates" in page
    assert found.client.post(f"{found.address}without/", {"place": "9"}).status_code == 404
    assert found.brought().result["rates"] == 6


def test_what_is_left_is_deleted_and_nothing_of_it_counts(desk):
    found = dropped(desk, file(orders(5), "a.csv"))
    found.client.post(f"{found.address}leave/")
    assert found.client.get(found.address).status_code == 404
    assert not list(desk.books.folder.uploads.glob("*"))
    assert len(imports(desk)) == 1


def test_dates_to_come_are_told_before_they_count(desk):
    later = orders(5).replace(b".20", b".21")
    found = dropped(desk, file(later, "a.csv"))
    found.told()
    jobs_done(desk)
    assert "20 are of days to come" in found.page()


def test_a_mapping_that_is_wrong_is_said_where_it_stands(desk):
    """Text that is no TOML, a kind nobody knows, a column that is not there, a script, ten megabytes."""
    found = dropped(desk, file(orders(5), "orders.csv"))
    for text, said in (
        ("x = ", "no readable TOML"),
        ('[file]\nname = "a"\n[[fact]]\nkind = "order.eaten"\nwhen = "Ordered on"\nid = "{line}"', "order.eaten"),
        ('[file]\nname = "a"\n[[fact]]\nkind = "order.placed"\nwhen = "Nowhere"\nsubject = "{line}"', "Nowhere"),
        ("<script>alert(1)</script>", "&lt;script&gt;"),
    ):
        answer = found.told(by="text", text=text)
        assert (answer.status_code, said in answer.content.decode()) == (422, True), said
    assert found.told(by="text", text="x" * 10_000_000).status_code == 413
    assert found.told(theme="review").status_code == 422
    assert found.told(**{"role.3": "", "role.4": "", "role.5": ""}).status_code == 422
    assert found.told(**{"role.1": "no such thing", "name": "<b>" * 100, "currency": "<script>"}).status_code == 303
    assert found.client.get(f"{found.address}7/").status_code == 404


def test_a_kept_mapping_is_forgotten_when_asked(desk):
    from keptword.web.work import kept_mappings
    from web.dropped import HEAD

    found = dropped(desk, file(orders(5), "orders.csv"))
    found.told()
    assert kept_mappings.found(HEAD.split(";")) is not None
    assert "read as before" in dropped(desk, file(orders(6), "orders.csv")).page()
    found.client.post(f"{found.address}1/forget/")
    assert kept_mappings.found(HEAD.split(";")) is None
    assert "we have not seen before" in dropped(desk, file(orders(7), "orders.csv")).page()
    unkept = dropped(desk, file(orders(8), "orders.csv"))
    form = unkept.client.post(
        f"{unkept.address}1/", {"by": "columns", "theme": "order", "role.0": "id", "role.3": "begun"}
    )
    assert form.status_code == 303
    assert kept_mappings.found(HEAD.split(";")) is None


def test_the_list_and_its_csv_say_the_same(desk):
    import csv
    import io

    found = dropped(desk, file(orders(5), '=cmd|"x".csv'))
    found.told()
    found.brought()
    client = desk.client("cleo")
    page = client.get("/add-data/?sort=recorded").content.decode()
    text = b"".join(client.get("/add-data/?sort=recorded&form=csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in rows[1:]] == ["2", "1"]
    assert page.index('href="/add-data/2/"') < page.index('href="/add-data/1/"')
    assert client.get("/add-data/?sort=nonsense&page=99").status_code == 200


def test_what_nobody_could_read_is_handed_out_for_a_day_and_to_managers_alone(desk):
    from keptword.books import uploads

    found = dropped(desk, file(orders(5, odd='A-9;"x, y";@x;31.02.2031;;;1;Swift;=1+1'), "orders.csv"))
    found.told()
    job = found.brought()
    address = f"/add-data/work/{job.pk}/lines/1/"
    content = b"".join(found.client.get(address).streaming_content).decode("utf-8-sig")
    assert "'=1+1" in content
    assert desk.client("cleo").get(address).status_code == 403
    # What stays for good names nobody's cell.
    assert "31.02.2031" not in str(job.result)
    number = job.result["number"]
    assert "31.02.2031" in found.client.get(f"/add-data/{number}/").content.decode()
    uploads.clear(desk.books.folder, now=datetime(2090, 1, 1, tzinfo=UTC))
    assert found.client.get(address).status_code == 404
    page = found.client.get(f"/add-data/{number}/").content.decode()
    assert "kept for a day and are deleted" in page
    assert 'reads "…"' in page.replace("&#34;", '"')


def test_taking_an_import_back_says_whose_names_and_addresses_stay(desk):
    """Forty customers, two of whom another file tells of too: thirty-eight go, two stay as they are."""
    from keptword.office.models import Person
    from keptword.web import shop
    from keptword.web.work.running import one_job

    before = Person.objects.count()
    given = dropped(desk, file(orders(40), "all.csv"))
    given.told()
    number = given.brought().result["number"]
    assert dropped(desk, file(orders(2, first=5000), "more.csv")).brought().state == "done"
    assert Person.objects.count() == before + 40
    mia, page = desk.client("mia"), f"/add-data/{number}/"
    assert "2 of its customers" in re.sub(r"<[^>]+>", "", mia.get(f"{page}back/").content.decode())
    mia.post(f"{page}back/")
    assert one_job(desk.books, shop.now()) is not None
    assert Person.objects.count() == before + 2
    told = re.sub(r"<[^>]+>", "", mia.get(page).content.decode())
    assert "2 of its customers" in told
    assert "is not undone" in told


def test_why_lines_could_not_be_read_is_said_in_the_readers_language(desk):
    """In Chinese: of a dropped file, of lines laid aside one by one, of each of them, and in the CSV."""
    from keptword.books.recording import post

    mia = desk.members["mia"]
    mia.language = "zh"
    mia.save()
    found = dropped(desk, file(orders(5, odd='A-9;"x, y";@x;31.02.2031;;;1;Swift;=1+1'), "orders.csv"), name="mia")
    found.told()
    jobs_done(desk)
    assert "不是" in html.unescape(found.client.get(found.address).content.decode())
    post(desk.books, ['{"fact_id": "till/1", "kind": "order.eaten"}'], say=lambda _: None)
    client = desk.client("mia")
    said = "“order.eaten”"
    for address in ("/add-data/lines/", "/add-data/lines/1/", "/add-data/lines/?form=csv"):
        answer = client.get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert said in html.unescape(content.decode()), address
        assert "is not a known" not in content.decode()
