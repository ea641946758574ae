"""Our record with one customer: the lines of a closing, taken apart to the entries behind them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from books.invented import AUTUMN, RULED, Shop, fact
from keptword.books.accounts import Account, account_of, posted_on
from keptword.books.spoken import ENTRIES, OUTCOMES, PROMISES, STAGES
from keptword.cli.account import shares
from keptword.closing.between import book_of
from keptword.closing.compute import Closer
from keptword.closing.line_totals import added_up, left_of
from keptword.closing.sealed import sealed_closings
from keptword.closing.traced import promise_postings
from keptword.core.accounts import balances
from keptword.core.lines import lines
from keptword.core.postings import anchor_of, severity, weight
from keptword.core.problems import KeptwordError
from keptword.core.schema import KINDS, PROMISE_KINDS
from keptword.core.schema import STAGES as KNOWN_STAGES


@pytest.fixture(scope="module")
def shop(engine, tmp_path_factory):
    made = Shop(engine, tmp_path_factory.mktemp("closings"), list(AUTUMN))
    made.close("2031-09-30", batch=1)
    made.close("2031-10-31")
    return made


def account(shop: Shop, key: str, place: int = -1) -> Account:
    sealed = sealed_closings(shop.folder)[place]
    return account_of(shop.engine, shop.facts, user_key=key, sealed=sealed, configuration=shop.configuration)


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("key", ["rosa", "li"])
def test_what_is_left_of_the_entries_is_the_balance_to_the_last_digit(shop, key, place):
    found = account(shop, key, place)
    assert found.notes == ()
    assert len(found.lines) >= 3
    for each in found.lines:
        assert added_up(entry.left for entry in each.entries) == each.balance


def test_the_balance_is_the_one_the_closing_tells(shop):
    sealed = sealed_closings(shop.folder)[-1]
    day = sealed.input.day
    told = balances(sealed.table(shop.engine, "accounts"), lines=lines(), anchor=anchor_of(day), as_of=day)
    row = next(row for row in shop.engine.rows(told) if row["user_key"] == "rosa")
    for each in account(shop, "rosa").lines:
        assert float(each.balance) == pytest.approx(row[each.line.name], rel=1e-12)


def test_an_entry_fades_by_its_age(shop):
    """Rosa's review of 28 October, three days old, on a line that halves in a year."""
    line = next(each for each in account(shop, "rosa").lines if each.line.name == "review_good")
    assert float(line.entries[0].left) == pytest.approx(2 ** (-3 / 365), abs=1e-11)
    assert (line.entries[0].what, line.entries[0].about) == ("wrote a review", "order:3")


def test_entries_are_newest_first_and_say_where_they_come_from(shop):
    spend = next(each for each in account(shop, "rosa").lines if each.line.name == "spend")
    assert [(entry.on, entry.source) for entry in spend.entries] == [
        (date(2031, 10, 2), "shop.csv:o3"),
        (date(2031, 9, 3), "shop.csv:o1"),
    ]


def test_a_promise_names_the_entries_that_made_and_kept_it(shop):
    failed = next(each for each in account(shop, "rosa").lines if each.line.name == "broken")
    assert [(entry.on, entry.what, entry.source) for entry in failed.entries] == [
        (date(2031, 9, 25), "prize, promised on 21 September 2031: late", "shop.csv:p2, shop.csv:k2")
    ]


def test_the_word_kept_to_a_customer_is_said_first(shop):
    assert account(shop, "rosa").verdict == "We kept 2 of 3 promises to this customer: 1 late."
    assert account(shop, "mia").verdict == "We kept 0 of 1 promise to this customer: 1 not kept."
    assert account(shop, "rosa", 0).verdict == "We kept 1 of 2 promises to this customer: 1 not kept."


def test_a_key_nobody_has_is_refused_without_naming_another(shop):
    with pytest.raises(KeptwordError, match="Nothing is known") as refusal:
        account(shop, "ros")
    assert "rosa" not in str(refusal.value)


def test_somebody_known_only_later_is_not_known_yet(shop):
    with pytest.raises(KeptwordError, match="30 September 2031"):
        account(shop, "mia", 0)


def test_money_of_another_currency_without_a_rate_is_told_not_to_add_up(shop):
    """The books turn to another currency after the day was closed: the sealed figure stays, and is said to differ."""
    shop = replace(shop, configuration=replace(RULED, currency="USD"))
    found = account(shop, "rosa")
    assert ['"money spent"' in note for note in found.notes] == [True]
    assert found.currency == "EUR"


def test_the_day_a_promise_counts_is_the_day_its_posting_weighs(shop):
    """For every promise: kept ones by one, failed ones by a severity; at the weight of the day `posted_on` tells."""
    sealed = sealed_closings(shop.folder)[-1]
    closer = Closer(shop.engine, shop.facts, configuration=RULED, upto=sealed.input)
    book = book_of(shop.engine, sealed)
    rows = {row["promise_id"]: row for row in shop.engine.rows(book)}
    posted = shop.engine.rows(promise_postings(closer, book, as_of=closer.as_of))
    assert len(posted) == 7
    sizes = {1.0, 3.0} | {severity(days) for days in range(91)}
    for row in posted:
        on = posted_on(rows[row["promise_id"]])
        for line in lines():
            if row.get(line.name):
                size = float(row[line.name]) / weight((on - closer.anchor).days, half_life=line.half_life_days)
                assert any(size == pytest.approx(each, rel=1e-9) for each in sizes)


@given(st.lists(st.decimals("-1e6", "1e6", places=12), max_size=40), st.integers(0, 6))
def test_rounded_parts_add_up_to_the_rounded_sum(parts, places):
    rounded = list(shares(parts, places=places))
    unit = Decimal(1).scaleb(-places)
    assert sum(rounded, Decimal(0)) == added_up(parts).quantize(unit)
    assert all(abs(one - part) <= unit for one, part in zip(rounded, parts, strict=True))


@given(st.lists(st.decimals("-1e20", "1e20", places=12), max_size=30), st.integers(-400, 400))
def test_parts_left_add_up_to_what_is_left_of_the_whole(parts, days):
    line = lines()[0]
    anchor = date(2031, 1, 1)
    day = date.fromordinal(anchor.toordinal() + days)
    left = [left_of(part, line=line, anchor=anchor, as_of=day) for part in parts]
    assert added_up(left) == left_of(added_up(parts), line=line, anchor=anchor, as_of=day)


def test_everything_has_a_word_for_people():
    assert set(ENTRIES) == set(KINDS)
    assert set(PROMISES) == set(PROMISE_KINDS)
    assert set(STAGES) == set(KNOWN_STAGES)
    assert len(OUTCOMES) == 5


def test_a_customer_without_any_promise_is_not_said_to_have_been_failed(engine, tmp_path):
    shop = Shop(engine, tmp_path, [fact("r", "review.posted", "2031-10-01", user="ada", score=1.0, subject="shop")])
    shop.close("2031-10-31")
    assert account(shop, "ada").verdict == "We promised them nothing."
