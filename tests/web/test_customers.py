"""Customers: who was let down, one person's page, notes, corrections, everything as a file, and being erased."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from keptword.books.exporting import exported
from keptword.figures.reading import Reader, current
from keptword.office import jobs
from keptword.office.models import Audit, Job, Letter, Note, Person
from keptword.web.work import running
from keptword.web.work.erasing import KIND, asked_for
from web.cast import Desk
from web.serving import calm, opened

SCRIPT = "<script>document.title = 'taken'</script>"
TURNED = "\u202eevil\u202c"


def figures(desk: Desk) -> Reader:
    """The figures the pages read."""
    reader = current(desk.books.folder)
    assert reader is not None
    return reader


def known(desk: Desk, order: str = "made DESC, entries DESC") -> str:
    """The key of a customer: the one with most promises, or first by another order."""
    row = figures(desk).row(f"SELECT user_key FROM people ORDER BY {order}, user_key LIMIT 1")
    assert row is not None
    return str(row["user_key"])


def page_of(user_key: str) -> str:
    """The address of a customer's page."""
    return f"/customers/{quote(user_key)}/"


def text(response) -> str:
    """The page as text."""
    return response.content.decode()


def listed(response) -> list[dict[str, str]]:
    """A CSV file's rows."""
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def names_in(html: str) -> list[str]:
    """The customers a list names, in its order."""
    return re.findall(r'<td><a href="/customers/[^"]+" dir="auto">([^<]+)</a>', html)


# --- The list ----------------------------------------------------------------------------------------


def test_without_a_search_stand_those_most_recently_let_down_by_no_money(seen_desk):
    """Counted anew from the promises: the last day on which one fell due and was not kept by then."""
    promises = figures(seen_desk).rows(
        "SELECT user_key, due_day, broken_on FROM promises WHERE outcome IN ('late', 'broken') AND user_key IS NOT NULL"
    )
    last: dict[str, object] = {}
    for each in promises:
        day = min(filter(None, (each["due_day"], each["broken_on"])))
        last[each["user_key"]] = max(last.get(each["user_key"], day), day)
    html = text(seen_desk.client("ada").get("/customers/"))
    keys = re.findall(r'<td><a href="/customers/([^/]+)/"', html)
    assert len(keys) == min(len(last), 50)
    days = [last[key] for key in keys]
    assert days == sorted(days, reverse=True)
    assert "EUR" not in html


def test_a_customer_is_found_by_name_mail_order_and_key(seen_desk):
    client = seen_desk.client("cleo")
    order = figures(seen_desk).row("SELECT number, user_key FROM subjects WHERE user_key IS NOT NULL ORDER BY number")
    assert order is not None
    person = Person.objects.get(pk=order["user_key"])
    for asked in (person.name.split()[0].upper(), person.mail[:9], order["number"], f"#{order['number']}", person.pk):
        found = text(client.get("/customers/", {"q": asked}))
        assert f'href="{page_of(person.pk)}"' in found, asked


def test_a_search_without_an_answer_teaches_and_hostile_ones_do_no_harm(seen_desk):
    client = seen_desk.client("cleo")
    for asked in ("nobody is called so", SCRIPT, "%' OR 1=1 --", TURNED, "\x00", "*", "a" * 5000, "🦊"):
        answer = client.get("/customers/", {"q": asked})
        assert answer.status_code == 200, asked
        assert SCRIPT not in text(answer)
    assert "Nobody found for “nobody is called so”" in text(client.get("/customers/", {"q": "nobody is called so"}))


def test_the_file_equals_the_table(seen_desk):
    client = seen_desk.client("cleo")
    for address in ("/customers/?who=all&sort=-last", "/customers/?sort=-failed", "/customers/?q=an"):
        html = text(client.get(address))
        rows = listed(client.get(f"{address}&form=csv"))
        shown = names_in(html)
        assert [row["name"] for row in rows][: len(shown)] == [name.replace("&#39;", "'") for name in shown], address
    everybody = listed(client.get("/customers/?who=all&form=csv"))
    counted = figures(seen_desk).row("SELECT count(*) AS count FROM people")
    assert counted == {"count": len(everybody)}


