"""The invented shop tells the story it is meant to tell, the same one for the same seed."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keptword.core.problems import KeptwordError
from keptword.simulate import World, simulate, truth, write
from keptword.simulate.world import Orders
from simulate import recount

UNTIL = date(2031, 11, 24)


def share(tally: dict[str, int]) -> float:
    return tally["kept"] / tally["due"]


@pytest.fixture(scope="module")
def large() -> dict[str, Any]:
    """The truth of a shop with 20,000 orders, in which chance says little."""
    return truth(simulate(seed=11, until=UNTIL, users=12_000))


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Written twice; and once more with another seed."""
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        for kind in ("shopify", "woocommerce"):
            write(simulate(seed=seed, until=UNTIL, users=60), kind=kind, folder=tmp_path / name / kind)
    files = [path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*") if path.is_file()]
    assert len(files) == 10
    for file in files:
        one, two, other = (tmp_path / name / file for name in ("one", "two", "other"))
        assert one.read_bytes() == two.read_bytes()
        assert (one.read_bytes() == other.read_bytes()) == (file.name == "products_export.csv")


def test_72_in_100_keep_to_two_working_days(large: dict[str, Any]) -> None:
    """July is the worst month and near 55, March the best; five working days hold for more than 90."""
    assert share(large["dispatch"]) == pytest.approx(0.72, abs=0.02)
    months = {month: share(tally) for month, tally in large["dispatch"]["by_month_paid"].items() if tally["due"] > 300}
    assert min(months, key=months.__getitem__)[-2:] == "07"
    assert max(months, key=months.__getitem__)[-2:] == "03"
    assert months["2031-07"] == pytest.approx(0.56, abs=0.05)
    five = large["dispatch"]["what_if"][5]
    assert share(five) > 0.9


def test_one_carrier_and_the_islands_are_worse_beyond_chance(large: dict[str, Any]) -> None:
    """DPD and Spain, where all customers live on the Canaries, twenty points below the rest."""
    carriers = {name: share(tally) for name, tally in large["dispatch"]["by_carrier"].items()}
    countries = {name: share(tally) for name, tally in large["dispatch"]["by_country"].items()}
    assert carriers["DPD Classic"] < min(carriers["DHL Paket"], carriers["Post Warenpost"]) - 0.15
    assert countries["ES"] < countries["DE"] - 0.2


def test_late_orders_bring_letters_and_fewer_returns(large: dict[str, Any]) -> None:
    """About 40 messages per 100 late orders and 8 per 100 kept ones; 15 in 100 of the returns are lost."""
    for rule in ("by_cause", "by_latest_order"):
        found = large["messages"][rule]
        assert 100 * found["late"]["messages"] / found["late"]["orders"] == pytest.approx(40, abs=4)
        assert 100 * found["kept"]["messages"] / found["kept"]["orders"] == pytest.approx(8, abs=2)
    late, kept = (large["returning"][f"after_{state}_orders"] for state in ("late", "kept"))
    factor = (late["came_back"] / late["observed"]) / (kept["came_back"] / kept["observed"])
    assert factor == pytest.approx(large["habits"]["return_after_late"], abs=0.06)


def test_one_product_comes_back_far_more_often_than_the_others(large: dict[str, Any]) -> None:
    """The flask that leaks."""
    shares = {sku: found["lines_refunded"] / found["orders"] for sku, found in large["products"].items()}
    assert max(shares, key=shares.__getitem__) == "THE-NEB-500"
    assert shares["THE-NEB-500"] > 2 * sorted(shares.values())[-2]


def test_nothing_happens_after_the_last_day_or_before_its_cause(haiwen: World) -> None:
    """Ordered, then paid, then shipped, then delivered and paid back; called off only before it ships."""
    orders = haiwen.orders
    end = haiwen.clock.utc(np.array([np.datetime64(UNTIL) + 1], "datetime64[s]"))[0]
    moments = [field.name for field in fields(Orders) if field.name.endswith("_at")]
    for name in moments:
        at = getattr(orders, name)
        assert not (at >= end).any()
        assert not (at < orders.placed_at).any()
    assert (orders.placed_at[1:] >= orders.placed_at[:-1]).all()
    assert haiwen.clock.day(orders.placed_at).min() >= np.datetime64(haiwen.first)
    assert not (orders.shipped_at < orders.paid_at).any()
    assert not (orders.delivered_at < orders.shipped_at).any()
    assert np.isnat(orders.shipped_at[~np.isnat(orders.cancelled_at)]).all()
    assert not np.isnat(orders.paid_at[~np.isnat(orders.shipped_at)]).any()
    assert ((orders.refunded > 0) <= ~np.isnat(orders.refunded_at)).all()


def test_the_shop_has_everything_a_reader_must_cope_with(haiwen: World, shopify: Path) -> None:
    """Accents, Chinese names, an emoji, a note over two lines with quotes, one that looks like a formula."""
    text = (shopify / "orders_export.csv").read_text(encoding="utf-8")
    for part in ("🎁", "请用", '""Grün""', "=Rechnung", "„Mondhof“", "Las Palmas", "latest-drop"):
        assert part in text
    assert any("\u4e00" <= letter <= "\u9fff" for person in range(400) for letter in haiwen.people.name(person))
    assert {"+0100", "+0200"} <= {word[:5] for word in text.split(" ")}


def test_nobody_has_an_address_outside_the_reserved_domains(shopify: Path, woocommerce: Path) -> None:
    """example.com, example.org and example.net, and the shop's own under .example: nobody can have those."""
    found: set[str] = set()
    for folder in (shopify, woocommerce):
        for path in folder.iterdir():
            found |= recount.addresses(path.read_text(encoding="utf-8"))
    assert len(found) > 400
    domains = {address.partition("@")[2] for address in found}
    assert domains <= {"example.com", "example.org", "example.net", "mail.example.net", "haiwen.example"}


def test_the_smallest_shop_and_the_shortest_time_can_be_written(tmp_path: Path) -> None:
    """One customer, one month, ending on a leap day."""
    world = simulate(seed=1, until=date(2032, 2, 29), users=1, months=1)
    assert world.first == date(2032, 1, 30)
    paths = write(world, kind="shopify", folder=tmp_path / "Meine Bücher 100 %")
    assert [path.name for path in paths] == [
        *("orders_export.csv", "products_export.csv", "reviews.csv", "mailbox.mbox", "truth.json")
    ]
    orders = recount.shopify_orders(paths[0])
    assert recount.dispatch(orders, as_of=world.until)["orders"] == truth(world)["orders"]["counted"]


def test_a_load_needs_no_mailbox_and_tells_how_far_it_is(tmp_path: Path) -> None:
    """The last word for each file is that all of it is written."""
    told: dict[str, float] = {}

    world = simulate(seed=2, until=UNTIL, users=50)
    paths = write(world, kind="woocommerce", folder=tmp_path, mail=False, progress=told.__setitem__)
    assert "mailbox.mbox" not in [path.name for path in paths]
    assert told == {"orders.csv": 1.0, "orders.json": 1.0}


def test_a_shop_without_customers_is_refused_in_a_sentence() -> None:
    """0 customers."""
    with pytest.raises(KeptwordError, match="at least 1 customer"):
        simulate(seed=1, until=UNTIL, users=0)


@pytest.mark.parametrize(
    ("until", "months"), [(date(9999, 12, 31), 18), (date(1972, 1, 1), 24), (date(2031, 1, 1), 99_999)]
)
def test_a_time_no_calendar_knows_is_refused_in_a_sentence(until: date, months: int) -> None:
    """The end of the world, the time before the clocks of computers, and eight thousand years."""
    with pytest.raises(KeptwordError, match="it knows the years from 1971 to 2900"):
        simulate(seed=1, until=until, months=months)


def test_a_folder_that_cannot_be_written_is_refused_in_a_sentence(tmp_path: Path) -> None:
    """There is a file of that name already."""
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(KeptwordError, match="could not be written to"):
        write(simulate(seed=1, until=UNTIL, users=2), kind="shopify", folder=tmp_path / "taken")
