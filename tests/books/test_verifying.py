"""Verifying: a closing is what its entries say, and where it is not, the customer, the line and the entry are named."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from books.invented import AUTUMN, Shop, fact
from keptword.books.verifying import Verified, verified
from keptword.closing import erasing as sealing
from keptword.closing.sealed import Sealed, sealed_closings


@pytest.fixture(scope="module")
def closed(engine, tmp_path_factory):
    """The autumn, September closed when only the first batch was there, October with both."""
    made = Shop(engine, tmp_path_factory.mktemp("closed") / "closings", list(AUTUMN))
    made.close("2031-09-30", batch=1)
    made.close("2031-10-31")
    return made.folder


@pytest.fixture
def shop(engine, closed, tmp_path):
    """The autumn with a copy of its closings, to be spoilt."""
    return Shop(engine, Path(shutil.copytree(closed, tmp_path / "closings")), list(AUTUMN))


def verify(shop: Shop, place: int = -1) -> Verified:
    done = sealed_closings(shop.folder)
    at = range(len(done))[place]
    return verified(
        shop.engine,
        shop.facts,
        sealed=done[at],
        before=done[at - 1] if at else None,
        configuration=shop.configuration,
        last_batch=max(row["batch"] for row in shop.rows),
    )


def test_closings_that_are_right_are_said_to_be(shop):
    for place in (0, 1):
        done = verify(shop, place)
        assert [check for check in done.checks if not check.holds] == []
        assert done.holds
        assert done.notes == ()
        assert all(check.said.endswith(".") for check in done.checks)


def altered(sealed: Sealed, name: str, change: str, *, engine) -> None:
    """Write a sealed file anew with other figures, and its new hash into the manifest, as a forger would."""
    path = sealed.folder / name
    rows = engine.sql(f"SELECT * REPLACE ({change}) FROM read_parquet('{path}')").fetchall()
    assert rows
    part = path.with_suffix(".part")
    engine.sql(f"COPY (SELECT * REPLACE ({change}) FROM read_parquet('{path}')) TO '{part}' (FORMAT parquet)")
    part.replace(path)
    manifest = json.loads((sealed.folder / "manifest.json").read_text())
    manifest["files"][name]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (sealed.folder / "manifest.json").write_text(json.dumps(manifest))


def failed(done: Verified) -> list[str]:
    return [check.said for check in done.checks if not check.holds]


def found(done: Verified) -> list[str]:
    return [str(one) for check in done.checks for one in check.found]


def test_one_byte_of_a_sealed_file_changed_is_seen(shop):
    sealed = sealed_closings(shop.folder)[-1]
    path = sealed.folder / "ratings.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    done = verify(shop)
    assert "The files of 31 October 2031 are not as they were sealed." in failed(done)
    assert any("ratings.parquet is not what was sealed" in said for said in found(done))


def test_a_file_missing_and_a_file_too_many_are_seen(shop):
    sealed = sealed_closings(shop.folder)[-1]
    (sealed.folder / "accounts.parquet").unlink()
    (sealed.folder / "notes.txt").write_text("mine")
    said = found(verify(shop))
    assert any("accounts.parquet is missing" in one for one in said)
    assert any("notes.txt was not sealed" in one for one in said)


def test_an_altered_sum_is_traced_to_customer_line_and_entries(shop):
    """Somebody takes away from rosa's money spent what order 3 came to, and mends the hash."""
    sealed = sealed_closings(shop.folder)[-1]
    altered(sealed, "accounts.parquet", "if(user_key = 'rosa', spend - 60, spend) AS spend", engine=shop.engine)
    done = verify(shop)
    assert len(failed(done)) == 2
    of_rosa = [one for check in done.checks for one in check.found if one.user_key == "rosa"]
    assert {one.line for one in of_rosa} == {"spend"}
    behind = of_rosa[0].behind
    assert {entry.fact_id for entry in behind} == {"o1", "o3"}
    assert 'Customer rosa, "money spent"' in of_rosa[0].said


def test_an_altered_outcome_is_traced_to_the_promise_and_its_entries(shop):
    sealed = sealed_closings(shop.folder)[-1]
    altered(sealed, "promises/2031-09.parquet", "if(promise_id = 'P2', 'kept', outcome) AS outcome", engine=shop.engine)
    done = verify(shop)
    one = next(one for check in done.checks for one in check.found if one.promise_id == "P2")
    assert "what became of it is sealed as kept, the entries say late" in one.said
    assert [entry.fact_id for entry in one.behind] == ["p2", "k2"]


def test_a_promise_made_by_rule_is_traced_to_the_entries_it_counts_from(shop):
    sealed = sealed_closings(shop.folder)[-1]
    change = "if(subject = 'order:2' AND promise_kind = 'dispatch', 'kept', outcome) AS outcome"
    altered(sealed, "promises/2031-09.parquet", change, engine=shop.engine)
    done = verify(shop)
    one = next(one for check in done.checks for one in check.found if one.promise_id == "dispatch.v1/order:2")
    assert [entry.fact_id for entry in one.behind] == ["o2", "s2"]


