"""Which addresses are the business's own, where nobody said so: those that many people write with, to and fro."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table

from keptword.engines.duckdb import Engine

_EVERYBODYS: Final = """
gmail.com googlemail.com outlook.com outlook.de outlook.fr hotmail.com hotmail.de hotmail.fr hotmail.co.uk live.com
msn.com yahoo.com yahoo.de yahoo.fr yahoo.co.uk yahoo.co.jp ymail.com aol.com icloud.com me.com mac.com gmx.de
gmx.net gmx.at gmx.ch gmx.com web.de t-online.de freenet.de posteo.de mailbox.org proton.me protonmail.com mail.com
orange.fr wanadoo.fr free.fr sfr.fr laposte.net libero.it virgilio.it tin.it btinternet.com comcast.net verizon.net
att.net qq.com vip.qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com aliyun.com 139.com 189.cn
naver.com daum.net mail.ru yandex.ru yandex.com seznam.cz wp.pl o2.pl interia.pl rediffmail.com fastmail.com
zoho.com tutanota.com bluewin.ch hispeed.ch telenet.be skynet.be ziggo.nl kpnmail.nl hetnet.nl xs4all.nl
"""
"""The domains that say nothing of who somebody is."""

_MOST_COLLEAGUES: Final = 10


def is_own(address: StringValue, own: Sequence[str]) -> BooleanValue:
    """Say whether an address is one of the business's: one of `own`, or at a domain among them or below it."""
    found: BooleanValue = ibis.literal(False)
    for each in own:
        named = each.strip().lower()
        if "@" in named.lstrip("@"):
            found = found | (address == named)
        elif named.strip("@."):
            domain = named.lstrip("@.")
            found = found | address.endswith("@" + domain) | address.endswith("." + domain)
    return found


def guessed(engine: Engine, mail: Table) -> str | None:
    """Return the business's own domain, or address where the domain is everybody's; None where there is no mail.

    The address that writes to and fro with the most people; where only one direction is in the mailbox, the one
    that most people write to, or that writes to most. `mail` has `sender`, `receiver` and `answers`, one row per
    message and receiver.
    """
    sent = mail.group_by(address="sender", other="receiver").agg(sent=mail.count(), answers=mail.answers.sum())
    got = mail.group_by(address="receiver", other="sender").agg(got=mail.count())
    pairs = sent.outer_join(got, ["address", "other"]).select(
        address=ibis.coalesce(sent.address, got.address), sent="sent", got="got", answers="answers"
    )
    weighed = pairs.group_by("address").agg(
        both=(pairs.sent.notnull() & pairs.got.notnull()).sum(),
        answers=pairs.answers.sum().coalesce(0),
        all=pairs.count(),
    )
    first = engine.rows(
        weighed.order_by([weighed.both.desc(), weighed["all"].desc(), weighed.answers.desc(), weighed.address]).limit(1)
    )
    if not first:
        return None
    address = str(first[0]["address"])
    domain = address.rpartition("@")[2]
    mates = mail.filter(mail.sender.endswith("@" + domain) & (mail.receiver == address))
    colleagues = engine.rows(mates.agg(count=mates.sender.nunique()))[0]["count"]
    return address if domain in _EVERYBODYS.split() or colleagues > _MOST_COLLEAGUES else domain
