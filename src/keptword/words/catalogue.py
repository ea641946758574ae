"""Says sentences out of a language's catalogue, with its plurals, numbers, days and shares."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from typing import Final

from keptword.core.problems import KeptwordError, Sentence
from keptword.core.rates import Share
from keptword.words.retelling import Retelling

LANGUAGES: Final = tuple(
    sorted(
        folder.name
        for folder in files("keptword.words").iterdir()
        if folder.is_dir() and not folder.name.startswith(("_", "."))
    )
)
"""Every language there is a folder of words for: to add one, add a folder."""

Language = str

STRONG_BEGINS, STRONG_ENDS = "\ue000", "\ue001"
"""What stands around a figure that catches the eye: on the page heavier, in plain text nothing at all."""

_FORMS: Final = {"one", "other"}
_REFUSALS: Final = "refusals.toml"
_RETOLD: Final = "retold.toml"


def words(language: str) -> Words:
    """Return the words of a language, one of `LANGUAGES`; refuse any other."""
    for known in LANGUAGES:
        if known == language:
            return _read(known)
    raise KeptwordError(f'There are no words in "{language}". Choose one of: {", ".join(LANGUAGES)}.')


@dataclass(frozen=True)
class Words:
    """One language's catalogue: sentences by key, `section.name`, where `**` stands around what is heavy."""

    language: Language
    entries: Mapping[str, str | Mapping[str, str]]
    refusals: Mapping[str, str] = field(default_factory=dict)
    """What is refused, by the English template of the sentence; English itself needs none."""

    @property
    def html_language(self) -> str:
        """The language as pages name it: `zh-Hans` for Chinese in simplified signs."""
        return self.say("language.code")

    @property
    def direction(self) -> str:
        """Which way it is written: `ltr` or `rtl`."""
        return self.say("language.direction")

    def has(self, key: str) -> bool:
        """Say whether the catalogue has this key."""
        return key in self.entries

    def say(self, key: str, /, *, count: float | None = None, **values: object) -> str:
        """Return the sentence `key` with its places filled; `count` fills {count} and chooses the plural form.

        Whole numbers are written as the language writes them. Raises `KeyError` for an unknown key or place.
        """
        entry = self.entries[key]
        if isinstance(entry, Mapping):
            entry = entry["one" if count == 1 and "one" in entry else "other"]
        if count is not None:
            values["count"] = count
        pieces = entry.split("**")
        marked = "".join(
            piece if place % 2 == 0 else f"{STRONG_BEGINS}{piece}{STRONG_ENDS}" for place, piece in enumerate(pieces)
        )
        return marked.format(**{name: self._written(value) for name, value in values.items()})

    def _written(self, value: object) -> str:
        return self.number(value) if isinstance(value, int | float) else str(value)

    def refusal(self, error: KeptwordError | str) -> str:
        """Return why something was refused, or what is being done: in this language where it has that, else in English.

        Numbers and days in it are written as the language writes them; texts stay as they are.
        """
        sentence = error.sentence if isinstance(error, KeptwordError) else Sentence(error)
        said = self.refusals.get(sentence.template)
        if said is None:
            return str(sentence)
        return said.format(**{name: self._refused(value) for name, value in sentence.values.items()})

    def _refused(self, value: object) -> str:
        if isinstance(value, Sentence):
            return self.refusal(value)
        if isinstance(value, date):
            return self.day(value)
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        return self.number(float(str(value))) if whole else str(value)

    def retold(self, text: str) -> str:
        """Return an English text that was kept whole (what was seen in a file) in this language where it has that."""
        return _retelling(self.language).say(text)

    def number(self, value: float) -> str:
        """Return a number as it is written: 1,206; with one decimal where it is not whole."""
        return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"

    def rounded(self, value: float) -> str:
        """Return a number without decimals from 10 on, with one below."""
        whole = Decimal(value).quantize(Decimal(1), ROUND_HALF_UP)
        return f"{whole:,}" if abs(value) >= 9.95 else self.number(round(value, 1))

    def rate(self, value: float) -> str:
        """Return how many there are per 100, without decimals from 1 on."""
        whole = Decimal(value).quantize(Decimal(1), ROUND_HALF_UP)
        return self.number(round(value, 1)) if value < 0.95 else f"{whole:,}"

    def in_100(self, share: float) -> str:
        """Return how many in 100 a share is; with one decimal where whole ones would say none or all."""
        return _in_100(share, decimals=_decimals(share))

    def share(self, share: Share) -> str:
        """Return a share with its interval, as in "72 in 100 (68 to 76)"."""
        if share.value is None:
            return self.say("share.unknown")
        value, *ends = _figures(share)
        if not ends:
            return self.say("share.bare", value=value)
        return self.say("share.ranged", value=value, low=ends[0], high=ends[1])

    def range(self, share: Share) -> str:
        """Return the interval alone, as in "68 to 76"; empty where there is none."""
        _, *ends = _figures(share)
        return self.say("share.range", low=ends[0], high=ends[1]) if ends else ""

    def figure(self, share: Share) -> str:
        """Return how many in 100 a share is, as exactly as `range` beside it; a dash where nothing is known."""
        return _figures(share)[0]

    def country(self, code: str) -> str:
        """Return the name of a country by its ISO 3166 code, or the code where there is none."""
        key = f"country.{code.upper()}"
        return self.say(key) if self.has(key) else code

    def listed(self, items: Sequence[str]) -> str:
        """Return the items as one phrase: "a, b and c"."""
        if len(items) < 2:
            return "".join(items)
        return self.say("list.last", rest=self.say("list.comma").join(items[:-1]), last=items[-1])

    def day(self, day: date) -> str:
        """Return a day as in "24 November 2031"."""
        return self.say("date.day", day=str(day.day), month=self._month(day), year=str(day.year))

    def short_day(self, day: date) -> str:
        """Return a day as in "24 Nov 2031"."""
        month = self._month(day, short=True)
        return self.say("date.short_day", day=str(day.day), month=month, year=str(day.year), iso=day.isoformat())

    def weekday(self, day: date) -> str:
        """Return a day with its name, as in "Monday, 24 November 2031"."""
        return self.say("date.weekday", weekday=self.weekdays()[day.weekday()], day=self.day(day))

    def weekdays(self) -> tuple[str, ...]:
        """Return the names of the days, from Monday on."""
        return tuple(str(self.entries["date.weekdays"]).split())

    def month(self, day: date) -> str:
        """Return the month of a day, as in "November 2031"."""
        return self.say("date.month", month=self._month(day), year=str(day.year))

    def short_month(self, day: date) -> str:
        """Return the month of a day without its year, as in "Nov"."""
        return self._month(day, short=True)

    def quarter(self, first: date) -> str:
        """Return the quarter that begins on this day, as in "Jan to Mar 2031"."""
        last = first.replace(day=1, month=first.month + 2)
        return self.say(
            "date.quarter",
            first=self._month(first, short=True),
            last=self._month(last, short=True),
            year=str(first.year),
        )

    def quarter_span(self, first: date) -> str:
        """Return the quarter that begins on this day in few letters and without its year."""
        return self.say(
            "date.quarter_span",
            first=self._month(first, short=True),
            last=self._month(first.replace(day=1, month=first.month + 2), short=True),
        )

    def _month(self, day: date, *, short: bool = False) -> str:
        return self._part("date.months_short" if short else "date.months", day.month - 1)

    def _part(self, key: str, place: int) -> str:
        entry = self.entries[key]
        return str(entry).split()[place]


