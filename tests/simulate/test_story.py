"""The invented shop's story: facts that are valid, a truth that they bear out, and users who act by what they met."""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from ibis.expr.types import Table

from keptword.core.problems import KeptwordError
from keptword.core.promises import OUTCOMES, AsOf, oddities, outcomes, tallies
from keptword.core.schema import ALWAYS_REQUIRED, FACT_SCHEMA, KINDS
from keptword.engines.duckdb import Engine, literal
from keptword.simulate.story import Story, story, write_story
from keptword.simulate.story.trust import LINES, POSITION
from keptword.sources.facts import as_lines

UNTIL = date(2031, 11, 24)
AS_OF = AsOf(UNTIL, datetime(2031, 11, 24, 22, 59, 59, 999999))
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The story of 6,000 users in two blocks, as Parquet, with its truth."""
    found = tmp_path_factory.mktemp("Bücher 100 %")
    with Engine() as writing:
        write_story(story(seed=3, until=UNTIL, users=6000, block=3000), engine=writing, folder=found, form="parquet")
    return found


@pytest.fixture(scope="module")
def truth(folder: Path) -> dict[str, Any]:
    """What is true of it."""
    found: dict[str, Any] = json.loads((folder / "truth.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def facts(folder: Path, engine: Engine) -> Iterator[Table]:
    """Its facts, as one reads them."""
    files = literal(str(folder / "facts-*.parquet"))
    engine.sql(f"CREATE TABLE story_facts AS SELECT * FROM read_parquet({files})")
    yield engine.table("story_facts")
    engine.sql("DROP TABLE story_facts")


def asked(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    """The rows of a question put to the story's facts."""
    return engine.sql(query).fetchall()


def months(truth: dict[str, Any]) -> list[tuple[date, date]]:
    """The first and the last day of each month of the story."""
    begins = [date.fromisoformat(month["begins"]) for month in truth["by_month"]]
    return list(zip(begins, [*(day - timedelta(days=1) for day in begins[1:]), UNTIL], strict=True))


def lines_of(told: Story, folder: Path) -> list[str]:
    """The story as JSON lines, written to a folder."""
    with Engine() as writing:
        write_story(told, engine=writing, folder=folder, form="jsonl")
    return (folder / "facts.jsonl").read_text("utf-8").splitlines()


# ---- what is written ------------------------------------------------------------------------------------------------


def test_the_same_seed_tells_the_same_story(tmp_path):
    """Seed 7 twice, then seed 8: the first two are the same to the letter, on any number of threads."""
    first, second, other = (
        lines_of(story(seed=seed, until=UNTIL, users=60, months=6), tmp_path / name)
        for seed, name in ((7, "a"), (7, "b"), (8, "c"))
    )
    assert first == second
    assert len(first) > 200
    assert (tmp_path / "a" / "truth.json").read_bytes() == (tmp_path / "b" / "truth.json").read_bytes()
    # Not one id or user in common: two invented shops can stand in the same books.
    assert not {json.loads(line)["fact_id"] for line in first} & {json.loads(line)["fact_id"] for line in other}
    assert not {json.loads(line)["user_key"] for line in first if "user_key" in line} & {
        json.loads(line)["user_key"] or "" for line in other
    }


def test_every_fact_passes_the_schema(facts, engine):
    """Columns, types, kinds, stages, what each kind requires; no id twice; nothing after the last day."""
    assert {name: str(kind) for name, kind in facts.schema().items()} == FACT_SCHEMA
    for kind, stage, count in asked(engine, "SELECT kind, stage, count(*) FROM story_facts GROUP BY ALL"):
        assert kind in KINDS
        assert stage == KINDS[kind].stage
        assert count > 0
    for kind in KINDS.values():
        required = (*ALWAYS_REQUIRED, *kind.required)
        wrong = " OR ".join(f"{column} IS NULL" for column in required)
        assert asked(engine, f"SELECT count(*) FROM story_facts WHERE kind = '{kind.name}' AND ({wrong})") == [(0,)]
    assert asked(
        engine,
        """
        SELECT count(*) - count(DISTINCT fact_id), count(*) FILTER (recorded_at < occurred_at),
               count(*) FILTER (score NOT BETWEEN 0 AND 1), count(*) FILTER ((amount IS NULL) <> (currency IS NULL)),
               count(*) FILTER (amount <= 0 OR cost <= 0 OR cost >= amount), max(occurred_on),
               count(*) FILTER (attributes IS NOT NULL AND NOT json_valid(attributes)),
               count(*) FILTER (promise_kind IS NOT NULL AND due_at IS NULL), count(*) FILTER (user_key = other_user)
        FROM story_facts
        """,
    ) == [(0, 0, 0, 0, 0, UNTIL, 0, 0, 0)]