def test_a_promise_that_nobody_made_is_named(shop):
    sealed = sealed_closings(shop.folder)[-1]
    altered(
        sealed, "promises/2031-09.parquet", "if(promise_id = 'P2', 'PX', promise_id) AS promise_id", engine=shop.engine
    )
    done = verify(shop)
    assert "1 promise is in the books that no entry and no rule makes." in failed(done)
    assert any(one.startswith("Promise PX (reward) to customer rosa") for one in found(done))


def test_a_promise_without_an_outcome_does_not_add_up(shop):
    sealed = sealed_closings(shop.folder)[-1]
    altered(sealed, "promises/2031-09.parquet", "if(promise_id = 'P2', 'lost', outcome) AS outcome", engine=shop.engine)
    done = verify(shop)
    assert any("do not add up" in said for said in failed(done))
    assert any("Of kind reward: 1 made, but 0 that stand in any way." in one for one in found(done))
    assert any("Of customer rosa" in one for one in found(done))


def test_an_entry_recorded_twice_is_named(shop):
    shop.rows.append(next(row for row in AUTUMN if row["fact_id"] == "o4"))
    done = verify(shop)
    assert "1 entry counts more than once." in failed(done)
    assert any("o4 is recorded 2 times (batches 2, 2)" in one for one in found(done))
    assert any('Customer mia, "orders"' in one for one in found(done))


def test_an_entry_given_again_after_its_import_was_taken_back_counts_once(engine, tmp_path):
    again = fact("o1", "order.placed", "2031-10-01", user="rosa", subject="order:1", by=1)
    rows = [
        again,
        fact("w", "import.withdrawn", "2031-10-02", subject="import:1", batch=2),
        again | {"import_number": 2, "batch": 3},
    ]
    shop = Shop(engine, tmp_path, rows)
    shop.close("2031-10-31")
    assert verify(shop).holds


def test_an_entry_lost_from_the_journal_is_missed(shop):
    shop.rows = [row for row in shop.rows if row["fact_id"] != "g4"]
    done = verify(shop)
    assert any('Customer mia, "made good"' in one for one in found(done))


def test_a_changed_configuration_is_said(shop):
    later = replace(
        shop.configuration.rules[0], rule=replace(shop.configuration.rules[0].rule, until=date(2031, 9, 30))
    )
    shop.configuration = replace(shop.configuration, rules=(later,), currency="USD")
    done = verify(shop)
    assert "the currency was EUR and is USD" in done.notes[0]
    assert "the rule dispatch.v1 in until" in done.notes[0]


def test_a_closing_that_read_more_than_there_is_is_said(shop):
    shop.rows = [row for row in shop.rows if row["batch"] == 1]
    assert "The closing read 2 batches of entries, but only 1 are in the books now." in failed(verify(shop))


def test_at_most_twenty_disagreements_are_told_and_the_rest_counted(engine, tmp_path):
    rows = [fact(f"o{n:03}", "order.placed", "2031-10-01", user=f"u{n:03}", subject=f"order:{n}") for n in range(50)]
    shop = Shop(engine, tmp_path, rows)
    shop.close("2031-10-31")
    altered(
        sealed_closings(shop.folder)[0],
        "accounts.parquet",
        "(purchase + 1)::decimal(38, 12) AS purchase",
        engine=engine,
    )
    check = next(check for check in verify(shop).checks if not check.holds)
    assert (len(check.found), check.more) == (20, 30)


def test_a_year_that_changes_between_two_closings_holds(shop):
    shop.rows += [
        fact("o9", "order.placed", "2032-01-03", user="li", subject="order:9", amount="9.99", batch=3),
        fact("s9", "order.shipped", "2032-01-09", user="li", subject="order:9", batch=3),
    ]
    shop.close("2032-01-31")
    done = verify(shop)
    assert failed(done) == []
    assert any(check.said.startswith("The year changed after 31 October 2031") for check in done.checks)


def test_what_was_counted_of_somebody_erased_stays_as_it_was_closed(shop):
    """Mia, whom rosa had brought, is erased: from the journal and from both closings."""
    sealing.erase(shop.folder, shop.engine, user_keys=["mia"], guard=lambda: None)
    sealing.no_foundation(shop.folder, guard=lambda: None)
    shop.rows = [row for row in shop.rows if row["user_key"] != "mia"]
    done = verify(shop)
    assert failed(done) == []
    assert any("1 customer was erased at their request since" in check.said for check in done.checks)


def test_an_altered_record_is_still_found_where_somebody_was_erased(shop):
    sealing.erase(shop.folder, shop.engine, user_keys=["mia"], guard=lambda: None)
    shop.rows = [row for row in shop.rows if row["user_key"] != "mia"]
    sealed = sealed_closings(shop.folder)[-1]
    altered(sealed, "accounts.parquet", "if(user_key = 'rosa', 0, purchase) AS purchase", engine=shop.engine)
    assert any('Customer rosa, "orders"' in one for one in found(verify(shop)))
