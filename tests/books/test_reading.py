"""The books from Python: what a notebook reads is what was recorded and sealed, and reading leaves no trace."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import ibis
import pytest

import keptword
from books.invented import AUTUMN, RULED, ZONE, fact, put
from keptword.books.folder import Folder, settings_text
from keptword.books.reading import Reading
from keptword.closing.close import close
from keptword.closing.configuration import Input
from keptword.core.problems import KeptwordError
from keptword.core.schema import FACT_SCHEMA
from keptword.engines.duckdb import Engine
from keptword.journal.table import Journal

ROOT = Path(__file__).resolve().parents[2]

TAKEN_BACK = (
    fact("x1", "order.placed", "2031-10-05", user="zoe", subject="order:x1", amount="999.00", by=7, batch=2),
    fact("w7", "import.withdrawn", "2031-10-06", subject="import:7", batch=3),
)
ROWS = (*AUTUMN, *TAKEN_BACK)


@pytest.fixture(scope="module")
def folder(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The autumn's books, without their operational database: September closed on batch 1, October on all three."""
    place = Folder(tmp_path_factory.mktemp("shop") / "Meine Bücher 100 %" / "books")
    place.path.mkdir(parents=True)
    place.settings.write_text(settings_text(name="Rosas Läden", currency="EUR", timezone=ZONE, country="DE"), "utf-8")
    journal = Journal.create(place.journal)
    for number in (1, 2, 3):
        rows = put(engine, [row for row in ROWS if row["batch"] == number])
        journal.append(engine, rows, number=number, guard=lambda: None)
    for day, batch in ((date(2031, 9, 30), 1), (date(2031, 10, 31), 3)):
        told = journal.facts(engine)
        close(engine, told, closings=place.closings, configuration=RULED, upto=Input(day, batch))
    return place.path


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    """A copy of the books, to be damaged."""
    return Path(shutil.copytree(folder, tmp_path / "books"))


@pytest.fixture(scope="module")
def books(folder: Path) -> Iterator[Reading]:
    """The autumn's books, opened."""
    with keptword.open(folder) as opened:
        yield opened


def cells(table: ibis.Table, key: str, value: str) -> dict[str, object]:
    """Two columns of a table as a dict, by way of Arrow."""
    rows = table.to_pyarrow()
    return dict(zip(rows[key].to_pylist(), rows[value].to_pylist(), strict=True))


def in_fresh_python(code: str, *arguments: str | Path, folder: Path) -> str:
    """Run code in a Python of its own, in a folder, and return what it wrote; fail with all of it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEPTWORD_")}
    environment |= {"PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"}
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", code, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    written = (done.stdout + done.stderr).decode(errors="replace")
    assert done.returncode == 0, written
    return written


def traces(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below a folder with the moment it was written and what it holds."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
    }


def test_the_books_say_whose_they_are(books):
    assert (books.name, books.currency, books.timezone) == ("Rosas Läden", "EUR", ZONE)
    assert books.closings == (date(2031, 9, 30), date(2031, 10, 31))
    assert "Rosas Läden" in repr(books)
    assert "2031-10-31" in repr(books)


def test_the_entries_are_those_that_count(books):
    """The import that zoe's order came with was taken back; that it was is an entry itself."""
    assert dict(books.facts.schema()) == dict(ibis.schema(FACT_SCHEMA))
    assert sorted(books.facts.to_pandas().fact_id) == sorted([row["fact_id"] for row in AUTUMN] + ["w7"])
    assert cells(books.facts, "fact_id", "amount")["o1"] == Decimal("40.0000")


def test_entries_can_be_reckoned_with(books):
    orders = books.facts.filter(books.facts.kind == "order.placed")
    spent = orders.group_by("user_key").agg(amount=orders.amount.sum())
    assert cells(spent, "user_key", "amount") == {
        "rosa": Decimal("100.0000"),
        "li": Decimal("37.5000"),
        "mia": Decimal("10.0000"),
    }


def test_accounts_are_what_is_left_at_the_end_of_the_day(books):
    """Rosa ordered 58 and 29 days before the end of October; orders fade by half in 180 days."""
    left = cells(books.closing().accounts, "user_key", "purchase")
    assert left["rosa"] == pytest.approx(2 ** (-58 / 180) + 2 ** (-29 / 180), abs=1e-9)
    assert set(left) == {"rosa", "li", "mia"}


def test_the_sums_behind_them_are_exact_decimals_as_of_new_year(books):
    sums = books.closing().sums
    assert str(sums.schema()["purchase"]) == "decimal(38, 12)"
    days = [(date(2031, month, day) - date(2031, 1, 1)).days for month, day in ((9, 3), (10, 2))]
    posted = [Decimal(f"{2 ** (since / 180):.12f}") for since in days]
    assert cells(sums, "user_key", "purchase")["rosa"] == sum(posted)


