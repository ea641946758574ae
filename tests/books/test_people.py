"""The address book of real books: filled by an import whatever is killed, found in no other byte, gone when asked."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from books.commands import Owner
from books.tea_shop import LI, begun, holders, line, quiet
from keptword.books.closing import close_day
from keptword.books.contacts import waiting
from keptword.books.erasing import erase
from keptword.books.opened import Books
from keptword.books.recording import import_files, people_staying, post, take_back
from keptword.books.whom import whom
from keptword.core.problems import KeptwordError
from keptword.office import forgetting, people
from shopify_export import COLUMNS, order, write

WHEN = {
    "Created_at": "2025-03-03 10:00:00 +0100",
    "Paid_at": "2025-03-03 10:05:00 +0100",
    "Fulfilled_at": "2025-03-04 16:00:00 +0100",
}
NAME, MAIL, PHONE = "Rosamunde Quellwasser", "Rosamunde.Quell@mail.example", "+49 171 5550199"
SECRETS = ("Quellwasser", MAIL, MAIL.lower(), "quellwasser", "5550199")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Rosamunde ordered twice, Tom once."""
    rosa = {"Email": MAIL, "Billing_Name": NAME, "Billing_Phone": PHONE, **WHEN}
    tom = {"Email": "tom@mail.example", "Billing_Name": "Tom Kern", **WHEN}
    rows = [order("#1", **rosa), order("#2", **rosa), order("#3", **tom)]
    return write(tmp_path / "orders.csv", rows, columns=(*COLUMNS, "Billing Name", "Billing Phone"))


@pytest.fixture
def books(tmp_path: Path) -> Books:
    """Empty books, on a path that is not easy."""
    return begun(tmp_path / "Meine Bücher 100 %")


def bring(books: Books, export: Path) -> None:
    import_files(books, [export], mapping=None, say=quiet)


def names() -> list[str]:
    """Who is in the address book."""
    return sorted(one.name for one in people.several(forgetting.keys()).values())


def held_in(books: Books) -> set[str]:
    """The first part of each place in the folder where anything of Rosamunde stands."""
    return {name.split("/")[0].split("-")[0] for secret in SECRETS for name in holders(books.folder.path, secret)}


def test_an_import_fills_the_address_book_and_nothing_else(books, export):
    """Searched byte by byte and value by value: names stand in the database, and not in entries, closings, files."""
    bring(books, export)
    close_day(books, date(2025, 3, 31), say=quiet)
    (one,) = people.found("quell rosamunde")
    assert (one.name, one.mail, one.phone) == (NAME, MAIL, PHONE)
    assert names() == [NAME, "Tom Kern"]
    assert held_in(books) == {"desk.sqlite3"}
    assert list(books.folder.staged.iterdir()) == []


def test_the_same_file_again_changes_nothing(books, export):
    bring(books, export)
    before = list(people.Person.objects.order_by("pk").values())
    bring(books, export)
    assert list(people.Person.objects.order_by("pk").values()) == before


def test_an_erased_customer_is_in_no_byte_of_the_books_and_does_not_come_back(books, export):
    """With a note about her and a letter to her; Tom stays as he was."""
    from keptword.office.models import Letter, Note

    bring(books, export)
    close_day(books, date(2025, 3, 31), say=quiet)
    key = whom(books, MAIL)
    Note.objects.create(user_key=key, text=f"{NAME} called", at=people.person(key).updated_at)
    Letter.objects.create(user_key=key, subject="Sorry", body=f"Dear {NAME}", at=people.person(key).updated_at)
    done = erase(books, key, say=quiet)
    assert (done.found.office, done.taken.office) == (forgetting.Kept(1, 1, 1, 0),) * 2
    assert (done.searched.held, done.searched.unreadable, done.mail) == ((), (), MAIL)
    assert held_in(books) == set()
    assert holders(books.folder.path, key) == []
    bring(books, export)
    assert held_in(books) == set()
    assert names() == ["Tom Kern"]


def test_an_erasure_tells_where_the_address_still_stands(books, export):
    """In a text of another's entry, which is not hers to be cut out of."""
    bring(books, export)
    post(books, [line("n", "contact.opened", day="2025-03-05", user_key=LI, subject=f"about:{MAIL}")], say=quiet)
    done = erase(books, whom(books, MAIL), say=quiet)
    assert {path.parent.name for path in done.searched.held} <= {"month=2025-03"}
    assert done.searched.held


def test_an_address_that_another_has_too_is_not_searched_for(books, tmp_path):
    """A mapping by customer number: two of them give one address."""
    mapping = tmp_path / "shop.toml"
    mapping.write_text(
        '[file]\nname = "shop"\n[personal]\nMail = "address_book"\n[defaults]\nsubject = "order:{Order}"\n'
        'user = "Number"\n[[fact]]\nkind = "order.placed"\nwhen = "Day"\n',
        encoding="utf-8",
    )
    rows = tmp_path / "rows.csv"
    rows.write_text(f"Order,Number,Day,Mail\n1,C1,2025-03-01,{MAIL}\n2,C2,2025-03-02,{MAIL.lower()}\n", "utf-8")
    import_files(books, [rows], mapping=mapping, say=quiet)
    with pytest.raises(KeptwordError, match="that of 2 customers"):
        whom(books, MAIL)
    done = erase(books, whom(books, "1"), say=quiet)
    assert (done.mail, done.searched.held) == ("", ())
    assert whom(books, MAIL) == whom(books, "2")


