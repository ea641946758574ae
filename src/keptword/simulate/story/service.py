"""What the shop does for users afterwards: answers, refunds, apologies, remedies; and what it leaves undone."""

from __future__ import annotations

from typing import Final

import numpy as np

from keptword.simulate.clock import Numbers
from keptword.simulate.story.log import CHANNELS, DAY_SECONDS, SUBJECTS
from keptword.simulate.story.phases import Phase
from keptword.simulate.story.promises import NEVER, LetDown, Terms
from keptword.simulate.story.scene import Scene
from keptword.simulate.story.texts import STARS
from keptword.simulate.story.trust import REPLY_HOURS, likely

MEMBERS: Final = 6
REMEDY_CENTS: Final = 500
RENEWED: Final = 2.0
"""Added to a user's trust, the log odds that their subscription goes on for another 30 days."""
RENEWAL_CENTS: Final = 1_990

_CHANNEL: Final = {name: number for number, name in enumerate(CHANNELS, start=1)}
_SUBJECT: Final = {name: number for number, name in enumerate(SUBJECTS, start=1)}


def answer(scene: Scene, day: int) -> None:
    """Have users write to the shop as they meant to, and the shop answer, or not."""
    planned = scene.planned("contact", day)
    if planned is None:
        return
    users, upset = planned
    rng, log, phase, count = scene.rng, scene.log, scene.phase(day), len(users)
    at, numbers = scene.moments(day, count), scene.serial("conversation", count)
    channel = rng.choice([_CHANNEL["mail"], _CHANNEL["phone"], _CHANNEL["wechat"]], count, p=[0.7, 0.1, 0.2])
    about = {"subject": _SUBJECT["conversation"], "number": numbers}
    steps = phase.contact_steps + rng.integers(0, 3, count)
    log.add(
        "contact.opened", users, at=at, channel=channel, steps=steps, seconds=np.round(rng.gamma(3, 80, count)), **about
    )
    complains = upset > 0
    log.add(
        "complaint.made",
        users[complains],
        at=at[complains] + 30,
        subject=_SUBJECT["conversation"],
        number=numbers[complains],
    )
    waited = np.round(phase.reply_hours * np.exp(rng.normal(0, 0.6, count)) * 3600).astype(np.int64)
    replied_at = np.where(scene.chance(phase.unanswered_share, count), NEVER, at + np.maximum(waited, 120))
    promised = scene.chance(phase.reply_promised_share, count)
    terms = Terms(
        kind="reply",
        subject=_SUBJECT["conversation"],
        users=users[promised],
        numbers=numbers[promised],
        at=at[promised] + 5,
        kept_at=replied_at[promised],
        due_after=phase.reply_promise_hours * 3600,
    )
    scene.disappoint(scene.promises.make(terms, channel=_CHANNEL["mail"]))
    got = replied_at < NEVER
    _settle(scene, users[got], numbers=numbers[got], opened_at=at[got], at=replied_at[got])


def _settle(scene: Scene, users: Numbers, *, numbers: Numbers, opened_at: Numbers, at: Numbers) -> None:
    """Write down answers and what they settle; the faster they come, the more they count."""
    rng, log, count = scene.rng, scene.log, len(users)
    hours = (log.utc(at) - log.utc(opened_at)) / 3600
    scene.trust.count("replies", users, day=log.day(at), size=2.0 ** (-hours / REPLY_HOURS))
    member = rng.integers(1, MEMBERS + 1, count)
    settled_at = at + rng.integers(600, 2 * DAY_SECONDS, count)
    settled, again = scene.chance(0.8, count), scene.chance(0.05, count)
    rated = settled & scene.chance(0.25, count)
    satisfied = np.clip(np.round(5.2 - hours / 15 + rng.normal(0, 0.8, count)), 1, 5).astype(np.int64)
    for kind, chosen, moment, more in (
        ("contact.replied", np.ones(count, bool), at, {"member": member}),
        ("contact.resolved", settled, settled_at, {"member": member}),
        ("contact.reopened", settled & again, settled_at + DAY_SECONDS, {}),
        (
            "survey.answered",
            rated,
            settled_at + 7200,
            {"score": (satisfied - 1) / 4, "note": satisfied + STARS},
        ),
    ):
        log.add(
            kind,
            users[chosen],
            at=moment[chosen],
            subject=_SUBJECT["conversation"],
            number=numbers[chosen],
            channel=_CHANNEL["mail"],
            **{name: column[chosen] for name, column in more.items()},
        )


