"""From an export to the report's figures, held against the same figures counted one order at a time in plain Python."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from keptword.core.rules import Settings, parse_promise
from keptword.engines.duckdb import Engine
from keptword.report.build import report
from keptword.report.model import Report
from keptword.report.shop import Asked
from keptword.sources.registry import gather
from keptword.sources.source import Reading
from shopify_export import more, order, write

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Order:
    """One order as it really went; moments are instants."""

    name: str
    email: str
    created: datetime
    paid: datetime | None
    shipped: datetime | None
    cancelled: datetime | None
    products: tuple[str, ...]
    carrier: str


@dataclass(frozen=True)
class Case:
    """How the shop's days are counted, and as of when."""

    as_of: date
    within: int
    timezone: str | None = None
    cutoff: time | None = None
    country: str | None = None
    working_days: tuple[str, ...] | None = None
    weekdays: frozenset[int] = frozenset(range(5))
    closed: frozenset[date] = field(default_factory=frozenset)
    in_words: str = "working days"

    @property
    def promise(self) -> str:
        before = f", cut-off {self.cutoff:%H:%M}" if self.cutoff else ""
        return f"ships within {self.within} {self.in_words}{before}"


def invented(seed: int, count: int = 260) -> list[Order]:
    """Return orders around two clock changes and Christmas, at every hour of every weekday."""
    draw = random.Random(seed)
    orders = []
    for number in range(count):
        created = datetime(2030, 9, 20, tzinfo=UTC) + timedelta(seconds=draw.randrange(210 * 86_400))
        paid = created + timedelta(minutes=draw.choice([1, 3, 600, 3000])) if draw.random() < 0.9 else None
        shipped = (paid or created) + timedelta(hours=draw.expovariate(1 / 60)) if draw.random() < 0.9 else None
        cancelled = None
        if draw.random() < 0.12:
            cancelled = (shipped or created) + timedelta(hours=draw.uniform(1, 200))
        email = f"Person{draw.randrange(count // 2)}@example.org"
        products = tuple(draw.sample(["Tea", "Cup", "Pot", "Tray"], draw.randint(1, 3)))
        orders.append(
            Order(f"#{1001 + number}", email, created, paid, shipped, cancelled, products, draw.choice(["DHL", "Post"]))
        )
    return orders


def export(path: Path, orders: list[Order], *, zone: str) -> Path:
    """Write the orders as the admin of a shop in `zone` would, their further lines anywhere behind the first."""
    draw, local = random.Random(path.name), ZoneInfo(zone)

    def stamp(at: datetime | None) -> str:
        return f"{at.astimezone(local):%Y-%m-%d %H:%M:%S %z}" if at else ""

    rows: list[dict[str, str]] = []
    for each in orders:
        first, *rest = each.products
        rows.append(
            order(
                each.name,
                Email=draw.choice([each.email, each.email.upper(), f" {each.email} "]),
                Created_at=stamp(each.created),
                Paid_at=stamp(each.paid),
                Fulfilled_at=stamp(each.shipped),
                Fulfillment_Status="fulfilled" if each.shipped else "unfulfilled",
                Financial_Status="paid" if each.paid else "pending",
                Cancelled_at=stamp(each.cancelled),
                Shipping_Method=each.carrier,
                Lineitem_name=first,
            )
        )
        rows += [more(each.name, product) for product in rest]
    if path.name.startswith("shuffled"):
        draw.shuffle(rows)
    return write(path, rows)


@dataclass
class Counted:
    """The figures, counted order by order."""

    orders: int = 0
    customers: set[str] = field(default_factory=set)
    states: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("kept", "late", "waiting", "open"), 0))
    by_carrier: dict[str, list[int]] = field(default_factory=dict)
    months: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    longest: list[str] = field(default_factory=list)
    products: dict[str, int] = field(default_factory=dict)