@pytest.mark.parametrize(
    ("moment", "recorded"),
    [
        ("keptword.intake.imports:seal", False),
        ("keptword.intake.imports:finish", True),
        ("keptword.office.people:_write", True),
        ("keptword.books.contacts:_remove", True),
    ],
)
def test_a_killed_import_is_finished_or_leaves_nothing(books, export, moment, recorded):
    """Before its entries are sealed there is no such import; from then on its people come in with the next command."""
    owner = Owner(books.folder.path)
    killed = owner.process("import", export, moment=moment, what="kill")
    assert killed.status not in (0, 1, 2), killed
    assert len(waiting(books.folder.staged)) == 1
    owner("rules", "list").done()
    owner.post([line("x", "list.subscribed", day="2025-03-05", user_key=LI)]).done()
    assert waiting(books.folder.staged) == []
    assert names() == ([NAME, "Tom Kern"] if recorded else [])
    assert held_in(books) == ({"desk.sqlite3"} if recorded else set())


def test_a_torn_file_of_names_stops_nothing(books, export):
    """The entries of its import are safe; the same files given again bring the names."""
    bring(books, export)
    people.forget(list(forgetting.keys()))
    (books.folder.staged / "import-1.people.parquet").write_bytes(b"PAR1 half a file")
    settled = post(books, [line("x", "list.subscribed", day="2025-03-05", user_key=LI)], say=quiet).settled
    assert [problem.where for problem in settled.problems] == ["import-1.people.parquet"]
    assert list(books.folder.staged.iterdir()) == []
    bring(books, export)
    assert names() == [NAME, "Tom Kern"]


def test_a_backup_of_a_killed_import_brings_its_people_too(books, export, tmp_path):
    owner = Owner(books.folder.path)
    owner.process("import", export, moment="keptword.office.people:_write", what="kill")
    owner("backup", tmp_path / "backup.tar.gz").done()
    other = Owner(tmp_path / "restored")
    other("restore", tmp_path / "backup.tar.gz").done()
    other.post([line("x", "list.subscribed", day="2025-03-05", user_key=LI)]).done()
    assert names() == [NAME, "Tom Kern"]


def test_a_disk_that_is_full_leaves_no_names_behind(books, export, monkeypatch):
    """Of the two files written, the second does not fit."""
    from keptword.books import recording

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recording, "stage", full)
    with pytest.raises(KeptwordError, match="Make room"):
        bring(books, export)
    assert list(books.folder.staged.iterdir()) == []


def test_an_import_taken_back_takes_those_out_of_whom_nothing_else_tells(books, export, tmp_path):
    """Tom ordered elsewhere too; Ada has a note at the desk."""
    from keptword.office.models import Note

    cells = {"Email": "ada@mail.example", "Billing_Name": "Ada"}
    more = [order("#8", Email="tom@mail.example", Billing_Name="Tom Kern"), order("#9", **cells)]
    bring(books, write(tmp_path / "more.csv", more[:1], columns=(*COLUMNS, "Billing Name")))
    bring(books, export)
    bring(books, write(tmp_path / "ada.csv", more[1:], columns=(*COLUMNS, "Billing Name")))
    Note.objects.create(user_key=whom(books, "#9"), text="called", at=people.person(whom(books, "#9")).updated_at)
    assert names() == ["Ada", NAME, "Tom Kern"]
    assert [people_staying(books, number) for number in (1, 2, 3)] == [1, 1, 1]
    assert take_back(books, 2, say=quiet).people == 1
    assert take_back(books, 3, say=quiet).people == 1
    assert names() == ["Ada", "Tom Kern"]
    assert people_staying(books, 1) == 0
    bring(books, export)
    assert names() == ["Ada", NAME, "Tom Kern"]


def test_whom_somebody_means(books, export):
    """By key, address, order number; written as people write them."""
    bring(books, export)
    (rosa,), (tom,) = people.found("rosamunde"), people.found("tom")
    for text in (rosa.user_key, MAIL, f" {MAIL.upper()} ", "1", "#1", "order:#1", "2"):
        assert whom(books, text) == rosa.user_key, text
    assert whom(books, "3") == tom.user_key
    assert whom(books, "nobody") == "nobody"
    with pytest.raises(KeptwordError, match='has the mail address "x@mail"'):
        whom(books, "x@mail")
    # Without an address book the key is made of the address again.
    people.forget([rosa.user_key])
    assert whom(books, MAIL) == rosa.user_key
    erase(books, rosa.user_key, say=quiet)
    assert whom(books, MAIL) == rosa.user_key


def test_commands_take_an_address_or_an_order_number(books, export, tmp_path):
    bring(books, export)
    close_day(books, date(2025, 3, 31), say=quiet)
    owner = Owner(books.folder.path)
    owner("account", MAIL).done("as of 31 March 2025")
    out = tmp_path / "rosa.json"
    owner("export", "#1", "--out", out).done(out.name)
    told = json.loads(out.read_text(encoding="utf-8"))
    assert (told["address_book"]["name"], told["address_book"]["mail"]) == (NAME, MAIL)
    assert (told["notes_about_them"], told["letters_to_them"]) == ([], [])
    assert "Tom Kern" not in out.read_text(encoding="utf-8")
    owner("erase", MAIL, "--yes").done("their row of the address book", "in none of them, nor is the mail address")
    owner("erase", "nobody@mail.example", "--yes").refused("has the mail address")
