"""What the reader of promises must know of a language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from keptword.core.rules.model import Amount


@dataclass(frozen=True)
class Language:
    """The words of one language by which a promise is read; texts come in lower case.

    `cutoff` finds a cut-off hour ("ordered before 14:00") and `clock` returns it as `clock_time` reads it.
    `start` finds from what is counted ("of payment"), the word for it in the group `start`, and `starts`
    gives the kind of fact each word names. `idiom` finds spans without a number ("same day"), `amount`
    those with one, and `idiom_amount` and `amount_of` their meaning; of a range ("3-5 days") it is the
    longer end, which is what is promised. `kinds` finds what is promised, `weak_dispatch` words that mean
    dispatch only where nothing else is named ("send"). `leftover` returns what carries meaning and was not
    read. `examples` are promises to copy.
    """

    cutoff: re.Pattern[str]
    clock: Callable[[re.Match[str]], str]
    start: re.Pattern[str]
    starts: Mapping[str, str]
    idiom: re.Pattern[str]
    idiom_amount: Callable[[re.Match[str]], Amount]
    amount: re.Pattern[str]
    amount_of: Callable[[re.Match[str]], Amount]
    kinds: Mapping[str, re.Pattern[str]]
    weak_dispatch: re.Pattern[str]
    leftover: Callable[[str], str]
    examples: tuple[str, str, str]
