"""Whatever is given to commands on books: a clear sentence, the right status, nothing lost or silently begun anew."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from books.commands import Owner
from books.tea_shop import line
from shopify_export import order, write

BERLIN = ("--name", "Teehaus", "--currency", "EUR", "--timezone", "Europe/Berlin")


@pytest.fixture(scope="module")
def empty_books(tmp_path_factory: pytest.TempPathFactory) -> Owner:
    """Books in which nothing is, to be copied."""
    owner = Owner(tmp_path_factory.mktemp("made") / "books")
    owner("init", *BERLIN).done()
    return owner


@pytest.fixture
def shop(empty_books: Owner, tmp_path: Path) -> Owner:
    """The owner of empty books, on a path that is not easy."""
    return empty_books.copied(tmp_path / "Meine Bücher 100 %")


def placed(number: int, *, day: str = "2025-01-10", **columns: object) -> str:
    about = {"user_key": f"u{number % 5}", "subject": f"order:{number}", "amount": "12.5", "currency": "EUR"}
    return line(f"placed:{number}", "order.placed", day=day, **about | columns)


def without(text: str, column: str) -> str:
    fact = json.loads(text)
    del fact[column]
    return json.dumps(fact)


# Entries that are none.


def test_a_line_that_is_no_entry_is_laid_aside_with_the_reason_and_the_others_are_recorded(shop: Owner) -> None:
    """A column too many, one too few, others of another type, one torn, one that would take an import back."""
    bad = {
        placed(1, colour="red"): '"colour" is not a known column',
        without(placed(2), "subject"): 'needs "subject", which is missing',
        placed(3, amount="twelve"): '"amount" is "twelve", which is no amount',
        placed(4, user_key=7): '"user_key" is the number 7; it has to be a text',
        placed(5, currency="Euro"): '"currency" is "Euro", which is no currency',
        placed(6)[:40]: "The line is no JSON",
        line("back", "import.withdrawn", day="2025-01-10", subject="import:7"): "keptword import --undo 7",
    }
    shop.post([*bad, placed(8)]).refused("7 entries laid aside with the reason: keptword quarantine list")
    assert shop.ids() == ["tea:placed:8"]
    listed = json.loads(shop("quarantine", "list", "--all", "--format", "json").out)
    assert [row["number"] for row in listed] == list(range(1, 8))
    for row, reason in zip(listed, bad.values(), strict=True):
        assert reason in row["reason"]
    assert shop("quarantine", "show", "3").out.strip() == list(bad)[2]


def test_a_line_laid_aside_is_mended_and_one_that_is_no_better_stays(shop: Owner, tmp_path: Path) -> None:
    """Two lines: the first is mended, the second posted again as it is."""
    shop.post([without(placed(1), "subject"), placed(2, amount="twelve")])
    mended = tmp_path / "mended.json"
    mended.write_text(json.dumps(json.loads(placed(1)), indent=1), "utf-8")
    shop("quarantine", "replay", "1", "--mended", mended).done("1 accepted")
    again = shop("quarantine", "replay")
    assert (again.status, again.out) == (1, "0 accepted, 0 known already, 1 refused again.\n")
    assert shop.ids() == ["tea:placed:1"]


def test_the_same_entry_with_another_amount_is_laid_aside_and_said_at_once(shop: Owner) -> None:
    """Order 1 over 12.50 is recorded; it comes again as it was, and then over 13.50."""
    shop.post([placed(1), placed(2)]).done("2 entries accepted.")
    shop.post([placed(1)]).done("Of what waited, 1 said nothing new.")
    shop.post([placed(1, amount="13.5"), placed(3)]).refused("1 entry laid aside, because the books say otherwise")
    assert shop.ids() == ["tea:placed:1", "tea:placed:2", "tea:placed:3"]
    (row,) = json.loads(shop("quarantine", "list", "--format", "json").out)
    assert 'amount was "12.5" and is "13.5" here. The first one stays.' in row["reason"]


def test_thousands_of_refused_lines_are_told_by_their_reasons(shop: Owner) -> None:
    """3,000 lines whose amounts are no amounts, each another, and one torn."""
    shop.post([*(placed(number, amount=f"x{number}") for number in range(3_000)), "{"])
    reasons = json.loads(shop("quarantine", "list", "--format", "json").out)
    assert [(row["lines"], row["first"]) for row in reasons] == [(3_000, 1), (1, 3_001)]
    assert reasons[0]["reason"].startswith('"amount" is "x0", which is no amount')
    said = shop("quarantine", "list").out
    assert "3,001 lines wait to be mended." in said
    assert len(said.splitlines()) < 15
    assert "2,998 lines more" in shop("quarantine", "list", "--all", "--limit", "3").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("quarantine", "show", "3"), "There is no line numbered 3"),
        (("quarantine", "replay", "3"), "There is no line numbered 3"),
        (("import",), "Name the files to bring in"),
        (("import", "nothing.csv"), "no such file"),
        (("import", "empty.csv"), "this file is empty"),
        (("import", "folder"), "this is a folder"),
        (("import", "unknown.csv"), "no export Keptword knows"),
        (("import", "--undo", "7"), "There is no import 7"),
        (("post", "nothing.jsonl"), "cannot be read: No such file or directory"),
        (("post", "empty.csv"), "what was given is empty"),
        (("rates", "nothing.csv"), "there is no such file"),
        (("rates", "unknown.csv"), "no table of rates"),
        (("rates", "zero.csv"), "zero.csv, line 2"),
        (("rules", "add", "we love our customers"), "cannot be read"),
        (("rules", "add"), "Tell one rule as a sentence"),
        (("rules", "add", "ships within 2 days", "--since", ""), "is not on the calendar"),
        (("rules", "add", "ships within 2 days", "--since", "2999-01-01"), "outside the years"),
        (("rules", "add", "--file", "nothing.toml"), "There is no file nothing.toml"),
        (("rules", "add", "--file", "folder"), "folder cannot be read: Is a directory"),
        (("rules", "end", "dispatch"), 'There is no rule "dispatch" in the books'),
        (("close",), "no entry is in the books yet"),
        (("close", "--as-of", ""), "is not on the calendar"),
        (("close", "--as-of", "2025-02-30"), "is not on the calendar"),
        (("close", "--as-of", "2199-01-01"), "is not over yet"),
    ],
    ids=lambda told: " ".join(told) if isinstance(told, tuple) else "",
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(
    shop: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    """Files that are not there or nothing that is known, numbers of nothing, days that are none."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.csv").touch()
    (tmp_path / "unknown.csv").write_text("a,b\n1,2\n", "utf-8")
    (tmp_path / "zero.csv").write_text("date,currency,per_eur,source\n2025-01-01,USD,0,me\n", "utf-8")
    shop(*words).refused(said)
    assert not (shop.folder / "rates.csv").exists()
    assert shop("rules", "list").out.startswith("You have told no rule yet.")
    assert shop("import", "--list").out.startswith("No import was made yet.")
    assert not any((shop.folder / "closings").iterdir())


