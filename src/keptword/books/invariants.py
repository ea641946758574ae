"""What must hold in any books: no entry twice, each promise one outcome and one ground, and movements that add up."""

from __future__ import annotations

from typing import Any, Final, cast

import ibis
from ibis.expr.types import Table

from keptword.books.checks import Behind, Check, Found, held
from keptword.books.spoken import OUTCOMES as SPOKEN
from keptword.books.spoken import counted, spoken_day
from keptword.closing.between import Movements, account_movements, movements, opening, promise_movements
from keptword.closing.comparing import LISTED
from keptword.closing.compute import ACCOUNT_SCHEMA, Closer
from keptword.closing.known import withdrawn_imports
from keptword.closing.sealed import Sealed
from keptword.core.accounts import added, balances, negated
from keptword.core.lines import lines
from keptword.core.postings import anchor_of
from keptword.core.promises import OUTCOMES
from keptword.engines.duckdb import Engine

_CLOSE: Final = 1e-6
"""Sums of two years' anchors are rounded each by itself; what is left of them differs by less than this share."""


def counted_once(engine: Engine, facts: Table) -> Check:
    """Check that no live entry stands in the journal twice; those of imports taken back do not count."""
    last = engine.rows(facts.agg(last=facts.batch.max()))[0]["last"] or 0
    withdrawn = engine.create("withdrawn", withdrawn_imports(facts, batch=last))
    live = facts.anti_join(withdrawn, "import_number")
    # By their eight bytes first: whole ids of all entries would need many times the memory.
    hashes = live.group_by("fact_hash").agg(times=live.count())
    alike = engine.create(
        "alike",
        live.semi_join(hashes.filter(hashes.times > 1), "fact_hash").select("fact_id", "source", "user_key", "batch"),
    )
    names = alike.group_by("fact_id").agg(times=alike.count())
    twice = engine.create("twice", names.filter(names.times > 1))
    count = _count(engine, twice)
    total = _count(engine, live)
    if not count:
        return held(f"No entry counts twice: {counted(total, one='entry', several='entries')}.")
    rows = engine.rows(
        alike.inner_join(twice.order_by("fact_id").limit(LISTED), "fact_id").order_by("fact_id", "batch")
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["fact_id"], []).append(row)
    return Check(
        f"{counted(count, one='entry counts', several='entries count')} more than once.",
        holds=False,
        found=tuple(
            Found(
                f"{name} is recorded {len(some)} times (batches {', '.join(str(row['batch']) for row in some)}).",
                user_key=some[0]["user_key"],
                behind=tuple(Behind(name, row["source"] or "") for row in some),
            )
            for name, some in found.items()
        ),
        more=max(count - LISTED, 0),
    )


def one_outcome(engine: Engine, book: Table) -> Check:
    """Check that made = waiting + kept + late + not kept + called off: per kind, per customer and in total."""
    counts = {name: book.count(where=book.outcome == name) for name in OUTCOMES}
    whole = engine.rows(book.agg(made=book.promise_id.nunique(), **counts))[0]
    wrong = []
    for column, word in (("promise_kind", "kind"), ("user_key", "customer")):
        groups = book.group_by(column).agg(made=book.promise_id.nunique(), **counts)
        outcomes = sum((cast(Any, groups[name]) for name in OUTCOMES), start=cast(Any, ibis.literal(0)))
        off = groups.mutate(outcomes=outcomes).filter(lambda row: row.made != row.outcomes)
        wrong += [
            Found(
                f"Of {word} {row[column]}: {row['made']:,} made, but {row['outcomes']:,} that stand in any way.",
                user_key=row[column] if word == "customer" else None,
            )
            for row in engine.rows(off.order_by(column).limit(LISTED + 1))
        ]
    parts = " + ".join(f"{whole[name] or 0:,} {SPOKEN[name]}" for name in OUTCOMES)
    sum_holds = whole["made"] == sum(whole[name] or 0 for name in OUTCOMES)
    if sum_holds and not wrong:
        return held(
            f"Every promise stands in one way, for each kind and each customer: {whole['made']:,} made = {parts}."
        )
    said = f"Promises made and what became of them do not add up: {whole['made']:,} made, {parts}."
    return Check(said, holds=False, found=tuple(wrong[:LISTED]), more=max(len(wrong) - LISTED, 0))


def founded(closer: Closer, sealed: Sealed, *, book: Table) -> Check:
    """Check that every promise of a closing is made by an entry, or by a rule from an entry."""
    engine = closer.engine
    told = closer.told()
    made = told.filter(told.kind == "promise.made")
    loose = engine.create("loose", book.anti_join(made, "promise_id"))
    for rule in sealed.configuration.get("rules", ()):
        begins = [kind for kind in (rule["from_kind"], rule.get("else_from")) if kind]
        begun = told.filter(told.kind.isin(begins)).select("subject", made_at="occurred_at").distinct()
        by_rule = loose.filter(loose.promise_id == ibis.literal(rule["rule_id"] + "/") + loose.subject)
        grounded = engine.create("grounded", by_rule.semi_join(begun, ["subject", "made_at"]).select("promise_id"))
        loose = engine.create("loose", loose.anti_join(grounded, "promise_id"))
    count, total = _count(engine, loose), _count(engine, book)
    if not count:
        return held(
            f"Every promise is made by an entry or by a rule: {counted(total, one='promise', several='promises')}."
        )
    rows = engine.rows(loose.order_by("promise_id").limit(LISTED))
    return Check(
        f"{counted(count, one='promise is', several='promises are')} in the books that no entry and no rule makes.",
        holds=False,
        found=tuple(
            Found(
                f"Promise {row['promise_id']} ({row['promise_kind']}) to customer {row['user_key'] or 'unknown'}, "
                f"about {row['subject'] or 'nothing named'}, of {row['made_on']}.",
                user_key=row["user_key"],
                promise_id=row["promise_id"],
            )
            for row in rows
        ),
        more=max(count - LISTED, 0),
    )