def test_a_real_shop_would_send_all_of_it(facts, engine):
    """What the story is told with: at least these kinds, three currencies, several channels."""
    kinds = {kind for (kind,) in asked(engine, "SELECT DISTINCT kind FROM story_facts")}
    assert kinds >= {
        *("page.viewed", "content.read", "product.viewed", "product.saved", "list.subscribed", "user.registered"),
        *("consent.given", "consent.withdrawn", "checkout.started", "order.placed", "order.paid", "order.shipped"),
        *("order.cancelled", "order.delivered", "order.returned", "order.refunded", "subscription.renewed"),
        *("reward.earned", "reward.claimed", "review.posted", "referral.sent", "referral.joined", "contact.opened"),
        *("contact.replied", "contact.resolved", "contact.reopened", "complaint.made", "survey.answered"),
        *("promise.made", "promise.renegotiated", "promise.kept", "promise.broken", "promise.released"),
        *("apology.sent", "remedy.given", "update.published", "content.shared", "story.told"),
    }
    assert {name for (name,) in asked(engine, "SELECT DISTINCT currency FROM story_facts")} == {
        None,
        *("EUR", "CNY", "USD"),
    }
    promised = dict(asked(engine, "SELECT kind, count(DISTINCT subject) FROM story_facts GROUP BY kind"))
    dated = asked(engine, "SELECT count(*) FROM story_facts WHERE promise_kind = 'delivery'")[0][0]
    assert 0.3 < dated / promised["order.placed"] < 0.9


def test_days_are_those_of_the_shop(facts, engine):
    """occurred_on, clock_seconds and the end of the due day, told anew by Python's own time zones."""
    rows = asked(
        engine, "SELECT occurred_at, occurred_on, clock_seconds, due_at, due_on FROM story_facts USING SAMPLE 8000"
    )
    for at, on, clock, due_at, due_on in rows:
        local = at.replace(tzinfo=UTC).astimezone(BERLIN)
        assert (local.date(), local.hour * 3600 + local.minute * 60 + local.second) == (on, clock)
        if due_on is not None:
            ends = due_at.replace(tzinfo=UTC).astimezone(BERLIN)
            assert (ends.date(), ends.hour) == (due_on + timedelta(days=1), 0)


def test_lines_are_written_as_keptword_facts_writes_them(tmp_path, engine):
    """The same story as Parquet, turned into lines by the code of `keptword facts`, is the same file."""
    told = story(seed=5, until=UNTIL, users=40, months=4)
    lines = lines_of(told, tmp_path / "lines")
    write_story(told, engine=engine, folder=tmp_path / "tables", form="parquet")
    files = literal(str(tmp_path / "tables" / "facts-0001.parquet"))
    table = engine.load("lines", as_lines(engine_table(engine, f"read_parquet({files})")))
    engine.write(table, tmp_path / "again.jsonl", form="jsonl")
    assert sorted(lines) == sorted((tmp_path / "again.jsonl").read_text("utf-8").splitlines())


def engine_table(engine: Engine, source: str) -> Table:
    """A table of the engine holding what a source of DuckDB's gives."""
    name = engine.fresh("told")
    engine.sql(f"CREATE TABLE {name} AS SELECT * FROM {source}")
    return engine.table(name)


@pytest.mark.parametrize("users", [1, 5, 50])
@pytest.mark.parametrize("months", [1, 18])
def test_few_users_are_a_story_too(users, months, tmp_path):
    """1, 5 and 50 users, one month and eighteen; the truth counts what was written."""
    lines = lines_of(story(seed=2, until=UNTIL, users=users, months=months), tmp_path)
    told = json.loads((tmp_path / "truth.json").read_text("utf-8"))
    assert Counter(json.loads(line)["kind"] for line in lines) == told["facts"]
    assert len(told["by_month"]) == months


