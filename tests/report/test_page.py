"""The page: one file complete in itself, the verdict first, and nothing that a name out of a file could break."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from keptword.core.keepable import Keepable
from keptword.core.problems import Problem
from keptword.core.rates import wilson
from keptword.core.rules import Amount, rule
from keptword.report.model import Breakdown, Messages, Report, WaitingNow
from keptword.report.page import css_text, render
from keptword.words import LANGUAGES
from report.rendered import page_of, parsed, section, text_of
from report.samples import ALL, ARABIC, HOSTILE, group, months, never_late, nine_orders, ordinary, what_ifs, word

ORDER = ["word", "can", "waiting", "where", "products", "back", "answers", "cost", "law", "missing", "read"]

EVERY = [pytest.param(make, language, id=f"{name}-{language}") for name, make in ALL.items() for language in LANGUAGES]


def headline(report: Report, *, language: str = "en") -> str:
    """The page's first sentence."""
    return page_of(report, language=language).first("h1").text.strip()


def with_word(*rows: tuple[int, int, int], **more: object) -> Report:
    """The ordinary shop with another past: (kept, late, waiting) by month."""
    return replace(ordinary(), word=word(months(*rows), **more))


@pytest.mark.parametrize(
    ("name", "english", "chinese"),
    [
        ("ordinary", "You keep your word 72 times in 100.", "每100次承诺，您兑现72次。"),
        ("nine_orders", "You have kept your word 6 times out of 9.", "9次承诺，您兑现了6次。"),
        ("big", "You keep your word 93 times in 100.", "每100次承诺，您兑现93次。"),
        ("never_late", "You keep your word.", "您言而有信。"),
        ("never_ships", "Nothing has left yet.", "还没有任何订单发出。"),
        (
            "no_promise",
            "You could promise 5 working days and keep it 93 times in 100.",
            "您可以承诺5个工作日，每100次兑现93次。",
        ),
        ("nothing", "There is nothing to report on yet.", "还没有可以报告的内容。"),
        ("made_promises", "You keep your word 88 times in 100.", "每100次承诺，您兑现88次。"),
    ],
)
def test_the_verdict_comes_first_and_in_words(name, english, chinese):
    assert headline(ALL[name]()) == english
    assert headline(ALL[name](), language="zh") == chinese


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(9, 0, 0)], "So far you have kept your word: 9 times out of 9."),
        ([(1, 0, 0)], "So far you have kept your word: once out of once."),
        ([(1, 2, 0)], "You have kept your word once out of 3 times."),
        ([(0, 30, 2)], "You have not kept your word yet."),
        ([(999, 1, 0)], "You keep your word 99.9 times in 100."),
        ([(1, 999, 0)], "You keep your word 0.1 times in 100."),
    ],
)
def test_few_are_counted_and_nearly_all_is_not_all(rows, said):
    assert headline(with_word(*rows)) == said


def test_without_a_due_order_nothing_is_judged():
    """Three orders, all still within their time."""
    text = text_of(replace(ordinary(), word=word((), not_due=3), breakdowns=()))
    assert "Nothing has fallen due yet. 3 are on their way and have time left." in text
    assert "0 in 100" not in text.split("The promise you can keep")[0]


def test_without_enough_orders_no_promise_is_named():
    too_few = replace(nine_orders(), word=None)
    assert headline(too_few) == "9 orders are too few to say what you could promise."
    hopeless = replace(too_few, keepable=Keepable(None, "not reached", None, 900, (wilson(300, 900),)))
    assert headline(hopeless) == "No promise would hold yet."


def test_a_promise_in_hours_is_not_mixed_up_with_one_in_days():
    """Answers within 4 working hours were promised; the days that can be promised are about sending orders."""
    page = page_of(with_word((297, 106, 9), rule=rule("reply", Amount(4, "working hours")), kind="reply"))
    assert "5 working days" not in page.first("div", class_="verdict").text
    assert "You could promise to ship within 5 working days and keep it 93 in 100" in section(page, "can").text


def test_count_period_and_interval_stand_in_one_sentence():
    sentence = (
        "In the 12 months to 24 November 2031, 297 of 412 orders left within 2 working days: 72 in 100 (68 to 76)."
    )
    assert sentence in text_of(ordinary())
    chinese = "截至2031年11月24日的12个月里，412笔订单中有297笔在2个工作日内发出：72%（68%至76%）。"
    assert chinese in text_of(ordinary(), language="zh")


