"""`keptword verify`, `account` and `statement` on real books: posted, closed twice, tampered with."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from books.invented import AUTUMN
from keptword.cli.commands import app
from keptword.core.problems import KeptwordError
from keptword.core.schema import FACT_SCHEMA
from report.test_words import code_words


def run(*arguments: str, given: str | None = None) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments), input=given, env={"COLUMNS": "200"})
    if isinstance(done.exception, KeptwordError):
        raise done.exception
    return done.exit_code, done.output


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """The autumn posted into new books, on a path with spaces, an umlaut and a percent sign; two months closed."""
    folder = tmp_path_factory.mktemp("Meine Bücher 100 %") / "books"
    told = ("--books", str(folder))
    assert run("init", "--name", "Alder Tea", "--currency", "EUR", "--timezone", "Europe/Berlin", *told)[0] == 0
    rows = [{name: row[name] for name in FACT_SCHEMA if row.get(name) is not None} for row in AUTUMN]
    moved = [{name: earlier(value) for name, value in row.items()} for row in rows]
    assert run("post", *told, given="\n".join(json.dumps(row, default=str) for row in moved))[0] == 0
    for day in ("2021-09-30", "2021-10-31"):
        assert run("close", "--as-of", day, *told)[0] == 0
    return told


def earlier(value: object) -> object:
    """Ten years earlier, so that the days are over; moments as the books take them."""
    if not hasattr(value, "isoformat"):
        return str(value) if value.__class__.__name__ == "Decimal" else value
    text = value.isoformat().replace("2031", "2021")
    return text + "Z" if "T" in text else text


def test_books_that_agree_are_said_to_and_end_well(books):
    status, said = run("verify", *books)
    assert status == 0
    assert said.endswith("31 October 2021 is as its entries say.\n")
    assert "NOT SO" not in said
    assert code_words(said) == []


def test_an_earlier_day_is_verified_too(books):
    assert run("verify", "--closing", "2021-09-30", *books)[0] == 0


def test_a_customer_is_told_our_word_first(books):
    status, said = run("account", "rosa", *books)
    assert status == 0
    assert said.startswith("We kept 0 of 1 promise to this customer: 1 late.\nOur record with rosa")
    assert "fades by half in 180 days" in said
    assert "of which" not in said
    assert code_words(said) == []


def test_fewer_entries_may_be_asked_for_and_the_rest_are_counted(books):
    assert "… and 1 more entry, of which" in run("account", "rosa", "--limit", "1", *books)[1]


def test_an_account_in_json_adds_up(books):
    said = json.loads(run("account", "li", "--format", "json", *books)[1])
    assert said["promises"]["kept"] == 1
    for line in said["lines"]:
        micro = [round(float(entry["left"]) * 1e6) for entry in line["entries"]]
        assert sum(micro) == round(float(line["balance"]) * 1e6)


def test_a_key_nobody_has_ends_in_a_sentence(books):
    with pytest.raises(KeptwordError, match="Nothing is known"):
        run("account", "ros", *books)


def test_the_statement_is_of_the_last_closed_month(books):
    status, said = run("statement", *books)
    assert status == 0
    assert said.startswith("Alder Tea, 1 October 2021 to 31 October 2021")
    assert "waiting on 30 September 2021" in said
    assert code_words(said) == []


def test_a_statement_in_csv_has_one_figure_a_line(books):
    lines = run("statement", "--format", "csv", *books)[1].splitlines()
    assert lines[0] == "section,of,figure,value,low,high,unit,grade,from,to"
    assert any(line.startswith("promises,refund,kept,1,") for line in lines)


def test_a_statement_that_goes_backwards_is_refused(books):
    with pytest.raises(KeptwordError, match="not before"):
        run("statement", "--from", "2021-10-31", "--to", "2021-09-30", *books)
    with pytest.raises(KeptwordError, match="is not closed"):
        run("statement", "--from", "2021-09-29", *books)


def test_tampering_ends_with_status_1(books):
    path = f"{books[1]}/closings/2021-10-31/effort.parquet"
    with open(path, "r+b") as file:  # noqa: PTH123
        file.seek(60)
        byte = file.read(1)
        file.seek(60)
        file.write(bytes([byte[0] ^ 1]))
    status, said = run("verify", *books)
    assert status == 1
    assert "NOT SO: The files of 31 October 2021 are not as they were sealed." in said
