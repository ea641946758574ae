"""How days are counted, told in plain words: from when, over which days, on whose clock."""

from __future__ import annotations

from typing import Final

from keptword.core.rules import Rule
from keptword.report.model import Report
from keptword.words import Words

_STARTS: Final = {
    "order.paid": "how.from_paid",
    "order.placed": "how.from_placed",
    "contact.opened": "how.from_asked",
    "order.returned": "how.from_returned",
}

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def how_days_count(report: Report, rule: Rule, *, words: Words) -> list[str]:
    """Return the sentences that say how the days of a rule are counted, one fact each."""
    told = [words.say(_STARTS[rule.from_kind])] if rule.from_kind in _STARTS else []
    working = rule.within.working
    if rule.within.in_days:
        told.append(words.say("how.day_one" if working else "how.day_one_calendar"))
    if working:
        told += how_working_days(report, rule=rule, words=words)
    zone = report.settings.timezone
    told.append(words.say("how.timezone", timezone=zone) if zone else words.say("how.timezone_stamps"))
    return told


def how_working_days(report: Report, *, rule: Rule | None, words: Words) -> list[str]:
    """Return which days work, and what becomes of what comes outside of them."""
    settings = report.settings
    cutoff = rule.cutoff if rule else None
    told = [words.say("how.cutoff", time=f"{cutoff:%H:%M}") if cutoff else words.say("how.day_off")]
    told.append(_which_days(settings.working_days, words=words))
    if settings.country and settings.holidays:
        told.append(words.say("how.holidays", country=words.country(settings.country)))
    else:
        told.append(words.say("how.no_holidays"))
    return told


def _which_days(days: tuple[str, ...] | None, *, words: Words) -> str:
    if not days:
        return words.say("how.usual_days")
    names = words.weekdays()
    known = [names[_DAYS.index(day[:3].lower())] if day[:3].lower() in _DAYS else day for day in days]
    return words.say("how.working_days", days=words.listed(known))
