"""Measures for whoever watches the server: how requests went, what waits, how old what the pages show is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from django.db import Error
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from keptword.books.closing import closings
from keptword.core.calendars import zone
from keptword.core.problems import KeptwordError
from keptword.figures.reading import current
from keptword.intake.models import Batch, Quarantined, Waiting
from keptword.office import troubles
from keptword.office.models import Job
from keptword.web import shop

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST

TOGETHER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names where several processes leave their measures, so that any of them tells those of all."""

Ask = Callable[[], float]


def measured() -> bytes:
    """Return all measures: what the processes counted, and how the books stand at this moment."""
    registry = REGISTRY
    if os.environ.get(TOGETHER):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    standing = CollectorRegistry()
    standing.register(Standing())
    return generate_latest(registry) + generate_latest(standing)


class Standing(Collector):
    """How the books stand: asked for anew each time, the same in every process."""

    def collect(self) -> Iterator[Metric]:
        """Give one measure after another; one that cannot be told just now is left out."""
        now = shop.now()
        for name, said, ask in (
            ("keptword_jobs_waiting", "Jobs asked for and not begun.", _jobs(Job.State.WAITING)),
            ("keptword_jobs_running", "Jobs begun and not done.", _jobs(Job.State.RUNNING)),
            ("keptword_entries_waiting", "Entries accepted and not in the journal yet.", _entries),
            (
                "keptword_lines_refused",
                "Lines that could not be read.",
                Quarantined.objects.count,
            ),
            ("keptword_work_failing", "Kinds of background work that fail just now.", lambda: len(troubles.listed())),
            ("keptword_figures_age_seconds", "Since when the figures on the pages are as they are.", _age(now)),
            ("keptword_last_closed_timestamp_seconds", "The end of the last closed day.", _closed),
        ):
            with suppress(Error, KeptwordError, OSError, LookupError):
                yield GaugeMetricFamily(name, said, value=float(ask()))


def _jobs(state: str) -> Ask:
    return lambda: Job.objects.filter(state=state).count()


def _entries() -> float:
    staged = Batch.objects.filter(state=Batch.State.SEALED).exclude(file="").values_list("rows", flat=True)
    return float(Waiting.objects.count() + sum(staged))


def _age(now: datetime) -> Ask:
    def age() -> float:
        reader = current(shop.books().folder)
        if reader is None:
            raise LookupError
        return (now - reader.made_at).total_seconds()

    return age


def _closed() -> float:
    last = closings(shop.books())[-1].input.day
    return datetime.combine(
        last + timedelta(days=1), datetime.min.time(), tzinfo=zone(shop.books().timezone)
    ).timestamp()
