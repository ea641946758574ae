"""Rules: read from sentences and TOML, told back, numbered as versions, refused with the remedy."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keptword.core.problems import KeptwordError
from keptword.core.rules import (
    KEPT_BY,
    STARTS,
    Amount,
    Comparison,
    Condition,
    Rule,
    Unit,
    describe,
    parse_amount,
    parse_condition,
    parse_promise,
    rule,
    rule_book,
    rules_from_toml,
)
from keptword.core.rules.condition import Operator
from keptword.core.schema import KINDS, PROMISE_KINDS

TWO_DAYS = '[[promise]]\nkind = "dispatch"\nwithin = "2 days"\n'


@pytest.mark.parametrize(
    ("sentence", "kind", "within"),
    [
        ("ships within 2 working days", "dispatch", "2 working days"),
        ("dispatched in 2 business days", "dispatch", "2 working days"),
        ("We despatch all orders within two workdays.", "dispatch", "2 working days"),
        ("your parcel is sent in 1 day", "dispatch", "1 day"),
        ("same day shipping", "dispatch", "0 working days"),
        ("ships the next working day", "dispatch", "1 working day"),
        ("Ships the same calendar day", "dispatch", "0 days"),
        ("ships within 24 hours", "dispatch", "24 hours"),
        ("48h dispatch", "dispatch", "48 hours"),
        ("SHIPS WITHIN A WEEK!", "dispatch", "7 days"),
        ("delivered within 5 days", "delivery", "5 days"),
        ("Delivery in 3–5 working days", "delivery", "5 working days"),
        ("arrives between three and five days", "delivery", "5 days"),
        ("next-day delivery", "delivery", "1 working day"),
        ("we reply within 4 working hours", "reply", "4 working hours"),
        ("answers within one working day", "reply", "1 working day"),
        ("Response to every email in under 1.5 hrs", "reply", "1.5 hours"),
        ("requests resolved within ten days at the latest", "resolution", "10 days"),
        ("refunds within 14 days", "refund", "14 days"),
        ("money back within 14 days", "refund", "14 days"),
        ("prizes are sent within 7 days", "reward", "7 days"),
        ("2个工作日内发货", "dispatch", "2 working days"),
        ("48小时内发货", "dispatch", "48 hours"),
        ("我们承诺两个工作日以内发货。", "dispatch", "2 working days"),
        ("当天发货", "dispatch", "0 working days"),
        ("次日达", "delivery", "1 working day"),
        ("3-5个工作日送达", "delivery", "5 working days"),
        ("24小时内回复", "reply", "24 hours"),
        ("４个工作小时内回复", "reply", "4 working hours"),
        ("十五天内退款", "refund", "15 days"),
        ("一周内解决", "resolution", "7 days"),
    ],
)
def test_a_promise_is_read_from_a_sentence(sentence: str, kind: str, within: str) -> None:
    """
    sentence | what is promised | within how long
    """
    read = parse_promise(sentence)
    assert (read.kind, str(read.within)) == (kind, within)
    assert (read.from_kind, read.else_from) == STARTS[kind]
    assert read.kept_by == KEPT_BY[kind]
    assert (read.cutoff, read.where, read.version) == (None, None, 1)


@pytest.mark.parametrize(
    ("sentence", "cutoff"),
    [
        ("ships within 2 working days, ordered before 14:00", "14:00"),
        ("Same-day dispatch, cut-off 2 pm", "14:00"),
        ("Same-day dispatch (cutoff: 14.30)", "14:30"),
        ("Orders placed before 2 p.m. ship the same day", "14:00"),
        ("order by 12 am, ships the next working day", "00:00"),
        ("order before noon and it ships the same day", "12:00"),
        ("每天16:00前付款，当天发货", "16:00"),
        ("下午2点半前下单，当天发货", "14:30"),
        ("当天发货，截单时间：15:00", "15:00"),
    ],
)
def test_a_cut_off_hour_is_read(sentence: str, cutoff: str) -> None:
    """
    sentence | hour
    """
    assert parse_promise(sentence).cutoff == time.fromisoformat(cutoff)


@pytest.mark.parametrize(
    ("sentence", "from_kind", "else_from"),
    [
        ("ships within 2 days of payment", "order.paid", "order.placed"),
        ("ships within 2 days after ordering", "order.placed", None),
        ("We deliver within 3 days of dispatch", "order.shipped", None),
        ("refunded within 14 days of receiving your return", "order.returned", None),
        ("取消后7天内退款", "order.cancelled", None),
        ("付款后48小时内发货", "order.paid", "order.placed"),
    ],
)
def test_a_promise_counts_from_where_it_says(sentence: str, from_kind: str, else_from: str | None) -> None:
    """
    sentence | from | where there is none, from
    """
    read = parse_promise(sentence)
    assert (read.from_kind, read.else_from) == (from_kind, else_from)


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("", "neither what is promised nor within how long"),
        ("ships soon", "Read so far: ships"),
        ("within 2 days", "Read so far: 2 days"),
        ("ships within 2 working days to Germany", '"germany" was not understood'),
        ("usually ships within 2 days", '"usually"'),
        ("not shipped within 2 days", '"not"'),
        ("ships and delivered within 2 days", "delivery and dispatch"),
        ("ships within 2 days or 3 hours", "more than one span"),
        ("ships by 5 pm the same day", '"5 pm"'),
        ("ships within -2 days", "within how long"),
        ("ships within 1,5 days", "within how long"),
        ("ships within 1.5 days", "whole number"),
        ("ships within 0 hours", "above 0"),
        ("ships within 99999 days", "3,650"),
        ("ships the same day, ordered before 2", "morning or afternoon"),
        ("ships the same day, ordered before 25:00", "not an hour"),
        ("ships the same day, ordered before 14 pm", "not an hour"),
        ("ships within 24 hours, ordered before 14:00", "within 1 working day"),
        ("we reply within 2 days of ordering", "does not count from there"),
        ("ships within 2 days where country", "country = DE"),
        ("ships " + "x" * 5000, "…"),
        ("现货2天内发货", "现货"),
        ("尽快发货", "24小时内回复"),
    ],
)
def test_a_promise_not_read_whole_is_refused(sentence: str, named: str) -> None:
    """
    sentence | what the refusal names
    """
    with pytest.raises(KeptwordError) as refused:
        parse_promise(sentence)
    assert named in str(refused.value)
    assert len(str(refused.value)) < 600


def test_a_refusal_shows_three_promises_to_copy() -> None:
    """
    "ships soon"
    """
    with pytest.raises(KeptwordError) as refused:
        parse_promise("ships soon")
    examples = [part for part in str(refused.value).split('"')[1::2] if part != "ships soon"]
    assert len(examples) == 3
    assert {parse_promise(example).kind for example in examples} == {"dispatch", "delivery", "reply"}


operators: st.SearchStrategy[Operator] = st.sampled_from(["=", "!=", "in", "not in"])
units: st.SearchStrategy[Unit] = st.sampled_from(["working days", "days", "working hours", "hours"])
texts = st.text("abAB äß'-,()=! 中文.", min_size=1, max_size=12).map(str.strip).filter(bool)
names = st.sampled_from(["country", "carrier", "Shipping Country", "product", "lieferland", "in"])


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    comparisons = []
    for column in draw(st.lists(names, min_size=1, max_size=3)):
        operator = draw(operators)
        values = draw(st.lists(texts, min_size=1, max_size=3 if "in" in operator else 1))
        comparisons.append(Comparison(column, operator, tuple(values)))
    return Condition(tuple(comparisons))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    kind = draw(st.sampled_from(sorted(STARTS)))
    unit = draw(units)
    in_days = unit.endswith("days")
    number = draw(st.integers(0, 3650) if in_days else st.integers(1, 20_000).map(lambda half: half / 2))
    starts: list[str | None] = [None, "order.placed", "order.shipped", "order.returned", "order.cancelled"]
    return rule(
        kind,
        Amount(number, unit),
        from_kind=draw(st.sampled_from(starts)) if STARTS[kind][0].startswith("order.") else None,
        cutoff=draw(st.none() | st.times().map(lambda at: at.replace(second=0, microsecond=0))) if in_days else None,
        where=draw(st.none() | conditions()),
    )


@settings(max_examples=200)
@given(told=rules(), language=st.sampled_from(["en", "zh"]))
def test_a_rule_told_as_a_sentence_reads_back_as_the_same_rule(told: Rule, language: str) -> None:
    """
    any promise that can be said in one sentence, in English and in Chinese
    """
    sentence = describe(told, language="zh" if language == "zh" else "en")
    assert parse_promise(sentence) == told, sentence


@pytest.mark.parametrize(
    ("sentence", "english", "chinese"),
    [
        ("ships in 2 business days", "We ship within 2 working days.", "我们在2个工作日内发货。"),
        (
            "same day shipping, cut-off 2 pm, where country = DE",
            "We ship on the same working day, ordered before 14:00, where country = DE.",
            "我们当天发货（14:00前下单），条件：country = DE。",
        ),
        (
            "deliver within 1 day of dispatch",
            "We deliver within 1 day of dispatch.",
            "我们在发货后1天内送达。",
        ),
        (
            "reply in one working day, received before 5 pm",
            "We reply within 1 working day, received before 17:00.",
            "我们在1个工作日内回复（17:00前收到）。",
        ),
    ],
)
def test_a_promise_is_told_as_customers_read_it(sentence: str, english: str, chinese: str) -> None:
    """
    promise | English | Chinese
    """
    assert describe(parse_promise(sentence)) == english
    assert describe(parse_promise(sentence), language="zh") == chinese


def test_every_kind_of_promise_can_be_told_in_both_languages() -> None:
    """
    all kinds, those without a usual start too
    """
    for kind in PROMISE_KINDS:
        told = rule(kind, Amount(3, "days"), from_kind="promise.made", kept_by="promise.kept")
        assert "within 3 days" in describe(told)
        assert "3天内" in describe(told, language="zh")


@settings(max_examples=200)
@given(condition=conditions())
def test_a_condition_reads_back_as_written(condition: Condition) -> None:
    """
    texts with commas, brackets, apostrophes, equals signs
    """
    assert parse_condition(str(condition)) == condition


@pytest.mark.parametrize(
    ("text", "comparisons"),
    [
        ("country = DE", [("country", "=", ("DE",))]),
        ("carrier != DHL", [("carrier", "!=", ("DHL",))]),
        ("product in (A, 'B, C')", [("product", "in", ("A", "B, C"))]),
        (
            "carrier = Royal Mail AND country not  in (GB,IE)",
            [("carrier", "=", ("Royal Mail",)), ("country", "not in", ("GB", "IE"))],
        ),
        ("product = Mother's mug and x == 'a and b'", [("product", "=", ("Mother's mug",)), ("x", "=", ("a and b",))]),
    ],
)
def test_a_condition_is_read(text: str, comparisons: list[tuple[str, str, tuple[str, ...]]]) -> None:
    """
    text | column, how, with what
    """
    read = parse_condition(text).comparisons
    assert [(one.column, one.operator, one.values) for one in read] == comparisons


@pytest.mark.parametrize(
    "text",
    [
        *("", "and", "country", "country DE", "= DE", "country =", "a = 1 and", "a > 3", "a >= 3", "a = b = c"),
        *("a in A", "a in ()", "a in (A, B", "country = DE or country = AT", "country = DE or AT"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused(text: str) -> None:
    """
    nothing compared, or compared in ways a rule has not
    """
    with pytest.raises(KeptwordError, match=r"country|\(A, B\)"):
        parse_condition(text)


@pytest.mark.parametrize("text", ["", "two fortnights", "days", "2", "2 days 3 hours", "within 2 days to Rome"])
def test_a_span_that_is_none_is_refused(text: str) -> None:
    """
    no number, no unit, or more than a span
    """
    with pytest.raises(KeptwordError):
        parse_amount(text)


RULES = """
[settings]
timezone = "Europe/Berlin"
country = "DE-BY"
working_days = ["mon", "tue", "wed", "thu"]
working_hours = ["09:00-12:30", "13:30-18:00"]
extra_holidays = [2031-12-24]

