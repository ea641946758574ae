"""The charts: what is drawn is as high, as wide and as far along as the numbers say."""

from __future__ import annotations

import pytest

from keptword.report import charts
from report.rendered import Element, parsed

SCALE = charts.Scale(1.0, lines=((0.0, "0"), (1.0, "100")))


def drawn(markup: str) -> Element:
    """The chart's element."""
    return parsed(str(markup)).first("svg")


def number(element: Element, name: str) -> float:
    """An attribute as a number, whatever its unit."""
    return float(element.attributes[name].rstrip("%"))


def test_columns_are_as_high_as_their_values():
    chart = drawn(charts.columns([charts.Bar("A", 0.5), charts.Bar("B", 1.0)], title="t", description="d", scale=SCALE))
    half, whole = chart.all("rect", class_="column")
    assert number(half, "height") == pytest.approx(charts.PLOT / 2)
    assert number(whole, "height") == pytest.approx(charts.PLOT)
    assert number(half, "y") + number(half, "height") == pytest.approx(charts.TOP + charts.PLOT)


def test_whiskers_reach_from_low_to_high():
    bar = charts.Bar("A", 0.5, low=0.4, high=0.8)
    chart = drawn(charts.columns([bar], title="t", description="d", scale=SCALE))
    whisker = chart.first("line", class_="whisker")
    assert number(whisker, "y1") == pytest.approx(charts.TOP + charts.PLOT * 0.6)
    assert number(whisker, "y2") == pytest.approx(charts.TOP + charts.PLOT * 0.2)


def test_what_is_beyond_the_scale_ends_at_its_top():
    chart = drawn(charts.columns([charts.Bar("A", 0.9)], title="t", description="d", scale=charts.Scale(0.5, lines=())))
    assert number(chart.first("rect", class_="column"), "height") == pytest.approx(charts.PLOT)


def test_a_month_without_a_value_leaves_its_place_empty():
    bars = [charts.Bar("A", None), charts.Bar("B", 0.5)]
    chart = drawn(charts.columns(bars, title="t", description="d", scale=SCALE))
    (only,) = chart.all("rect", class_="column")
    assert number(only, "x") > charts.GUTTER + charts.WIDEST_SLOT
    assert [text.text for text in chart.all("text", class_="label")] == ["A", "B"]


@pytest.mark.parametrize("count", [1, 2, 12, 24, 60])
def test_columns_stay_inside_the_chart(count):
    bars = [charts.Bar(str(place), 0.5) for place in range(count)]
    chart = drawn(charts.columns(bars, title="t", description="d", scale=SCALE))
    last = chart.all("rect", class_="column")[-1]
    assert number(last, "x") + number(last, "width") <= 100


def test_steps_rise_where_one_day_ends_and_the_next_begins():
    bars = [charts.Bar(str(days), share) for days, share in enumerate((0.1, 0.6, 0.9))]
    chart = drawn(charts.steps(bars, title="t", description="d", scale=SCALE))
    first, second, _ = chart.all("line", class_="step")
    rise = chart.all("line", class_="rise")[0]
    assert number(first, "x2") == number(rise, "x1") == number(second, "x1")
    assert (number(rise, "y1"), number(rise, "y2")) == (number(first, "y1"), number(second, "y1"))


def test_the_parts_of_a_sum_fill_its_bar():
    chart = drawn(charts.split([("kept", 297), ("late", 106), ("waiting", 0)], title="t", description="d"))
    kept, late = chart.all("rect")
    assert number(kept, "width") == pytest.approx(100 * 297 / 403, abs=0.01)
    assert number(kept, "width") + number(late, "width") == pytest.approx(100, abs=0.02)


def test_nothing_is_divided_without_parts():
    assert drawn(charts.split([("kept", 0)], title="t", description="d")).all("rect") == []


def test_titles_are_escaped():
    chart = charts.columns([charts.Bar("<b>", 0.5)], title="<script>", description="&", scale=SCALE)
    assert "<script>" not in chart
    assert drawn(chart).first("title").text.strip() == "<script>"