def test_the_whole_list_is_put_in_order_once_however_long_it_is(seen_desk, monkeypatch):
    """Names are looked up for five at a time, and every customer is there, in the order of the table."""
    from keptword.web.desk.customers import search

    asked = []

    def spied(there):
        return lambda self, sql, told=None: asked.append(sql) or there(self, sql, told)

    monkeypatch.setattr(search, "AT_ONCE", 5)
    monkeypatch.setattr(Reader, "rows", spied(Reader.rows))
    monkeypatch.setattr(Reader, "stream", spied(Reader.stream))
    client = seen_desk.client("cleo")
    found = listed(client.get("/customers/?who=all&sort=-last&form=csv"))
    # Once for the page itself, once for all of them.
    assert len([sql for sql in asked if "ORDER BY" in sql]) == 2
    assert len({row["key"] for row in found}) == len(found) > 50
    days = [row["Last heard of"] for row in found]
    assert days == sorted(days, reverse=True)


def test_the_list_says_as_of_when_it_is(seen_desk):
    page = text(seen_desk.client("cleo").get("/customers/"))
    assert re.search("Counted up to .+ What was done since stands on the page", page)


def test_what_a_customer_waits_for_is_shown_before_what_is_settled(monday, monkeypatch):
    """Of four promises two are shown: the one past its day and the one without a day, not those kept late."""
    from keptword.web.desk.customers import record
    from keptword.words import words

    monkeypatch.setattr(record, "MOST", 2)
    told = {"what": "a lid", "kind": "resolution", "to": "", "user_key": "c3", "day": "", "channel": ""}
    assert monday.client("ben").post("/promises/new/", told).status_code == 303
    now = datetime.now(UTC)
    shown = record.promises(figures(monday), "c3", now=now, timezone="UTC", words=words("en"))
    assert (len(shown.waits), len(shown.failed), shown.more) == (2, 0, 2)


def test_a_name_that_is_a_formula_is_none_in_the_file(desk):
    key = known(desk)
    Person.objects.filter(pk=key).update(name='=HYPERLINK("http://evil")')
    rows = listed(desk.client("cleo").get("/customers/?who=all&form=csv"))
    assert next(row for row in rows if row["key"] == key)["name"].startswith("'=")


def test_without_any_customer_the_page_teaches(desk):
    for path in desk.books.folder.figures.glob("*.duckdb"):
        path.unlink()
    html = text(desk.client("ada").get("/customers/"))
    assert "No customers yet" in html
    # The address book still knows them.
    person = Person.objects.first()
    assert desk.client("ada").get(page_of(person.pk)).status_code == 200


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False])
def test_searching_works_with_and_without_a_script(browser, seen_site, script):
    person = Person.objects.exclude(name="").order_by("name").first()
    with opened(browser, seen_site, name="ben", script=script) as page:
        page.goto("/customers/")
        page.get_by_role("searchbox").fill(person.name)
        if script:
            page.wait_for_url("**q=*")
        else:
            page.get_by_role("button", name="Search").click()
        page.locator("#list").get_by_role("link", name=person.name).first.click()
        assert page.get_by_role("heading", level=1).inner_text() == person.name


# --- One person --------------------------------------------------------------------------------------


def test_the_record_is_that_of_the_file_of_everything(seen_desk):
    """The sentence and the counts beside the promises in the export, judged again from the entries."""
    yesterday = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    checked = 0
    for row in figures(seen_desk).rows("SELECT user_key FROM people WHERE made > 0 ORDER BY made DESC LIMIT 4"):
        promises = exported(seen_desk.books, row["user_key"], say=lambda _: None)["promises"]
        if any(each.get("due_on", each.get("due_at", "9")) > yesterday for each in promises):
            continue
        outcomes = [each["outcome"] for each in promises]
        due, kept = sum(each in ("kept", "late", "broken") for each in outcomes), outcomes.count("kept")
        html = re.sub(r"<[^>]+>", "", text(seen_desk.client("ada").get(page_of(row["user_key"]))))
        if 0 < kept < due:
            assert f"We kept {kept} of {due} promises to" in html
        elif kept:
            assert "We kept the one promise" in html if due == 1 else f"We kept all {due} promises" in html
        else:
            assert "not keep the one promise" in html if due == 1 else f"none of {due} promises" in html
        checked += 1
    assert checked