def refund(scene: Scene, day: int) -> None:
    """Have users send orders back, announce their money for a day, and pay it, sooner or later or never."""
    planned = scene.planned("refund", day)
    if planned is None:
        return
    users, numbers, cents, sent, cancelled_at = planned
    rng, log, phase, count = scene.rng, scene.log, scene.phase(day), len(users)
    back = sent > 0
    at = np.where(back, scene.moments(day, count), cancelled_at)
    about = {"subject": _SUBJECT["order"], "number": numbers}
    log.add(
        "order.returned",
        users[back],
        at=at[back],
        subject=_SUBJECT["order"],
        number=numbers[back],
        channel=_CHANNEL["web"],
        steps=phase.form_steps,
        seconds=np.round(rng.gamma(4, 90, int(back.sum()))),
    )
    paid_at = _repaid_at(scene, at, phase=phase)
    terms = Terms(
        kind="refund",
        subject=_SUBJECT["order"],
        users=users,
        numbers=numbers,
        at=at + 60,
        kept_at=paid_at,
        due_on=at // DAY_SECONDS + phase.refund_days,
    )
    money = scene.money(users, cents)
    scene.disappoint(scene.promises.make(terms, channel=_CHANNEL["mail"], **money))
    paid = paid_at < NEVER
    columns = {name: column[paid] for name, column in money.items()} | about | {"number": numbers[paid]}
    log.add("order.refunded", users[paid], at=paid_at[paid], channel=_CHANNEL["shop"], **columns)


def _repaid_at(scene: Scene, at: Numbers, *, phase: Phase) -> Numbers:
    """Return when money goes back: mostly in time, some late, some never."""
    rng, count = scene.rng, len(at)
    in_time = scene.chance(phase.refund_in_time_share, count)
    days = np.where(
        in_time, rng.integers(1, phase.refund_days + 1, count), phase.refund_days + rng.geometric(0.12, count)
    )
    return np.where(scene.chance(phase.refund_never_share, count), NEVER, scene.office(at, days=days))


def face(scene: Scene, day: int) -> None:
    """Have those let down today write or turn away, and the shop own up and make good, if it does."""
    for those in scene.let_down.pop(day, []):
        _react(scene, those, day=day)
        _own_up(scene, those, day=day)


def _react(scene: Scene, those: LetDown, *, day: int) -> None:
    count = len(those.users)
    writes = scene.chance(0.12, count)
    upset = scene.chance(0.6, count).astype(np.int64)
    scene.plan("contact", those.users[writes], upset[writes], day=day + scene.rng.integers(1, 4, count)[writes])
    leaves = scene.chance(0.02, count)
    users, at = those.users[leaves], scene.moments(day, int(leaves.sum()))
    about = {"subject": _SUBJECT["consent"], "number": 1}
    scene.log.add("consent.withdrawn", users, at=at, channel=_CHANNEL["web"], **about)


def _own_up(scene: Scene, those: LetDown, *, day: int) -> None:
    count, phase = len(those.users), scene.phase(day)
    at = scene.office(scene.moments(day, count), days=1)
    shares = (("apology.sent", phase.apology_share), ("remedy.given", phase.remedy_share))
    for kind, share in shares:
        chosen = scene.chance(share, count)
        users = those.users[chosen]
        money = scene.money(users, REMEDY_CENTS) if kind == "remedy.given" else {}
        scene.log.add(
            kind,
            users,
            at=at[chosen],
            subject=those.subject,
            number=those.numbers[chosen],
            channel=_CHANNEL["mail"],
            **money,
        )


def make_amends(scene: Scene, day: int) -> None:
    """Tell winners of the campaign that their prize will not come, apologise, and give them a voucher instead."""
    planned = scene.planned("amends", day)
    if planned is None:
        return
    users, numbers = planned
    at = scene.office(scene.moments(day, len(users)), days=0)
    about = {"subject": _SUBJECT["reward"], "number": numbers, "channel": _CHANNEL["mail"]}
    promise = scene.promises.number("reward")
    scene.log.add("promise.broken", users, at=at, promise=promise, **about)
    scene.log.add("apology.sent", users, at=at + 1, **about)
    scene.log.add("remedy.given", users, at=at + 2, **about, **scene.money(users, 2 * REMEDY_CENTS))


def renew(scene: Scene, day: int) -> None:
    """Have subscriptions go on as their users' trust makes them."""
    planned = scene.planned("renewal", day)
    if planned is None:
        return
    users, numbers = planned
    goes_on = scene.chance(likely(scene.trust.of(users, day=day) + RENEWED), len(users))
    users, numbers = users[goes_on], numbers[goes_on]
    at = scene.moments(day, len(users))
    about = {"subject": _SUBJECT["subscription"], "number": numbers}
    money = scene.money(users, RENEWAL_CENTS)
    scene.log.add("subscription.renewed", users, at=at, channel=_CHANNEL["shop"], **about, **money)
    scene.plan("renewal", users, numbers, day=np.full(len(users), day + 30))