def test_what_cannot_be_told_is_refused():
    """No users, no months, years no computer knows, a seed below 0: a sentence each."""
    for wrong in ({"users": 0}, {"months": 0}, {"until": date(1972, 1, 1)}, {"seed": -1}):
        with pytest.raises(KeptwordError, match=r"invented shop|seed"):
            story(**({"seed": 1, "until": UNTIL} | wrong))


def test_an_earlier_story_does_not_stay_beside_the_new_one(tmp_path, engine):
    """Three blocks, then one, into the same folder: one table is left, and what is not ours."""
    (tmp_path / "facts-mine.parquet").write_bytes(b"mine")
    for users in (30, 10):
        write_story(
            story(seed=1, until=UNTIL, users=users, months=1, block=10), engine=engine, folder=tmp_path, form="parquet"
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "facts-0001.parquet",
        "facts-mine.parquet",
        "truth.json",
    ]


def test_memory_does_not_grow_with_the_number_of_users():
    """Two blocks of 500 users, then six: what Python and NumPy hold at most stays the same."""
    peaks = []
    for blocks in (2, 6):
        told = story(seed=1, until=UNTIL, users=blocks * 500, months=1, block=500)
        tracemalloc.start()
        for block in told.blocks():
            assert len(block) > 0
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]


# ---- the truth ------------------------------------------------------------------------------------------------------


def test_the_truth_counts_what_is_in_the_facts(facts, engine, truth):
    """Facts by kind; orders, their amounts, and answers by month."""
    assert dict(asked(engine, "SELECT kind, count(*) FROM story_facts GROUP BY kind")) == truth["facts"]
    assert truth["facts_total"] == sum(truth["facts"].values())
    for told, (first, last) in zip(truth["by_month"], months(truth), strict=True):
        within = f"occurred_on BETWEEN '{first}' AND '{last}'"
        sold = asked(
            engine,
            f"""
            SELECT currency, count(*), sum(amount) FROM story_facts
            WHERE kind = 'order.placed' AND {within} GROUP BY ALL
            """,
        )
        assert sum(count for _, count, _ in sold) == told["orders"]
        assert {name: float(amount) for name, _, amount in sold} == {k: v for k, v in told["amount"].items() if v}
        [(count, hours)] = asked(
            engine,
            f"""
            SELECT count(*), avg(epoch(replied.occurred_at) - epoch(opened.occurred_at)) / 3600
            FROM (FROM story_facts WHERE kind = 'contact.replied' AND {within}) replied
            JOIN (FROM story_facts WHERE kind = 'contact.opened') opened USING (subject)
            """,
        )
        assert count == told["replies"]
        assert hours == pytest.approx(told["reply_hours_mean"])


def test_promises_come_out_as_the_truth_says(facts, engine, truth):
    """The promise book, worked out from the facts alone: by kind, and by the month in which they were made."""
    judged = engine.create("judged", outcomes(facts, as_of=AS_OF))
    found = {row.pop("kind"): row for row in engine.rows(tallies(judged))}
    assert all(row.pop("vague") == 0 for row in found.values())
    assert found == truth["promises"]
    made = Counter[tuple[str, date, str]]()
    for row in engine.rows(judged.group_by("promise_kind", "made_on", "outcome").agg(count=judged.count())):
        made[row["promise_kind"], row["made_on"], row["outcome"]] += row["count"]
    for told, (first, last) in zip(truth["by_month"], months(truth), strict=True):
        for kind, counts in told["promises"].items():
            within = [(out, n) for (what, on, out), n in made.items() if what == kind and first <= on <= last]
            assert {name: sum(n for out, n in within if out == name) for name in OUTCOMES} == {
                name: counts[name] for name in OUTCOMES
            }
        assert told["rewards_never_delivered"] == told["promises"]["reward"]["broken"]


def test_nothing_is_odd_about_the_promises(facts, engine):
    """No end without a beginning, nothing kept twice or before it was made, nothing moved too late."""
    assert engine.rows(oddities(facts, as_of=AS_OF)) == []


