"""What the headers of one message say: when, from whom, to whom, answering what; nothing else is taken from them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import parsedate_tz
from functools import lru_cache
from typing import Final, NamedTuple

READ: Final = frozenset({b"date", b"from", b"to", b"cc", b"message-id", b"in-reply-to", b"references"})
"""The headers that are taken; the subject is none of them."""

_MACHINES: Final = frozenset({b"list-unsubscribe", b"list-id", b"precedence", b"auto-submitted"})

_FIRST: Final = frozenset(name[:1] for name in READ | _MACHINES) | {name[:1].upper() for name in READ | _MACHINES}
_IDS: Final = re.compile(r"<([^<>]+)>")
_ANGLED: Final = re.compile(r"<\s*([^<>\s]+@[^<>\s]+?)\s*>")
_ASIDE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)')
_IN_BRACKETS: Final = re.compile(r"\(([^()]+)\)")
_BARE: Final = re.compile(r"([^\s<>()\[\]:\"]+@[^\s<>()\[\]:\"]+)")
_HOUR: Final = re.compile(r"\d:\d\d")
_NOBODY: Final = re.compile(r"(?:no|do[-_.]?not)[-_.]?reply|(?:mailer-daemon|postmaster|bounces?)\b")
_MOST_REFERENCES: Final = 60
_LONGEST_NAME: Final = 1_000
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_USUAL_DATE: Final = re.compile(
    r"(?:\w{3}, ?)?(\d{1,2}) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)([0-5]\d)(?: ?\(\w+\))?"
)


class Headers(NamedTuple):
    """What is kept of one message; `reason` says in a sentence why nothing could be made of it, or is empty.

    `seconds` is the moment since 1970 (UTC) and `offset` the minutes east of UTC the sender's clock was on.
    `receivers` are addresses with a space between. `message` and `root` are digests: of the message, and of the
    first message of its conversation as far as it names it. `is_automatic` marks what nobody waits for an answer to.
    """

    seconds: int | None
    offset: int | None
    sender: str
    receivers: str
    message: str
    root: str
    answers: bool
    is_automatic: bool
    reason: str
    name: str | None
    """What the sender calls themselves, where that was asked for."""

    links: tuple[int, ...]
    """Of the message and of those it answers: numbers that are equal where the ids are."""


def headers_of(block: bytes, *, named: bool = False) -> Headers:
    """Return what the headers of one message say; `block` is its separator line and its headers as they stand.

    Only where `named`, the sender's name is taken too.
    """
    fields = _fields(block)
    written = _text(fields.get(b"date", b""))
    seconds, offset = _moment(written)
    from_ = _text(fields.get(b"from", b""))
    sender = next(iter(addresses(from_)), "")
    receivers = addresses(_text(b", ".join(fields[name] for name in (b"to", b"cc") if name in fields)))
    own = _ids(fields.get(b"message-id", b""))[:1] or [f"{written} {sender} {' '.join(receivers)}"]
    replied = _ids(fields.get(b"in-reply-to", b""))
    references = _ids(fields.get(b"references", b""))
    before = (*references[:1], *references[1:][-_MOST_REFERENCES:], *replied)
    digests = [_digest(each) for each in (own[0], *before)]
    return Headers(
        seconds=seconds,
        offset=offset,
        sender=sender,
        receivers=" ".join(receivers),
        message=digests[0].hex(),
        root=digests[1 if before else 0].hex()[:12],
        answers=bool(before),
        is_automatic=_is_automatic(fields, sender),
        reason=_reason(written, sender, is_dated=seconds is not None),
        name=display_name(from_) if named else None,
        links=tuple(int.from_bytes(each[:8], "big", signed=True) for each in digests),
    )


def _fields(block: bytes) -> dict[bytes, bytes]:
    """Return the headers that are taken, by name; further lines of one, and a second one of a name, follow after it."""
    fields: dict[bytes, bytes] = {}
    name = b""
    for line in block.split(b"\n")[1:]:
        first = line[:1]
        if first in (b" ", b"\t"):
            if name:
                fields[name] += b" " + line.strip()
            continue
        name = b""
        if first not in _FIRST:  # most headers are none that is taken
            continue
        found, colon, value = line.partition(b":")
        name = found.strip().lower() if colon else b""
        if name not in READ and name not in _MACHINES:
            name = b""
        elif name in fields:
            # Only of the receivers can there be several; of all else the first counts.
            name = name if name in (b"to", b"cc") else b""
            if name:
                fields[name] += b", " + value.strip()
        else:
            fields[name] = value.strip()
    return fields


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


@lru_cache(maxsize=10_000)
def addresses(value: str) -> tuple[str, ...]:
    """Return the mail addresses in a header, in small letters, each once, in its order.

    Of `"max@x.example via Shop" <shop@x.example>` only the second: what stands before the brackets is a name.
    """
    found = _addresses(value)
    if not found and "=?" in value:
        try:
            found = _addresses(str(make_header(decode_header(value))))
        except (HeaderParseError, LookupError, ValueError):
            return ()
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=10_000)
def display_name(value: str) -> str | None:
    """Return what stands beside the first address of a header as a name, or None where nothing does."""
    before, bracket, _ = value[:_LONGEST_NAME].partition("<")
    # Without brackets a name may follow in round ones: rosa@mail.example (Rosa Maier).
    aside = _IN_BRACKETS.search(value[:_LONGEST_NAME])
    written = before if bracket else aside.group(1) if aside else ""
    if "=?" in written:
        try:
            written = str(make_header(decode_header(written)))
        except (HeaderParseError, LookupError, ValueError):
            return None
    # Some encodings can write halves of signs, which nothing after this can hold.
    whole = written.encode("utf-8", "replace").decode()
    name = " ".join(whole.replace('\\"', "'").replace('"', " ").split()).strip("' \ufffd")
    return name if name and "@" not in name else None


def _addresses(value: str) -> list[str]:
    found = []
    for entry in re.split("[,;]", _ASIDE.sub(" ", value)):
        address = _ANGLED.search(entry) or _BARE.search(entry)
        if address:
            found.append(address.group(1).lower())
    return found


def _ids(value: bytes) -> list[str]:
    """Return the message ids in a header; a long one may have been folded, so white space in it does not count."""
    text = _text(value)
    found = ["".join(each.split()) for each in _IDS.findall(text)]
    return [each for each in found if each] or [each for each in text.split() if "@" in each][:1]


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:12]


def _moment(written: str) -> tuple[int | None, int | None]:
    """Return the seconds since 1970 and the minutes east of UTC, or nothing where the date is none."""
    usual = _USUAL_DATE.fullmatch(written)
    try:
        if usual and usual[2] in _MONTHS:
            year, month, day = int(usual[3]), _MONTHS.index(usual[2]) + 1, int(usual[1])
            clock, offset = (int(usual[4]), int(usual[5]), int(usual[6])), int(usual[8]) * 60 + int(usual[9])
            offset = -offset if usual[7] == "-" else offset
        else:
            parts = parsedate_tz(written)
            if parts is None or not _HOUR.search(written):
                return None, None
            year, month, day = parts[:3]
            clock, offset = parts[3:6], round((parts[9] or 0) / 60)
        hour, minute, second = clock
        if hour > 23 or minute > 59 or second > 60:
            return None, None
        days = date(year, month, day).toordinal() - _EPOCH_DAY
    except (ValueError, IndexError, TypeError, OverflowError):
        return None, None
    return ((days * 24 + hour) * 60 + minute - offset) * 60 + second, offset


def _is_automatic(fields: Mapping[bytes, bytes], sender: str) -> bool:
    """Say whether nobody waits for an answer: newsletters, lists, confirmations, and senders that take no mail."""
    if b"list-unsubscribe" in fields or b"list-id" in fields:
        return True
    if fields.get(b"precedence", b"").strip().lower() in {b"bulk", b"list", b"junk", b"auto_reply"}:
        return True
    if fields.get(b"auto-submitted", b"no").partition(b";")[0].strip().lower() not in {b"no", b""}:
        return True
    return _NOBODY.match(sender.partition("@")[0]) is not None


def _reason(written: str, sender: str, *, is_dated: bool) -> str:
    if not written:
        return "The message carries no date."
    if not is_dated:
        return f'The message\'s date reads "{written[:60]}", which is no date and time as mail writes them.'
    return "" if sender else "The message does not say who sent it."
