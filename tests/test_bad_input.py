"""Whatever is given to `keptword report`: a clear sentence, the right status, never a traceback, and nothing lost."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from keptword.cli import run
from keptword.engines.duckdb import Engine
from keptword.sources.registry import gather
from keptword.sources.source import Reading
from shopify_export import COLUMNS, more, order, text, write

AS_OF = "2031-03-31"


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def figures(self) -> dict[str, Any]:
        """What --format json printed."""
        assert self.status == 0, self.err
        found: dict[str, Any] = json.loads(self.out)
        return found


@dataclass(frozen=True)
class Report:
    """Runs `keptword report` in this process, as the installed command does."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str | Path, form: str = "json", as_of: str = AS_OF) -> Ran:
        told = ["--promise", "ships within 2 working days", "--as-of", as_of, "--format", form]
        self.monkeypatch.setattr(sys, "argv", ["keptword", "report", *map(str, arguments), *told])
        with pytest.raises(SystemExit) as ended:
            run()
        printed = self.capsys.readouterr()
        status = ended.value.code
        return Ran(status if isinstance(status, int) else 0 if status is None else 1, printed.out, printed.err)


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Report:
    monkeypatch.setenv("KEPTWORD_KEY", "a key of the tests")
    monkeypatch.chdir(tmp_path)
    return Report(monkeypatch, capsys)


@dataclass(frozen=True)
class Gathering:
    """Reads files as a report does, without counting any promise: for what reading alone decides."""

    engine: Engine

    def __call__(self, *paths: Path) -> dict[str, Any]:
        reading = Reading(engine=self.engine, key="a key of the tests", recorded_at=datetime(2031, 4, 1))
        read = gather(reading, paths)
        placed = read.facts.filter(read.facts.kind == "order.placed")
        (counts,) = self.engine.rows(placed.agg(orders=placed.subject.nunique(), customers=placed.user_key.nunique()))
        return {**counts, "left_out": dict(read.left_out), "files": read.files, "seen": [p.seen for p in read.problems]}


@pytest.fixture
def reads(engine: Engine) -> Gathering:
    return Gathering(engine)


def refused(ran: Ran, *said: str) -> None:
    """Check that a command refused in whole sentences that say all of `said`."""
    assert ran.status == 1, ran
    assert ran.out == ""
    assert "Traceback" not in ran.err
    assert ran.err.strip().endswith((".", "?"))
    for part in said:
        assert part in ran.err, ran.err


def rejected(path: Path) -> list[tuple[str, str]]:
    """Return what stands in FILE.rejected.csv: the line and the reason of each row."""
    with path.with_name(f"{path.stem}.rejected.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *rows = list(csv.reader(file))
    lower = [name.lower() for name in head]
    return [(row[lower.index("line")], row[lower.index("reason")]) for row in rows]


def orders(count: int, *, first: int = 1001) -> list[dict[str, str]]:
    return [order(f"#{number}") for number in range(first, first + count)]


# Files that are no export at all.


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", ("is empty", "Export it again")),
        (b"\xef\xbb\xbf\n\n", ("is empty", "Export it again")),
        (b"\x00\x01\x02\x03" * 100, ("orders.csv",)),
        (b"%PDF-1.7 and so on", ("PDF",)),
        (b"PK\x03\x04 not really", ("orders.csv",)),
        (b"<!DOCTYPE html><html></html>", ("orders.csv",)),
        ((b"Column," * 199) + b"Column\n" + b"1," * 199 + b"1\n", ("no export Keptword knows", "--mapping")),
        (
            b"Name;E-Mail;Finanzstatus;Bezahlt am;Erstellt am\n#1001;a@example.org;bezahlt;;\n",
            ("another language", "English"),
        ),
        (b"Name,Created at,Paid at\n#1001,2031-03-03 10:00:00 +0100,\n", ("Shopify order export", '"fulfilled at"')),
    ],
    ids=["nothing", "blank", "bytes", "pdf", "zip", "html", "200 columns", "German admin", "a column missing"],
)
def test_a_file_that_is_no_export_is_refused_in_a_sentence_with_the_remedy(
    report: Report, tmp_path: Path, content: bytes, said: tuple[str, ...]
) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(content)
    refused(report(path), *said)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["orders.csv"]


