"""What is true of an invented shop, counted from everything that happened: the rod that reports are measured with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keptword.simulate.catalogue import CARRIERS, COUNTRIES, PRODUCTS
from keptword.simulate.clock import Days, Flags, Instants, Numbers, WorkingDays, german_holidays, working_hours
from keptword.simulate.world import Kind, World

MOST_DAYS = 10
RETURN_DAYS = 90
CUTOFF = 14

Json = dict[str, Any]
Integers = NDArray[np.signedinteger[Any]]


def truth(world: World) -> Json:
    """Return what a report on the shop's exports should find as of its last day, ready to be written as JSON.

    Counts throughout, with the definition beside each; nothing here is estimated.
    """
    counted = counted_orders(world)
    plain = judged(world)
    years = range(world.first.year - 1, world.until.year + 2)
    holidays = WorkingDays(np.array(german_holidays(years), "datetime64[D]"))
    return {
        "shop": world.shop.name,
        "seed": world.seed,
        "customers_drawn": world.users,
        "months": world.months,
        "first_day": str(world.first),
        "as_of": str(world.until),
        "time_zone": world.shop.time_zone,
        "currency": world.shop.currency,
        "promise": f"ships within {world.shop.promise_working_days} working days",
        "habits": asdict(world.shop),
        "orders": _orders(world, counted),
        "customers": len(np.unique(world.orders.person[counted])),
        "dispatch": _dispatch(world, plain),
        "dispatch_with_holidays_of_DE": _summary(judged(world, days=holidays)),
        "dispatch_with_cutoff_at_14": _summary(judged(world, cutoff=CUTOFF)),
        "overdue": _overdue(world, plain),
        "returning": _returning(world, plain),
        "messages": _messages(world, plain),
        "answers": _answers(world),
        "products": _products(world, counted),
        "reviews": _reviews(world),
    }


def counted_orders(world: World) -> Flags:
    """Return which orders count: customers' own, without those called off before they left."""
    orders = world.orders
    ordinary: Flags = orders.kind == int(Kind.ORDINARY)
    return ordinary & np.isnat(orders.cancelled_at)


@dataclass(frozen=True)
class Judged:
    """One element per order: how it fared under "within k working days", as of the last day."""

    counted: Flags
    begin: Days
    """The day from which the promise counts."""
    due: Days
    over: Flags
    """The due day is over at the end of the last day, or the order has left: it is due."""
    needed: Numbers
    """The fewest working days within which it left; -1 where it has not."""
    promised: int

    @property
    def kept(self) -> Flags:
        """Left in time."""
        return self.over & (self.needed >= 0) & (self.needed <= self.promised)

    @property
    def late(self) -> Flags:
        """Left, but late."""
        return self.over & (self.needed > self.promised)

    @property
    def waiting(self) -> Flags:
        """Should have left and has not."""
        return self.over & (self.needed < 0)


def judged(
    world: World, *, days: WorkingDays | None = None, cutoff: int | None = None, promised: int | None = None
) -> Judged:
    """Judge every order by a promise of working days, the shop's own unless another is given.

    It counts from the payment, else from the order. What came on a day off, or from the hour `cutoff` on,
    counts as on the next working day; the count begins on the day after that.
    """
    calendar = days or WorkingDays(np.array([], "datetime64[D]"))
    within = world.shop.promise_working_days if promised is None else promised
    orders, counted = world.orders, counted_orders(world)
    local = world.clock.local(_base(world))
    day = local.astype("datetime64[D]")
    late = None if cutoff is None else (local - day).astype(np.int64) >= cutoff * 3600
    begin = calendar.begin(day, late=late)
    due = calendar.after(begin, within)
    left = ~np.isnat(orders.shipped_at)
    needed = np.full(len(orders), -1, np.int64)
    needed[left] = calendar.needed(begin[left], world.clock.day(orders.shipped_at[left]))
    over = counted & (left | (due <= np.datetime64(world.until)))
    return Judged(counted, begin, due, over, needed, within)


def _base(world: World) -> Instants:
    return np.where(np.isnat(world.orders.paid_at), world.orders.placed_at, world.orders.paid_at)


