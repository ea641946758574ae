"""Nothing a report computes is bound to one engine: its expressions are walked, one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import ibis
import pytest

from keptword.core.rules import Amount, parse_promise, rule
from keptword.engines.duckdb import Engine
from keptword.engines.portable import refused
from keptword.report.book import promise_book
from keptword.report.build import report
from keptword.report.shop import Asked, Shop
from keptword.report.tally import tally_list
from keptword.sources.registry import Gathered
from ledger import facts

SHOP = """
2031-03-03 10:00 rosa order 1
2031-03-03 10:01 rosa pay 1
2031-03-05 09:00 rosa ship 1
2031-03-03 11:00 li order 2
2031-03-09 11:00 li ship 2
2031-03-04 12:00 ada order 3
2031-03-06 12:00 ada cancel 3
2031-03-06 12:30 li write c1
2031-03-07 09:30 li answer c1
2031-03-07 09:40 rosa write c2
2031-03-01 rosa promise delivery P1 due 2031-03-04
2031-03-03 rosa move P1 due 2031-03-08
2031-03-06 rosa keep P1
2031-03-06 rosa keep P1
"""


def test_every_expression_of_a_report_and_of_the_promise_book_is_portable():
    """A shop with orders, answers, a promise moved and kept twice; a promise in days, one in hours, one by law."""
    seen: list[str] = []
    walked: list[ibis.Expr] = []

    def watch(expression: ibis.Expr) -> None:
        walked.append(expression)
        seen.extend(refused(expression))

    day = date(2031, 3, 10)
    rules = (parse_promise("ships within 2 working days"), rule("reply", Amount(4, "working hours")))
    asked = Asked(as_of=day, today=day, rules=rules, country="US")
    with Engine(watch=watch) as engine:
        gathered = Gathered(facts(engine, SHOP), files=())
        assert report(engine, gathered, asked=asked).orders == 2
        shop = Shop(engine, gathered, asked=asked)
        assert {tally.kind for tally in tally_list(shop, promise_book(shop))} == {"delivery", "dispatch", "reply"}
    assert len(walked) > 20
    assert seen == []


TABLE = ibis.table({"day": "date", "at": "timestamp(6)", "x": "float64", "name": "string", "j": "json"}, name="t")


@pytest.mark.parametrize(
    "build",
    [
        lambda: TABLE.group_by("day").agg(first=TABLE.name.first(order_by=TABLE.at)),
        lambda: TABLE.group_by("day").agg(all=TABLE.name.collect()),
        lambda: TABLE.select(seconds=TABLE.at.epoch_seconds()),
        lambda: TABLE.select(carrier=TABLE.j["carrier"]),
        lambda: TABLE.select(berlin=TABLE.at.cast("timestamp('Europe/Berlin')")),
        lambda: TABLE.select(whole=TABLE.x.cast("int64")),
        lambda: TABLE.select(digest=TABLE.name.hash()),
        lambda: TABLE.agg(many=TABLE.name.approx_nunique()),
        lambda: TABLE.select(wait=TABLE.at - datetime(2031, 1, 1)),
        lambda: TABLE.select(wait=TABLE.at.delta(datetime(2031, 1, 1), unit="s")),
        lambda: TABLE.asof_join(TABLE.view(), "at"),
    ],
)
def test_what_a_second_engine_answers_otherwise_is_refused(build: Callable[[], ibis.Expr]):
    """Each line of the list in the design, written the way it is easily written by mistake."""
    assert refused(build())


def test_plain_sums_of_plain_columns_are_not_refused():
    """A filter, a group and a sum go everywhere."""
    assert refused(TABLE.filter(TABLE.x > 1).group_by("day").agg(x=TABLE.x.sum())) == []