def test_a_file_that_is_not_there_is_refused_and_the_nearest_name_told(report: Report, tmp_path: Path) -> None:
    write(tmp_path / "orders_export.csv", orders(1))
    refused(report(tmp_path / "order_export.csv"), "no such file", "orders_export.csv")
    refused(report(tmp_path), "this is a folder", "orders_export.csv")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (("--as-of", "2031-02-30"), ("not on the calendar", "YYYY-MM-DD")),
        (("--as-of", "yesterday"), ("not on the calendar", "YYYY-MM-DD")),
        (("--as-of", "0001-01-01"), ("0001-01-01",)),
        (("--as-of", "9999-12-31"), ("9999-12-31",)),
        (("--timezone", "Europe/Berln"), ("not a known time zone", "Europe/Berlin")),
        (("--country", "Absurdistan"), ("not a country",)),
        (("--country", "DE-XX"), ("DE",)),
        (("--cutoff", "25:00"), ("cut-off",)),
        (("--working-days", "mon,moonday"), ("moonday",)),
        (("--by", "moon phase"), ("moon phase", "country")),
        (("--promise", "we are very fast"), ("we are very fast", "within")),
        (("--rules", "nowhere.toml"), ("nowhere.toml",)),
        (("--mapping", "nowhere.toml"), ("nowhere.toml",)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_was_told_and_cannot_be_is_refused_in_a_sentence(
    report: Report, tmp_path: Path, told: tuple[str, ...], said: tuple[str, ...]
) -> None:
    path = write(tmp_path / "orders.csv", [order("#1001", Shipping_Country="DE"), order("#1002")])
    before = ["--promise", "ships within 2 working days", "--as-of", AS_OF, "--format", "json"]
    report.monkeypatch.setattr(sys, "argv", ["keptword", "report", str(path), *before, *told])
    with pytest.raises(SystemExit) as ended:
        run()
    printed = report.capsys.readouterr()
    refused(Ran(1 if ended.value.code else 0, printed.out, printed.err), *said)


# Exports that are odd, and can be read.


def test_each_order_becomes_what_it_was(report: Report, tmp_path: Path) -> None:
    """
    #1001 kept, #1002 late, #1003 waits, #1004 cancelled before it left, #1005 cancelled after
    """
    rows = [
        order("#1001"),
        order("#1002", Fulfilled_at="2031-03-06 09:00:00 +0100"),
        order("#1003", Fulfilled_at="", Fulfillment_Status="unfulfilled"),
        order("#1004", Fulfilled_at="", Fulfillment_Status="", Cancelled_at="2031-03-04 09:00:00 +0100"),
        order("#1005", Cancelled_at="2031-03-05 09:00:00 +0100"),
    ]
    figures = report(write(tmp_path / "orders.csv", rows)).figures
    told = ("orders", "customers", "due", "kept", "late", "waiting")
    assert tuple(figures[name] for name in told) == (4, 4, 4, 2, 1, 1)


SEVERAL = [
    order("#1001", Lineitem_name="Müsli, grün"),
    more("#1001", 'A "quoted" cup'),
    order("#1002", Fulfilled_at="2031-03-06 09:00:00 +0100"),
    order("#1003", Fulfilled_at="", Fulfillment_Status="unfulfilled"),
    order("#1004", Fulfilled_at="", Fulfillment_Status="", Cancelled_at="2031-03-04 09:00:00 +0100"),
    order("#1005", Cancelled_at="2031-03-05 09:00:00 +0100"),
]
"""#1001 kept, #1002 late, #1003 waits, #1004 cancelled before it left, #1005 cancelled after."""


@pytest.fixture(scope="module")
def plainly_saved(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return entries(engine, write(tmp_path_factory.mktemp("plain") / "plain.csv", SEVERAL))


@pytest.mark.parametrize(
    "written",
    [
        lambda rows: text(rows, delimiter=";", end="\r\n").encode("utf-8-sig"),
        lambda rows: text(rows, delimiter="\t").encode("utf-16"),
        lambda rows: text(rows, end="\r").encode("utf-8"),
        lambda rows: text(rows, end="\r\n").encode("latin-1"),
        lambda rows: b"sep=;\r\n" + text(rows, delimiter=";", end="\r\n").encode("cp1252"),
        lambda rows: text(reversed(rows)).encode("utf-8"),
        lambda rows: text(rows, columns=(*COLUMNS, *(f"Extra {number}" for number in range(200)))).encode(),
        lambda rows: text(rows).replace("Cancelled at", "Canceled at").encode(),
        lambda rows: text(rows).replace("Created at", "CREATED AT").encode(),
    ],
    ids=["semicolons", "UTF-16 tabs", "CR", "Latin-1", "sep=", "backwards", "220 columns", "Canceled at", "CAPITALS"],
)
def test_an_export_says_the_same_however_it_was_saved(
    engine: Engine, tmp_path: Path, plainly_saved: list[dict[str, Any]], written: Any
) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(written(SEVERAL))
    assert entries(engine, path) == plainly_saved


def entries(engine: Engine, path: Path) -> list[dict[str, Any]]:
    """Return what a file with nothing to refuse says, the entries' places in it aside."""
    reading = Reading(engine=engine, key="a key of the tests", recorded_at=datetime(2031, 4, 1))
    read = gather(reading, [path])
    assert [(file.rows, file.refused) for file in read.files] == [(6, 0)]
    facts = read.facts.drop("source", "attributes").order_by("fact_id")
    products = read.facts.attributes.re_extract('"product":(.*)', 1)
    told = engine.rows(read.facts.select("fact_id", many=products.length()).order_by("fact_id"))
    return [{**fact, **more} for fact, more in zip(engine.rows(facts), told, strict=True)]


def test_lines_that_cannot_be_read_lie_beside_the_file_with_their_reasons_and_the_rest_goes_on(
    reads: Gathering, tmp_path: Path
) -> None:
    rows = [
        order("#1001"),
        order("#1002", Created_at="2031-02-30 10:00:00 +0100"),
        more("#1002", "Cup"),
        order("#1003", Created_at="03/04/2031 10:00"),
        order("#1004", Paid_at="soon"),
        order("#1005", Created_at="0031-03-03 10:00:00 +0100"),
        order("#1006", Fulfilled_at="9999-12-31 23:59:59 +0000"),
        more("#0999", "Of an order of another file"),
        order(""),
        order("#1007", Created_at=""),
        order("#1008", Created_at="infinity"),
        order("#1009"),
    ]
    path = write(tmp_path / "orders.csv", rows)
    figures = reads(path)
    reasons = dict(rejected(path))
    assert figures["orders"] == 2
    assert figures["files"][0].rows == len(rows)
    assert figures["files"][0].refused == len(reasons) == 10
    assert "2031-02-30" in reasons["3"]
    assert "first line could not be read" in reasons["4"]
    assert "day or the month comes first" in reasons["5"]
    assert '"Paid at" reads "soon"' in reasons["6"]
    assert "1990 to 2100" in reasons["7"]
    assert "1990 to 2100" in reasons["8"]
    assert "not in this file" in reasons["9"]
    assert "name is empty" in reasons["10"]
    assert '"Created at" is empty' in reasons["11"]
    assert "infinity" in reasons["12"]


def test_a_quote_never_closed_costs_one_line(reads: Gathering, tmp_path: Path) -> None:
    path = write(tmp_path / "orders.csv", orders(30))
    lines = path.read_text("utf-8").splitlines(keepends=True)
    lines[5] = lines[5].replace("Tea", '"Tea')
    path.write_text("".join(lines), "utf-8")
    figures = reads(path)
    assert figures["orders"] == 29
    assert figures["files"][0].rows == 30
    assert [line for line, _ in rejected(path)] == ["6"]


def test_many_refused_lines_are_all_listed(reads: Gathering, tmp_path: Path) -> None:
    rows = [*orders(3), *(order(f"#{number}", Created_at="?") for number in range(2000, 22_000))]
    path = write(tmp_path / "orders.csv", rows)
    figures = reads(path)
    assert figures["orders"] == 3
    assert figures["files"][0].refused == len(rejected(path)) == 20_000


def test_amounts_are_read_as_people_and_spreadsheets_write_them_and_no_others(reads: Gathering, tmp_path: Path) -> None:
    """
    six totals that are numbers, two of them zero and so left out; three that are none and count without money
    """
    totals = ["1,234.50", "12,34,567.00", "37,50", "€ 20.00", "0,00", "0.00", "NaN", "infinity", "=1+1"]
    rows = [order(f"#{number}", Total=total) for number, total in enumerate(totals, start=1001)]
    figures = reads(write(tmp_path / "orders.csv", rows))
    assert figures["orders"] == 7
    assert figures["left_out"] == {"zero value": 2}
    assert any("3 orders have an amount" in seen for seen in figures["seen"])


def test_odd_cells_are_only_cells(reads: Gathering, tmp_path: Path) -> None:
    """
    a name with spaces, one without "#", an emoji, a formula, a cell of 1 MB, a line break, a carrier called null
    """
    rows = [
        order("# 10 01", Lineitem_name="x" * 1_000_000),
        order("1002", Lineitem_name='=HYPERLINK("http://example.org")', Shipping_Method="🚲 by bike"),
        order("#1003-R1", Lineitem_name="two\nlines", Shipping_Method="null"),
        order("#1004", Email="  ONE@Example.org "),
        order("#1005", Email="one@example.org"),
        order("#1006", Email="", Id=""),
    ]
    figures = reads(write(tmp_path / "orders.csv", rows))
    assert figures["orders"] == 6
    assert figures["customers"] == 4
    assert any("neither a mail address nor a phone number" in seen for seen in figures["seen"])


def test_currencies_that_change_inside_a_file_are_told(reads: Gathering, tmp_path: Path) -> None:
    rows = [order("#1001", Currency="USD"), order("#1002"), order("#1003", Currency="eur")]
    figures = reads(write(tmp_path / "orders.csv", rows))
    assert any("2 in EUR, 1 in USD" in seen for seen in figures["seen"])


def test_the_same_file_given_twice_counts_once(reads: Gathering, tmp_path: Path) -> None:
    rows = [*orders(5), more("#1005", "Cup")]
    one = write(tmp_path / "orders.csv", rows)
    other = write(tmp_path / "again" / "orders.csv", rows)
    without_id = write(tmp_path / "bare.csv", rows, columns=[name for name in COLUMNS if name != "Id"])
    alone = reads(one)
    for figures in (reads(one, one), reads(one, other), reads(without_id, one)):
        assert figures["orders"] == alone["orders"] == 5
        assert figures["customers"] == alone["customers"]
        assert any("5 orders stand in more than one" in seen for seen in figures["seen"])


@pytest.mark.parametrize("with_id", [True, False])
def test_two_shops_whose_numbers_collide_stay_two(reads: Gathering, tmp_path: Path, with_id: bool) -> None:
    columns = [name for name in COLUMNS if with_id or name != "Id"]
    shops = [
        write(
            tmp_path / shop / "orders_export.csv",
            [order("#1001", Id=number, Created_at=created), order("#1002", Id=number + "2", Created_at=created)],
            columns=columns,
        )
        for shop, number, created in (
            ("one", "11", "2031-03-03 10:00:00 +0100"),
            ("two", "22", "2031-03-03 09:30:00 +0100"),
        )
    ]
    figures = reads(*shops)
    assert figures["orders"] == 4
    assert any("exports of two shops" in seen for seen in figures["seen"])


def test_ids_that_a_spreadsheet_shortened_do_not_make_one_order_of_many(reads: Gathering, tmp_path: Path) -> None:
    rows = [order(f"#{number}", Id="5.60005E+12") for number in range(1001, 1005)]
    assert reads(write(tmp_path / "orders.csv", rows))["orders"] == 4


# Shops with little to tell.


def test_a_header_alone_is_a_report_on_nothing(report: Report, tmp_path: Path) -> None:
    path = write(tmp_path / "orders.csv", [])
    ran = report(path, form="table")
    assert ran.status == 0, ran.err
    assert (tmp_path / "keptword-report.html").is_file()
    figures = report(path).figures
    assert figures["orders"] == figures["due"] == 0
    assert figures["kept_share"] is None
    assert figures["can_promise_days"] is None


@pytest.mark.parametrize(
    ("rows", "due", "kept", "waiting"),
    [
        (orders(9), 9, 9, 0),
        (orders(60), 60, 60, 0),
        ([{**each, "Fulfilled at": "", "Fulfillment Status": ""} for each in orders(9)], 9, 0, 9),
    ],
    ids=["nine orders", "none late", "never ships"],
)
def test_a_small_a_perfect_and_a_hopeless_shop_get_their_figures(
    report: Report, tmp_path: Path, rows: list[dict[str, str]], due: int, kept: int, waiting: int
) -> None:
    path = write(tmp_path / "orders.csv", rows)
    figures = report(path).figures
    assert (figures["due"], figures["kept"], figures["waiting"]) == (due, kept, waiting)
    assert figures["waiting_now"]["count"] == waiting


def test_an_export_from_the_future_tells_of_nothing_yet(report: Report, tmp_path: Path) -> None:
    path = write(tmp_path / "orders.csv", orders(3))
    assert report(path, as_of="2030-01-01").figures["orders"] == 0
    assert report(path, as_of="2190-01-01").figures["kept"] == 3


def test_what_left_on_a_day_not_told_is_left_out_and_counted(report: Report, tmp_path: Path) -> None:
    rows = [
        order("#1001", Fulfilled_at=""),
        order("#1002", Fulfilled_at="", Fulfillment_Status="partial"),
        order("#1003", Fulfillment_Status="partial"),
    ]
    figures = report(write(tmp_path / "orders.csv", rows)).figures
    assert (figures["orders"], figures["kept"], figures["waiting"]) == (2, 1, 1)
    assert figures["left_out"] == {"left on a day not told": 1}
    assert any("left in part only" in problem["seen"] for problem in figures["problems"])


# Where things lie.


def test_a_folder_with_any_name_will_do(report: Report, tmp_path: Path) -> None:
    path = write(tmp_path / "Meine Bücher 100 %" / "orders 'export' #1.csv", [*orders(3), order("#2", Created_at="?")])
    page = path.parent / "Bericht ü.html"
    ran = report(path, "--out", page, form="table")
    assert ran.status == 0, ran.err
    assert page.is_file()
    assert [line for line, _ in rejected(path)] == ["5"]


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_told(report: Report, tmp_path: Path) -> None:
    path = write(tmp_path / "locked" / "orders.csv", [*orders(3), order("#2", Created_at="?")])
    path.parent.chmod(0o555)
    try:
        refused(report(path, "--out", path.parent / "page.html", form="table"), "could not be written")
    finally:
        path.parent.chmod(0o755)


def test_a_page_that_cannot_be_written_is_told_with_the_remedy(report: Report, tmp_path: Path) -> None:
    path = write(tmp_path / "orders.csv", orders(3))
    refused(report(path, "--out", path / "page.html", form="table"), "could not be written", "--out")
    (tmp_path / "folder").mkdir()
    refused(report(path, "--out", tmp_path / "folder", form="table"), "could not be written", "--out")


def test_the_program_itself_ends_in_a_sentence_and_a_status(tmp_path: Path) -> None:
    """The one test in a process of its own: nothing but the sentence reaches the terminal."""
    command = [sys.executable, "-m", "keptword", "report", str(tmp_path / "nothing.csv")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr.count("\n") == 1
    assert "no such file" in ran.stderr