def test_each_closing_tells_the_promises_of_its_own_day(books):
    then = cells(books.closing("2031-09-30").promises, "promise_id", "outcome")
    now = cells(books.closing().promises, "promise_id", "outcome")
    assert (then["P1"], then["P2"]) == ("open", "broken")
    assert (now["P1"], now["P2"]) == ("kept", "late")
    assert now["dispatch.v1/order:2"] == "late"
    assert cells(books.promises, "promise_id", "outcome") == now


def test_the_month_is_counted_up_to_the_day(books):
    closing = books.closing()
    rated = closing.ratings.to_pandas().to_dict("records")
    assert [(row["target"], row["ratings"], row["good"]) for row in rated] == [("order", 1, 1)]
    assert cells(closing.brought, "user_key", "brought") == {"rosa": 1}
    waited = closing.effort.filter(closing.effort.kind == "contact.opened")
    assert cells(waited, "channel", "seconds") == {"mail": Decimal("90.000000")}
    assert cells(closing.at_once, "promise_kind", "late")["reward"] == 1
    assert closing.missing.count().execute() == 0


def test_a_table_runs_further_expressions_and_joins_those_of_another_day(books):
    then, now = (books.closing(day).accounts for day in books.closings)
    both = now.inner_join(then.select("user_key", earlier=then.purchase), "user_key")
    faded = both.filter(both.purchase < both.earlier).select("user_key").to_pyarrow()
    assert faded["user_key"].to_pylist() == []
    assert now.anti_join(then, "user_key").execute().user_key.tolist() == ["mia"]


@pytest.mark.parametrize("day", [date(2031, 9, 30), datetime(2031, 9, 30, 18), "2031-09-30"], ids=repr)
def test_a_day_is_named_as_people_name_it(books, day):
    closing = books.closing(day)
    assert closing.day == date(2031, 9, 30)
    assert closing.accounts is books.closing(day).accounts


def test_a_table_outlives_the_books_it_was_opened_from(folder):
    facts = keptword.open(folder).facts
    assert facts.count().execute() == len(AUTUMN) + 1


def test_books_without_entries_and_closings_are_empty_tables(tmp_path):
    place = Folder(tmp_path)
    place.settings.write_text(settings_text(name="New", currency="EUR", timezone=ZONE, country=None), "utf-8")
    Journal.create(place.journal)
    with keptword.open(tmp_path) as books:
        assert books.facts.to_pandas().empty
        assert books.closings == ()
        assert "no day closed yet" in repr(books)
        with pytest.raises(KeptwordError, match="No day of these books is closed yet"):
            books.closing()


def test_a_closing_without_promises_has_an_empty_promise_book(engine, tmp_path):
    place = Folder(tmp_path)
    place.settings.write_text(settings_text(name="New", currency="EUR", timezone=ZONE, country=None), "utf-8")
    rows = put(engine, [fact("v1", "page.viewed", "2031-09-03", subject="page:1", user="rosa")])
    Journal.create(place.journal).append(engine, rows, number=1, guard=lambda: None)
    upto = Input(date(2031, 9, 30), 1)
    close(engine, Journal(place.journal).facts(engine), closings=place.closings, configuration=RULED, upto=upto)
    with keptword.open(tmp_path) as books:
        assert books.promises.to_pandas().empty
        assert "outcome" in books.promises.columns


READ_ALL = """
import sys, keptword
books = keptword.open(sys.argv[1])
books.facts.to_pandas()
for day in books.closings:
    closing = books.closing(day)
    for name in ("accounts", "sums", "promises", "effort", "at_once", "brought", "ratings", "missing"):
        getattr(closing, name).to_pandas()
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


def test_reading_loads_no_django_and_leaves_a_folder_it_may_not_write_as_it_was(copied):
    """Where the tests run as root, what may not be written can be; then the traces tell."""
    before = traces(copied)
    for path in [copied, *copied.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        loaded = set(in_fresh_python(READ_ALL, copied, folder=copied.parent).split())
        assert traces(copied) == before
    finally:
        for path in [copied, *copied.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert {"keptword", "duckdb", "pandas"} <= loaded
    assert not loaded & {"django", "sqlite3"}


def test_importing_keptword_loads_nothing_of_it(tmp_path):
    code = "import sys, keptword\nassert keptword.open\nprint(*sys.modules)"
    loaded = {name.split(".")[0] for name in in_fresh_python(code, folder=tmp_path).split()}
    assert not loaded & {"ibis", "duckdb", "numpy", "pandas", "pyarrow", "django", "typer"}


@pytest.mark.parametrize("name", ["pandas", "pyarrow", "pyarrow_hotfix"])
def test_without_the_extra_it_is_said_how_to_get_it(folder, monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(KeptwordError, match=rf'\({name}\)\. Install it with: pip install "keptword\[notebook\]"'):
        keptword.open(folder)


def test_the_commands_need_nothing_of_the_extra(tmp_path):
    """Here it is installed, so that a command that came to need pandas would fail at the owner's alone."""
    entry = '{"fact_id": "o%d", "kind": "order.placed", "user_key": "rosa", "occurred_at": "2025-03-0%dT10:00:00Z", '
    entry += '"subject": "order:%d", "amount": "12.50", "currency": "EUR", "source": "shop"}'
    (tmp_path / "entries.jsonl").write_text("\n".join(entry % (n, n, n) for n in (1, 2, 3)), "utf-8")
    code = """
import sys
sys.modules |= dict.fromkeys(["pandas", "pyarrow", "pyarrow_hotfix"])
from keptword.cli import run
for line in (
    ["init", "--name", "Shop", "--currency", "EUR", "--timezone", "Europe/Berlin"],
    ["post", "entries.jsonl"],
    ["close", "--as-of", "2025-03-31"],
):
    sys.argv = ["keptword", *line]
    try:
        run()
    except SystemExit as end:
        assert not end.code, (line, end.code)
"""
    written = in_fresh_python(code, folder=tmp_path)
    assert "2025-03-31 is closed" in written
    with keptword.open(tmp_path / "books") as books:
        assert books.facts.count().execute() == 3
        assert cells(books.closing().sums, "user_key", "spend").keys() == {"rosa"}