def _orders(world: World, counted: Flags) -> Json:
    kind = world.orders.kind
    called_off = (kind == Kind.ORDINARY) & ~counted
    names = {Kind.TEST: "test", Kind.STAFF: "staff", Kind.WHOLESALE: "wholesale", Kind.ZERO_VALUE: "zero value"}
    return {
        "in_the_file": len(world.orders),
        "lines_in_the_file": len(world.lines.order),
        "left_out": {name: int((kind == which).sum()) for which, name in names.items()},
        "cancelled_unshipped": int(called_off.sum()),
        "counted": int(counted.sum()),
        "shipped": int((counted & ~np.isnat(world.orders.shipped_at)).sum()),
    }


def _tally(found: Judged, chosen: Flags | None = None) -> Json:
    """Return due, kept, late and waiting, and how many left within 0, 1, … working days, of the chosen orders."""
    among = found.counted if chosen is None else found.counted & chosen
    return {
        "orders": int(among.sum()),
        **{name: int((getattr(found, name) & among).sum()) for name in ("kept", "late", "waiting")},
        "due": int((found.over & among).sum()),
        "left_within": [int((among & (found.needed >= 0) & (found.needed <= k)).sum()) for k in range(MOST_DAYS + 1)],
    }


def _summary(found: Judged) -> Json:
    tally = _tally(found)
    return {**tally, "kept_share": round(tally["kept"] / max(tally["due"], 1), 6)}


def _grouped(found: Judged, labels: Sequence[str], *, position: Integers) -> Json:
    return {label: _tally(found, position == number) for number, label in enumerate(labels)}


def _by_month(found: Judged, day: Days) -> Json:
    months = day.astype("datetime64[M]")
    return {str(month): _tally(found, months == month) for month in np.unique(months[found.counted])}


def _dispatch(world: World, plain: Judged) -> Json:
    base = world.clock.day(_base(world))
    what_if = []
    for days in range(MOST_DAYS + 1):
        other = _tally(judged(world, promised=days))
        what_if.append({"working_days": days, **{name: other[name] for name in ("due", "kept", "late", "waiting")}})
    return {
        "rule": "from paid, else created; Monday to Friday; no holidays; no cut-off hour",
        **_summary(plain),
        "what_if": what_if,
        "by_month_paid": _by_month(plain, base),
        "by_month_due": _by_month(plain, plain.due),
        "by_carrier": _grouped(plain, [carrier.name for carrier in CARRIERS], position=world.orders.carrier),
        "by_country": _grouped(plain, [country.code for country in COUNTRIES], position=world.orders.country),
    }


def _overdue(world: World, plain: Judged) -> list[Json]:
    """Return the orders that should have left and have not, longest overdue first."""
    late = np.flatnonzero(plain.waiting)
    late = late[np.argsort(plain.due[late], kind="stable")]
    return [{"order": f"#{world.orders.number[order]}", "due_on": str(plain.due[order])} for order in late]


def _returning(world: World, plain: Judged) -> Json:
    """Return how many came back within 90 days, after a first purchase and after late and kept orders."""
    orders = np.flatnonzero(plain.counted)
    person = world.orders.person[orders]
    day = world.clock.day(world.orders.placed_at[orders])
    sort = np.lexsort((orders, person))
    orders, person, day = orders[sort], person[sort], day[sort]
    followed = np.append(person[1:] == person[:-1], False)
    pause = np.append((day[1:] - day[:-1]).astype(np.int64), 0)
    back = followed & (pause <= RETURN_DAYS)
    seen = day + RETURN_DAYS <= np.datetime64(world.until)
    first = seen & np.append(True, person[1:] != person[:-1])

    def share(chosen: Flags) -> Json:
        return {"observed": int(chosen.sum()), "came_back": int((back & chosen).sum())}

    quarters = day.astype("datetime64[M]").astype(np.int64) // 3
    return {
        "rule": f"another counted order at most {RETURN_DAYS} local days later; only where those days are over",
        "first_purchases": share(first),
        "first_purchases_by_quarter": {
            f"{1970 + quarter // 4}-Q{quarter % 4 + 1}": share(first & (quarters == quarter))
            for quarter in np.unique(quarters[first])
        },
        "after_kept_orders": share(seen & plain.kept[orders]),
        "after_late_orders": share(seen & (plain.late | plain.waiting)[orders]),
    }


