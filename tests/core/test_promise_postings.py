"""What promises post to the accounts: kept, kept early, failed and how severely, and on which day."""

from __future__ import annotations

import inspect
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from ibis.expr.types import Table

from keptword.core.accounts import added, fact_sums, promise_sums
from keptword.core.postings import SEVERITY_SCHEMA, severity_rows, weight_rows, weight_schema
from keptword.core.promises import AsOf, outcomes
from keptword.engines.duckdb import Engine
from ledger import facts
from plain_accounts import ANCHOR, BOOK, LINES, as_of, by_user, plain_posting, weighed


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as opened:
        yield opened


@pytest.fixture(scope="module")
def weights(engine: Engine) -> Table:
    return weighed(engine)


@pytest.fixture(scope="module")
def severities(engine: Engine) -> Table:
    return engine.put("severities", SEVERITY_SCHEMA, rows=severity_rows())


@pytest.fixture
def posted(
    engine: Engine, weights: Table, severities: Table, request: pytest.FixtureRequest
) -> Callable[[str], dict[str, tuple[Decimal, Decimal, Decimal]]]:
    """Sum the promises of the test's own docstring as of a day: kept, kept early and broken of each user."""
    table = facts(engine, inspect.getdoc(request.function) or "")

    def sum_them(day: str) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
        book = outcomes(table, as_of=as_of(day))
        sums = promise_sums(book, lines=LINES, weights=weights, severities=severities, as_of=as_of(day))
        return {user: (row["kept"], row["kept_early"], row["broken"]) for user, row in by_user(engine, sums).items()}

    return sum_them


def kept_weight(day: str) -> Decimal:
    return Decimal(2.0 ** ((date.fromisoformat(day) - ANCHOR).days / 120)).quantize(Decimal("1e-12"))


def broken_weight(day: str, severity: float) -> Decimal:
    figure = severity * 2.0 ** ((date.fromisoformat(day) - ANCHOR).days / 180)
    return Decimal(figure).quantize(Decimal("1e-12"))


def days_late(days: int) -> float:
    return float(round(1 - 2 ** (-days / 2.2), 12))


def test_a_promise_kept_posts_on_the_day_it_was_kept_and_early_when_a_day_before(posted):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-04
    2031-03-04 rosa keep P1
    2031-03-01 li promise delivery P2 due 2031-03-04
    2031-03-03 li keep P2
    2031-03-01 ada promise delivery P3
    2031-03-03 ada keep P3
    """
    assert posted("2031-03-10") == {
        "rosa": (kept_weight("2031-03-04"), 0, 0),
        "li": (0, kept_weight("2031-03-03"), 0),
        "ada": (kept_weight("2031-03-03"), 0, 0),
    }


def test_a_promise_kept_late_posts_its_days_late_on_the_day_it_was_due(posted):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-04
    2031-03-06 rosa keep P1
    """
    assert posted("2031-03-10") == {"rosa": (0, 0, broken_weight("2031-03-04", days_late(2)))}


def test_a_promise_overdue_posts_the_days_so_far_and_three_after_thirty(posted):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-04
    """
    assert posted("2031-03-03") == {}
    assert posted("2031-03-04") == {"rosa": (0, 0, 0)}
    assert posted("2031-03-05") == {"rosa": (0, 0, broken_weight("2031-03-04", days_late(1)))}
    assert posted("2031-04-03") == {"rosa": (0, 0, broken_weight("2031-03-04", days_late(30)))}
    assert posted("2031-04-04") == {"rosa": (0, 0, broken_weight("2031-03-04", 3))}


def test_a_promise_done_long_after_it_was_due_no_longer_counts_as_never_done(posted):
    """
    2031-01-01 rosa promise delivery P1 due 2031-01-04
    2031-06-01 rosa keep P1
    """
    assert posted("2031-05-31") == {"rosa": (0, 0, broken_weight("2031-01-04", 3))}
    assert posted("2031-06-01") == {"rosa": (0, 0, broken_weight("2031-01-04", 1))}


def test_a_promise_broken_for_certain_posts_three_on_the_day_it_failed(posted):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-20
    2031-03-05 rosa break P1
    2031-03-01 li promise delivery P2 due 2031-03-04
    2031-03-06 li break P2
    2031-03-01 ada promise roadmap P3
    2031-03-07 ada break P3
    """
    assert posted("2031-03-10") == {
        "rosa": (0, 0, broken_weight("2031-03-05", 3)),
        "li": (0, 0, broken_weight("2031-03-04", 3)),
        "ada": (0, 0, broken_weight("2031-03-07", 3)),
    }


