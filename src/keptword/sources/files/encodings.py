"""Which encoding a file is written in, judged from its bytes, and copying it into UTF-8 without holding it whole."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from keptword.sources.files.opened import Pace

CHUNK: Final = 1 << 20
STRAY_BYTES: Final = "keptword.stray-bytes"
"""Name of the error handler that reads a byte no UTF-8 has as Windows-1252: one bad cell, not a bad file."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, with whose mark it begins
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_ENOUGH: Final = 4_000_000
_HIGH: Final = re.compile(rb"[\x80-\xff]+")


def _stray_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    stray = error.object[error.start : error.end]
    return "".join(_western(byte) for byte in stray), error.end


def _western(byte: int) -> str:
    # Five bytes have no character in Windows-1252; Latin-1 gives each of them one.
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


codecs.register_error(STRAY_BYTES, _stray_bytes)


@dataclass(frozen=True)
class Judged:
    """What a file's bytes say of its encoding: its name, zero bytes, and bytes that are none of UTF-8."""

    encoding: str
    zeros: int = 0
    strays: int = 0

    @property
    def is_plain(self) -> bool:
        """True where the file can be read as UTF-8 just as it lies."""
        return self.encoding in {"utf-8", "utf-8-sig"} and not self.zeros and not self.strays


def marked(start: bytes) -> str | None:
    """Return the encoding that the mark at the start names, or that zero bytes give away, or None."""
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    even, odd = start[0::2].count(0), start[1::2].count(0)
    # In UTF-16 every Latin letter, comma and line end has a zero byte, always on the same side.
    if even + odd > len(start) * 0.02 and min(even, odd) <= 0.05 * (even + odd):
        encoding, line_end = ("utf-16-be", b"\0\n") if even > odd else ("utf-16-le", b"\n\0")
        if start.count(line_end) > 0.3 * start.count(b"\n") or not start.count(b"\n"):
            return encoding
    return None


def is_utf8(start: bytes) -> bool:
    """Say whether bytes from the start of a file are UTF-8; the last character may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def chunks(path: Path, pace: Pace | None = None) -> Iterator[bytes]:
    """Give a file's bytes in pieces of 1 MiB."""
    done = 0
    with path.open("rb", buffering=0) as stream:
        while piece := stream.read(CHUNK):
            yield piece
            done += len(piece)
            if pace:
                pace.at(done)


def judged(path: Path, pace: Pace | None = None) -> Judged:
    """Read a whole file that carries no mark and say what it is written in.

    UTF-8 where all of it, or nearly all, is; else GB18030 where its bytes above 127 come in pairs as Chinese
    does; else Windows-1252, of which Latin-1 is a part.
    """
    strict: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    lenient = codecs.getincrementaldecoder("utf-8")("replace")
    zeros = strays = foreign = 0
    high = bytearray()
    for piece in chunks(path, pace):
        zeros += piece.count(0)
        if strict is not None:
            try:
                foreign += _foreign(piece, strict)
                continue
            except UnicodeDecodeError:
                strict = None
        text = lenient.decode(piece)
        strays += text.count("\ufffd")
        foreign += len(text) - len(text.encode("ascii", "ignore")) - text.count("\ufffd")
        if len(high) < _ENOUGH:
            high += b" ".join(_HIGH.findall(piece)) + b" "
    cut = strict is not None and bool(strict.getstate()[0])  # the last character was not written to its end
    if not strays:
        return Judged("utf-8", zeros, strays=int(cut))
    if foreign > 4 * strays:
        return Judged("utf-8", zeros, strays)
    return Judged("gb18030" if _is_chinese(bytes(high)) else "windows-1252", zeros)


def _foreign(piece: bytes, decoder: codecs.IncrementalDecoder) -> int:
    if piece.isascii():
        decoder.decode(piece)  # quick, and refuses a character cut at the seam
        return 0
    text = decoder.decode(piece)
    return len(text) - len(text.encode("ascii", "ignore"))


def _is_chinese(high: bytes) -> bool:
    # Common Chinese is two bytes a character, the first of them B0 to D7 (or A1 to A3 for its punctuation);
    # accents of western languages mostly stand alone between plain letters, and small letters are E0 and up.
    runs = high.split()
    paired = [run for run in runs if len(run) % 2 == 0]
    firsts = b"".join(paired)[0::2]
    common = sum(0xB0 <= byte <= 0xD7 or 0xA1 <= byte <= 0xA3 for byte in firsts)
    return len(b"".join(paired)) > 0.7 * len(b"".join(runs)) and common > 0.6 * len(firsts)


def transcode(path: Path, to: Path, *, encoding: str, pace: Pace | None = None) -> None:
    """Copy a file into UTF-8 without mark and zero bytes, in pieces, so that memory stays flat."""
    lenient = STRAY_BYTES if encoding in {"utf-8", "utf-8-sig", "windows-1252"} else "replace"
    decoder = codecs.getincrementaldecoder(encoding)(lenient)
    with to.open("wb") as copy:
        for piece in chunks(path, pace):
            copy.write(decoder.decode(piece).replace("\0", "").encode("utf-8", "replace"))
        copy.write(decoder.decode(b"", final=True).replace("\0", "").encode("utf-8", "replace"))
