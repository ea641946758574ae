"""What is refused is refused in the language of its reader, whichever layer refuses it, and whoever asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from keptword.core.problems import KeptwordError
from web.dropped import dropped, file, jobs_done


def reads_chinese(desk, name="ada"):
    from keptword.office.models import Member

    Member.objects.filter(mail=f"{name}@example.org").update(language="zh")
    return desk.client(name)


def page(answer) -> str:
    import html

    return html.unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sentence": "we ship {fast}"}, "读不懂承诺“we ship {fast}”：没有说多久之内。已读懂的部分：ship。"),
        ({"sentence": "ships within 2 days", "where": "country"}, "“country”中的“country”没有用 =、!= 或 in 作比较。"),
        ({"sentence": "ships within 2 days", "cutoff": "25:00"}, "“25:00”不是一天中的时刻。请写成“14:00”或“2 pm”。"),
        ({"sentence": "ships within 2 days", "since": "soon"}, "日历上没有“soon”这一天。"),
        ({"sentence": ""}, "没有说承诺什么，也没有说多久之内"),
    ],
)
@pytest.mark.parametrize("where", ["try", "tell"])
def test_a_wrong_rule_is_refused_in_the_language_of_the_page(empty_desk, where, fields, said):
    answer = reads_chinese(empty_desk).post(f"/our-rules/{where}/", fields)
    assert answer.status_code == 422
    assert said in page(answer)


def test_a_rule_told_twice_is_refused_with_its_day_as_the_language_writes_it(empty_desk):
    client = reads_chinese(empty_desk)
    assert client.post("/our-rules/tell/", {"sentence": "2个工作日内发货"}).status_code == 303
    answer = client.post("/our-rules/tell/", {"sentence": "2个工作日内发货"})
    today = empty_desk.books.today
    assert f"自{today.year}年{today.month}月{today.day}日起您已公布过" in page(answer)


@pytest.mark.parametrize("day", ["2031-02-30", "tomorrow"])
def test_a_wrong_day_is_refused_in_the_language_of_the_page(empty_desk, day):
    answer = reads_chinese(empty_desk).post("/months/close/", {"day": day})
    assert answer.status_code == 422
    assert f"日历上没有“{day}”这一天。请按年-月-日书写" in page(answer)


@pytest.mark.parametrize(
    ("form", "fields", "said"),
    [
        ("business", {"name": "A", "timezone": "Mars/Olympus"}, "没有时区“Mars/Olympus”"),
        ("business", {"name": "", "timezone": "Europe/Berlin"}, "没有写店铺的名称"),
        ("business", {"name": "A", "timezone": "Europe/Berlin", "country": "XQ"}, "不知道国家“XQ”的节假日"),
        (
            "business",
            {"name": "A", "timezone": "Europe/Berlin", "currency": "EUX"},
            "货币：“EUX”不是人们用来付款的货币。",
        ),
        ("costs", {"wage_per_hour": "much"}, "“much”不是数字。"),
        ("hours", {"mon": "9 till late"}, "“9 till late”不是一段工作时间。"),
        ("hours", {"mon": "09:00-12:00, 11:00-17:00"}, "有重叠或顺序不对"),
        ("hours", {"mon": "09:00-12:00", "extra_holidays": "2031-13-01"}, "日历上没有“2031-13-01”这一天"),
    ],
)
def test_a_wrong_setting_is_refused_in_the_language_of_the_page(empty_desk, form, fields, said):
    answer = reads_chinese(empty_desk).post(f"/settings/{form}/", fields)
    assert answer.status_code == 422
    assert said in page(answer)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"%PDF-1.4 ...", "orders.csv", "orders.csv：这是PDF文件，不是表格。请改用CSV格式的导出"),
        (b"<!doctype html><html><body>Log in</body></html>", "orders.csv", "orders.csv：这是网页（HTML），不是表格"),
        (b'{"id": 1', "orders.json", "中断"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_to_each_in_their_language(empty_desk, content, name, said):
    """Looked at once, kept, and told to whoever looks."""
    found = dropped(empty_desk, file(content, name), name="ada")
    assert said not in page(found.client.get(found.address))
    assert said in page(reads_chinese(empty_desk, "mia").get(found.address))


def test_a_failed_job_says_why_to_each_in_their_language(empty_desk):
    """Ada asked for it in English; Mia looks in Chinese, as may whoever comes next week."""
    found = dropped(empty_desk, file(b"%PDF-1.4 ...", "orders.csv"), name="ada")
    found.client.post(f"{found.address}bring/")
    jobs_done(empty_desk)
    job = found.brought()
    assert job.state == "failed"
    assert job.error in page(found.client.get(f"/add-data/work/{job.pk}/"))
    chinese = page(reads_chinese(empty_desk, "mia").get(f"/add-data/work/{job.pk}/"))
    assert "orders.csv：这是PDF文件" in chinese
    assert job.error not in chinese


def test_what_the_background_work_cannot_do_is_told_in_the_language_of_the_page(empty_desk):
    from keptword.office import troubles

    told = KeptwordError("{database}: {sentence}", database="books.sqlite3", sentence=KeptwordError("It was stopped."))
    troubles.note("night", sentence=told.sentence)
    assert "books.sqlite3" in page(empty_desk.client("ada").get("/settings/"))
    told = KeptwordError("No mail server is told yet. An owner tells it under Settings, Mail.")
    troubles.note("monday", sentence=told.sentence)
    chinese = page(reads_chinese(empty_desk).get("/settings/"))
    assert "还没有设置发信服务器。" in chinese
    assert "books.sqlite3：It was stopped." in chinese


def test_how_far_the_work_is_is_told_in_the_language_of_the_page(empty_desk):
    from keptword.office import jobs

    jobs.ask("close", member=None, day="2031-01-31")
    jobs.say(jobs.take(), "Judging the promises …")
    assert "正在判定承诺……" in page(reads_chinese(empty_desk).get("/months/"))


def test_a_job_that_ended_before_sentences_were_kept_says_what_it_said(empty_desk):
    from keptword.office import jobs
    from keptword.office.models import Job

    job = Job.objects.create(
        kind="import", asked={}, state=Job.State.FAILED, error="It was {so}.", asked_at=datetime.now(UTC)
    )
    assert jobs.why(job) == "It was {so}."
