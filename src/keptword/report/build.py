"""Makes the report: asks for each part once and says what there is not enough of yet."""

from __future__ import annotations

from dataclasses import replace

from ibis.expr.types import Table

from keptword.core.law import LegalPromise, promised_by_law, remarks_on
from keptword.core.problems import Problem
from keptword.core.promises import PROBLEMS, oddities
from keptword.core.rates import wilson
from keptword.core.rules import Amount, Rule, describe, rule
from keptword.engines.duckdb import Engine
from keptword.engines.traits import FIRST
from keptword.report.answers import replies
from keptword.report.book import promise_book
from keptword.report.model import (
    CUSTOMERS_NEEDED,
    LATE_ORDERS_NEEDED,
    Breakdown,
    ByLaw,
    Missing,
    Report,
    WaitingNow,
    Word,
)
from keptword.report.shop import Asked, Shop
from keptword.report.tally import tally_list
from keptword.report.trade import products, returning, reviews
from keptword.report.word import (
    breakdown,
    judged_by,
    listed,
    made_promises,
    made_word,
    promise_to_keep,
    versions_of,
    waiting_now,
    word,
)
from keptword.sources.registry import Gathered, sources


def report(engine: Engine, gathered: Gathered, *, asked: Asked) -> Report:
    """Return everything the files tell about how the business keeps its word, as of the end of a day."""
    shop = Shop(engine, gathered, asked=asked)
    first, newest, entries = shop.span
    versions, untold = _judgeable(shop, versions_of(asked.rules, on=asked.as_of))
    said = next((version for version in reversed(versions) if version.is_in_force(asked.as_of)), None) or (
        versions[-1] if versions else None
    )
    dispatch = rule("dispatch", Amount(2, "working days"))
    # Without a promise, orders are still timed by when they left: the days of `dispatch` are not shown.
    judged = judged_by(shop, versions or (dispatch,))
    has_orders = shop.count(shop.orders) > 0
    made = made_promises(shop)
    has_made = shop.count(made) > 0
    kept_word = _word(shop, said, judged, made if has_made else None)
    timed = judged if said is None or said.within.in_days else shop.judged(dispatch)
    tells_leaving = "order.shipped" not in gathered.undated
    keepable = promise_to_keep(shop, timed) if said or (has_orders and tells_leaving) else None
    counted = shop.orders.filter(~shop.orders.called_off)
    answers = replies(shop, judged if said and said.from_kind.startswith("order.") else None)
    customers = engine.rows(counted.agg(customers=counted.user_key.nunique()))[0]["customers"]
    return Report(
        as_of=shop.as_of.day,
        first_on=first,
        newest_on=newest,
        orders=shop.count(counted),
        customers=customers,
        entries=entries,
        currency=_currency(shop),
        files=gathered.files,
        left_out=dict(gathered.left_out),
        word=kept_word,
        keepable=keepable,
        keepable_unit=said.within.unit if said and said.within.in_days else "working days",
        waiting=_waiting(shop, said, judged, made if has_made else None) if said or has_made or tells_leaving else None,
        breakdowns=_breakdowns(shop, judged if said else None, made if has_made else None),
        products=products(shop) if has_orders else None,
        returning=returning(shop) if has_orders else None,
        replies=answers,
        reviews=reviews(shop),
        law=_law(shop),
        tallies=tally_list(shop, promise_book(shop)) if has_made or len(asked.rules) > 1 else (),
        not_enough=_not_enough(kept_word, customers=customers),
        next_files=_next_files(gathered),
        problems=(*untold, *gathered.problems, *_oddities(shop), *_notices(shop)),
        business=asked.business,
        settings=replace(asked.settings, timezone=asked.settings.timezone or gathered.timezone),
        law_remarks=remarks_on(asked.country) if asked.country else (),
    )


def _judgeable(shop: Shop, versions: tuple[Rule, ...]) -> tuple[tuple[Rule, ...], list[Problem]]:
    """Return the versions if the files can tell when such a promise is kept; else none, and what to say of it."""
    if not versions:
        return (), []
    kept_by = versions[-1].kept_by
    if kept_by in shop.gathered.undated:
        said = "the files do not tell when it was done, so nobody can say whether it was done in time."
    elif kept_by == "order.delivered" and not shop.count(shop.facts.filter(shop.facts.kind == kept_by).limit(1)):
        said = "no file given tells when orders arrived, so nobody can say whether it was kept."
    else:
        return versions, []
    return (), [Problem(f'"{describe(versions[-1])}"', f"{said} Give a file that tells, with a mapping of your own.")]


def _currency(shop: Shop) -> str | None:
    orders = shop.orders.filter(shop.orders.currency.notnull())
    rows = shop.engine.rows(orders.group_by("currency").agg(orders=orders.count()).order_by("currency"))
    return max(rows, key=lambda row: row["orders"])["currency"] if rows else None


def _word(shop: Shop, said: Rule | None, judged: Table, made: Table | None) -> Word | None:
    if said is not None:
        return word(shop, judged, said=said)
    kind = _main_kind(shop, made)
    return made_word(shop, made, kind=kind) if made is not None and kind else None