def test_a_day_that_is_not_closed_is_refused(books):
    with pytest.raises(KeptwordError, match=r"2031-10-01 is not closed\. Closed are: 2031-09-30, 2031-10-31"):
        books.closing("2031-10-01")
    with pytest.raises(KeptwordError, match='"last month" is no day'):
        books.closing("last month")


def test_a_folder_without_books_is_refused(tmp_path):
    with pytest.raises(KeptwordError, match="There are no books in"):
        keptword.open(tmp_path / "nowhere")


def test_books_are_found_where_the_commands_find_them(folder, monkeypatch):
    monkeypatch.setenv("KEPTWORD_BOOKS", str(folder))
    assert keptword.open().name == "Rosas Läden"


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"")], ids=["missing", "emptied"])
def test_a_damaged_closing_is_refused_and_its_file_named(copied, harm):
    harm(copied / "closings" / "2031-10-31" / "effort.parquet")
    with keptword.open(copied) as books:
        assert books.closing("2031-09-30").day == date(2031, 9, 30)
        with pytest.raises(KeptwordError, match=r"2031-10-31 is not as it was sealed: .*effort\.parquet"):
            books.closing()


def test_a_journal_with_a_file_missing_is_refused(copied):
    next((copied / "journal").glob("month=*/*.parquet")).unlink()
    with keptword.open(copied) as books, pytest.raises(KeptwordError, match="of the journal is missing"):
        _ = books.facts


@pytest.mark.parametrize("left", [0, 100], ids=["nothing", "half"])
def test_a_journal_with_a_torn_last_record_is_refused_and_not_read_without_it(copied, left):
    """Reading mends nothing; it says what does."""
    last = max((copied / "journal" / "_delta_log").glob("*.json"))
    last.write_bytes(last.read_bytes()[:left])
    with pytest.raises(KeptwordError, match=rf"{last.name}.*(half written|cannot be read).*keptword post"):
        _ = keptword.open(copied).facts


def test_balances_of_other_lines_are_refused_and_their_sums_are_not(copied):
    """A half-life that changed since would give another figure without a word."""
    path = copied / "closings" / "2031-10-31" / "manifest.json"
    path.write_text(re.sub(r'"lines": "\w+"', '"lines": "of another version"', path.read_text("utf-8")), "utf-8")
    with keptword.open(copied) as books:
        with pytest.raises(KeptwordError, match="closed with other lines"):
            _ = books.closing().accounts
        assert books.closing().sums.count().execute() == 3


def test_books_of_an_older_layout_are_left_alone(copied, monkeypatch):
    monkeypatch.setattr("keptword.books.reading.FORMAT", 2)
    with pytest.raises(KeptwordError, match="written by an older Keptword"):
        keptword.open(copied)


def test_the_examples_of_the_page_run_as_they_stand(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    page = (ROOT / "docs" / "notebook.md").read_text("utf-8")
    examples = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(examples) == 5
    names: dict[str, object] = {}
    for example in examples:
        exec(compile(example, "docs/notebook.md", "exec"), names)
    assert cells(names["sales"], "month", "amount") == {
        date(2031, 9, 1): Decimal("77.5000"),
        date(2031, 10, 1): Decimal("70.0000"),
    }
    assert set(cells(names["failed"], "user_key", "broken")) == {"rosa", "li", "mia"}
    moved = dict(zip(names["moved"]["promise_id"].to_pylist(), names["moved"]["was"].to_pylist(), strict=True))
    assert moved == {"P1": "open", "P2": "broken"}