Entry = tuple[str, date, float]


def entries(engine: Engine) -> dict[str, list[tuple[str, date, float]]]:
    """What each line of trust counts, told anew from the facts: user, day, size."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for line, where in (
        ("habit", "kind IN ('order.placed', 'subscription.renewed')"),
        ("remedies", "kind = 'remedy.given'"),
        ("apologies", "kind = 'apology.sent'"),
    ):
        found[line] += asked(engine, f"SELECT user_key, occurred_on, 1.0 FROM story_facts WHERE {where}")
    found["effort"] += asked(
        engine, "SELECT user_key, occurred_on, steps / 10 FROM story_facts WHERE steps IS NOT NULL"
    )
    found["replies"] += asked(
        engine,
        """
        SELECT r.user_key, r.occurred_on, 2.0 ** (-(epoch(r.occurred_at) - epoch(o.occurred_at)) / 3600 / 12)
        FROM story_facts r JOIN story_facts o USING (subject)
        WHERE r.kind = 'contact.replied' AND o.kind = 'contact.opened'
        """,
    )
    sizes = {"delivery": 1.0, "reply": 0.5, "refund": 1.5, "reward": 2.0}
    for user, kind, due_at, due_on, moved_to, kept_at, kept_on, released in asked(
        engine,
        """
        SELECT any_value(user_key), any_value(promise_kind),
               max(due_at) FILTER (kind = 'promise.made'), max(due_on) FILTER (kind = 'promise.made'),
               max(due_on) FILTER (kind = 'promise.renegotiated'),
               min(occurred_at) FILTER (kind = 'promise.kept'), min(occurred_on) FILTER (kind = 'promise.kept'),
               count(*) FILTER (kind = 'promise.released')
        FROM story_facts WHERE promise_id IS NOT NULL GROUP BY promise_id
        """,
    ):
        by_day = due_on is not None
        day = (moved_to or due_on) if by_day else due_at.replace(tzinfo=UTC).astimezone(BERLIN).date()
        if kept_at is not None and (kept_on <= day if by_day else kept_at <= due_at):
            found["kept"].append((user, kept_on, 1.0))
        elif not released and day <= UNTIL:
            found["let_down"].append((user, day, sizes[kind]))
            if kept_at is not None:
                found["made_good"].append((user, kept_on, sizes[kind]))
    return found


def test_trust_told_anew_from_the_facts_is_the_trust_users_acted_by(facts, engine, truth):
    """weight × ln(1 + sum of what a line counts, half-faded), from the facts alone, at the end of every month."""
    lines = {line["name"]: line for line in truth["trust"]["lines"]}
    assert set(lines) == set(POSITION)
    gathered = entries(engine)
    assert all(gathered[name] for name in lines)
    for told, (_, last) in zip(truth["by_month"], months(truth), strict=True):
        moved = 0.0
        for name, line in lines.items():
            sums: dict[str, float] = defaultdict(float)
            for user, on, size in gathered[name]:
                if on <= last:
                    sums[user] += float(size) * 2.0 ** (-(last - on).days / line["half_life_days"])
            moved += line["weight"] * float(np.log1p(np.array(list(sums.values()))).sum())
        assert moved / told["users"] == pytest.approx(told["trust_moved_mean"], abs=1e-8)


# ---- the story ------------------------------------------------------------------------------------------------------


def test_the_prizes_of_the_campaign_are_never_delivered(facts, engine, truth):
    """Months 7 to 9: every reward earned was promised for a day, and nothing of it was ever kept or claimed."""
    spans = months(truth)
    first, last = spans[6][0], spans[8][1]
    [(earned, promised, kept, claimed)] = asked(
        engine,
        f"""
        WITH prizes AS (
            SELECT subject FROM story_facts
            WHERE kind = 'reward.earned' AND occurred_on BETWEEN '{first}' AND '{last}'
        )
        SELECT count(*) FILTER (kind = 'reward.earned'), count(*) FILTER (kind = 'promise.made' AND due_on IS NOT NULL),
               count(*) FILTER (kind = 'promise.kept'), count(*) FILTER (kind = 'reward.claimed')
        FROM story_facts SEMI JOIN prizes USING (subject)
        """,
    )
    assert earned == promised > 500
    assert kept == claimed == 0
    assert sum(truth["by_month"][month]["rewards_never_delivered"] for month in (6, 7, 8)) == earned
    apologies = asked(engine, "SELECT min(occurred_on) FROM story_facts WHERE kind = 'promise.broken'")
    assert apologies[0][0] >= spans[11][0]


def test_the_recovery_is_seen_in_the_facts(truth):
    """From month 12: more promised for a day, more kept, answers faster, and trust above that of months 10 and 11."""

    def kept_share(chosen: list[dict[str, Any]]) -> float:
        counts = [kind for month in chosen for what, kind in month["promises"].items() if what != "reward"]
        ended = sum(kind["kept"] + kind["late"] + kind["broken"] for kind in counts)
        return sum(kind["kept"] for kind in counts) / ended

    def promised_share(chosen: list[dict[str, Any]]) -> float:
        return sum(month["promises"]["delivery"]["made"] for month in chosen) / sum(month["orders"] for month in chosen)

    told = truth["by_month"]
    before, after = told[6:11], told[11:17]
    assert kept_share(after) > kept_share(before) + 0.15
    assert promised_share(after) == 1.0
    assert promised_share(before) < 0.6
    # What was asked before is still answered late in the programme's first month.
    assert max(month["reply_hours_mean"] for month in after[1:]) < 0.3 * min(
        month["reply_hours_mean"] for month in before
    )
    assert told[10]["trust_mean"] < told[5]["trust_mean"] - 0.1
    assert told[17]["trust_mean"] > told[10]["trust_mean"] + 0.2


def test_those_let_down_buy_less_afterwards(facts, engine):
    """Chance alone decides whether a delivery promised for a day comes in time; what follows is what it did."""
    rows = asked(
        engine,
        """
        WITH made AS (
            SELECT user_key, promise_id, due_on FROM story_facts
            WHERE kind = 'promise.made' AND promise_kind = 'delivery' AND occurred_on < DATE '2031-04-01'
        ), judged AS (
            SELECT made.user_key, made.promise_id, made.due_on,
                   bool_or(f.kind = 'promise.kept' AND f.occurred_on <= made.due_on) AS in_time
            FROM made JOIN story_facts f ON f.promise_id = made.promise_id
            GROUP BY ALL HAVING count(*) FILTER (f.kind IN ('promise.released', 'promise.renegotiated')) = 0
        )
        SELECT in_time, count(*), sum(orders), var_samp(orders) FROM (
            SELECT judged.promise_id, in_time,
                   count(*) FILTER (f.occurred_on BETWEEN judged.due_on + 1 AND judged.due_on + 240) AS orders
            FROM judged JOIN story_facts f ON f.user_key = judged.user_key AND f.kind = 'order.placed' GROUP BY ALL
        ) GROUP BY in_time ORDER BY in_time
        """,
    )
    (_, many_let, sum_let, var_let), (_, many_kept, sum_kept, var_kept) = rows
    difference = sum_kept / many_kept - sum_let / many_let
    assert difference > 3 * (var_let / many_let + var_kept / many_kept) ** 0.5


def test_without_its_weight_a_broken_promise_costs_nothing():
    """The same shop, whose users do not mind being let down: more orders after the campaign."""
    unmoved = tuple(line if line.name != "let_down" else type(line)(line.name, 0.0, 180, line.counts) for line in LINES)
    orders = []
    for lines in (LINES, unmoved):
        [block] = story(seed=4, until=UNTIL, users=4000, months=12, lines=lines).blocks()
        orders.append(int((block.facts["kind"] == list(KINDS).index("order.placed") + 1).sum()))
    assert orders[1] > 1.05 * orders[0]


def test_the_page_about_it_shows_the_lines_of_trust_as_they_are(root):
    """docs/simulator.md has a row for each line: name, weight, half-life, what it counts."""
    page = (root / "docs" / "simulator.md").read_text("utf-8")
    for line in LINES:
        assert f"| {line.name} | {line.weight:g} | {line.half_life_days} | {line.counts} |" in page