def counted(orders: list[Order], case: Case, *, zone: str) -> Counted:
    """Count as issue and glossary say: one order, one day after the other."""
    local = ZoneInfo(case.timezone or zone)
    found = Counted()
    waiting = []
    for each in orders:
        seen = [at if at and at.astimezone(local).date() <= case.as_of else None for at in _moments(each)]
        created, paid, shipped, cancelled = seen
        if created is None:
            continue
        for product in each.products:
            found.products[product] = found.products.get(product, 0) + 1
        if cancelled and not shipped:
            continue
        found.orders += 1
        found.customers.add(each.email.strip().lower())
        event = (paid or created).astimezone(local)
        due = _due(event, case)
        state = "open"
        if shipped:
            state = "kept" if shipped.astimezone(local).date() <= due else "late"
        elif due <= case.as_of:
            state = "waiting"
            waiting.append((event.date(), f"order:{each.name}"))
        found.states[state] += 1
        if state != "open":
            for tally in (
                found.by_carrier.setdefault(each.carrier, [0, 0]),
                found.months.setdefault((event.year, event.month), [0, 0]),
            ):
                tally[0] += 1
                tally[1] += state == "kept"
    found.longest = [subject for _, subject in sorted(waiting)]
    return found


def _moments(each: Order) -> tuple[datetime | None, ...]:
    return each.created, each.paid, each.shipped, each.cancelled


def _due(event: datetime, case: Case) -> date:
    def working(day: date) -> bool:
        return case.in_words == "days" or (day.weekday() in case.weekdays and day not in case.closed)

    day = event.date()
    if case.cutoff and event.time().replace(microsecond=0) > case.cutoff:
        day += DAY
    while not working(day):
        day += DAY
    for _ in range(case.within):
        day += DAY
        while not working(day):
            day += DAY
    return day


# Public holidays in all of Germany between September 2030 and May 2031, from the calendar on the wall.
GERMANY = frozenset(
    [
        *(date(2030, 10, 3), date(2030, 12, 25), date(2030, 12, 26), date(2031, 1, 1)),
        *(date(2031, 4, 11), date(2031, 4, 14), date(2031, 5, 1)),
    ]
)

CASES = {
    "as the stamps say": ("Europe/Berlin", Case(date(2031, 4, 10), 2)),
    "in the middle of the data, with a cut-off": (
        "Europe/Berlin",
        Case(date(2030, 12, 26), 2, timezone="Europe/Berlin", cutoff=time(14), country="DE", closed=GERMANY),
    ),
    "six days a week, from another zone": (
        "America/New_York",
        Case(
            date(2031, 3, 30),
            1,
            timezone="Asia/Shanghai",
            working_days=("mon", "tue", "wed", "thu", "fri", "sat"),
            weekdays=frozenset(range(6)),
        ),
    ),
    "in plain days, a fixed offset": (
        "America/New_York",
        Case(date(2031, 3, 9), 3, timezone="-05:00", in_words="days"),
    ),
}


@pytest.fixture(scope="module", params=CASES.values(), ids=list(CASES))
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Report, Counted, Case]]:
    """A report built from a file, and the same counted by hand."""
    zone, case = request.param
    orders = invented(sum(map(ord, zone + case.promise)))
    path = export(tmp_path_factory.mktemp("shop") / "shuffled.csv", orders, zone=zone)
    if case.timezone == "-05:00":
        counting = Case(**{**case.__dict__, "timezone": "Etc/GMT+5"})
    else:
        counting = case
    settings = Settings(timezone=case.timezone, country=case.country, working_days=case.working_days)
    rules = (parse_promise(case.promise),)
    with Engine() as engine:
        reading = Reading(engine=engine, key="a key", recorded_at=datetime(2031, 5, 1), timezone=case.timezone)
        read = gather(reading, [path])
        asked = Asked(as_of=case.as_of, today=case.as_of, rules=rules, settings=settings, by=("carrier",))
        yield report(engine, read, asked=asked), counted(orders, counting, zone=zone), case