def _main_kind(shop: Shop, made: Table | None) -> str | None:
    """Return the kind of promise the files carry most of, or None where they carry none."""
    if made is None:
        return None
    rows = shop.engine.rows(made.group_by("promise_kind").agg(made=made.count()).order_by("promise_kind"))
    return str(max(rows, key=lambda row: row["made"])["promise_kind"])


def _waiting(shop: Shop, said: Rule | None, judged: Table, made: Table | None) -> WaitingNow | None:
    """Return who waits: for what the promise said, or the files' own promises; without any, for orders to leave."""
    if said is not None:
        return waiting_now(shop, judged)
    if made is not None:
        overdue = made.filter((made.outcome == "broken") & made.due_at.notnull())
        # A promise about nothing that has a name goes by its own.
        about = overdue.subject.coalesce(overdue.promise_id)
        return listed(shop, overdue.select(subject=about, since="made_on", due_on="due_on"))
    open_ones = judged.filter(judged.state.isin(["waiting", "open"]))
    return listed(shop, open_ones.select("subject", since="event_on", due_on=open_ones.due_on.nullif(open_ones.due_on)))


def _breakdowns(shop: Shop, judged: Table | None, made: Table | None) -> tuple[Breakdown, ...]:
    if judged is None and made is not None:
        state = (made.outcome == "broken").ifelse("waiting", made.outcome)
        judged = made.mutate(state=state)
    if judged is None:
        return ()
    names = shop.asked.by or tuple(name for name in shop.trait_names if name in FIRST)
    found = (breakdown(shop, judged, by=name) for name in names)
    return tuple(each for each in found if each is not None)


def _law(shop: Shop) -> tuple[ByLaw, ...]:
    country = shop.asked.country if "order.shipped" not in shop.gathered.undated else None
    return tuple(_by_law(shop, promise) for promise in promised_by_law(country)) if country else ()


def _by_law(shop: Shop, promise: LegalPromise) -> ByLaw:
    """Hold the business against one promise of the law, where the files can tell.

    What has not even left cannot have arrived: a delivery promise is judged by what left where no file says what
    arrived, so the share is then the best the business can have done.
    """
    if promise.kept_by is None or promise.kind not in ("delivery", "dispatch"):
        return ByLaw(promise, share=None)
    within = Amount(promise.days, "working days" if promise.unit == "working days" else "days")
    said = rule(promise.kind, within, from_kind=promise.from_kind, kept_by="order.shipped")
    judged = shop.judged(said)
    row = shop.engine.rows(
        judged.agg(
            kept=(judged.state == "kept").sum().coalesce(0),
            due=judged.state.isin(["kept", "late", "waiting"]).sum().coalesce(0),
            overdue=(judged.state == "waiting").sum().coalesce(0),
        )
    )[0]
    return ByLaw(promise, share=wilson(row["kept"], row["due"]), overdue=row["overdue"])


def _not_enough(kept_word: Word | None, *, customers: int) -> tuple[Missing, ...]:
    """Return what there is not enough of yet, each with what is there and what would be needed."""
    found = []
    late = kept_word.late + kept_word.waiting if kept_word else 0
    if kept_word and late < LATE_ORDERS_NEEDED:
        found.append(Missing("late_effect", have=late, need=LATE_ORDERS_NEEDED))
    if customers < CUSTOMERS_NEEDED:
        found.append(Missing("trust_worth", have=customers, need=CUSTOMERS_NEEDED))
    else:
        found.append(Missing("trust_worth_later", have=customers, need=CUSTOMERS_NEEDED))
    return tuple(found)


def _next_files(gathered: Gathered) -> tuple[str, ...]:
    """Return the sources not given yet that would add something, in the registry's order."""
    shops = {"shopify_orders", "woocommerce_orders"}
    have = gathered.sources
    return tuple(
        source.name for source in sources() if source.name not in have and not (source.name in shops and have & shops)
    )


def _oddities(shop: Shop) -> list[Problem]:
    found = oddities(shop.facts, as_of=shop.as_of)
    rows = shop.engine.rows(
        found.group_by("problem").agg(count=found.count(), first=found.source.min()).order_by("problem")
    )
    return [
        Problem(row["first"], f"this entry {PROBLEMS[row['problem']]}{_more(row['count'])}.", row["count"])
        for row in rows
    ]


def _more(count: int) -> str:
    return "" if count == 1 else f"; so do {count - 1:,} more"


def _notices(shop: Shop) -> list[Problem]:
    """What is odd about the day asked for."""
    _, newest, _ = shop.span
    if newest is None:
        return []
    day = shop.as_of.day
    if newest > day and day == shop.asked.today:
        said = f"the newest entry is dated {newest}, after {day}. To report as of that day, add --as-of {newest}."
        return [Problem("dates", said)]
    age = (day - newest).days
    if age > 14 and day == shop.asked.today:
        said = (
            f"the newest entry is dated {newest}, {age:,} days before {day}, so whoever waited then seems to wait "
            f"still. If the files were exported that day, add --as-of {newest}."
        )
        return [Problem("dates", said)]
    return []
