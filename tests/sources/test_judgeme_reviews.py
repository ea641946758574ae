"""Judge.me's reviews: who rated what and when, never what they wrote."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from pathlib import Path

import pytest

HEADER = (
    *("title", "body", "rating", "review_date", "source", "curated", "reviewer_name", "reviewer_email", "product_id"),
    "product_handle",
)


def reviews(folder: Path, *rows: tuple[str, ...], name: str = "reviews.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def review(rating: str = "4", *, at: str = "2031-03-03 10:00:00 UTC", state: str = "ok", by: str = "rosa@mail.example"):
    return ("Secret title", "Secret body", rating, at, "email", state, "Secret Name", by, "77", "oolong")


def test_a_rating_becomes_a_score_with_the_stars_beside_it(tmp_path, gathered, entries):
    posted, *_ = entries(gathered(reviews(tmp_path, review())))
    assert (posted["kind"], posted["subject"], posted["score"]) == ("review.posted", "product:oolong", 0.75)
    assert (posted["occurred_at"], posted["occurred_on"]) == (datetime(2031, 3, 3, 10), date(2031, 3, 3))
    assert json.loads(posted["attributes"]) == {"stars": "4", "curated": "ok", "collected": "email"}
    assert len(posted["user_key"]) == 24


def test_the_day_of_a_review_is_the_businesss_own(tmp_path, gathered, entries):
    posted, *_ = entries(gathered(reviews(tmp_path, review(at="2031-03-03 23:30:00 UTC")), timezone="Europe/Berlin"))
    assert (posted["occurred_on"], posted["clock_seconds"]) == (date(2031, 3, 4), 1_800)


@pytest.mark.parametrize("rating", ["0", "11", "-1", "six", "nan", "inf", ""])
def test_a_rating_that_is_none_is_refused_with_its_reason(rating, tmp_path, gathered, entries):
    found = gathered(reviews(tmp_path, review(rating), review("5", by="ben@mail.example")))
    assert [each["score"] for each in entries(found)] == [1.0]
    assert found.files[0].refused == 1
    assert "rating" in (tmp_path / "reviews.rejected.csv").read_text(encoding="utf-8").splitlines()[1]


def test_a_review_without_a_day_is_refused(tmp_path, gathered):
    found = gathered(reviews(tmp_path, review(at="yesterday"), review(at="")))
    assert found.files[0].refused == 2


def test_spam_is_left_out_and_the_unpublished_stay(tmp_path, gathered, entries):
    found = gathered(reviews(tmp_path, review(state="spam"), review("1", state="not-yet", by="ben@mail.example")))
    assert [json.loads(each["attributes"])["curated"] for each in entries(found)] == ["not-yet"]
    assert "1 reviews were left out" in str(found.problems[0])


def test_the_same_reviews_given_twice_count_once(exports, told, tmp_path, gathered, entries):
    path = exports / "shopify" / "reviews.csv"
    again = tmp_path / "again.csv"
    again.write_bytes(path.read_bytes())
    rows = entries(gathered(path, again))
    assert len(rows) == told["reviews"]["count"]
    stars = [float(json.loads(each["attributes"])["stars"]) for each in rows]
    assert sum(stars) / len(stars) == pytest.approx(told["reviews"]["rating_mean"], abs=1e-5)


def test_neither_words_nor_names_nor_addresses_are_read(tmp_path, gathered, entries, engine):
    row, *_ = entries(gathered(reviews(tmp_path, review())))
    assert not [value for value in row.values() if "ecret" in str(value) or "@" in str(value)]
    for (name,) in engine.sql("SELECT table_name FROM duckdb_tables()").fetchall():
        held = engine.sql(
            f'SELECT count(*) FROM "{name}" AS held WHERE contains(held::VARCHAR, ?)', ["Secret"]
        ).fetchone()
        assert held == (0,), name
