"""An erased customer is in no byte of the books, nobody else loses anything, and closings go on as if nothing were."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import re
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from books.erasing_process import erase_one
from books.tea_shop import (
    FEBRUARY,
    JANUARY,
    LI,
    MIA,
    ROSA,
    SHORT,
    begun,
    closed_books,
    contents,
    copied,
    holders,
    ids,
    january,
    line,
    malformed,
    quiet,
)
from intake.desk import until
from keptword.books.closing import close_day, closings, configuration
from keptword.books.engine import engine_for
from keptword.books.erasing import erase, presence
from keptword.books.opened import Books
from keptword.books.recording import post
from keptword.cli.commands import app
from keptword.closing.close import close
from keptword.closing.configuration import Input
from keptword.closing.sealed import sealed_closings
from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import quoted
from keptword.intake.lease import held
from keptword.journal.hashing import fact_hash

PROCESSES = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")


@pytest.fixture(scope="module", autouse=True)
def prepared():
    """Let new processes begin with everything imported, so that what is killed is the work and not the start."""
    if sys.platform != "win32":
        PROCESSES.set_forkserver_preload(["books.erasing_process", "deltalake"])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tea shop's books, made once."""
    return closed_books(tmp_path_factory.mktemp("made") / "books")


@pytest.fixture
def books(made: Path, tmp_path: Path) -> Books:
    """The tea shop's books, a copy for each test, on a path that is not easy."""
    return copied(made, tmp_path / "Meine Bücher 100 %")


