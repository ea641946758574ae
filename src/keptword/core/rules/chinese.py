"""The Chinese words by which a promise is read."""

from __future__ import annotations

import re
from typing import Final

from keptword.core.rules.language import Language
from keptword.core.rules.model import Amount, Unit

_ONES: Final = {sign: value for value, sign in enumerate("一二三四五六七八九", start=1)} | {"两": 2}
_DIGITS: Final = r"\d+(?:\.\d+)?"
_WORDS: Final = "[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九]"
_NUMBER: Final = rf"(?<!\d)(?<!\d[.,])(?<!-){_DIGITS}|{_WORDS}"
_UNITS: Final[dict[str, tuple[int, Unit]]] = {
    "工作日": (1, "working days"),
    "工作天": (1, "working days"),
    "工作小时": (1, "working hours"),
    "小时": (1, "hours"),
    "天": (1, "days"),
    "日": (1, "days"),
    "周": (7, "days"),
    "星期": (7, "days"),
}
_STARTS: Final = {
    "付款": "order.paid", "支付": "order.paid", "下单": "order.placed", "拍下": "order.placed",
    "发货": "order.shipped", "签收": "order.delivered", "退货": "order.returned", "取消": "order.cancelled",
}  # fmt: skip

# Words that leave a promise what it is, the longest first; what is missing here is refused.
_FILLERS: Final = re.compile(
    "我们|本店|承诺|保证|订单|全部|所有|客户|顾客|买家|咨询|消息|问题|邮件|留言|收到|请求|申请|以内|之内|完成|进行"
    "|给予|一律|商品|包裹|最迟|最晚|最多|不超过|您的|付款|下单|退货|发放|[会将在于内的并均可即为给您]|[\\s,;:.!?()、。]"
)


def _clock(cutoff: re.Match[str]) -> str:
    if cutoff["closing"]:
        return cutoff["closing"]
    hour = int(_number(cutoff["hour"]))
    if cutoff["part"] in ("下午", "晚上") and hour < 12:
        hour += 12
    minutes = "30" if cutoff["half"] else cutoff["minutes"] or cutoff["colon"]
    told_twelve = cutoff["part"] is not None or minutes is not None
    return f"{hour}:{minutes or '00'}" if told_twelve else str(hour)


def _number(text: str) -> float:
    """Return the value of a number in digits, or in words up to ninety-nine."""
    if text[0].isdigit():
        return float(text)
    tens, ten, ones = text.rpartition("十")
    return (_ONES.get(tens, 1) * 10 if ten else 0) + _ONES.get(ones, 0)


def _idiom_amount(idiom: re.Match[str]) -> Amount:
    # As in English: "the same day" and "the next day" of a shop skip its days off.
    return Amount(0 if idiom["same"] else 1, "working days")


def _amount_of(found: re.Match[str]) -> Amount:
    factor, unit = _UNITS[found["unit"]]
    return Amount(_number(found["upper"] or found["number"]) * factor, unit)


def _leftover(rest: str) -> str:
    return " ".join(_FILLERS.sub(" ", rest).split())


LANGUAGE: Final = Language(
    cutoff=re.compile(
        rf"(?:每天|每日|当天|当日)?(?P<part>凌晨|早上|上午|中午|下午|晚上)?(?P<hour>{_NUMBER})"
        r"(?:[点时](?:(?P<half>半)|(?P<minutes>\d{2})分?)?|:(?P<colon>\d{2}))(?:之前|以前|前)(?:下单|付款|支付|拍下)?"
        r"|截单(?:时间)?[为是]?:?(?P<closing>\d{1,2}:\d{2})"
    ),
    clock=_clock,
    start=re.compile(rf"(?P<start>{'|'.join(_STARTS)})(?:之后|以后|后)"),
    starts=_STARTS,
    idiom=re.compile("(?P<same>当天|当日|同日)|次日|隔天|隔日|第二天|[下次]一?个?工作日"),
    idiom_amount=_idiom_amount,
    amount=re.compile(
        rf"(?:(?:{_NUMBER})(?:个?(?:工作日|小时|天|日))?(?:-|至|到)(?P<upper>{_DIGITS}|{_WORDS})|(?P<number>{_NUMBER}))"
        rf"\s*个?(?P<unit>{'|'.join(_UNITS)})"
    ),
    amount_of=_amount_of,
    kinds={
        "dispatch": re.compile("发货|发出|寄出|出库|出货"),
        # "次日达" leaves a lone 达 when its span has been read.
        "delivery": re.compile("送达|送到|到货|收货|妥投|(?<![\u4e00-\u9fff])达"),
        "reply": re.compile("回复|答复|回应|响应|回信"),
        "resolution": re.compile("解决|处理"),
        "refund": re.compile("退款|退还"),
        "reward": re.compile("奖励|奖品|积分|礼券"),
    },
    weak_dispatch=re.compile("发送|寄送"),
    leftover=_leftover,
    examples=("2个工作日内发货", "5天内送达", "24小时内回复"),
)
