"""Invented reports, from a shop with nine orders to one with a hundred thousand, as the pages' tests want them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from keptword.core.differences import ALL_OTHERS, Difference
from keptword.core.keepable import Keepable, keepable
from keptword.core.law import promised_by_law, remarks_on
from keptword.core.problems import Problem
from keptword.core.rates import Share, wilson
from keptword.core.rules import Amount, Settings, parse_condition, rule
from keptword.report.model import (
    Breakdown,
    ByLaw,
    Group,
    Messages,
    Missing,
    Month,
    Product,
    Products,
    Quarter,
    Replies,
    Report,
    Returning,
    Tally,
    Waiting,
    WaitingNow,
    Word,
)
from keptword.sources.registry import FileRead

DAY = date(2031, 11, 24)
TWO_DAYS = rule("dispatch", Amount(2, "working days"), cutoff=time(14))
ONE_DAY = rule("dispatch", Amount(1, "working days"), since=date(2030, 3, 1), where=parse_condition("country = NL"))

REJECTED = Path("orders_export.rejected.csv")
LONG_NAME = "Darjeeling First Flush, 250 g, in a tin with a lid that closes well"
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'
ARABIC = "شاي أخضر — \u202e5 kg\u202c"


def what_ifs(*left_within: float, of: int, waiting: dict[int, int] | None = None) -> Keepable:
    """What could be promised where so many in 100 left within 0, 1, 2, … days, and some still wait after so many."""
    within = [round(of * share / 100) for share in left_within]
    left = [now - before for before, now in zip([0, *within[:-1]], within, strict=True)]
    still = [(waiting or {}).get(day, 0) for day in range(max(waiting or {0: 0}) + 1)]
    return keepable(left, still)


def months(*rows: tuple[int, int, int], start: date = date(2030, 12, 1)) -> tuple[Month, ...]:
    """One month after another, each from (kept, late, waiting)."""
    made, first = [], start
    for kept, late, waiting in rows:
        made.append(Month(first, wilson(kept, kept + late + waiting), late=late, waiting=waiting))
        first = (first + timedelta(days=31)).replace(day=1)
    return tuple(made)


def word(rows: Sequence[Month], **more: Any) -> Word:
    """A word that is the sum of its months."""
    kept, late = round(sum(row.share.count for row in rows)), sum(row.late for row in rows)
    waiting = sum(row.waiting for row in rows)
    due = kept + late + waiting
    given = {"rule": TWO_DAYS, "kind": "dispatch", "not_due": 0, **more}
    return Word(due=due, kept=kept, late=late, waiting=waiting, share=wilson(kept, due), months=tuple(rows), **given)


def group(label: str, kept: int, of: int, **more: Any) -> Group:
    """One carrier, country or product with its kept share; ordinary, unless told otherwise."""
    return Group(label, wilson(kept, of), **{"stands_out": False, "better": False, **more})


def waiting(*days: int, first: int = 1387, count: int | None = None, promised: int | None = 3) -> WaitingNow:
    """Orders that have waited for so many days, the longest first."""
    listed = tuple(
        Waiting(
            f"order:#{first + place}",
            since=DAY - timedelta(days=waited),
            due_on=None if promised is None else DAY - timedelta(days=max(waited - promised, 1)),
            waited_days=waited,
        )
        for place, waited in enumerate(days)
    )
    return WaitingNow(len(days) if count is None else count, listed)


def law(country: str, share: Share | None) -> tuple[ByLaw, ...]:
    """What the law of a country promises, with the share kept of what was to be delivered."""
    return tuple(
        ByLaw(promise, share if promise.kind == "delivery" else None, overdue=1 if promise.kind == "delivery" else 0)
        for promise in promised_by_law(country)
    )


# The ordinary shop, part by part.

BREAKDOWNS = (
    Breakdown(
        "carrier",
        (
            group("DHL Paket", 231, 289),
            group("Hermes", 48, 96, stands_out=True, elsewhere=wilson(249, 316)),
            group("Click and collect", 18, 21, better=True),
            group(ALL_OTHERS, 0, 6, members=3),
        ),
        missing=0,
    ),
    Breakdown("country", (group("DE", 241, 331), group("AT", 40, 58), group("CH", 16, 23)), missing=0),
)

PRODUCTS = Products(
    (
        Product("Glass teapot 1.2 l", 64, wilson(11, 64), wilson(2, 64), stands_out=True),
        Product("Sencha, 100 g", 143, wilson(6, 143), wilson(3, 143), stands_out=False),
        Product(LONG_NAME, 97, wilson(4, 97), wilson(1, 97), stands_out=False),
        Product("Genmaicha, 100 g", 88, wilson(2, 88), wilson(1, 88), stands_out=False),
    ),
    wilson(23, 426),
    wilson(12, 426),
    others=31,
)

RETURNING = Returning(
    wilson(71, 262),
    (
        Quarter(date(2030, 10, 1), wilson(9, 28)),
        Quarter(date(2031, 1, 1), wilson(26, 88)),
        Quarter(date(2031, 4, 1), wilson(24, 96)),
        Quarter(date(2031, 7, 1), wilson(12, 50)),
    ),
)

REPLIES = Replies(
    conversations=96,
    answered=91,
    median_hours=3.4,
    ninety_hours=14.2,
    within_a_day=wilson(83, 94),
    unanswered=WaitingNow(
        3,
        (
            Waiting("conversation:<b7c1@mail.example>", date(2031, 11, 20), None, 4),
            Waiting("conversation:<99ae@mail.example>", date(2031, 11, 21), None, 3),
            Waiting("conversation:<0f3d@mail.example>", date(2031, 11, 22), None, 2),
        ),
    ),
    messages=Messages(late_orders=115, late_messages=46, other_orders=297, other_messages=24),
)


def ordinary() -> Report:
    """412 orders of a tea shop in a year: 297 left within 2 working days, 106 left late, 9 wait."""
    rows = months(
        *((26, 7, 0), (21, 6, 0), (24, 6, 0), (32, 6, 0), (27, 8, 0), (24, 9, 0)),
        *((22, 9, 0), (17, 14, 0), (23, 11, 0), (29, 10, 0), (27, 11, 0), (25, 9, 9)),
    )
    kept_word = word(rows, not_due=14, last_change=Difference(-0.13, -0.3, 0.04, p=0.4, beyond_chance=False))
    return Report(
        as_of=DAY,
        first_on=date(2030, 12, 1),
        newest_on=DAY,
        orders=426,
        customers=318,
        entries=1206,
        currency="EUR",
        files=(
            FileRead("orders_export.csv", "shopify_orders", "Shopify order export", 1202, 4, REJECTED),
            FileRead("answers.mbox", "mailbox", "mailbox", 612),
        ),
        left_out={"test": 3, "staff": 5, "zero value": 2},
        word=kept_word,
        keepable=what_ifs(14, 46, 73.7, 83, 90, 94, 96, 97, 98, 99, 99.5, 99.5, 100, of=403, waiting={3: 5, 4: 4}),
        keepable_unit="working days",
        waiting=waiting(6, 6, 5, 5, 5, 4, 4, 4, 4),
        breakdowns=BREAKDOWNS,
        products=PRODUCTS,
        returning=RETURNING,
        replies=REPLIES,
        law=law("DE", wilson(409, 412)),
        law_remarks=remarks_on("DE"),
        not_enough=(Missing("late_effect", 115, 600), Missing("trust_worth", 318, 1000)),
        next_files=("shopify_products", "judgeme_reviews"),
        problems=(Problem("orders_export.csv, line 214", "the order number #1210 is used twice; both are counted."),),
        business="Alder Tea",
        settings=Settings(timezone="Europe/Berlin", country="DE"),
    )


def without_mailbox() -> Report:
    """The ordinary shop, from its order export alone and with no country told."""
    whole = ordinary()
    return replace(
        whole,
        files=whole.files[:1],
        replies=None,
        law=(),
        law_remarks=(),
        settings=Settings(),
        next_files=("shopify_products", "judgeme_reviews", "mailbox"),
    )


def nine_orders() -> Report:
    """Nine orders in six weeks: six in time, two late, one waits."""
    rows = months((4, 1, 0), (2, 1, 1), start=date(2031, 10, 1))
    return Report(
        as_of=DAY,
        first_on=date(2031, 10, 13),
        newest_on=date(2031, 11, 21),
        orders=9,
        customers=8,
        entries=26,
        currency="EUR",
        files=(FileRead("orders_export.csv", "shopify_orders", "Shopify order export", 9),),
        left_out={},
        word=word(rows, last_change=Difference(-0.3, -0.7, 0.2, p=0.4, beyond_chance=False)),
        keepable=what_ifs(12, 50, 75, 75, 88, 88, 100, of=8, waiting={4: 1}),
        keepable_unit="working days",
        waiting=waiting(5, first=1009),
        breakdowns=(),
        products=Products((), wilson(0, 9), wilson(0, 9), others=7),
        returning=None,
        replies=None,
        not_enough=(Missing("late_effect", 3, 600), Missing("trust_worth", 8, 1000)),
        next_files=("mailbox",),
        business="Lindens Seifen",
    )


def big() -> Report:
    """More than a hundred thousand orders in three years, with names that are out to break the page."""
    rows = [(2600 + 40 * n, 180 + (n * 37) % 120, 0) for n in range(35)] + [(3870, 301, 214)]
    carriers = (
        group("PostNL", 40211, 42118, stands_out=True, better=True),
        group("DPD Classic international", 30122, 31977),
        group(HOSTILE, 21034, 23988, stands_out=True),
        group(ARABIC, 9120, 9655),
        group("AnUnreasonablyLongCarrierNameWithoutAnySpaceInItThatGoesOnAndOnAndOnForEver", 2100, 2215),
        group(ALL_OTHERS, 1330, 1412, members=42),
    )
    whole = ordinary()
    return replace(
        whole,
        first_on=date(2028, 12, 1),
        newest_on=date(2031, 11, 12),
        orders=121_402,
        customers=64_221,
        entries=402_118,
        files=(*whole.files, FileRead("Meine Bücher 100 %.csv", "csv", "table with a mapping", 1_204_118, 31)),
        word=word(
            months(*rows, start=date(2028, 12, 1)),
            rule=ONE_DAY,
            compared_only=False,
            before=wilson(41_020, 44_700),
            not_due=412,
            last_change=Difference(-0.05, -0.06, -0.04, p=0.001, beyond_chance=True),
        ),
        keepable=what_ifs(61, 93, 96, 98, 98.6, 99, 99.2, 99.4, 99.6, 99.8, 99.97, 100, of=121_188, waiting={9: 214}),
        waiting=waiting(*range(41, 21, -1), first=88112, count=214),
        breakdowns=(Breakdown("carrier", carriers, missing=1204), Breakdown("Lager-Ort", carriers[:2], missing=0)),
        products=replace(
            whole.products or Products((), wilson(0, 1), wilson(0, 1)),
            products=(
                Product(HOSTILE, 812, wilson(91, 812), wilson(4, 812), stands_out=True),
                Product(ARABIC, 1044, wilson(41, 1044), wilson(9, 1044), stands_out=False),
                Product("绿茶礼盒（春季限定）", 4021, wilson(12, 4021), wilson(31, 4021), stands_out=False),
            ),
            others=2214,
        ),
        not_enough=(Missing("trust_worth_later", 64_221, 1000),),
        business="Boekhandel De Gouden Eeuw & Zonen",
        problems=(Problem(HOSTILE, f"the product {HOSTILE} is odd."),),
    )


def never_late() -> Report:
    """138 orders, none late, nobody waiting."""
    whole = without_mailbox()
    rows = months(*[(11 + n % 3, 0, 0) for n in range(11)], (7, 0, 0))
    return replace(
        whole,
        orders=139,
        customers=101,
        word=word(rows, last_change=Difference(0.0, -0.1, 0.1, p=0.4, beyond_chance=False)),
        keepable=what_ifs(33, 84, 100, of=138),
        waiting=WaitingNow(0, ()),
        breakdowns=(Breakdown("carrier", (group("DHL", 100, 100), group("UPS", 38, 38)), missing=0),),
        products=Products((), wilson(0, 139), wilson(0, 139), others=4),
        not_enough=(),
    )


def never_ships() -> Report:
    """37 paid orders, none of which has left."""
    whole = without_mailbox()
    return replace(
        whole,
        first_on=date(2031, 9, 20),
        orders=37,
        customers=36,
        word=word(months((0, 0, 12), (0, 0, 15), (0, 0, 10), start=date(2031, 9, 1))),
        keepable=what_ifs(0, of=0, waiting={20: 20, 30: 17}),
        waiting=waiting(*range(65, 28, -1), first=1001),
        breakdowns=(),
        products=None,
        returning=None,
    )


def no_promise() -> Report:
    """The ordinary shop without a promise told."""
    whole = without_mailbox()
    return replace(whole, word=None, breakdowns=(), waiting=waiting(6, 5, 2, 1, promised=None))


def nothing() -> Report:
    """A file with a header and nothing below it."""
    return Report(
        as_of=DAY,
        first_on=None,
        newest_on=None,
        orders=0,
        customers=0,
        entries=0,
        currency=None,
        files=(FileRead("orders_export.csv", "shopify_orders", "Shopify order export", 0),),
        left_out={},
        word=None,
        keepable=None,
        keepable_unit="working days",
        waiting=None,
        next_files=("mailbox",),
    )


def made_promises() -> Report:
    """Shipments that each carry their own day, as from a mapped file: no rule was told."""
    rows = months(*[(80 + n, 8 + n % 4, 2) for n in range(10)], start=date(2031, 1, 1))
    tallies = (
        Tally("delivery", 991, 12, 845, 94, 20, 20, 0, wilson(845, 959), wilson(310, 350)),
        Tally("refund", 53, 2, 50, 0, 1, 0, 4, wilson(50, 51), wilson(20, 20)),
        Tally("reward", 22, 0, 12, 0, 10, 0, 0, wilson(12, 22), wilson(8, 14)),
    )
    return Report(
        as_of=DAY,
        first_on=date(2031, 1, 4),
        newest_on=DAY,
        orders=0,
        customers=43,
        entries=2_031,
        currency="USD",
        files=(FileRead("deliveries.csv", "csv", "table with a mapping", 10_324),),
        left_out={},
        word=word(rows, rule=None, kind="delivery", compared_only=False),
        keepable=None,
        keepable_unit="working days",
        waiting=WaitingNow(3, (Waiting("shipment:ASN-1204", date(2031, 4, 26), date(2031, 5, 9), 212),)),
        breakdowns=(Breakdown("vendor", (group("SCMS from RDC", 400, 410), group("Direct", 445, 530)), missing=0),),
        tallies=tallies,
        next_files=("mailbox",),
    )


ALL = {
    make.__name__: make
    for make in (
        ordinary,
        without_mailbox,
        nine_orders,
        big,
        never_late,
        never_ships,
        no_promise,
        nothing,
        made_promises,
    )
}