def _latest_order(world: World, counted: Flags) -> Numbers:
    """Return for each message the latest counted order that its customer had placed by then; -1 for none."""
    orders = np.flatnonzero(counted)
    orders = orders[np.lexsort((orders, world.orders.person[orders]))]
    far = np.int64(1 << 40)

    def key(person: Integers, at: Instants) -> Numbers:
        return person.astype(np.int64) * far + at.astype(np.int64)

    keys = key(world.orders.person[orders], world.orders.placed_at[orders])
    asked = key(world.messages.person, world.messages.sent_at)
    place = np.searchsorted(keys, asked, side="right").astype(np.int64) - 1
    found = orders[np.maximum(place, 0)] if len(orders) else place
    same = (place >= 0) & (world.orders.person[found] == world.messages.person)
    return np.where(same, found, -1)


def _messages(world: World, plain: Judged) -> Json:
    """Return what customers wrote, and how much of it late and kept orders brought."""
    messages = world.messages
    written = ~messages.from_shop
    opening = written & (messages.answers < 0)
    late = plain.late | plain.waiting
    causes: dict[str, Integers] = {"by_cause": messages.order, "by_latest_order": _latest_order(world, plain.counted)}

    def brought(order: Integers, chosen: Flags) -> Json:
        of_them = (order >= 0) & chosen[order]
        return {
            "orders": int(chosen.sum()),
            "messages": int((written & of_them).sum()),
            "conversations": int((opening & of_them).sum()),
        }

    return {
        "in_the_file": len(messages),
        "from_customers": int(written.sum()),
        "from_the_shop": int(messages.from_shop.sum()),
        "conversations": int(opening.sum()),
        "conversations_with_strangers": int((opening & (messages.order < 0)).sum()),
        "rule": "late: due and not kept, waiting or left; by_latest_order: the customer's last counted order by then",
        **{name: {"late": brought(order, late), "kept": brought(order, plain.kept)} for name, order in causes.items()},
    }


def _answers(world: World) -> Json:
    """Return how long people waited for a first answer, and who still waits."""
    messages, shop = world.messages, world.shop
    hours = working_hours(
        world.clock,
        WorkingDays(np.array([], "datetime64[D]")),
        first=world.first - timedelta(days=7),
        last=world.until + timedelta(days=40),
        opens=shop.opens,
        closes=shop.closes,
    )
    answers = np.flatnonzero(messages.from_shop)[::-1]
    answered_at = np.full(len(messages), np.datetime64("NaT", "s"))
    answered_at[messages.conversation[answers]] = messages.sent_at[answers]
    opening = np.flatnonzero(messages.answers < 0)
    answered = opening[~np.isnat(answered_at[opening])]
    open_still = opening[np.isnat(answered_at[opening])]
    end = world.clock.utc(np.full(len(open_still), np.datetime64(world.until) + 1).astype("datetime64[s]"))
    waited = hours.worked(end) - hours.worked(messages.sent_at[open_still])
    worked = hours.worked(answered_at[answered]) - hours.worked(messages.sent_at[answered])
    passed = (answered_at[answered] - messages.sent_at[answered]).astype(np.int64)
    return {
        "rule": f"working hours: Monday to Friday, {shop.opens} to {shop.closes}, no holidays",
        "answered": len(answered),
        "unanswered": len(open_still),
        "unanswered_for_more_than_a_working_day": int((waited > (shop.closes - shop.opens) * 3600).sum()),
        "median_hours": _median_hours(passed),
        "median_working_hours": _median_hours(worked),
    }


def _median_hours(seconds: Numbers) -> float | None:
    return round(float(np.median(seconds)) / 3600, 6) if len(seconds) else None


def _products(world: World, counted: Flags) -> Json:
    """Return for each product how much of it was sold, sent back and called off."""
    lines, orders = world.lines, world.orders
    called_off = (orders.kind == Kind.ORDINARY) & ~counted
    refunded = orders.refunded > 0
    found: Json = {}
    for number, product in enumerate(PRODUCTS):
        mine = lines.product == number
        bought = counted[lines.order] & mine
        found[product.sku] = {
            "name": product.name,
            "vendor": product.vendor,
            "orders": int(bought.sum()),
            "orders_refunded": int((bought & refunded[lines.order]).sum()),
            "lines_refunded": int((bought & lines.refunded).sum()),
            "orders_cancelled_unshipped": int((called_off[lines.order] & mine).sum()),
        }
    return found


def _reviews(world: World) -> Json:
    rating = world.reviews.rating
    return {"count": len(rating), "rating_mean": round(float(rating.mean()), 6) if len(rating) else None}