# Books that are begun.


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"--currency": "Euro"}, '"Euro" is no currency'),
        ({"--currency": "EUX"}, "no currency that people pay with. Did you mean"),
        ({"--timezone": "Europe/Berln"}, "Did you mean Europe/Berlin"),
        ({"--timezone": " "}, "names no time zone"),
        ({"--country": "ZZ"}, "not a country whose holidays are known"),
        ({"--country": "Germany"}, "Write its two letters"),
        ({"--name": " "}, "does not name the business"),
        ({"--books": "a%25b"}, "the path holds %25"),
    ],
    ids=str,
)
def test_books_are_not_begun_with_a_slip_of_the_pen(tmp_path: Path, told: dict[str, str], said: str) -> None:
    """A currency, time zone or country that is none: nothing is left behind, so that it can be told again."""
    owner = Owner(tmp_path / told.get("--books", "books"))
    wrong = [word for pair in told.items() if pair[0] != "--books" for word in pair]
    owner("init", *BERLIN, *wrong).refused(said)
    assert not owner.folder.exists()


def test_books_are_not_begun_twice_nor_among_other_things(shop: Owner, tmp_path: Path) -> None:
    """In the folder of books, in one that holds a letter, in a file."""
    before = shop.content()
    shop("init", *BERLIN).refused("There are books in")
    assert shop.content() == before
    letter = tmp_path / "letters" / "to rosa.txt"
    letter.parent.mkdir()
    letter.write_text("Dear Rosa", "utf-8")
    Owner(letter.parent)("init", *BERLIN).refused("is not empty: there is to rosa.txt in it")
    Owner(letter)("init", *BERLIN).refused("could not be written")
    Owner(letter)("close").refused("is a file, not a folder of books")
    Owner(letter.parent)("close").refused("holds no books")
    assert [path.name for path in letter.parent.iterdir()] == ["to rosa.txt"]