[settings.leave_out]
wholesale = false

[[promise]]
kind = "dispatch"
within = "2 working days"
from = "order.paid"
cutoff = "14:00"
where = "country = DE"
since = 2031-03-01
shown_at = "product page"

[[promise]]
kind = "delivery"
within = "30 days"
by_law = true
source = "BGB § 475 (1)"

[[promise]]
kind = "dispatch"
within = "1 working day"
where = "country = DE"
since = 2031-06-01
name = "Faster"

[[promise]]
kind = "delivery"
within = "5 working days"
from = "order.shipped"
"""


def test_rules_are_read_from_toml() -> None:
    """
    two versions of one promise, one by law, one counted from dispatch, and the settings
    """
    book = rules_from_toml("\ufeff" + RULES)
    first, second, law, delivery = book.rules
    assert first == Rule(
        kind="dispatch",
        within=Amount(2, "working days"),
        from_kind="order.paid",
        kept_by="order.shipped",
        else_from="order.placed",
        cutoff=time(14),
        where=parse_condition("country = DE"),
        since=date(2031, 3, 1),
        until=date(2031, 5, 31),
        shown_at="product page",
    )
    assert (second.version, second.until, second.name) == (2, None, "Faster")
    assert (law.by_law, law.source) == (True, "BGB § 475 (1)")
    assert (delivery.from_kind, delivery.else_from) == ("order.shipped", None)
    assert [each.rule_id for each in book.rules] == [
        "dispatch[country = de].v1",
        "dispatch[country = de].v2",
        "delivery.by-law.v1",
        "delivery.v1",
    ]
    shop = book.settings.calendar()
    assert shop.weekdays == {0, 1, 2, 3}
    assert shop.windows[0] == ((540, 750), (810, 1080))
    assert not shop.is_working(date(2031, 12, 24))
    assert not shop.is_working(date(2031, 1, 6))
    assert book.settings.leave_out == {"wholesale": False}


def test_one_version_at_a_time_is_in_force() -> None:
    """
    dispatch: version 1 from 1 March, version 2 from 1 June 2031
    """
    book = rules_from_toml(RULES)
    dispatch = book.versions("dispatch[country = de]")
    assert [each.version for each in dispatch] == [1, 2]
    for day, version in (("2031-02-28", []), ("2031-03-01", [1]), ("2031-05-31", [1]), ("2031-06-01", [2])):
        in_force = book.in_force(date.fromisoformat(day))
        assert [each.version for each in in_force if each.kind == "dispatch"] == version
        assert len([each for each in in_force if each.kind == "delivery"]) == 2


@given(since=st.lists(st.none() | st.dates(date(2031, 1, 1), date(2031, 12, 31)), unique=True, min_size=1, max_size=6))
def test_versions_follow_each_other_without_gap_or_overlap(since: list[date | None]) -> None:
    """
    rules of one identity in any order in the file
    """
    book = rule_book(rule("dispatch", Amount(2, "days"), since=day) for day in since)
    versions = book.versions("dispatch")
    assert [each.version for each in versions] == list(range(1, len(since) + 1))
    assert sorted(day or date.min for day in since) == [each.since or date.min for each in versions]
    for day in (date(2031, 6, 15), date(2031, 12, 31), date(2040, 1, 1)):
        begun = [each for each in versions if each.since is None or each.since <= day]
        assert book.in_force(day) == tuple(begun[-1:])


def test_an_end_that_was_told_stays_when_it_comes_first() -> None:
    """
    version 1 until 31 March, version 2 from 1 June: nothing in between
    """
    first = rule("reply", Amount(4, "working hours"), since=date(2031, 1, 1), until=date(2031, 3, 31))
    book = rule_book([rule("reply", Amount(2, "working hours"), since=date(2031, 6, 1)), first])
    assert book.rules[0].until == date(2031, 3, 31)
    assert book.in_force(date(2031, 5, 1)) == ()


def test_conditions_that_say_the_same_are_one_rule() -> None:
    """
    "a in (B, A) and b = C" and "b = c and a in (A, B)"
    """
    one, other = (parse_condition(text) for text in ("a in (B, A) and b = C", "b = c and a in (A, B)"))
    older = rule("delivery", Amount(5, "days"), where=one)
    newer = rule("delivery", Amount(4, "days"), where=other, since=date(2031, 1, 1))
    assert [(each.version, each.within.number) for each in rule_book([newer, older]).rules] == [(1, 5), (2, 4)]


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        ("", "[[promise]]"),
        ("x =", "not readable as TOML"),
        ('[promise]\nkind = "dispatch"', "two brackets"),
        ("settings = 1", "[settings]"),
        ("[setings]", '"settings"'),
        ("[settings]\ntimezon = 'UTC'", '"timezone"'),
        ("\n\n" + TWO_DAYS + "cutof = '14:00'", 'rules.toml, promise 1 (line 3): "cutof" is not a known key.'),
        (TWO_DAYS + "cutoff = 14", "in quotes"),
        (TWO_DAYS + "cutoff = '26:00'", "not an hour"),
        (TWO_DAYS + "since = '2031-02-30'", "not a day on the calendar"),
        (TWO_DAYS + "since = 2031-02-20T10:00:00", "not a day on the calendar"),
        (TWO_DAYS + "since = 2031-02-02\nuntil = 2031-02-01", "ends on 2031-02-01"),
        (TWO_DAYS + "by_law = 'yes'", "true or false"),
        (TWO_DAYS + "by_law = true", "citation"),
        (TWO_DAYS + "where = 'country DE'", "country = DE"),
        (TWO_DAYS + "where = 3", "in quotes"),
        (TWO_DAYS + "from = 'order.payd'", '"order.paid"'),
        (TWO_DAYS + "kept_by = 'order.shiped'", '"order.shipped"'),
        (TWO_DAYS + TWO_DAYS, "later since"),
        (TWO_DAYS + TWO_DAYS.replace("dispatch", "dispach"), 'promise 2 (line 4): "dispach"'),
        ("[[promise]]\nwithin = '2 days'", 'kind = "dispatch"'),
        ("[[promise]]\nkind = 'dispatch'", 'within = "2 working days"'),
        ("[[promise]]\nkind = 'dispatch'\nwithin = 2", "in quotes"),
        ("[[promise]]\nkind = 'dispatch'\nwithin = '2 fortnights'", "not a span of time"),
        ("[[promise]]\nkind = 'price'\nwithin = '2 days'", "from and kept_by"),
        ("[settings]\ntimezone = 'Europe/Berln'", "rules.toml, settings: "),
        ("[settings]\ncountry = 'Germny'", "DE (Germany)"),
        ("[settings]\nworking_days = 'mon'", "a list of texts"),
        ("[settings]\nworking_days = ['mon', 'tues']", '"tue"'),
        ("[settings]\nworking_hours = ['18:00-09:00']", "two weekdays"),
        ("[settings.working_hours]\nmon = '9-17'", "working_hours.mon"),
        ("[settings]\nholidays = 'no'", "true or false"),
        ("[settings]\nextra_holidays = 2031-01-01", "has to be a list"),
        ("[settings]\nleave_out = true", "[settings.leave_out]"),
    ],
)
def test_a_mistake_in_toml_is_refused_with_its_place_and_remedy(toml: str, named: str) -> None:
    """
    TOML | what the refusal names
    """
    with pytest.raises(KeptwordError) as refused:
        rules_from_toml(toml)
    assert named in str(refused.value)
    assert str(refused.value).startswith("rules.toml")
    assert str(refused.value).endswith((".", "?"))


def test_holidays_may_be_switched_off_or_added() -> None:
    """
    Epiphany in Bavaria, and an own day
    """
    epiphany, own = date(2031, 1, 6), date(2031, 2, 14)
    off = rules_from_toml("[settings]\ncountry = 'DE-BY'\nholidays = false\nextra_holidays = ['2031-02-14']")
    more = rules_from_toml("[settings]\ncountry = 'DE-BY'\nholidays = [2031-02-14]")
    assert [off.settings.calendar().is_working(day) for day in (epiphany, own)] == [True, False]
    assert [more.settings.calendar().is_working(day) for day in (epiphany, own)] == [False, False]


def test_usual_starts_and_ends_are_in_the_catalogue() -> None:
    """
    every kind named by a default is a kind of the schema
    """
    named = [*KEPT_BY.values(), *(kind for start in STARTS.values() for kind in start if kind)]
    assert set(named) <= set(KINDS)
    assert set(STARTS) == set(KEPT_BY) <= set(PROMISE_KINDS)
