"""A report as plain values for programs: shares from 0 to 1, unrounded; days as text; null where nothing is known."""

from __future__ import annotations

from datetime import date
from typing import Any

from keptword.core.rates import Share
from keptword.core.rules import describe
from keptword.report.model import (
    Breakdown,
    ByLaw,
    Products,
    Replies,
    Report,
    Returning,
    Reviews,
    Tally,
    WaitingNow,
    Word,
)
from keptword.sources.registry import FileRead

Values = dict[str, Any]


def as_json(report: Report) -> Values:
    """Return the report as one object of numbers, texts, lists and objects, ready for `json.dumps`.

    The figures most asked for stand at the top: `orders`, `customers`, `due`, `kept`, `late`, `waiting`, `kept_share`
    with its interval, `can_promise_days`. What is not known is null, what there is none of is an empty list.
    """
    word, keepable = report.word, report.keepable
    return {
        "orders": report.orders,
        "customers": report.customers,
        "due": word.due if word else None,
        "kept": word.kept if word else None,
        "late": word.late if word else None,
        "waiting": word.waiting if word else None,
        **_share("kept_share", word.share if word else None),
        "can_promise_days": keepable.days if keepable else None,
        "can_promise_unit": report.keepable_unit,
        "as_of": _day(report.as_of),
        "first_on": _day(report.first_on),
        "newest_on": _day(report.newest_on),
        "business": report.business,
        "promise": _promise(word),
        "promise_kind": word.kind if word else None,
        "not_due": word.not_due if word else None,
        **_share("before_kept_share", word.before if word else None),
        "compared_only": word.compared_only if word else None,
        "currency": report.currency,
        "entries": report.entries,
        "months": _months(word),
        "last_change": _last_change(word),
        "what_ifs": _what_ifs(report),
        "waiting_now": _waiting(report.waiting),
        "breakdowns": [_breakdown(breakdown) for breakdown in report.breakdowns],
        "products": _products(report.products),
        "returning": _returning(report.returning),
        "reviews": _reviews(report.reviews),
        "replies": _replies(report.replies),
        "law": [_by_law(each) for each in report.law],
        "law_remarks": [{"sentence": each.sentence, "source": each.source} for each in report.law_remarks],
        "tallies": [_tally(tally) for tally in report.tallies],
        "left_out": dict(report.left_out),
        "files": [_file(file) for file in report.files],
        "problems": [{"where": each.where, "seen": each.seen, "count": each.count} for each in report.problems],
        "not_enough": [{"what": each.what, "have": each.have, "need": each.need} for each in report.not_enough],
        "next_files": list(report.next_files),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _share(name: str, share: Share | None) -> Values:
    """Return a share under its name, with its interval beside it."""
    return {
        name: share.value if share else None,
        f"{name}_low": share.low if share else None,
        f"{name}_high": share.high if share else None,
    }


def _promise(word: Word | None) -> str | None:
    return describe(word.rule) if word and word.rule else None


def _months(word: Word | None) -> list[Values]:
    return [
        {
            "month": month.first.strftime("%Y-%m"),
            "due": round(month.share.of),
            "kept": round(month.share.count),
            "late": month.late,
            "waiting": month.waiting,
            **_share("kept_share", month.share),
        }
        for month in (word.months if word else ())
    ]


def _last_change(word: Word | None) -> Values | None:
    change = word.last_change if word else None
    if change is None:
        return None
    return {
        "difference": change.value,
        "difference_low": change.low,
        "difference_high": change.high,
        "p": change.p,
        "beyond_chance": change.beyond_chance,
    }


def _what_ifs(report: Report) -> list[Values]:
    curve = report.keepable.curve if report.keepable else ()
    return [
        {"within": days, "unit": report.keepable_unit, **_share("kept_share", share)}
        for days, share in enumerate(curve)
    ]


def _waiting(waiting: WaitingNow | None) -> Values | None:
    if waiting is None:
        return None
    return {
        "count": waiting.count,
        "longest": [
            {
                "subject": each.subject,
                "since": _day(each.since),
                "due_on": _day(each.due_on),
                "waited_days": each.waited_days,
            }
            for each in waiting.longest
        ],
    }


def _breakdown(breakdown: Breakdown) -> Values:
    return {
        "column": breakdown.column,
        "missing": breakdown.missing,
        "groups": [
            {
                "label": group.label,
                "members": group.members,
                "due": round(group.share.of),
                "kept": round(group.share.count),
                **_share("kept_share", group.share),
                **_share("elsewhere_share", group.elsewhere),
                "stands_out": group.stands_out,
                "better": group.better,
            }
            for group in breakdown.groups
        ],
    }


def _products(products: Products | None) -> Values | None:
    if products is None:
        return None
    return {
        **_share("refunded_share", products.refunded),
        **_share("cancelled_share", products.cancelled),
        "others": products.others,
        "products": [
            {
                "label": product.label,
                "orders": product.orders,
                **_share("refunded_share", product.refunded),
                **_share("cancelled_share", product.cancelled),
                "stands_out": product.stands_out,
            }
            for product in products.products
        ],
    }


def _reviews(reviews: Reviews | None) -> Values | None:
    if reviews is None:
        return None
    return {
        "reviews": round(reviews.good.of),
        "good": round(reviews.good.count),
        **_share("good_share", reviews.good),
        "bad": round(reviews.bad.count),
        **_share("bad_share", reviews.bad),
    }


def _returning(returning: Returning | None) -> Values | None:
    if returning is None:
        return None
    return {
        "customers": round(returning.share.of),
        "came_back": round(returning.share.count),
        **_share("came_back_share", returning.share),
        "quarters": [
            {
                "first_on": _day(quarter.first),
                "customers": round(quarter.share.of),
                "came_back": round(quarter.share.count),
                **_share("came_back_share", quarter.share),
            }
            for quarter in returning.quarters
        ],
    }


def _replies(replies: Replies | None) -> Values | None:
    if replies is None:
        return None
    messages = replies.messages
    return {
        "conversations": replies.conversations,
        "answered": replies.answered,
        "median_hours": replies.median_hours,
        "ninety_hours": replies.ninety_hours,
        **_share("within_a_day_share", replies.within_a_day),
        "unanswered": _waiting(replies.unanswered),
        "messages": messages
        and {
            "late_orders": messages.late_orders,
            "late_messages": messages.late_messages,
            "per_100_late": messages.per_100_late,
            "other_orders": messages.other_orders,
            "other_messages": messages.other_messages,
            "per_100_other": messages.per_100_other,
            "extra": messages.extra,
        },
    }


def _by_law(each: ByLaw) -> Values:
    promise = each.promise
    return {
        "place": promise.place,
        "kind": promise.kind,
        "days": promise.days,
        "unit": promise.unit,
        "from": promise.from_kind,
        "sentence": promise.sentence,
        "note": promise.note,
        "source": promise.source,
        "checked": _day(promise.checked),
        **_share("kept_share", each.share),
        "overdue": each.overdue if each.share else None,
    }


def _tally(tally: Tally) -> Values:
    return {
        "kind": tally.kind,
        "made": tally.made,
        "open": tally.open,
        "kept": tally.kept,
        "late": tally.late,
        "broken": tally.broken,
        "released": tally.released,
        "vague": tally.vague,
        **_share("kept_share", tally.share),
        **_share("recent_kept_share", tally.recent),
    }


def _file(file: FileRead) -> Values:
    return {
        "name": file.name,
        "source": file.source,
        "rows": file.rows,
        "refused": file.refused,
        "rejected_to": None if file.rejected_to is None else str(file.rejected_to),
    }
