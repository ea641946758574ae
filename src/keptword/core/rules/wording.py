"""Tells a rule back as the sentence a customer would read."""

from __future__ import annotations

from typing import Final, Literal

from keptword.core.rules.model import STARTS, Amount, Rule

_ENGLISH_KINDS: Final = {
    "dispatch": "We ship",
    "delivery": "We deliver",
    "reply": "We reply",
    "resolution": "We resolve requests",
    "refund": "We refund",
    "reward": "We send rewards",
}
_CHINESE_KINDS: Final = {
    "dispatch": "发货",
    "delivery": "送达",
    "reply": "回复",
    "resolution": "解决",
    "refund": "退款",
    "reward": "发放奖励",
    "stock": "兑现到货承诺",
    "price": "兑现价格承诺",
    "roadmap": "兑现规划承诺",
    "privacy": "兑现隐私承诺",
    "standing": "兑现长期承诺",
}
_ENGLISH_STARTS: Final = {
    "order.paid": "payment",
    "order.placed": "ordering",
    "order.shipped": "dispatch",
    "order.delivered": "arrival",
    "order.returned": "return",
    "order.cancelled": "cancellation",
}
_CHINESE_STARTS: Final = {
    "order.paid": "付款",
    "order.placed": "下单",
    "order.shipped": "发货",
    "order.delivered": "签收",
    "order.returned": "退货",
    "order.cancelled": "取消",
}
_CHINESE_UNITS: Final = {"working days": "个工作日", "days": "天", "working hours": "个工作小时", "hours": "小时"}


def describe(rule: Rule, *, language: Literal["en", "zh"] = "en") -> str:
    """Return the promise as one sentence, which `parse_promise` reads back where it can be said in one."""
    return _chinese(rule) if language == "zh" else _english(rule)


def _english(rule: Rule) -> str:
    what = _ENGLISH_KINDS.get(rule.kind, f"We keep our {rule.kind} promise")
    start = _unusual_start(rule)
    counted = f" of {_ENGLISH_STARTS[start]}" if start in _ENGLISH_STARTS else f" of {start}" if start else ""
    met = "ordered" if rule.from_kind.startswith("order.") else "received"
    cutoff = f", {met} before {rule.cutoff:%H:%M}" if rule.cutoff else ""
    where = f", where {rule.where}" if rule.where else ""
    return f"{what} {_english_span(rule.within)}{counted}{cutoff}{where}."


def _english_span(within: Amount) -> str:
    if within.number == 0:
        return "on the same working day" if within.working else "on the same calendar day"
    return f"within {within}"


def _chinese(rule: Rule) -> str:
    start = _unusual_start(rule)
    counted = f"{_CHINESE_STARTS.get(start, start)}后" if start else ""
    met = "下单" if rule.from_kind.startswith("order.") else "收到"
    cutoff = f"（{rule.cutoff:%H:%M}前{met}）" if rule.cutoff else ""
    where = f"，条件：{rule.where}" if rule.where else ""
    return f"我们{_chinese_span(rule.within, counted)}{_CHINESE_KINDS[rule.kind]}{cutoff}{where}。"


def _chinese_span(within: Amount, counted: str) -> str:
    if within.number == 0 and within.working:
        return f"{counted}当天"
    return f"在{counted}{within.number:.12g}{_CHINESE_UNITS[within.unit]}内"


def _unusual_start(rule: Rule) -> str | None:
    """Return from what the rule counts, where that is not what everybody would take it to be."""
    usual = (rule.from_kind, rule.else_from) == STARTS.get(rule.kind)
    return None if usual else rule.from_kind