# Imports.


def test_an_import_is_taken_back_once_and_its_files_count_again_when_given_again(shop: Owner, tmp_path: Path) -> None:
    """Import 1 is taken back, and again; then its file is given again."""
    write(tmp_path / "orders.csv", [order("#1001"), order("#1002")])
    shop("import", tmp_path / "orders.csv").done("new.")
    count = len(shop.ids())
    shop("import", "--undo", "1").done(f"its {count} entries count no more")
    shop("import", "--undo", "1").refused("was taken back before")
    shop("import", tmp_path / "orders.csv").done(f"Import 2: {count} entries new.")


def test_two_imports_at_once_count_every_entry_once(shop: Owner, tmp_path: Path) -> None:
    """The same file is given to two processes that start together."""
    write(tmp_path / "orders.csv", [order(f"#{number}") for number in range(1001, 1101)])
    both = [shop.begin("import", tmp_path / "orders.csv") for _ in range(2)]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    ids = shop.ids()
    assert len(ids) == len(set(ids)) > 0
    assert sorted(each.out for each in [shop("import", "--list")])[0].count("in the books") == 2


def test_entries_of_an_import_whose_file_is_gone_are_given_up_and_imported_again(shop: Owner, tmp_path: Path) -> None:
    """Killed before the journal had it; then somebody tidied up in `staged`."""
    write(tmp_path / "orders.csv", [order("#1001"), order("#1002")])
    moment = "keptword.journal.snapshot:Snapshot.commit"
    assert shop.process("import", tmp_path / "orders.csv", moment=moment, what="kill").status < 0
    (staged,) = (shop.folder / "staged").iterdir()
    staged.unlink()
    shop.post([placed(1)]).refused(f"{staged.name} is missing", "keptword import --undo 1")
    shop("import", "--undo", "1").done("Import 1 is taken back")
    shop("import", tmp_path / "orders.csv").done("Import 2:", "entries new")
    assert "tea:placed:1" in shop.ids()
    assert len(shop.ids()) > 3


# Days and rules.


def test_a_day_before_the_first_entry_is_not_closed_and_one_after_a_year_of_none_is(shop: Owner) -> None:
    """
    2023-01-10 u1 order 1
    2025-01-10 u2 order 2
    """
    shop.post([placed(1, day="2023-01-10"), placed(2)])
    shop("close", "--as-of", "2022-12-31").refused("the first entry is of 2023-01-10. Close that day or a later one.")
    shop("close", "--as-of", "2024-06-30").done("1 customer, 0 promises")
    shop("close", "--as-of", "2024-06-30").done("was closed before and stays as it is")


def test_a_rule_is_changed_from_today_on_and_one_of_tomorrow_is_called_off(shop: Owner) -> None:
    """Told twice, changed for a day that is past, changed for next week, and ended before that."""
    days = {name: (datetime.now(UTC) + timedelta(days=count)).date() for name, count in (("past", -30), ("next", 7))}
    shop("rules", "add", "ships within 2 days", "--since", "2025-01-01").done("promises from 2025-01-01 on")
    shop("rules", "add", "ships within 2 days", "--since", "2025-01-01").refused("Nothing was changed.")
    shop("rules", "add", "ships within 3 days", "--since", "2024-01-01").refused("a newer one begins later: --since")
    shop("rules", "add", "ships within 3 days", "--since", str(days["past"])).refused("Begin it today or later")
    shop("rules", "add", "ships within 3 days", "--since", str(days["next"])).done("dispatch.v2")
    shop("rules", "end", "dispatch", "--on", "2025-06-30").refused("End it today or later")
    shop("rules", "end", "dispatch").done("dispatch.v1 makes its last promises on")
    (row,) = json.loads(shop("rules", "list", "--format", "json").out)
    assert (row["since"], row["until"] is None) == ("2025-01-01", False)
    shop("rules", "add", "replies within 1 day", "--since", str(days["next"])).done()
    shop("rules", "end", "reply").done("is called off. It made no promises.")


