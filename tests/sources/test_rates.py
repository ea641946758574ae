"""Tables of rates: the European Central Bank's as it publishes them, one's own, and what is wrong with others."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from keptword.core.problems import KeptwordError
from keptword.sources.rates import read_rates

HISTORY = """Date,USD,JPY,CYP,
2031-03-04,1.0925,157.91,N/A,
2031-03-03,1.0870,N/A,0.5853,
"""

ONE_DAY = """Date, USD, JPY, \n4 March 2031, 1.0925, 157.91, \n"""

OWN = """date,currency,per_eur,source
2031-03-03,CNY,7.8125,People's Bank of China
2031-03-03,usd,1.0870,"our bank, statement 3"
"""


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str | bytes, name: str = "rates.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def test_the_central_banks_history_is_read_cell_by_cell(written):
    rates = read_rates([written(HISTORY)])
    assert {currency: [(rate.day, rate.per_eur) for rate in each] for currency, each in rates.by_currency.items()} == {
        "CYP": [(date(2031, 3, 3), Decimal("0.5853"))],
        "JPY": [(date(2031, 3, 4), Decimal("157.91"))],
        "USD": [(date(2031, 3, 3), Decimal("1.0870")), (date(2031, 3, 4), Decimal("1.0925"))],
    }
    assert "European Central Bank" in rates.by_currency["USD"][0].source


def test_the_central_banks_table_of_one_day_is_read(written):
    rates = read_rates([written(ONE_DAY)])
    assert rates.on("JPY", day=date(2031, 3, 4)).per_eur == Decimal("157.91")


def test_a_table_of_ones_own_names_who_says_so_on_every_line(written):
    rates = read_rates([written(OWN)])
    assert rates.by_currency["USD"][0][1:] == (Decimal("1.0870"), "our bank, statement 3")
    assert rates.by_currency["CNY"][0].source == "People's Bank of China"


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + OWN,
        OWN.replace("\n", "\r\n"),
        OWN.replace("our bank,", "our bank").replace(",", ";").replace("7.8125", "7,8125"),
        OWN + "\n,,,\n",
        "Source,Per_EUR,Currency,Date\nthe bank,7.8125,CNY,2031-03-03\n",
    ],
    ids=["byte order mark", "windows", "semicolons and decimal commas", "empty lines", "other order"],
)
def test_a_table_is_read_however_a_spreadsheet_saved_it(written, content):
    assert read_rates([written(content)]).by_currency["CNY"][0].per_eur == Decimal("7.8125")


def test_a_table_is_read_out_of_the_zip_file_it_comes_in(tmp_path):
    path = tmp_path / "eurofxref-hist.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("eurofxref-hist.csv", HISTORY)
    assert read_rates([path]).on("USD", day=date(2031, 3, 4)).per_eur == Decimal("1.0925")


def test_several_files_make_one_table(written):
    rates = read_rates([written(HISTORY, "bank.csv"), written(OWN, "own.csv")])
    assert sorted(rates.by_currency) == ["CNY", "CYP", "JPY", "USD"]
    assert len(rates.by_currency["USD"]) == 2


def test_two_rates_for_one_day_are_refused_and_both_places_named(written):
    paths = [written(HISTORY, "bank.csv"), written(OWN.replace("1.0870", "1.0871"), "own.csv")]
    with pytest.raises(KeptwordError, match=r"own\.csv, line 3: .*1\.0871 USD.* but 1\.0870 in bank\.csv, line 3"):
        read_rates(paths)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "this is no table of rates"),
        ("Name,Email\n#1,a@b.example\n", "this is no table of rates"),
        ("Date\n2031-03-03\n", "this is no table of rates"),
        ("Date,USD\n03/04/2031,1.1\n", 'line 2: "03/04/2031" is no day'),
        ("Date,USD\n2031-02-30,1.1\n", '"2031-02-30" is no day'),
        ("Date,USD\n2031-03-03,0\n", '"0" is no rate'),
        ("Date,USD\n2031-03-03,-1.1\n", '"-1.1" is no rate'),
        ("Date,USD\n2031-03-03,NaN\n", '"NaN" is no rate'),
        ("Date,USD\n2031-03-03,1e400\n", '"1e400" is no rate'),
        ("Date,USD,JPY,\n2031-03-04,1.1,157,\n2031-03-03,1.", "line 3: it has 2 cells, but the heading names 3"),
        ("Date,USD\n2031-03-03,1,1\n", "line 2: it has 3 cells"),
        (OWN.replace("2031-03-03,CNY,7.8125,People's Bank of China", "2031-03-03,CNY,7.8125,"), "the source is empty"),
        (OWN.replace("CNY", "yuan"), '"yuan" is no code of a currency'),
        (OWN.replace("CNY", "EUR"), "one euro is one euro"),
    ],
)
def test_what_cannot_be_read_is_refused_as_a_whole_and_named(written, content, said):
    with pytest.raises(KeptwordError) as refused:
        read_rates([written(content)])
    assert said in str(refused.value)
    assert str(refused.value).startswith("rates.csv")


def test_no_such_file_is_said(tmp_path):
    with pytest.raises(KeptwordError, match="there is no such file"):
        read_rates([tmp_path / "none.csv"])


def test_a_file_of_anything_is_refused_with_a_sentence(written):
    with pytest.raises(KeptwordError, match="no table of rates"):
        read_rates([written(bytes(range(256)) * 10)])
