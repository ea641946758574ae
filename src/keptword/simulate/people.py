"""The people of the invented shop: names, mail addresses and homes that belong to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from keptword.simulate.catalogue import COUNTRIES

GIVEN: Final = (
    *("Anouk", "Björn", "Carlotta", "Damian", "Elżbieta", "Florian", "Gesa", "Hannes", "Ilse", "Jannis", "Käthe"),
    *("Lennart", "Mareike", "Noé", "Oğuz", "Paula", "Quirin", "Rosalía", "Søren", "Thea", "Ümit", "Valérie"),
    *("Wiebke", "Xaver", "Yara", "Zoë", "Agnès", "Benedikt", "Chloé", "Dörte", "Emil", "Frauke", "Gaël", "Henrike"),
    *("Ícaro", "Jolanda", "Kjell", "Ludmila", "Maël", "Nele", "Ottilie", "Piotr", "Rahel", "Stijn", "Tomáš", "Undine"),
)
FAMILY: Final = (
    *("Ahornhag", "Bächlinger", "Čermáková", "Dünenfeld", "Eschgrün", "Fährmann-Loos", "Grünspecht", "Hagedorn-Ruiz"),
    *(
        "Igelbrink",
        "Juchheim",
        "Kornblum",
        "Lindqvist",
        "Mühlgrund",
        "Nachtweih",
        "O'Farran",
        "Pfirsichbaum",
        "Quellhorst",
    ),
    *("Rübsam", "Süßkind", "Tannhof", "Uferloh", "Vögelin", "Weidenbusch", "Łąkowska", "Yildızeli", "Zwetschgen"),
    *("Beaupré", "Castañeda", "D'Aubrac", "Fontvieille", "Ijzermans", "Montaña", "Núñez del Prado", "Sansregret"),
)
CHINESE_GIVEN: Final = (
    ("雨桐", "yutong"),
    ("子墨", "zimo"),
    ("晓岚", "xiaolan"),
    ("思远", "siyuan"),
    ("梦溪", "mengxi"),
)
CHINESE_FAMILY: Final = (("林", "lin"), ("欧阳", "ouyang"), ("沈", "shen"), ("赵", "zhao"), ("陆", "lu"), ("顾", "gu"))

STREETS: Final = {
    "DE": ("Am Teegarten", "Kranichweg", "Lange Zeile", "Töpfergasse", "Wolkensteig", "An der alten Färberei"),
    "AT": ("Nebelgasse", "Am Kräuterberg", "Uferpromenade"),
    "FR": ("Rue des Théiers", "Allée du Brouillard", "Impasse de l'Étang"),
    "NL": ("Theelaan", "Nevelkade", "Kraanvogelpad"),
    "CH": ("Teehalde", "Im Nebelgrund"),
    "ES": ("Calle de las Nubes", "Camino del Té", "Avenida de la Bruma"),
}
CITIES: Final = {
    "DE": (("Berlin", "10115", ""), ("Leipzig", "04109", ""), ("Köln", "50667", ""), ("Freiburg", "79098", "")),
    "AT": (("Wien", "1070", ""), ("Graz", "8010", "")),
    "FR": (("Strasbourg", "67000", ""), ("Lyon", "69002", "")),
    "NL": (("Utrecht", "3511 AB", ""), ("Zwolle", "8011 CD", "")),
    "CH": (("Zürich", "8004", ""), ("Bern", "3011", "")),
    "ES": (("Santa Cruz de Tenerife", "38001", "TF"), ("Las Palmas", "35001", "GC")),
}
PROVINCES: Final = {"": "", "TF": "Santa Cruz de Tenerife", "GC": "Las Palmas"}
DOMAINS: Final = ("example.com", "example.org", "example.net")

_LETTERS: Final = str.maketrans({"ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "ı": "i", "đ": "d"})


def plain(text: str) -> str:
    """Return the text in small ASCII letters, digits and dots, as it stands in a mail address."""
    bare = normalize("NFKD", text.translate(_LETTERS)).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in bare if letter.isalnum())


_GIVEN: Final = tuple((name, plain(name)) for name in GIVEN) + CHINESE_GIVEN
_FAMILY: Final = tuple((name, plain(name)) for name in FAMILY) + CHINESE_FAMILY


class Address(NamedTuple):
    """Where somebody lives."""

    street: str
    city: str
    zip: str
    province: str
    country: str


@cache
def _address(country: int, home: int) -> Address:
    code = COUNTRIES[country].code
    city, post_code, province = CITIES[code][home % len(CITIES[code])]
    street = STREETS[code][home // 7 % len(STREETS[code])]
    return Address(f"{street} {home % 89 + 1}", city, post_code, province, code)


@dataclass(frozen=True)
class People:
    """One element per person: indexes into the tables above. Customers first, then those the shop knows itself."""

    given: NDArray[np.int16]
    family: NDArray[np.int16]
    country: NDArray[np.int8]
    home: NDArray[np.int16]
    """A number from which street, house and city follow."""
    subscribed: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return how many people there are."""
        return len(self.given)

    def names(self, person: int) -> tuple[str, str]:
        """Return the given name and the family name."""
        return _GIVEN[self.given[person]][0], _FAMILY[self.family[person]][0]

    def name(self, person: int) -> str:
        """Return the whole name, the family name first and without a space where it is Chinese."""
        given, family = self.names(person)
        return family + given if self.given[person] >= len(GIVEN) else f"{given} {family}"

    def email(self, person: int) -> str:
        """Return the mail address, which no two people share and which nobody can have."""
        given, family = _GIVEN[self.given[person]][1], _FAMILY[self.family[person]][1]
        return f"{given}.{family}{person + 1}@{DOMAINS[person % 3]}"

    def address(self, person: int) -> Address:
        """Return where the person lives."""
        return _address(int(self.country[person]), int(self.home[person]))


def draw_people(rng: np.random.Generator, *, count: int, at_home: int) -> People:
    """Return `count` people; the last `at_home` of them live in the shop's own country."""
    chinese = rng.random(count) < 0.06
    shares = np.cumsum([country.share for country in COUNTRIES])
    country = np.searchsorted(shares, rng.random(count) * shares[-1], side="right").clip(max=len(COUNTRIES) - 1)
    country[count - at_home :] = 0
    return People(
        given=_pick(rng, chinese, plain=len(GIVEN), chinese_count=len(CHINESE_GIVEN)),
        family=_pick(rng, chinese, plain=len(FAMILY), chinese_count=len(CHINESE_FAMILY)),
        country=country.astype(np.int8),
        home=rng.integers(0, 10_000, count).astype(np.int16),
        subscribed=rng.random(count) < 0.4,
    )


def _pick(rng: np.random.Generator, chinese: NDArray[np.bool_], *, plain: int, chinese_count: int) -> NDArray[np.int16]:
    """Return an index into a table of names whose last `chinese_count` entries are Chinese."""
    usual = rng.integers(0, plain, len(chinese))
    return np.where(chinese, plain + rng.integers(0, chinese_count, len(chinese)), usual).astype(np.int16)