@pytest.mark.parametrize(
    ("kind", "amount", "said"),
    [
        ("delivery", Amount(3, "days"), "297 of 412 deliveries arrived within 3 days: 72 in 100"),
        ("reply", Amount(1, "working hours"), "297 of 412 questions were answered within 1 working hour: 72 in 100"),
        ("refund", Amount(14, "days"), "297 of 412 refunds were paid back within 14 days: 72 in 100"),
        ("reward", Amount(2, "working days"), "297 of 412 promises were kept within 2 working days: 72 in 100"),
        ("dispatch", Amount(0, "working days"), "297 of 412 orders left on the same working day: 72 in 100"),
    ],
)
def test_every_kind_of_promise_is_told_in_its_own_words(kind, amount, said):
    told = rule(kind, amount)
    assert said.replace("412 promises", "412 rewards") in text_of(with_word((297, 106, 9), rule=told, kind=kind))


@pytest.mark.parametrize(("make", "language"), EVERY)
def test_the_page_is_one_file_complete_in_itself(make, language):
    html = render(make(), language=language)
    page = parsed(html)
    assert html.startswith("<!doctype html>")
    assert page.first("html").attributes["lang"] == {"en": "en", "zh": "zh-Hans"}[language]
    assert not page.all("script")
    assert not page.all("link")
    assert not page.all("img")
    assert not re.search(
        r"url\(|@import|src=\"|href=\"(?!#)", re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL).split("<body>")[0]
    )
    assert all(link.attributes["href"].startswith("#") for link in page.all("a"))


@pytest.mark.parametrize(("make", "language"), EVERY)
def test_headings_go_down_one_step_at_a_time(make, language):
    html = render(make(), language=language)
    levels = [int(level) for level in re.findall(r"<h([1-6])", html)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize(("make", "language"), EVERY)
def test_no_name_is_given_to_two_elements(make, language):
    names = re.findall(r'\sid="([^"]+)"', render(make(), language=language))
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("make", "language"), EVERY)
def test_the_sections_stand_in_order(make, language):
    keys = [each.attributes["id"] for each in page_of(make(), language=language).all("section")]
    assert keys == [key for key in ORDER if key in keys]


@pytest.mark.parametrize(("make", "language"), EVERY)
def test_every_chart_is_described_and_has_its_table(make, language):
    page = page_of(make(), language=language)
    for chart in page.all("svg", role="img"):
        assert chart.first("title").text.strip()
        assert chart.first("desc").text.strip()
    for figure in page.all("figure", class_="drawn"):
        assert len(figure.all("svg", role="img")) == 1
        assert figure.first("details").all("table")
    for drawing in page.all("svg"):
        beside_its_figures = drawing.attributes.get("aria-hidden") == "true"
        assert beside_its_figures or drawing.attributes.get("role") == "img"


@pytest.mark.parametrize(("make", "language"), EVERY)
def test_every_table_names_its_rows_and_columns(make, language):
    for table in page_of(make(), language=language).all("table"):
        assert table.first("caption").text.strip()
        heads = len(table.first("thead").first("tr").children)
        assert heads > 1
        for row in table.first("tbody").all("tr"):
            assert len(row.children) == heads
            assert row.children[0].attributes["scope"] == "row"


def test_the_table_behind_the_months_holds_them_all():
    """36 months; the chart shows the newest 24."""
    figure = section(page_of(ALL["big"]()), "word").first("figure", class_="drawn")
    assert len(figure.first("svg").all("rect", class_="cap")) == 24
    assert len(figure.first("tbody").all("tr")) == 36


def test_the_what_ifs_are_a_table_with_the_promise_marked():
    table = section(page_of(ordinary()), "can").first("table")
    rows = [[cell.text.strip() for cell in row.children] for row in table.first("tbody").all("tr")]
    assert [row[0] for row in rows[:3]] == ["the same working day", "1 working day", "2 working days"]
    assert len(rows) == 11
    marked = table.first("tr", class_="marked")
    assert [cell.text.strip() for cell in marked.children] == ["5 working days", "93", "91 to 95"]


def test_a_long_promise_leaves_its_chart_readable():
    """40 working days: all of them in the table, every fourth with its figure in the chart."""
    long = replace(ordinary(), keepable=what_ifs(*range(0, 101, 2), of=5000))
    report = replace(long, word=word(months((297, 106, 9)), rule=rule("dispatch", Amount(40, "working days"))))
    figure = section(page_of(report), "can").first("figure", class_="drawn")
    assert [text.text for text in figure.all("text", class_="label")] == [str(days) for days in range(0, 48, 4)]
    assert len(figure.first("tbody").all("tr")) == 47


def test_those_who_wait_stand_longest_first_and_the_rest_is_counted():
    waiting = section(page_of(ALL["big"]()), "waiting")
    rows = waiting.first("tbody").all("tr")
    assert len(rows) == 20
    assert rows[0].text.split() == ["#88112", "14", "Oct", "2031", "17", "Oct", "2031", "41", "days"]
    assert "194 more are waiting" in waiting.text
    assert "The newest entry is of 12 November 2031." in waiting.text