def test_neither_money_nor_likelihood_stands_on_a_persons_page(seen_desk):
    for row in figures(seen_desk).rows("SELECT user_key FROM people ORDER BY entries DESC LIMIT 5"):
        html = re.sub(r"<[^>]+>", " ", text(seen_desk.client("ada").get(page_of(row["user_key"]))))
        assert not re.search(r"EUR|€|\d+\.\d\d\b|likely|likelihood|probab|worth", html)


def test_the_entries_are_all_there_page_by_page_and_as_a_file(seen_desk):
    key = known(seen_desk, "entries DESC")
    client = seen_desk.client("cleo")
    counted = figures(seen_desk).row("SELECT count(*) AS count FROM entries_of WHERE user_key = $key", {"key": key})
    assert counted == {"count": len(listed(client.get(page_of(key), {"form": "csv"})))}


@pytest.mark.parametrize("key", ["nobody", "../../etc/passwd", SCRIPT, "%00", "a" * 600, "/", "..", "~2F"])
def test_a_key_of_nobody_is_a_page_that_is_not_there(seen_desk, key):
    from django.urls import reverse

    assert seen_desk.client("ada").get(reverse("customers.person", kwargs={"user_key": key})).status_code == 404


@pytest.mark.parametrize("key", ["a/b", "..", "~", "李/明 100 %", "x\\y?#&", SCRIPT])
def test_a_customer_of_any_key_has_a_page(desk, key):
    from django.urls import reverse

    Person.objects.create(user_key=key, name=f"{TURNED}{SCRIPT}", updated_at=datetime.now(UTC))
    answer = desk.client("ben").get(reverse("customers.person", kwargs={"user_key": key}))
    assert answer.status_code == 200
    assert SCRIPT not in text(answer)
    assert "\u202e" not in text(answer)


# --- Notes and the address book ----------------------------------------------------------------------


def noted(desk: Desk, key: str, words: str, *, name: str = "ben"):
    """The answer to a note."""
    return desk.client(name).post(f"{page_of(key)}note/", {"text": words})


def test_a_note_is_kept_removed_and_brought_back(desk):
    key, ben = known(desk), desk.client("ben")
    assert noted(desk, key, f"Prefers mornings.\r\n{SCRIPT}\x00{TURNED}").status_code == 303
    note = Note.objects.get()
    assert note.text.startswith("Prefers mornings.\n<script>")
    html = text(ben.get(page_of(key)))
    assert "Prefers mornings." in html
    assert SCRIPT not in html
    ben.post(f"{page_of(key)}note/{note.pk}/remove/")
    assert "Prefers mornings." not in text(ben.get(page_of(key)))
    ben.post(f"{page_of(key)}note/{note.pk}/back/")
    assert "Prefers mornings." in text(ben.get(page_of(key)))


def test_anothers_note_is_not_an_agents_to_remove_but_a_managers(desk):
    key = known(desk)
    noted(desk, key, "Of Ada's.", name="ada")
    note = Note.objects.get()
    remove = f"{page_of(key)}note/{note.pk}/remove/"
    assert remove not in text(desk.client("ben").get(page_of(key)))
    assert desk.client("ben").post(remove).status_code == 404
    assert desk.client("cleo").post(remove).status_code == 403
    # Not through another customer's address either.
    assert desk.client("mia").post(f"/customers/nobody/note/{note.pk}/remove/").status_code == 404
    assert desk.client("mia").post(remove).status_code == 303
    assert Note.objects.get().removed_at is not None


