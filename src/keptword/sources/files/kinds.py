"""Kinds of files that are no table of text, known by their first bytes, and what to do with each instead."""

from __future__ import annotations

import re
from typing import Final

from keptword.core.problems import KeptwordError, Sentence

PARQUET: Final = b"PAR1"
GZIP: Final = b"\x1f\x8b"
ZIP: Final = b"PK\x03\x04"

_SPREADSHEET = (
    'is {kind}, which Keptword does not read. Open it and save it as "CSV UTF-8" (Excel: File, Save As; Numbers:'
    " File, Export To, CSV), then give that file."
)
_DOCUMENT = "is {kind}, not a table. Give the export as CSV instead: most shops offer it beside this one."

# What the file starts with, what that is, and what to say of it.
_MAGIC: Final = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook of the older kind (.xls)", _SPREADSHEET),
    (b"%PDF", "a PDF", _DOCUMENT),
    (b"{\\rtf", "a text document (RTF)", _DOCUMENT),
    (b"\x89PNG", "a picture", _DOCUMENT),
    (b"\xff\xd8\xff", "a picture", _DOCUMENT),
    (b"GIF8", "a picture", _DOCUMENT),
    (b"SQLite format 3\x00", "a database (SQLite)", _DOCUMENT),
    (b"Rar!", "an archive (RAR)", "is {kind}. Unpack it and give the table inside."),
    (b"7z\xbc\xaf\x27\x1c", "an archive (7-Zip)", "is {kind}. Unpack it and give the table inside."),
    (b"BZh", "a compressed file (bzip2)", "is {kind}. Unpack it and give the table inside."),
    (b"\xfd7zXZ", "a compressed file (xz)", "is {kind}. Unpack it and give the table inside."),
    (b"\x28\xb5\x2f\xfd", "a compressed file (zstd)", "is {kind}. Unpack it and give the table inside."),
)

_MARKUP: Final = re.compile(
    r"\s*<(?:(!doctype\s+html|html|head|body|table|meta)|(\?xml|[a-z][\w:-]*[\s>]))", re.IGNORECASE
)

# A separator line, then the name of a header: what every mailbox starts with, and hardly a table.
_MAILBOX: Final = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*From(?: [^\r\n]*)?\r?\n>?[!-9;-~]+[ \t]*:")

_CONTROL: Final = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\x1a\x1c\x1d\x1e\x1f\x00")


def is_mailbox(start: bytes) -> bool:
    """Say whether the first bytes are those of a mailbox in the mbox format."""
    return _MAILBOX.match(start) is not None


def refuse_other_kinds(start: bytes, *, name: str) -> None:
    """Raise a `KeptwordError` where the first bytes are those of a file that is no table of text."""
    for magic, kind, sentence in _MAGIC:
        if start.startswith(magic):
            raise KeptwordError("{name}: this {sentence}", name=name, sentence=Sentence(sentence, kind=Sentence(kind)))


def refuse_archives_of_programs(members: list[str], *, name: str) -> None:
    """Raise a `KeptwordError` where the names inside a ZIP file are those of a workbook or document."""
    insides = (
        ("xl/", "an Excel workbook (.xlsx)", _SPREADSHEET),
        ("Index/", "a Numbers document", _SPREADSHEET),
        ("Index.zip", "a Numbers document", _SPREADSHEET),
        ("content.xml", "an OpenDocument file (.ods)", _SPREADSHEET),
        ("word/", "a Word document", _DOCUMENT),
    )
    for inside, kind, sentence in insides:
        if any(member.startswith(inside) for member in members):
            raise KeptwordError("{name}: this {sentence}", name=name, sentence=Sentence(sentence, kind=Sentence(kind)))


def refuse_binary(start: bytes, *, name: str) -> None:
    """Raise a `KeptwordError` where the bytes are no text: control characters, or zero bytes in plenty."""
    zeros = start.count(0)
    if start and zeros == len(start):
        raise KeptwordError(
            "{name}: this file holds nothing but zero bytes, so it was not saved to its end. Export it again.",
            name=name,
        )
    controls = len(start) - len(start.translate(None, _CONTROL))
    if zeros > max(16, len(start) * 0.05) or controls > max(4, len(start) * 0.01):
        raise KeptwordError(
            "{name}: this is not text (it holds bytes that no text has), so it is no table Keptword can read."
            " Give the export as CSV.",
            name=name,
        )


def refuse_markup(text: str, *, name: str) -> None:
    """Raise a `KeptwordError` where the text is a web page or XML; some shops call such a page `.xls` or `.csv`."""
    found = _MARKUP.match(text)
    if found is None:
        return
    if found.group(1):
        raise KeptwordError(
            "{name}: this is a web page (HTML), not a table; often it is the page that asks to log in, saved in"
            " place of the export. Open it in a browser to see what it says, and download the export as CSV again.",
            name=name,
        )
    raise KeptwordError("{name}: this is XML, which Keptword does not read. Give the export as CSV.", name=name)