def test_that_nobody_waits_is_said_with_joy():
    waiting = section(page_of(never_late()), "waiting")
    assert waiting.first("p", class_="joy").text.strip() == "Nobody is waiting. Every order that was due has left."


def test_what_stands_out_is_said_before_any_table():
    where = section(page_of(ordinary()), "where")
    lead = where.first("p").text.strip()
    assert (
        lead
        == "It fails most with Hermes: kept 50 in 100 (42 to 58), elsewhere 79 in 100 (75 to 82). More than chance."
    )
    alike = replace(
        ordinary(), breakdowns=(Breakdown("carrier", (group("A", 150, 206), group("B", 147, 206)), missing=2),)
    )
    where = section(page_of(alike), "where")
    assert where.first("p").text.strip() == "Nothing stands out: the differences may be chance."
    assert "2 that fell due have no carrier." in where.text


def test_what_only_does_better_is_not_called_a_failure():
    """A shop where people collect their orders themselves: nothing fails, one way is better."""
    collect = group("Collect", 96, 96, stands_out=True, better=True, elsewhere=wilson(201, 316))
    one_better = replace(ordinary(), breakdowns=(Breakdown("carrier", (collect, group("DHL", 201, 316)), missing=0),))
    where = section(page_of(one_better), "where").text
    assert "Nothing fails more often than the rest beyond chance." in where
    assert "Collect: kept 100 in 100 (97 to 100), elsewhere 64 in 100 (59 to 68). More than chance." in where


@pytest.mark.parametrize("value", ["2", "2.5", "A", "Yes"])
def test_a_bare_value_is_said_with_its_column(value):
    """By priority, orders of priority 2 fail; in the table, the column stands above them."""
    failing = group(value, 48, 96, stands_out=True, elsewhere=wilson(249, 316))
    better = group("1", 99, 100, stands_out=True, better=True)
    columns = Breakdown("priority", (failing, better, group("Express", 201, 316)), missing=0)
    where = section(page_of(replace(ordinary(), breakdowns=(columns,))), "where")
    assert where.first("p").text.strip().startswith(f"It fails most with priority {value}: kept 50 in 100")
    assert "Priority 1: kept 99 in 100" in where.text
    assert [row.first("th").text.strip() for row in where.first("tbody").all("tr")] == [value, "1", "Express"]
    chinese = section(page_of(replace(ordinary(), breakdowns=(columns,)), language="zh"), "where")
    assert f"priority {value}" in chinese.text


def test_countries_and_small_groups_are_called_by_name():
    where = [table.text for table in section(page_of(ordinary()), "where").all("table")]
    assert "3 smaller ones together" in where[0]
    assert "Germany" in where[1]
    chinese = [table.text for table in section(page_of(ordinary(), language="zh"), "where").all("table")]
    assert "德国" in chinese[1]


def test_what_late_orders_cost_is_told_with_its_doubt():
    cost = section(page_of(ordinary()), "cost").text
    assert "115 late orders brought 46 messages, 40 per 100; the other 297 brought 24 messages, 8 per 100." in cost
    assert "about 37 extra messages. Some of this is not the delay’s doing" in cost


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        (Messages(0, 0, 297, 24), "No order was late"),
        (Messages(12, 3, 0, 0), "nothing to compare them with"),
        (Messages(100, 5, 100, 9), "no more messages than the others"),
        (None, "No customer wrote after an order"),
    ],
)
def test_without_two_groups_to_compare_nothing_is_compared(messages, said):
    report = ordinary()
    assert report.replies is not None
    assert said in section(page_of(replace(report, replies=replace(report.replies, messages=messages))), "cost").text


@pytest.mark.parametrize(
    ("hours", "english", "chinese"),
    [
        (0.001, "one working minute;", "1分钟工作时间"),
        (1 / 60, "one working minute;", "1分钟工作时间"),
        (0.5, "30 working minutes;", "30分钟工作时间"),
        (1.0, "one working hour;", "1个工作小时"),
    ],
)
def test_one_minute_is_not_told_as_several(hours, english, chinese):
    report = ordinary()
    assert report.replies is not None
    quick = replace(report, replies=replace(report.replies, median_hours=hours))
    assert english in section(page_of(quick), "answers").text
    assert chinese in section(page_of(quick, language="zh"), "answers").text


