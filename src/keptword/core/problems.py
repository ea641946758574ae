"""What is said when something is not as it should be: where, what was seen, what to do next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any, Self


class Sentence(str):
    """A finished English sentence that knows what it was made of, so that another language can say it too.

    `template` is filled with `values` the way `str.format` does; one without values is taken as it is, and nothing in
    a value is ever read as a place. A value that is a `Sentence` or a `KeptwordError` is said in the other language as
    well; numbers and days are written as it writes them, texts stay as they are.
    """

    template: str
    values: Mapping[str, object]

    __slots__ = ("template", "values")

    def __new__(cls, template: str = "", /, **values: object) -> Self:
        """Fill the template; what is neither text, number, day nor sentence is kept as the text it stands for."""
        if isinstance(template, cls) and not values:
            return template
        kept = {name: _kept(value) for name, value in values.items()}
        sentence = super().__new__(cls, str(template).format(**kept) if kept else template)
        sentence.template, sentence.values = str(template), kept
        return sentence

    def changed(self, change: Callable[[str], str]) -> Sentence:
        """Return the sentence with its texts changed, those of sentences within it too; its places stay."""
        if not self.values:
            return Sentence(change(self.template))
        values = {name: _changed(value, change) for name, value in self.values.items()}
        return Sentence(self.template, **values)


class KeptwordError(Exception):
    """Something the person at the keyboard can mend; its text is one or more whole sentences.

    Made of a template and its values, as a `Sentence` is, or of a sentence that is finished. The command line prints
    the text and ends with status 1; a traceback is a defect. A page says it in the language of its reader:
    `Words.refusal`.
    """

    def __init__(self, template: str = "", /, **values: object) -> None:
        self.sentence = template if isinstance(template, Sentence) and not values else Sentence(template, **values)
        # Made anew from its text alone, as by pickle, it is given its sentence back with its other attributes.
        super().__init__(str(self.sentence))

    @property
    def template(self) -> str:
        """The sentence with its places still open."""
        return self.sentence.template

    @property
    def values(self) -> Mapping[str, object]:
        """What its places are filled with, by name."""
        return self.sentence.values


def either(names: Sequence[str]) -> str:
    """Return names as one phrase, "A or B or C"; there is at least one."""
    return reduce(lambda one, other: Sentence("{one} or {other}", one=one, other=other), names)


def listed(names: Sequence[str]) -> str:
    """Return names as one phrase, "A, B and C"; there is at least one."""
    if len(names) == 1:
        return names[0]
    rest = reduce(lambda one, other: Sentence("{one}, {other}", one=one, other=other), names[:-1])
    return Sentence("{one} and {other}", one=rest, other=names[-1])


def sentence_as_json(sentence: str) -> dict[str, Any]:
    """Return a sentence as JSON holds it, with what it was made of; `sentence_from_json` reads it back."""
    if not isinstance(sentence, Sentence):
        return {"template": sentence, "values": {}}
    return {"template": sentence.template, "values": {name: _as_json(each) for name, each in sentence.values.items()}}


def sentence_from_json(told: Mapping[str, Any]) -> Sentence:
    """Return the sentence that `sentence_as_json` made this of."""
    return Sentence(told["template"], **{name: _from_json(value) for name, value in told["values"].items()})


def _kept(value: object) -> object:
    if isinstance(value, KeptwordError):
        return value.sentence
    return value if isinstance(value, str | int | float | Decimal | date) else str(value)


def _changed(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, Sentence):
        return value.changed(change)
    return change(value) if isinstance(value, str) else value


def _as_json(value: object) -> object:
    if isinstance(value, Sentence):
        return sentence_as_json(value)
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value if isinstance(value, int | float | str) else str(value)


def _from_json(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    return date.fromisoformat(value["day"]) if "day" in value else sentence_from_json(value)


@dataclass(frozen=True)
class Problem:
    """Something seen on the way that did not stop the work, to be told to the person.

    `where` names the file and line or the fact, `seen` says in whole sentences what was seen, what it
    means and what to do next, and `count` how many rows it concerns.
    """

    where: str
    seen: str
    count: int = 1

    def __str__(self) -> str:
        return f"{self.where}: {self.seen}"