def test_a_note_that_is_too_long_is_not_lost(desk):
    key = known(desk)
    answer = noted(desk, key, "long " * 3000)
    assert answer.status_code == 422
    assert "long " * 2999 + "long</textarea>" in text(answer)
    assert noted(desk, key, "  \n ").status_code == 422
    assert noted(desk, key, "x" * 10_000_000).status_code == 413
    assert not Note.objects.exists()


def test_a_removed_note_is_gone_for_good_after_ten_minutes(desk):
    from keptword.office import notes

    key = known(desk)
    noted(desk, key, "Soon gone.")
    note, now = Note.objects.get(), datetime.now(UTC)
    notes.remove(note, now=now)
    assert notes.sweep(now + timedelta(minutes=9)) == 0
    assert not notes.bring_back(note, now=now + timedelta(minutes=11))
    assert notes.sweep(now + timedelta(minutes=11)) == 1
    assert not Note.objects.exists()


def test_a_corrected_customer_is_found_by_the_new_name(desk):
    key, ben = known(desk), desk.client("ben")
    name = f"Wilhelmina {TURNED}Österlund"
    told = {"name": name, "mail": "wil@example.org", "phone": "", "language": "zh", "country": "at"}
    assert ben.post(f"{page_of(key)}contact/", told).status_code == 303
    person = Person.objects.get(pk=key)
    assert (person.language, person.country, "\u202e" in person.name) == ("zh", "AT", False)
    assert page_of(key) in text(ben.get("/customers/?q=osterlund"))
    assert page_of(key) in text(ben.get("/customers/?q=wil@example"))
    assert desk.client("cleo").post(f"{page_of(key)}contact/", told).status_code == 403


@pytest.mark.parametrize("mail", ["no address", "a@b", "two@x.org two@y.org", SCRIPT, f"{'x' * 260}@example.org"])
def test_a_mail_address_that_is_none_is_refused_and_nothing_is_lost(desk, mail):
    key = known(desk)
    before = Person.objects.get(pk=key)
    answer = desk.client("ben").post(f"{page_of(key)}contact/", {"name": "Somebody Else", "mail": mail})
    assert answer.status_code == 422
    assert "Somebody Else" in text(answer)
    assert SCRIPT not in text(answer)
    assert Person.objects.get(pk=key).name == before.name


def test_what_was_just_done_stands_on_the_page_at_once(desk):
    from keptword.office import acts

    key = known(desk, "open DESC, made DESC")
    intent = acts.Intent("apology.sent", user_key=key)
    acts.record([intent], by=desk.members["ben"], now=datetime.now(UTC), timezone=desk.books.timezone)
    html = text(desk.client("ada").get(page_of(key)))
    assert "Done just now" in html
    assert "we apologised" in html


# --- Their rights ------------------------------------------------------------------------------------


def test_everything_known_is_handed_out_with_notes_and_the_address_book(desk):
    key = known(desk)
    noted(desk, key, "Written down.")
    answer = desk.client("ben").get(f"{page_of(key)}everything/")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    told = json.loads(answer.content)
    assert told["address_book"]["name"] == Person.objects.get(pk=key).name
    assert told["notes_about_them"][0]["text"] == "Written down."
    counted = figures(desk).row("SELECT entries FROM people WHERE user_key = $key", {"key": key})
    assert counted == {"entries": len(told["entries"])}
    assert desk.client("cleo").get(f"{page_of(key)}everything/").status_code == 403


