"""People read people's words: the code's words of the glossary stand on no page, in no summary, in no template."""

from __future__ import annotations

import re

import pytest

from keptword.report.terminal import summary
from keptword.words import LANGUAGES, words
from report.rendered import SOURCE_FOLDER, text_of
from report.samples import ALL

# The left column of the word list. A word that people also use in another sense is given with what makes it code.
CODE_WORDS = (
    *("user", "users", "user_key", "member", "members", "fact", "facts", "event", "events", "posting", "postings"),
    *("journal", "pump", "quarantine", "quarantined", "closing", "closings", "closed period", "account", "accounts"),
    *("log-odds", "logit", "weight", "weights", "asset", "predictive", "managed part", "statement of changes"),
    *("waterfall", "derecognised", "decay", "decayed", "broken", "released", "open", "vague", "breach", "breaches"),
    *("at risk", "effort", "mental calculator", "holdout", "prior only", "prior", "learned share", "calibration"),
    *("log loss", "desk", "window", "passbook", "policy", "policies", "outcome", "outcomes", "promise_kind"),
    *("compared_only", "obligation", "obligations", "censored", "kaplan", "wilson", "confidence interval", "dispatch"),
    *("subject", "trait", "grade a", "grade b", "grade c"),
)
CHINESE_CODE_WORDS = (
    *("用户", "成员", "事实", "事件", "日志", "隔离", "对数", "权重", "资产", "预测", "违约", "校准", "政策", "账户"),
    *("置信区间", "删失", "先验"),
)

# What a program says where it has nothing to say.
LEAKED = r"(?<![\w-])(?:None(?! of)|True|False|NaN|nan|null|undefined)(?![\w-])"


def code_words(text: str) -> list[str]:
    """Every code word in a text, with what stands around it."""
    pattern = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, CODE_WORDS)) + r")(?![\w-])", re.IGNORECASE)
    chinese = re.compile("|".join(CHINESE_CODE_WORDS))
    found = [found for each in (pattern, chinese, re.compile(LEAKED)) for found in each.finditer(text)]
    return [text[max(each.start() - 30, 0) : each.end() + 30] for each in found]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_the_page_speaks_peoples_words(name, language):
    assert code_words(text_of(ALL[name](), language=language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_the_summary_speaks_peoples_words(name, language):
    assert code_words(summary(ALL[name](), language=language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_speaks_peoples_words(language):
    for key, entry in words(language).entries.items():
        for text in entry.values() if isinstance(entry, dict) else (entry,):
            assert code_words(re.sub(r"\{\w+\}", "", text)) == [], key


def test_templates_say_nothing_by_themselves():
    """What people read comes from the catalogue, so that it comes in their language."""
    for path in sorted((SOURCE_FOLDER / "templates").glob("*.jinja")):
        code = r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<style>.*?</style>"
        bare = re.sub(code, "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        said = re.sub(r"<[^>]*>", "", bare)
        assert re.findall(r"[A-Za-z\u4e00-\u9fff]{2,}", said) == [], path.name


@pytest.mark.parametrize("sentence", ["The user wrote.", "Two broken promises", "3 facts", "用户来信"])
def test_the_search_finds_what_it_means(sentence):
    assert code_words(sentence)


@pytest.mark.parametrize("sentence", ["a way of opening", "The fact-checker", "unbroken", "windowsill"])
def test_the_search_leaves_other_words_alone(sentence):
    assert not code_words(sentence)
