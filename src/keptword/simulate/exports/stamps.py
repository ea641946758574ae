"""Writes instants as exports write them, fast enough for millions: every second of a day is formatted once."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np

from keptword.simulate.clock import Clock, Instants


@cache
def _times() -> list[str]:
    return [f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}" for second in range(86_400)]


def offset_text(seconds: int) -> str:
    """Return an offset from UTC as `+0200`."""
    sign, minutes = "-" if seconds < 0 else "+", abs(seconds) // 60
    return f"{sign}{minutes // 60:02}{minutes % 60:02}"


def with_offset(clock: Clock, utc: Instants) -> list[str]:
    """Return local times with their offset, `2030-05-03 14:22:10 +0200`; empty for NaT."""
    offsets = {int(seconds): " " + offset_text(int(seconds)) for seconds in clock.offsets}
    shifts = clock.offset(utc).tolist()
    return [
        text + offsets[shift] if text else "" for text, shift in zip(_texts(clock.local(utc), " "), shifts, strict=True)
    ]


def local(clock: Clock, utc: Instants, *, between: str = " ") -> list[str]:
    """Return local times without an offset, `2030-05-03 14:22:10`; empty for NaT."""
    return _texts(clock.local(utc), between)


def plain_utc(utc: Instants, *, between: str = " ") -> list[str]:
    """Return UTC times without an offset; empty for NaT."""
    return _texts(utc, between)


def _texts(at: Instants, between: str) -> list[str]:
    known = ~np.isnat(at)
    day = np.where(known, at.astype("datetime64[D]"), np.datetime64(0, "D"))
    second = np.where(known, (at - day.astype("datetime64[s]")).astype(np.int64), -1).tolist()
    names: dict[int, str] = {}
    times = _times()
    texts = []
    for number, of_day in zip(day.astype(np.int64).tolist(), second, strict=True):
        if of_day < 0:
            texts.append("")
            continue
        name = names.get(number)
        if name is None:
            name = names[number] = f"{np.datetime64(number, 'D')}{between}"
        texts.append(name + times[of_day])
    return texts


@lru_cache(maxsize=1 << 16)
def cents(amount: int) -> str:
    """Return an amount of cents as `12.90`."""
    return f"{amount // 100}.{amount % 100:02}"
