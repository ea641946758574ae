"""A customer is handed everything the books hold about them, and nothing of others."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from books.tea_shop import JANUARY, LI, MIA, ROSA, closed_books, copied, line, quiet
from keptword.books.erasing import erase
from keptword.books.exporting import exported
from keptword.books.opened import Books
from keptword.books.recording import post
from keptword.cli.commands import app
from keptword.core.problems import KeptwordError

NEW = "aa99newcomer"


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    """The tea shop's books."""
    folder = tmp_path_factory.mktemp("made")
    return copied(closed_books(folder / "made"), folder / "Meine Bücher 100 %")


def test_everything_about_a_customer_is_in_the_export(books):
    """Rosa's entries, who named her, her promises and record as of January, two lines that were laid aside."""
    told = exported(books, ROSA, say=quiet)
    assert json.loads(json.dumps(told)) == told
    assert len(told["entries"]) == 12
    assert {entry["user_key"] for entry in told["entries"]} == {ROSA}
    assert told["as_of"] == JANUARY.isoformat()
    promises = {each["promise_id"]: each["outcome"] for each in told["promises"]}
    assert promises == {"p1": "kept", "p5": "kept", "p6": "broken"}
    orders = next(each for each in told["our_record"] if each["line"] == "purchase")
    assert len(orders["entries"]) == 3
    assert orders["assumed_from"]
    assert len(told["lines_we_could_not_read"]) == 2
    named = told["entries_of_others_that_name_them"]
    assert [each["kind"] for each in named] == ["referral.joined"]
    assert told["word_of_mouth"] == {
        "user_key": ROSA,
        "brought": 1,
        "sent": 1,
        "first_on": "2025-01-08",
        "last_on": "2025-01-09",
    }
    assert set(told["what_the_words_mean"]["kinds"]) == {entry["kind"] for entry in told["entries"]}


def test_nobody_elses_key_is_in_it_but_whom_they_named_themselves(books):
    """Li recommended by Rosa: that Li joined is told, not who Li is. Whom Rosa came by, she said herself."""
    text = json.dumps(exported(books, ROSA, say=quiet), ensure_ascii=False)
    assert LI not in text
    assert text.count(MIA) == 1


def test_somebody_new_since_the_last_closed_day_gets_promises_as_of_today(books):
    """
    2025-03-01 newcomer promise reply N1 due 2025-03-03
    2025-03-02 somebody at the shop keeps N1
    """
    late = {"promise_id": "N1", "promise_kind": "reply", "due_on": "2025-03-03", "due_at": "2025-03-03T22:59:59Z"}
    post(
        books,
        [
            line("n1", "promise.made", day="2025-03-01", user_key=NEW, **late),
            line("n2", "promise.kept", day="2025-03-02", promise_id="N1"),
        ],
        say=quiet,
    )
    told = exported(books, NEW, say=quiet)
    assert [(each["promise_id"], each["outcome"]) for each in told["promises"]] == [("N1", "kept")]
    assert told["as_of"] == books.today.isoformat()
    assert told["our_record"] == []


def test_the_command_writes_a_file_and_refuses_strangers(books, tmp_path):
    run = CliRunner().invoke
    where = ["--books", str(books.folder.path)]
    out = tmp_path / "for rosa.json"
    done = run(app, ["export", ROSA, "--out", str(out), *where])
    assert done.exit_code == 0, done.output
    assert "12 entries, 3 promises as of 2025-01-31" in done.output
    assert json.loads(out.read_text("utf-8"))["user_key"] == ROSA
    assert json.loads(run(app, ["export", ROSA, *where]).output)["user_key"] == ROSA
    again = run(app, ["export", ROSA, "--out", str(out), *where])
    assert "is there already" in str(again.exception)
    assert isinstance(run(app, ["export", "nobody", *where]).exception, KeptwordError)


def test_of_somebody_erased_there_is_nothing_to_hand_out(books):
    erase(books, MIA, say=quiet)
    with pytest.raises(KeptwordError, match="was erased before"):
        exported(books, MIA, say=quiet)
