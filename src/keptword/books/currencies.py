"""The currencies in use: so that books are not begun in one that is a slip of the pen."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

from keptword.core.problems import KeptwordError, Sentence, either

_CODES: Final = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND
VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""

IN_USE: Final = frozenset(_CODES.split())
"""The codes of ISO 4217 that people pay with."""

_CODE: Final = re.compile(r"[A-Z]{3}")


def currency_code(told: object, *, where: str) -> str:
    """Return a currency's code; refuse what cannot be one, naming `where` it was told."""
    code = told.strip().upper() if isinstance(told, str) else ""
    if not _CODE.fullmatch(code):
        raise KeptwordError(
            '{where}: "{told}" is no currency. Write its three letters, such as EUR, USD or CNY.',
            where=where,
            told=told,
        )
    return code


def currency_in_use(told: str, *, where: str) -> str:
    """Return the code of a currency that people pay with; refuse any other, naming those like it."""
    code = currency_code(told, where=where)
    if code not in IN_USE:
        near = get_close_matches(code, sorted(IN_USE), n=3)
        hint = Sentence(" Did you mean {near}?", near=either(near)) if near else ""
        raise KeptwordError(
            '{where}: "{told}" is no currency that people pay with.{hint} Write a code such as EUR.',
            where=where,
            told=told,
            hint=hint,
        )
    return code