def test_what_is_missing_is_taught_in_one_sentence():
    page = page_of(ALL["without_mailbox"]())
    assert "Give your mailbox too" in section(page, "answers").text
    assert "with --country DE" in section(page, "law").text
    assert "115 late ones so far, about 600 needed" in section(page, "missing").text
    assert "Your mailbox: how fast you answer" in section(page, "missing").text


def test_the_law_is_told_with_its_source_and_no_advice():
    law = section(page_of(ordinary()), "law").text
    assert "orientation, not legal advice" in law
    assert "Directive 2011/83/EU on consumer rights, Art. 18(1)" in law
    assert "99 in 100 (98 to 100) kept" in law
    chinese = section(page_of(ordinary(), language="zh"), "law").text
    assert "不构成法律意见" in chinese
    assert "订单须及时送达，最迟不超过下单后30天。" in chinese


def test_what_was_left_out_or_could_not_be_read_is_told():
    read = section(page_of(ordinary()), "read").text
    assert "1,206 entries from 2 files, from 1 December 2030 to 24 November 2031." in read
    assert "4 lines we could not read. They lie in orders_export.rejected.csv, each with the reason." in read
    assert "3 test orders, 5 staff orders and 2 orders worth nothing" in read
    assert "the order number #1210 is used twice" in read


def test_a_megabyte_in_a_cell_is_cut_and_a_thousand_notices_are_counted():
    report = replace(
        ordinary(),
        problems=tuple(Problem(f"line {line}", "x" * 1_000_000) for line in range(1000)),
        breakdowns=(Breakdown("carrier", (group("y" * 1_000_000, 1, 9), group("B", 90, 100)), missing=0),),
    )
    html = render(report, language="en")
    assert len(html) < 200_000
    assert "960 more like these." in html


def test_the_clock_is_explained_where_the_figure_stands():
    how = section(page_of(ordinary()), "word").first("details", class_="how").text
    assert "What comes after 14:00, or on a day off, counts as on the next working day." in how
    assert "Public holidays of Germany are days off." in how
    assert "on the clock of Europe/Berlin" in how
    assert "hold the true share 90 times in 100" in how


def test_what_came_before_the_rule_is_only_compared():
    told = section(page_of(ALL["big"]()), "word").text
    assert "Your rule since 1 March 2030." in told
    assert "of the 44,700 that fell due then, 91.8 in 100 (91.6 to 92.0) would have been kept." in told


def test_where_a_promise_is_shown_and_what_it_is_called_stand_below_it():
    whole = ordinary()
    assert whole.word is not None
    told = rule("dispatch", Amount(2, "working days"), shown_at="product page", name="Fast & sure")
    shown = replace(whole, word=replace(whole.word, rule=told))
    assert "Shown at: product page. You call it: Fast & sure." in section(page_of(shown), "word").text
    chinese = section(page_of(shown, language="zh"), "word").text
    assert "展示于：product page。" in chinese
    assert "您称之为：Fast & sure。" in chinese
    assert "Shown at" not in section(page_of(whole), "word").text


def test_the_month_before_is_compared_only_where_both_say_something():
    assert "From October 2031 to November 2031 nothing changed beyond chance." in text_of(ordinary())
    assert "beyond chance" not in section(page_of(nine_orders()), "word").first("p").text
    assert "November 2031 was worse than October 2031: 88 in 100 (87 to 89) after 94 in 100" in text_of(ALL["big"]())


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_out_of_files_cannot_become_part_of_the_page(language):
    """A product and a carrier called <script>…, and a business whose name tries to end the style."""
    breaker = '"; } </style><script>alert(2)</script><b title="'
    report = replace(ALL["big"](), business=breaker)
    html = render(report, language=language)
    page = parsed(html)
    assert "<script" not in html
    assert "<img" not in html
    assert len(page.all("style")) == 1
    assert not page.all("b")
    assert HOSTILE in page.first("body").text
    assert breaker in page.first("header").text


def test_a_css_text_holds_nothing_but_letters_and_escapes():
    assert css_text('A"}</style>é') == r'"A\22 \7d \3c \2f style\3e \e9 "'


def test_a_name_written_from_right_to_left_turns_nothing_around_it():
    """The override inside the name is dropped; in a sentence the name is kept to itself."""
    report = ALL["big"]()
    turned = group(ARABIC, 10, 100, stands_out=True)
    html = render(
        replace(report, breakdowns=(Breakdown("carrier", (turned, group("B", 90, 100)), missing=0),)), language="en"
    )
    assert "\u202e" not in html
    assert "\u2068شاي أخضر — 5 kg\u2069" in html


def test_an_empty_list_of_those_who_wait_needs_no_table():
    waiting = section(page_of(replace(ordinary(), waiting=WaitingNow(0, ()))), "waiting")
    assert not waiting.all("table")