def both_roads(books: Books, elsewhere: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The contents of February's closing, carried forward and from all entries."""
    carried = close_day(books, FEBRUARY, say=quiet).sealed
    with engine_for(books) as engine:
        facts = books.journal.facts(engine)
        upto = Input(FEBRUARY, books.journal.last_batch())
        told = configuration(books)
        whole = close(engine, facts, closings=elsewhere, configuration=told, upto=upto, full=True)
    return contents(carried), contents(whole)


def test_no_byte_of_the_books_holds_an_erased_customer(books):
    """Her entries, a recommendation of another's, lines laid aside, a closed day, what a killed command left behind."""
    (books.folder.staged / "import-99.parquet").write_bytes(books.journal.files()[0].path.read_bytes())
    (books.folder.path / "keptword.toml.part").write_text(ROSA, encoding="utf-8")
    draft = books.folder.closings / ".abc.part"
    draft.mkdir()
    (draft / "accounts.parquet").write_bytes((closings(books)[0].folder / "accounts.parquet").read_bytes())
    others = [name for name in ids(books) if not re.search(r":(1|5|6|rosa)$", name)]
    done = erase(books, ROSA, say=quiet)
    assert holders(books.folder.path, ROSA) == []
    assert (done.searched.held, done.searched.unreadable) == ((), ())
    assert (done.found.entries, done.found.mentions, done.found.refused) == (12, 1, 2)
    assert done.taken.leftovers == 2
    assert ids(books) == others
    assert holders(books.folder.path, LI)
    assert [(each.day, each.rows) for each in done.taken.closings] == [(JANUARY, 5)]


def test_the_search_finds_what_erasing_would_leave(books):
    """A key in a compressed column, in a database row, in a file's name and in a log."""
    from keptword.books.searching import search
    from keptword.core.mentions import Name

    (books.folder.path / f"{ROSA}.txt").touch()
    (books.folder.path / "notes.txt").write_text(f"wrote to {ROSA} today", encoding="utf-8")
    with engine_for(books) as engine:
        held = {path.name for path in search(books.folder.path, engine, name=Name(ROSA)).held}
        none = search(books.folder.path, engine, name=Name("5f1dab77c0ffee90nobody"))
    assert {f"{ROSA}.txt", "notes.txt", "desk.sqlite3", "accounts.parquet", "2025-01.parquet"} <= held
    assert held & {file.path.name for file in books.journal.files()}
    assert none.held == ()
    assert none.files == len([path for path in books.folder.path.rglob("*") if path.is_file()])


def test_a_short_key_is_erased_and_not_mistaken_for_a_part_of_others(books):
    """`jo` is erased; `jo-anne`, `JO` and `john`, who wait, are laid aside or recorded, lose nothing."""
    lines = [line(f"x:{key}", "list.subscribed", day="2025-02-01", user_key=key) for key in ("jo-anne", "JO", "john")]
    odd = [line(f"y:{key}", "list.subscribed", day="never", user_key=key) for key in ("jo", "jo-anne", "JO", "john")]
    post(books, [*lines, *odd], say=quiet)
    done = erase(books, SHORT, say=quiet)
    assert (done.found.refused, done.searched.held) == (1, ())
    assert {"tea:x:jo-anne", "tea:x:JO", "tea:x:john"} <= set(ids(books))
    assert not [name for name in ids(books) if name in ("tea:placed:4", "tea:promised:4", "tea:kept:4")]
    assert {key: presence(books, key, say=quiet).refused for key in ("jo-anne", "JO", "john")} == {
        "jo-anne": 1,
        "JO": 1,
        "john": 1,
    }


def test_forward_equals_full_after_somebody_was_erased(books, tmp_path):
    erase(books, ROSA, say=quiet)
    assert closings(books)[0].carries
    carried, whole = both_roads(books, tmp_path / "elsewhere")
    assert carried == whole


def test_forward_equals_full_where_the_erased_had_kept_a_promise_to_another(books, tmp_path):
    """
    2025-01-11 mia promise P50 due 2025-01-14
    2025-01-12 rosa keep P50 (said of Mia's promise under Rosa's name)
    """
    late = {"promise_id": "P50", "promise_kind": "reply", "due_at": "2025-01-14T10:00:00Z"}
    post(books, [line("m", "promise.made", day="2025-01-11", user_key=MIA, **late)], say=quiet)
    post(books, [line("k", "promise.kept", day="2025-01-12", user_key=ROSA, promise_id="P50")], say=quiet)
    close_day(books, JANUARY.replace(day=30), say=quiet)
    erase(books, ROSA, say=quiet)
    assert not any(each.carries for each in closings(books))
    carried, whole = both_roads(books, tmp_path / "elsewhere")
    assert carried == whole


def test_where_anothers_entry_names_the_erased_nothing_of_the_key_is_left_in_it(books):
    """Its id, its subject and its attributes name Rosa too; it stays Li's, and does not come in a second time."""
    columns = {"user_key": LI, "other_user": ROSA, "subject": f"invitation:{ROSA}", "attributes": {"by": [ROSA, "a"]}}
    lines = [line(f"{n}:{ROSA}:{ROSA}:li", "referral.joined", day="2025-01-20", **columns) for n in (1, 2)]
    post(books, lines, say=quiet)
    before = len(ids(books))
    done = erase(books, ROSA, say=quiet)
    assert done.searched.held == ()
    assert holders(books.folder.path, ROSA) == []
    with engine_for(books) as engine:
        facts = books.journal.facts(engine)
        rows = engine.rows(facts.filter(facts.subject == "invitation:erased").mutate(hash=fact_hash(facts.fact_id)))
    assert [row["attributes"] for row in rows] == ['{"by":["erased","a"]}'] * 2
    assert len({row["fact_id"] for row in rows}) == 2
    assert all(row["hash"] == row["fact_hash"] and row["user_key"] == LI for row in rows)
    assert len(ids(books)) == before - done.found.entries
    post(books, lines, say=quiet)
    assert len(ids(books)) == before - done.found.entries


def test_a_file_that_an_import_is_writing_is_left_to_it_and_one_left_behind_is_removed(books):
    """Whoever writes `import-98.parquet` holds its lease; nobody does for `import-99.parquet`."""
    for number in (98, 99):
        (books.folder.staged / f"import-{number}.parquet").write_bytes(b"PAR1 half a file")
    with held(name="import-98"):
        done = erase(books, ROSA, say=quiet)
    assert done.taken.running == ("import-98.parquet",)
    assert done.taken.leftovers == 1
    assert [path.name for path in done.searched.unreadable] == ["import-98.parquet"]
    assert [path.name for path in books.folder.staged.iterdir()] == ["import-98.parquet"]


def test_a_sealed_closing_keeps_its_sums_and_says_that_somebody_is_gone(books):
    """What counts everybody stays byte for byte; the manifest tells the new sizes, and one person less."""
    before = closings(books)[0]
    told = contents(before)
    erase(books, ROSA, say=quiet)
    after = closings(books)[0]
    assert after.erased == 1
    assert after.damaged() == ()
    kept = {name for name, digest in contents(after).items() if told.get(name) == digest}
    assert kept == {"effort.parquet", "at_once.parquet", "ratings.parquet", "missing.parquet"}
    with engine_for(books) as engine:
        users = {row["user_key"] for row in engine.rows(after.table(engine, "accounts").select("user_key"))}
    assert users == {LI, MIA, SHORT}


def test_closings_that_share_a_file_go_on_sharing_it(books):
    """A month that did not move is one file under two names: before, and after it was written anew."""
    first = closings(books)[0]
    twin = first.folder.with_name("2025-02-01")
    (twin / "promises").mkdir(parents=True)
    for name in first.files:
        os.link(first.folder / name, twin / name)
    manifest = json.dumps(dict(first.manifest) | {"day": twin.name})
    (twin / "manifest.json").write_text(manifest, encoding="utf-8")
    erase(books, ROSA, say=quiet)
    done = closings(books)
    assert [each.damaged() for each in done] == [(), ()]
    assert [each.erased for each in done] == [1, 1]
    month = [each.folder / "promises" / "2025-01.parquet" for each in done]
    assert month[0].samefile(month[1])
    assert holders(books.folder.path, ROSA) == []


def test_what_is_written_about_somebody_while_they_are_erased_goes_too(books, monkeypatch):
    """A page looked just before the tombstone came, and writes its note just before the figures go."""
    from keptword.books import erasing
    from keptword.office.models import Note

    there = erasing.remove_figures

    def late(books: Books) -> None:
        Note.objects.create(user_key=ROSA, text="called", at=datetime.now(UTC))
        there(books)

    monkeypatch.setattr(erasing, "remove_figures", late)
    erase(books, ROSA, say=quiet)
    assert not Note.objects.exists()
    assert holders(books.folder.path, ROSA) == []


def test_erasing_twice_and_somebody_unknown(books):
    """The second time says so; a key nobody has changes nothing at all."""
    before = {path: path.read_bytes() for path in books.folder.path.rglob("*.parquet")}
    with pytest.raises(KeptwordError, match='Nobody in the books of Teehaus Jōji has the key "nobody"'):
        erase(books, "nobody", say=quiet)
    assert {path: path.read_bytes() for path in books.folder.path.rglob("*.parquet")} == before
    assert not erase(books, ROSA, say=quiet).found.was_erased
    again = erase(books, ROSA, say=quiet)
    assert again.found.is_empty
    assert again.found.was_erased


def test_whoever_was_erased_does_not_come_back_with_the_same_lines(books):
    erase(books, ROSA, say=quiet)
    there = ids(books)
    post(books, january(), say=quiet)
    assert ids(books) == there
    assert holders(books.folder.path, ROSA) == []
    post(books, malformed(), say=quiet)
    # A line that was laid aside names her again until she is erased again.
    erase(books, ROSA, say=quiet)
    assert holders(books.folder.path, ROSA) == []


def test_whom_an_import_brings_meanwhile_is_caught(books):
    """The import hands its file over while the erasure waits for the lease, and before the tombstone is there."""
    with engine_for(books) as engine:
        facts = quoted(books.journal.facts(engine).get_name())
        staged = books.folder.staged / "import-1.parquet"
        engine.sql(
            f"COPY (SELECT * EXCLUDE (import_number, batch, fact_hash) REPLACE (fact_id || ':again' AS fact_id) "
            f"FROM {facts}) TO '{staged}' (FORMAT parquet)"
        )
    from keptword.intake import imports

    number = imports.begin(["x.csv"], read_as={}, now=datetime.now(UTC))
    imports.seal(number, staged, rows=1)
    erase(books, ROSA, say=quiet)
    assert holders(books.folder.path, ROSA) == []
    assert list(books.folder.staged.iterdir()) == []
    assert "tea:placed:2:again" in ids(books)


def test_an_erasure_killed_at_random_is_finished_by_the_next(books, tmp_path):
    """Six rounds on the same books; after each the next erasure leaves no trace, and others lose nothing."""
    dice = random.Random(7)
    people = [f"{number:08x}-somebody" for number in range(6)]
    post(
        books,
        [
            line(f"{user}:{number}", "order.placed", day=f"2025-02-{number + 10}", user_key=user, subject="order:x")
            for user in people
            for number in range(8)
        ],
        say=quiet,
    )
    close_day(books, FEBRUARY, say=quiet)
    wanted = ids(books)
    for round_, user in enumerate(people):
        told = tmp_path / f"told-{round_}"
        process = PROCESSES.Process(target=erase_one, args=(str(books.folder.path), str(told), user))
        process.start()
        until(told.exists)
        time.sleep(dice.uniform(0.0, 0.9))
        process.kill()
        process.join()
        erase(books, user, say=quiet)
        assert holders(books.folder.path, user) == []
        assert [each.damaged() for each in closings(books)] == [(), ()]
    wanted = [name for name in wanted if not any(user in name for user in people)]
    assert ids(books) == wanted


@pytest.mark.parametrize("stop", range(1, 5))
def test_an_erasure_stopped_before_any_step_is_finished_by_the_next(books, stop, monkeypatch):
    """It stops at the n-th look at the lease, which comes right before each step that cannot be taken back."""
    from keptword.intake.lease import Held, LeaseLost

    calls = iter(range(1, 100))
    check = Held.check

    def checked(self: Held) -> None:
        check(self)
        if next(calls) == stop:
            raise LeaseLost("stopped by the test")

    with monkeypatch.context() as patched:
        patched.setattr(Held, "check", checked)
        with suppress(LeaseLost):
            erase(books, ROSA, say=quiet)
    erase(books, ROSA, say=quiet)
    assert holders(books.folder.path, ROSA) == []
    assert sealed_closings(books.folder.closings)[0].damaged() == ()


def test_the_command_asks_proves_and_refuses(books):
    run = CliRunner().invoke
    where = ["--books", str(books.folder.path)]
    asked = run(app, ["erase", ROSA, *where], input="n\n")
    assert asked.exit_code == 1
    assert "12 entries, a mention in 1 entry of another customer, 2 lines we could not read" in asked.output
    assert "Nothing was changed." in asked.output
    assert holders(books.folder.path, ROSA)
    done = run(app, ["erase", ROSA, "--yes", *where])
    assert done.exit_code == 0
    assert "the key is in none of them" in done.output
    assert "Closed days written anew without them: 2025-01-31." in done.output
    again = run(app, ["erase", ROSA, *where])
    assert again.exit_code == 0
    assert "was erased before" in again.output
    assert isinstance(run(app, ["erase", "nobody", "--yes", *where]).exception, KeptwordError)


def test_empty_books_have_nobody_to_erase(tmp_path):
    with pytest.raises(KeptwordError, match="Nobody"):
        erase(begun(tmp_path / "books"), ROSA, say=quiet)
