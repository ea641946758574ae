"""When the invented shop is paid, when it ships and when an order is called off: where its word is kept or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from keptword.simulate.catalogue import BANK, CARRIERS, COUNTRIES
from keptword.simulate.clock import NEVER, Days, Flags, Floats, Instants, Numbers
from keptword.simulate.setting import Setting, seconds

HOUR = np.timedelta64(3600, "s")
PICK_UP = 17 * 3600 + 1800
"""The second of the day after which nothing leaves any more."""


@dataclass(frozen=True)
class Course:
    """One element per order: what became of it, beyond the last day too. NaT: never."""

    paid_at: Instants
    shipped_at: Instants
    cancelled_at: Instants
    late: Flags
    """It had not left when the promise was over, whether it left later, never, or was called off then."""


def draw_course(setting: Setting, *, placed: Instants, country: Numbers, carrier: Numbers, payment: Numbers) -> Course:
    """Return what became of orders placed at these instants.

    The promise counts from the payment, else from the order; `late` is judged by it without holidays, as a
    reader does who was given no country.
    """
    paid = _paid(setting, placed=placed, payment=payment)
    base_at = np.where(np.isnat(paid), placed, paid)
    base = setting.clock.day(base_at)
    needed = _working_days_needed(setting, base=base, country=country, carrier=carrier)
    shipped = _shipped(setting, base_at=base_at, needed=needed)
    never = np.isnat(paid) | (setting.rng.random(len(placed)) < setting.shop.forgotten_share)
    shipped[never] = NEVER
    due = setting.plain.after(setting.plain.begin(base), setting.shop.promise_working_days)
    cancelled = _cancelled(setting, placed=placed, paid=paid, shipped=shipped, due=due, needed=needed)
    shipped[~np.isnat(cancelled)] = NEVER
    paid[cancelled < paid] = NEVER
    over = setting.day_end(due)
    late = ~(shipped < over) & ~(cancelled < over)
    return Course(paid_at=paid, shipped_at=shipped, cancelled_at=cancelled, late=late)


def _paid(setting: Setting, *, placed: Instants, payment: Numbers) -> Instants:
    """Return when each order was paid: at once, or some working days later where the bank is in between."""
    rng, count = setting.rng, len(placed)
    at_once = placed + rng.integers(2, 45, count).astype("timedelta64[s]")
    begin = setting.open.begin(setting.clock.day(placed))
    booked = setting.open.after(begin, rng.integers(1, 4, count)).astype("datetime64[s]")
    by_bank = setting.clock.utc(booked + (8 * 3600 + rng.integers(0, 5400, count)).astype("timedelta64[s]"))
    unpaid = (payment == BANK) & (rng.random(count) < setting.shop.unpaid_share)
    return np.where(unpaid, NEVER, np.where(payment == BANK, by_bank, at_once))


def _working_days_needed(setting: Setting, *, base: Days, country: Numbers, carrier: Numbers) -> Numbers:
    """Return how many working days each order lies before it leaves."""
    shop, rng, count = setting.shop, setting.rng, len(base)
    month = base.astype("datetime64[M]").astype(np.int64) % 12
    usual = np.asarray(shop.kept_by_month)[month]
    shift = np.array([c.shift for c in CARRIERS])[carrier] + np.array([c.shift for c in COUNTRIES])[country]
    in_time = rng.random(count) < 1 / (1 + np.exp(-(np.log(usual / (1 - usual)) + shift)))
    early = setting.choose(np.asarray(shop.on_time_days), count)
    tail = 1 - sum(shop.late_days)
    lateness = setting.choose(np.array([*shop.late_days, tail]), count)
    lateness += np.where(lateness == len(shop.late_days), rng.geometric(1 / 3, count) - 1, 0)
    needed = np.where(in_time, early, shop.promise_working_days + 1 + lateness)
    stall_from = np.busday_offset(setting.until, -shop.stalled_days, roll="backward")
    stalled = (base >= stall_from) & (rng.random(count) < shop.stalled_share)
    return needed + np.where(stalled, 5 + rng.integers(0, 8, count), 0)


def _shipped(setting: Setting, *, base_at: Instants, needed: Numbers) -> Instants:
    """Return when each order left, given the working days it needs; a few Monday parcels leave on the Saturday."""
    rng, count = setting.rng, len(base_at)
    local = setting.clock.local(base_at)
    base = local.astype("datetime64[D]")
    second = (local - base).astype(np.int64)
    begin = setting.open.begin(base)
    same_day = (needed == 0) & (begin == base)
    too_late = same_day & (second > 15 * 3600)
    day = setting.open.after(begin, needed + too_late)
    monday = (day.astype(np.int64) + 3) % 7 == 0
    saturday = monday & (day - 2 > base) & (rng.random(count) < 0.06)
    day = np.where(saturday, day - 2, day)
    earliest = np.where(same_day & ~too_late, np.maximum(second + 1800, 9 * 3600), 9 * 3600)
    at = earliest + np.floor(rng.random(count) * (PICK_UP - earliest)).astype(np.int64)
    return setting.clock.utc(day.astype("datetime64[s]") + at.astype("timedelta64[s]"))


def _cancelled(
    setting: Setting, *, placed: Instants, paid: Instants, shipped: Instants, due: Days, needed: Numbers
) -> Instants:
    """Return when each order was called off: soon after ordering, weary of waiting, or because nobody paid."""
    rng, shop, count = setting.rng, setting.shop, len(placed)
    soon = placed + seconds(0.2 + rng.exponential(5.0, count), unit=HOUR)
    soon[rng.random(count) >= shop.cancelled_early_share] = NEVER
    over = setting.day_end(due)
    weary = over + seconds(rng.random(count) * _days_between(over, shipped))
    weary[(needed < 5) | (rng.random(count) >= shop.cancelled_waiting_share)] = NEVER
    reminded = setting.open.after(setting.open.begin(setting.clock.day(placed)), 6)
    hour = seconds(10 + rng.random(count), unit=HOUR)
    expired = setting.clock.utc(np.add(reminded.astype("datetime64[s]"), hour))
    expired[~np.isnat(paid)] = NEVER
    first = np.fmin(np.fmin(soon, weary), expired)
    return np.where(np.isnat(shipped) | (first < shipped), first, NEVER)


def _days_between(begin: Instants, end: Instants) -> Floats:
    """Return the days from begin to end, a fortnight where there is no end, 0 where it comes before."""
    days = (end - begin).astype(np.int64) / 86_400
    return np.clip(np.where(np.isnat(end), 14.0, days), 0.0, None)
