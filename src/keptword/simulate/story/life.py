"""The story of one block of users, day by day, as columns of facts with what is true of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from keptword.core.problems import KeptwordError
from keptword.simulate.clock import Clock, Numbers, clock
from keptword.simulate.story.crowd import draw_crowd
from keptword.simulate.story.log import SUBJECTS, Columns, Log
from keptword.simulate.story.phases import RECOVERY, Course, course
from keptword.simulate.story.promises import Made, Promises
from keptword.simulate.story.scene import Scene
from keptword.simulate.story.service import answer, face, make_amends, refund, renew
from keptword.simulate.story.trust import LINES, Line, Trust
from keptword.simulate.story.visits import draw_visits, welcome

TIME_ZONE: Final = "Europe/Berlin"
BLOCK: Final = 50_000
"""Users drawn together: what is held in memory grows with it, not with the story."""

_UPDATE: Final = SUBJECTS.index("update") + 1


@dataclass(frozen=True)
class Measured:
    """What trust was at the end of a month: of how many users the sums are, and of what."""

    users: int
    trust: float
    moved: float


@dataclass(frozen=True)
class Block:
    """All that happened to some users by the end of the last day, oldest first, with the truth about it."""

    number: int
    facts: Columns
    promises: list[Made]
    trust: list[Measured]
    """One element per month."""

    def __len__(self) -> int:
        """Return how many facts there are."""
        return len(self.facts["kind"])


@dataclass(frozen=True)
class Story:
    """An invented shop's story, told block by block: the same arguments tell the same one."""

    seed: int
    users: int
    course: Course
    clock: Clock
    lines: tuple[Line, ...]
    block: int
    """How many users are drawn together."""

    @property
    def end(self) -> int:
        """Return the instant at which the last day is over, in seconds since 1970."""
        after = np.array([self.course.until + timedelta(days=1)], "datetime64[s]")
        return int(self.clock.utc(after).astype(np.int64)[0])

    def blocks(self) -> Iterator[Block]:
        """Give all blocks, one after the other; each is drawn when it is asked for."""
        for number, first in enumerate(range(0, self.users, self.block)):
            yield self._lived(number, count=min(self.block, self.users - first))

    def _lived(self, number: int, *, count: int) -> Block:
        rng = np.random.default_rng([self.seed, number])
        crowd = draw_crowd(rng, count=count, course=self.course)
        trust = Trust(crowd.level, self.lines, self.course.days)
        first_day = int(np.datetime64(self.course.first, "D").astype(np.int64))
        log = Log(self.clock, trust, first_day)
        scene = Scene(rng, self.course, crowd, trust, log, Promises(log, self.end), number)
        measured = [_day(scene, day) for day in range(self.course.days)]
        facts = log.columns(end=self.end, first_user=number * self.block)
        return Block(number, facts, scene.promises.book, [found for found in measured if found])


def story(
    *,
    seed: int,
    until: date,
    users: int = 5000,
    months: int = 18,
    lines: tuple[Line, ...] = LINES,
    block: int = BLOCK,
) -> Story:
    """Return the story of the invented shop in the `months` months up to and including the day `until`.

    Nothing is drawn before its blocks are asked for. `lines` is what moves trust, for asking what would have been;
    `block` is how many users are drawn together, who alone recommend the shop to each other.
    """
    if users < 1 or months < 1:
        raise KeptwordError(
            f"The invented shop needs at least 1 customer and 1 month, and was given {users} and {months}."
        )
    if seed < 0:
        raise KeptwordError(f"The seed is {seed}, and must be a whole number from 0 upwards.")
    if until.year * 12 - months < 1972 * 12 or until.year > 2900:
        raise KeptwordError(
            f"The invented shop cannot live for {months} months until {until}: it knows the years from 1971 to 2900. "
            "Give a last day and a number of months that lie within them."
        )
    days = course(until=until, months=months)
    return Story(
        seed=seed,
        users=users,
        course=days,
        clock=clock(TIME_ZONE, first=days.first, last=until + timedelta(days=400)),
        lines=lines,
        block=block,
    )


def _day(scene: Scene, day: int) -> Measured | None:
    """Let a day happen; return what trust is when it ends a month."""
    recommended = scene.planned("recommended", day)
    if recommended is not None:
        scene.recommended = np.concatenate([scene.recommended, recommended[0]])
    draw_visits(scene, day, newcomers=welcome(scene, day))
    answer(scene, day)
    refund(scene, day)
    make_amends(scene, day)
    renew(scene, day)
    face(scene, day)
    _publish(scene, day)
    scene.trust.end(day)
    return _measured(scene, day) if _ends_month(scene.course, day) else None


def _publish(scene: Scene, day: int) -> None:
    """In recovery, tell all users once a week what was mended; it is no block's own, so the first one tells it."""
    weekly = scene.block == 0 and day % 7 == 0 and int(scene.course.month(np.array([day]))[0]) >= RECOVERY
    if weekly:
        at = scene.office(scene.moments(day, 1), days=0)
        scene.log.add("update.published", None, at=at, subject=_UPDATE, number=scene.serial("update", 1))


def _ends_month(days: Course, day: int) -> bool:
    month: Numbers = days.month(np.array([day, day + 1]))
    return day + 1 == days.days or bool(month[0] != month[1])


def _measured(scene: Scene, day: int) -> Measured:
    there = slice(0, scene.crowd.there(day))
    moved = scene.trust.moved(there, day=day)
    return Measured(len(moved), float((scene.crowd.level[there] + moved).sum()), float(moved.sum()))