def test_open_and_released_promises_post_nothing(posted):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-20
    2031-03-01 li promise delivery P2 due 2031-03-20
    2031-03-05 li release P2
    2031-03-01 ada promise roadmap P3
    """
    assert posted("2031-03-10") == {}


def test_a_promise_that_names_an_hour_is_late_by_days_begun(posted):
    """
    2031-03-01 09:00 rosa promise reply P1 due 2031-03-01 13:00
    2031-03-01 13:30 rosa keep P1
    2031-03-01 09:00 li promise reply P2 due 2031-03-01 13:00
    2031-03-02 13:30 li keep P2
    2031-03-01 09:00 ada promise reply P3 due 2031-03-03 13:00
    2031-03-02 13:00 ada keep P3
    2031-03-01 09:00 ben promise reply P4 due 2031-03-02 08:00
    2031-03-01 23:00 ben keep P4
    2031-03-01 09:00 dov promise reply P5 due 2031-03-09 13:00
    """
    assert posted("2031-03-10") == {
        "rosa": (0, 0, broken_weight("2031-03-01", days_late(1))),
        "li": (0, 0, broken_weight("2031-03-01", days_late(2))),
        "ada": (0, kept_weight("2031-03-02"), 0),
        "ben": (kept_weight("2031-03-01"), 0, 0),
        "dov": (0, 0, broken_weight("2031-03-09", days_late(2))),
    }


def test_an_hour_whose_day_in_utc_is_tomorrow_is_posted_all_the_same(engine: Engine, severities: Table):
    """Due at eight in the evening of the closing's day in New York, which is one at night of the next in UTC."""
    day = date(2031, 3, 5)
    row = ("P1", "rosa", day, datetime(2031, 3, 6, 1), None, None, None, None, False, "broken")
    book = engine.put("book", BOOK, rows=[row])
    rows = weight_rows(LINES, anchor=ANCHOR, first=day, last=day)
    to_the_day = engine.put("weights", weight_schema(LINES), rows=rows)
    end = AsOf(day, datetime(2031, 3, 6, 4, 59, 59, 999999))
    sums = promise_sums(book, lines=LINES, weights=to_the_day, severities=severities, as_of=end)
    assert by_user(engine, sums)["rosa"]["broken"] == broken_weight("2031-03-06", days_late(1))


def test_a_promise_due_before_it_was_made_fails_on_the_day_it_was_made(posted):
    """
    2031-03-05 rosa promise delivery P1 due 2031-03-01
    """
    assert posted("2031-03-05") == {"rosa": (0, 0, broken_weight("2031-03-05", days_late(4)))}


def test_random_promises_post_what_plain_python_posts(engine: Engine, weights: Table, severities: Table):
    """Two thousand promises of a hundred users that name a day, with every outcome."""
    shuffle = random.Random(4)
    day = date(2031, 9, 30)
    rows, expected = [], defaultdict(lambda: {"kept": Decimal(0), "kept_early": Decimal(0), "broken": Decimal(0)})
    line = {line.outcome: line for line in LINES}
    for number in range(2000):
        user, outcome = f"u{shuffle.randrange(100)}", shuffle.choice(["open", "kept", "late", "broken", "released"])
        due = date(2030, 1, 1) + timedelta(days=shuffle.randrange(600))
        ended = due + timedelta(days=shuffle.randrange(1, 40) if outcome == "late" else -shuffle.randrange(3))
        kept = ended if outcome in ("kept", "late") else None
        said = (
            due + timedelta(days=shuffle.randrange(-3, 4)) if outcome == "broken" and shuffle.random() < 0.3 else None
        )
        at = datetime.combine(kept, time(12)) if kept else None
        made = due - timedelta(days=5)
        rows.append((f"P{number}", user, made, datetime.combine(due, time.max), due, at, kept, said, False, outcome))
        if outcome == "kept":
            early = ended < due
            posting = plain_posting(1, line["promise:kept"], ended)
            expected[user]["kept_early" if early else "kept"] += posting
        elif outcome in ("late", "broken"):
            late = ((kept or day) - due).days
            never = outcome == "broken" and (said is not None or late > 30)
            on = min(due, said or due)
            expected[user]["broken"] += plain_posting(3 if never else days_late(late), line["promise:failed"], on)
    shuffle.shuffle(rows)
    sums = promise_sums(
        engine.put("book", BOOK, rows=rows), lines=LINES, weights=weights, severities=severities, as_of=as_of(str(day))
    )
    assert by_user(engine, sums) == expected


def test_sums_of_facts_and_of_promises_add_to_one_account(engine: Engine, weights: Table, severities: Table):
    """
    2031-03-01 rosa order 1
    2031-03-01 li promise delivery P1 due 2031-03-04
    """
    known = facts(engine, inspect.getdoc(test_sums_of_facts_and_of_promises_add_to_one_account) or "")
    end = as_of("2031-03-20")
    of_facts = fact_sums(known, lines=LINES, weights=weights)
    of_promises = promise_sums(
        outcomes(known, as_of=end), lines=LINES, weights=weights, severities=severities, as_of=end
    )
    accounts = added(of_facts, of_promises)
    assert set(accounts.columns) == {"user_key", *(line.name for line in LINES)}
    assert {str(accounts[line.name].type()) for line in LINES} == {"decimal(38, 12)"}
    found = by_user(engine, accounts)
    assert [name for name, value in found["rosa"].items() if value] == ["purchase", "purchase_recent"]
    assert [name for name, value in found["li"].items() if value] == ["broken"]