def test_an_erased_customer_is_nowhere_and_the_log_does_not_say_who(desk):
    from keptword.web.work.running import work_off

    key, ada = known(desk), desk.client("ada")
    person = Person.objects.get(pk=key)
    noted(desk, key, "Written down.")
    erase = f"{page_of(key)}erase/"
    assert desk.client("mia").get(erase).status_code == 403
    assert ada.post(erase, {"word": "yes"}).status_code == 422
    assert not Job.objects.filter(kind="erase").exists()
    answer = ada.post(erase, {"word": " Erase "})
    job = Job.objects.get(kind="erase")
    assert key not in json.dumps(job.asked)
    assert "Every file is written anew" in text(ada.get(answer.url))
    work_off(desk.books)
    job.refresh_from_db()
    assert (job.state, job.asked) == ("done", {})
    assert job.result["held"] == []
    assert "taken out" in text(ada.get(answer.url))
    assert ada.get(page_of(key)).status_code == 404
    assert page_of(key) not in text(ada.get("/customers/", {"q": person.name}))
    # A tab that was open all the while.
    late = ada.post("/waiting/letter/", {"to": key, "subject": "Hello", "body": "Hello"}, follow=True)
    assert "erased at their request" in text(late)
    assert not Letter.objects.exists()
    written = " ".join(f"{each.act} {each.place} {each.outcome}" for each in Audit.objects.all())
    assert key not in written
    assert person.name not in written
    for path in desk.books.folder.path.rglob("*"):
        assert not path.is_file() or key.encode() not in path.read_bytes(), path


def test_an_erasure_is_done_where_no_figures_can_be_made_after_it(desk):
    """A file lies where the figures belong: none can be made; what was taken out and searched is told all the same."""
    key = known(desk)
    shutil.rmtree(desk.books.folder.figures)
    desk.books.folder.figures.write_text("in the way", encoding="utf-8")
    job = jobs.ask(KIND, member=None, **asked_for(key))
    assert running.one_job(desk.books, datetime.now(UTC)) is not None
    job.refresh_from_db()
    assert (job.state, job.asked, job.result["held"]) == ("done", {}, [])
    assert job.result["files"] > 0


def test_a_request_for_an_erasure_names_nobody_once_it_is_given_up(desk):
    """Cut off three times, the work is not begun again; the row and the file of the database let go of the key."""
    told = asked_for(known(desk))
    job = jobs.ask(KIND, member=None, **told)
    for _ in range(jobs.TRIES):
        assert jobs.take().pk == job.pk
        running.begin()
    job.refresh_from_db()
    assert (job.state, job.asked) == ("failed", {})
    held = [
        path.name for path in desk.books.folder.path.glob("desk.sqlite3*") if told["who"].encode() in path.read_bytes()
    ]
    assert held == []


def test_work_of_another_kind_is_no_erasure_to_look_at(desk):
    from keptword.office import jobs

    other = jobs.ask("figures", member=desk.members["ada"])
    assert desk.client("ada").get(f"/customers-erased/{other.pk}/").status_code == 404
    assert desk.client("ada").get("/customers-erased/987654321/").status_code == 404


# --- Seen --------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_the_pages_are_calm(browser, seen_site, pictures):
    key = known(seen_site.desk, "late + broken DESC, made DESC")
    with opened(browser, seen_site) as page:
        for name, address in {
            "customers": "/customers/",
            "customers-found": "/customers/?q=an",
            "customer": page_of(key),
            "customer-contact": f"{page_of(key)}contact/",
            "customer-erase": f"{page_of(key)}erase/",
        }.items():
            page.goto(address)
            calm(page, pictures, name=f"desk-{name}")


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False])
def test_a_note_is_written_and_undone_in_the_browser(browser, site, script):
    key = known(site.desk)
    with opened(browser, site, name="ben", script=script) as page:
        page.goto(page_of(key))
        page.get_by_label("A note").fill("Rings twice.")
        page.get_by_role("button", name="Keep this note").click()
        assert page.get_by_text("Rings twice.").is_visible()
        page.get_by_role("status").get_by_role("button", name="Undo").click()
        assert page.get_by_text("Rings twice.").count() == 0


@pytest.mark.browser
def test_the_mail_address_is_copied(browser, seen_site):
    person = Person.objects.exclude(mail="").first()
    with opened(browser, seen_site) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(page_of(person.pk))
        page.get_by_role("button", name="Copy").click()
        page.get_by_role("button", name="Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == person.mail