def test_orders_customers_and_what_became_of_them_are_those_counted_one_by_one(
    made: tuple[Report, Counted, Case],
) -> None:
    figures, expected, _ = made
    assert figures.word is not None
    word = figures.word
    assert figures.orders == expected.orders
    assert figures.customers == len(expected.customers)
    assert {"kept": word.kept, "late": word.late, "waiting": word.waiting, "open": word.not_due} == expected.states
    assert word.due == word.kept + word.late + word.waiting
    assert min(expected.states.values()) > 0, "a case in which nothing happens proves nothing"


def test_months_and_carriers_add_up_to_the_same(made: tuple[Report, Counted, Case]) -> None:
    figures, expected, _ = made
    assert figures.word is not None
    assert {
        (month.first.year, month.first.month): [month.share.of, month.share.count] for month in figures.word.months
    } == expected.months
    (carriers,) = figures.breakdowns
    assert {group.label: [group.share.of, group.share.count] for group in carriers.groups} == expected.by_carrier


def test_who_waits_is_listed_the_longest_wait_first(made: tuple[Report, Counted, Case]) -> None:
    figures, expected, _ = made
    assert figures.waiting is not None
    assert figures.waiting.count == len(expected.longest)
    assert [each.subject for each in figures.waiting.longest] == expected.longest[:200]


def test_an_order_counts_with_each_of_its_products_wherever_their_lines_stand(
    made: tuple[Report, Counted, Case],
) -> None:
    figures, expected, _ = made
    assert figures.products is not None
    assert {each.label: each.orders for each in figures.products.products} == expected.products


PROMISES = """
[file]
name = "shop"
timezone = "Europe/Berlin"

[defaults]
subject = "order:{Order}"

[[fact]]
kind = "promise.made"
when = "Ordered"
promise = { kind = "delivery", id = "{Order}", due_on = "Due" }

[[fact]]
kind = "promise.kept"
when = "Came"
promise = { kind = "delivery", id = "{Order}" }
"""

PARCELS = """Order,Ordered,Due,Came
1,2031-03-02,2031-03-10,2031-03-09
2,2031-03-05,2031-04-02,2031-04-04
3,2031-03-20,2031-09-01,2031-03-25
4,2031-04-01,2031-08-01,
"""


@pytest.fixture
def by_promise(tmp_path: Path) -> Iterator[Callable[..., Report]]:
    """Report on four parcels, each promised for a day of its own, as of 20 April 2031."""
    (tmp_path / "parcels.csv").write_text(PARCELS, encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(PROMISES, encoding="utf-8")
    with Engine() as engine:

        def made(*, timezone: str | None = None) -> Report:
            reading = Reading(
                engine=engine, key="secret", recorded_at=datetime(2031, 12, 1, tzinfo=UTC), timezone=timezone
            )
            read = gather(reading, [tmp_path / "parcels.csv"], mapping=tmp_path / "mapping.toml")
            day = date(2031, 4, 20)
            return report(engine, read, asked=Asked(as_of=day, today=day, settings=Settings(timezone=timezone)))

        yield made


def test_the_months_of_promises_end_with_the_day_of_the_report(by_promise: Callable[..., Report]) -> None:
    """
    1 due in March, kept; 2 due in April, late; 3 due in September, here in March already; 4 due in August, open
    """
    word = by_promise().word
    assert word is not None
    assert [(month.first, month.share.count, month.late) for month in word.months] == [
        (date(2031, 3, 1), 2, 0),
        (date(2031, 4, 1), 0, 1),
    ]
    assert (word.due, word.kept, word.late, word.not_due) == (3, 2, 1, 1)


def test_the_days_are_those_of_the_mapping_s_zone_unless_another_is_told(by_promise: Callable[..., Report]) -> None:
    assert by_promise().settings.timezone == "Europe/Berlin"
    assert by_promise(timezone="Asia/Shanghai").settings.timezone == "Asia/Shanghai"