def test_a_change_of_time_zone_moves_no_day_that_is_booked(shop: Owner, tmp_path: Path) -> None:
    """
    2025-01-16 16:30 UTC u1 order 1: the 16th in Berlin
    2025-01-16 16:30 UTC u2 order 2: the 17th in Shanghai, told after the change
    """
    late = {"occurred_at": "2025-01-16T16:30:00Z"}
    shop("rules", "add", "ships within 2 days", "--since", "2025-01-01").done()
    shop.post([json.dumps(json.loads(placed(1)) | late)])
    shop("close", "--as-of", "2025-01-20").done()
    settings = shop.folder / "keptword.toml"
    settings.write_text(settings.read_text("utf-8").replace("Europe/Berlin", "Asia/Shanghai"), "utf-8")
    shop.post([json.dumps(json.loads(placed(number)) | late) for number in (1, 2)]).done("1 said nothing new")
    full = shop.copied(tmp_path / "full")
    for owner, how in ((shop, ()), (full, ("--full",))):
        owner("close", "--as-of", "2025-01-31", *how).done("2 promises")
    assert shop.content(within="closings/2025-01-31") == full.content(within="closings/2025-01-31")
    made = json.loads(shop("promises", "--format", "json", "--as-of", "2025-01-31").out)
    assert sorted(row["made_on"] for row in made) == ["2025-01-16", "2025-01-17"]


# Settings and rates by hand.


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: "", "is not whole; it lacks 4 of the lines"),
        (lambda text: text[: text.index("currency")], 'currency = "EUR"; timezone ='),
        (lambda text: text.replace("[settings]\n", ""), 'timezone = "Europe/Berlin", below a line [settings]'),
        (lambda text: text.replace('"EUR"', '"EUR'), "Mend that line"),
        (lambda text: text.replace("format = 1", "format = 2"), "written by a newer Keptword"),
        (lambda text: text.replace("format = 1", "format = true"), "of which format"),
        (lambda text: text.replace("Europe/Berlin", "Mars"), '"Mars" is not a known time zone'),
        (lambda text: text.replace("[settings]", 'timezon = "UTC"\n[settings]'), '"timezon" is not known here'),
        (lambda text: text.replace('"EUR"', '"Euro"'), '"Euro" is no currency'),
        (lambda text: text.replace("Teehaus", "\x00"), "Mend that line"),
    ],
    ids=["empty", "half", "no settings", "torn", "newer", "no number", "Mars", "unknown", "currency", "bytes"],
)
def test_settings_that_are_damaged_are_said_and_nothing_is_assumed(shop: Owner, change, said: str) -> None:
    """`keptword.toml` after a bad disk or a careless hand; put back, the books are as they were."""
    settings = shop.folder / "keptword.toml"
    whole = settings.read_text("utf-8")
    settings.write_text(change(whole), "utf-8")
    shop.post([placed(1)]).refused("keptword.toml", said)
    settings.write_text(whole, "utf-8")
    assert shop.ids() == []


def test_settings_that_are_gone_are_written_anew_beside_the_entries(shop: Owner) -> None:
    """Entries, numbers and the secret behind the pseudonyms stay."""
    shop.post([placed(1)])
    (shop.folder / "keptword.toml").unlink()
    shop("close").refused("keptword.toml is missing; the rest of the books is there", "keptword init")
    shop("init", *BERLIN).done()
    assert shop.ids() == ["tea:placed:1"]


def test_rates_that_are_damaged_are_said_where_they_lie(shop: Owner, tmp_path: Path) -> None:
    """Rates were given; then the books' own file was overwritten."""
    table = tmp_path / "rates.csv"
    table.write_text("date,currency,per_eur,source\n2025-01-01,USD,1.1,me\n", "utf-8")
    shop("rates", table).done("1 rates are new")
    table.write_text("date,currency,per_eur,source\n2025-01-01,USD,1.2,me\n", "utf-8")
    shop("rates", table).refused("Nothing was taken")
    shop.post([placed(1)])
    (shop.folder / "rates.csv").write_text("rubbish", "utf-8")
    shop("close", "--as-of", "2025-01-31").refused("The rates your books keep cannot be read", "rates.csv")


def test_an_amount_of_memory_that_is_none_is_said(shop: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    """KEPTWORD_MEMORY=lots."""
    monkeypatch.setenv("KEPTWORD_MEMORY", "lots")
    shop.post([placed(1)]).refused('KEPTWORD_MEMORY is "lots"')
    monkeypatch.delenv("KEPTWORD_MEMORY")
    shop.post([placed(2)]).done()
    assert shop.ids() == ["tea:placed:1", "tea:placed:2"]