def without_marks(text: str) -> str:
    """Return the text without the marks of what is heavy."""
    return text.replace(STRONG_BEGINS, "").replace(STRONG_ENDS, "")


def _decimals(share: float) -> int:
    return 1 if (share < 1 and _in_100(share, decimals=0) == "100") or (share > 0 and share < 0.005) else 0


def _figures(share: Share) -> list[str]:
    """Return a share and the ends of its interval, in 100; with a decimal where they would all look the same."""
    if share.value is None:
        return ["–"]
    decimals = _decimals(share.value)
    if share.low is None or share.high is None:
        return [_in_100(share.value, decimals=decimals)]
    figures = (share.value, share.low, share.high)
    if len({_in_100(figure, decimals=0) for figure in figures}) == 1 and share.low < share.high:
        decimals = 1
    return [_in_100(figure, decimals=decimals) for figure in figures]


def _in_100(share: float, *, decimals: int) -> str:
    if share in (0.0, 1.0):
        return "100" if share else "0"
    step = Decimal(1).scaleb(-decimals)
    value = (Decimal(repr(float(share))) * 100).quantize(step, ROUND_HALF_UP)
    # Nearly all is not all, and hardly any is not none.
    if decimals and share < 1:
        value = min(value, 100 - step)
    if decimals and share > 0:
        value = max(value, step)
    return str(value)


@cache
def _read(language: Language) -> Words:
    """Read every file of a language's folder; each brings tables of its own, one for a page or what pages share."""
    entries: dict[str, str | Mapping[str, str]] = {}
    for file in sorted(files("keptword.words").joinpath(language).iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".toml") or file.name in (_REFUSALS, _RETOLD):
            continue
        for key, entry in _flat(tomllib.loads(file.read_text(encoding="utf-8"))):
            if key in entries:
                raise ValueError(f'{file.name} says "{key}", which another file of the folder {language} says already.')
            entries[key] = entry
    return Words(language, entries, _read_sentences(language, "refusal", file=_REFUSALS))


@cache
def _retelling(language: Language) -> Retelling:
    return Retelling({**words(language).refusals, **retold_sentences(language)})


def retold_sentences(language: Language) -> dict[str, str]:
    """Return how a language says what was seen in files, by the whole English sentence with its places."""
    return _read_sentences(language, "retold", file=_RETOLD)


def _read_sentences(language: Language, table: str, *, file: str) -> dict[str, str]:
    """Read how a language says sentences of the code: under each other, the English one and this language's own."""
    place = files("keptword.words").joinpath(language, file)
    if not place.is_file():
        return {}
    sentences: dict[str, str] = {}
    for each in tomllib.loads(place.read_text(encoding="utf-8"))[table]:
        if each["english"] in sentences:
            raise ValueError(f'{file} of the folder {language} says twice: "{each["english"]}"')
        sentences[each["english"]] = each["said"]
    return sentences


def _flat(table: Mapping[str, object], *, under: str = "") -> list[tuple[str, str | Mapping[str, str]]]:
    """Return the entries of a catalogue by their dotted keys; a table of plural forms is one entry."""
    found: list[tuple[str, str | Mapping[str, str]]] = []
    for name, value in table.items():
        if isinstance(value, Mapping):
            if set(value) <= _FORMS:
                found.append((under + name, {form: str(text) for form, text in value.items()}))
            else:
                found += _flat(value, under=f"{under}{name}.")
        else:
            found.append((under + name, str(value)))
    return found