def balanced(closer: Closer, sealed: Sealed, *, before: Sealed | None) -> list[Check]:
    """Check that what an earlier closing says, and what moved since, come to what this one says, exactly."""
    moved = movements(closer, before, now=sealed)
    return [*_accounts_balanced(closer, sealed, before=before, moved=moved), _promises_balanced(closer, moved)]


def _accounts_balanced(closer: Closer, sealed: Sealed, *, before: Sealed | None, moved: Movements) -> list[Check]:
    engine = closer.engine
    since = f"of {spoken_day(before.input.day)}" if before else "of the beginning"
    until, accounts = spoken_day(sealed.input.day), sealed.table(engine, "accounts")
    starts, checks = engine.put("none", ACCOUNT_SCHEMA, rows=[]), []
    if before is not None:
        starts = before.table(engine, "accounts")
        if anchor_of(before.input.day) != closer.anchor:
            anew = engine.create("opening", opening(closer, before, book=moved.before))
            checks.append(_same_opening(closer, before, anew=anew))
            starts = anew
    names = _compared_lines(closer, before)
    ended = added(starts, account_movements(closer, moved), negated(accounts))
    rest = engine.create("rest", ended.select("user_key", *names))
    off = rest.filter(ibis.or_(*(cast(Any, rest[name]) != 0 for name in names)))
    count = _count(engine, engine.create("off", off))
    if not count:
        left = "" if len(names) == len(lines()) else " Lines of money were left out: the rates of earlier days changed."
        said = f"The customers' records {since} and what moved since come to those of {until}, exactly."
        return [*checks, held(said + left)]
    found = []
    for row in engine.rows(off.order_by("user_key").limit(LISTED)):
        found += [
            Found(
                f'Customer {row["user_key"]}, "{line.title}": {row[line.name]} more than at the end.'
                if row[line.name] > 0
                else f'Customer {row["user_key"]}, "{line.title}": {-row[line.name]} less than at the end.',
                user_key=row["user_key"],
                line=line.name,
            )
            for line in lines()
            if line.name in names and row[line.name]
        ]
    said = (
        f"The customers' records {since} and what moved since do not come to those of {until} for "
        f"{counted(count, one='customer', several='customers')}."
    )
    return [*checks, Check(said, holds=False, found=tuple(found[:LISTED]), more=max(count - LISTED, 0))]


def _compared_lines(closer: Closer, before: Sealed | None) -> list[str]:
    """The lines whose two sums stand on one footing: not those of money where the rates of earlier days changed."""
    same = before is None or (
        closer.configuration.parts(until=before.input.day)["rates"] == before.configuration.get("rates")
    )
    return [line.name for line in lines() if same or line.magnitude != "amount"]


def _same_opening(closer: Closer, before: Sealed, *, anew: Table) -> Check:
    """Check that the sums of an earlier year, told anew from this year's anchor, leave the same balances."""
    engine, day = closer.engine, before.input.day
    names = _compared_lines(closer, before)
    those = [line for line in lines() if line.name in names]
    one = balances(before.table(engine, "accounts"), lines=those, anchor=anchor_of(day), as_of=day)
    other = balances(anew, lines=those, anchor=closer.anchor, as_of=day)
    rows = one.outer_join(other, "user_key")
    gaps = [
        (rows[name].coalesce(0.0) - rows[f"{name}_right"].coalesce(0.0)).abs()
        > _CLOSE * (1 + cast(Any, rows[name]).coalesce(0.0).abs())
        for name in names
    ]
    off = engine.create(
        "off", rows.filter(ibis.or_(*gaps)).select(user_key=rows.user_key.coalesce(rows.user_key_right))
    )
    count = _count(engine, off)
    said = (
        f"The year changed after {spoken_day(day)}: its records were added up anew from 1 January {closer.anchor.year}"
    )
    if not count:
        return held(f"{said}, and leave the same balances.")
    found = engine.rows(off.order_by("user_key").limit(LISTED))
    return Check(
        f"{said}, and leave other balances for {counted(count, one='customer', several='customers')}.",
        holds=False,
        found=tuple(Found(f"Customer {row['user_key']}.", user_key=row["user_key"]) for row in found),
        more=max(count - LISTED, 0),
    )


def _promises_balanced(closer: Closer, moved: Movements) -> Check:
    rows = closer.engine.rows(promise_movements(moved))
    wrong = [
        Found(f"Of {row['kind']}: {_sum(row):,} come out, but {row['waiting_after']:,} wait.")
        for row in rows
        if _sum(row) != row["waiting_after"]
    ]
    if wrong:
        return Check(
            "What waited, what was promised and what was decided do not add up.", holds=False, found=tuple(wrong)
        )
    waiting = sum(row["waiting_after"] for row in rows)
    return held(
        "Promises waiting before, made and corrected, less those decided, are those waiting now, for each kind: "
        f"{waiting:,} in all."
    )


def _sum(row: dict[str, Any]) -> int:
    decided = sum(row[name] for name in OUTCOMES if name != "open")
    return int(row["waiting_before"] + row["made"] + row["corrected"] - decided)


def _count(engine: Engine, rows: Table) -> int:
    return int(engine.rows(rows.agg(count=rows.count()))[0]["count"])
