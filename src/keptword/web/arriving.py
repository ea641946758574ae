"""Takes files as they arrive: straight into the books folder piece by piece, never whole into memory."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest

from keptword.books import uploads
from keptword.books.uploads import File, Lot
from keptword.core.problems import KeptwordError
from keptword.web import shop
from keptword.web.routes import LARGEST

FIELD: Final = "files"
VARIABLE: Final = "KEPTWORD_UPLOAD_MB"
"""The variable that says how many megabytes may be dropped at once."""

MEGABYTE: Final = 1_000_000
USUAL: Final = 2_000
SPARED: Final = 64 * MEGABYTE
"""Bytes that stay free on the disk of the books whatever is dropped: their own database lives there."""

_TROUBLES: Final = {errno.EFBIG: "too_large", errno.ENOENT: "gone"}


def most() -> int:
    """Return how many megabytes may be dropped at once."""
    told = os.environ.get(VARIABLE, "")
    return int(told) if told.isascii() and told.isdigit() and int(told) > 0 else USUAL


@dataclass
class Arrived:
    """What arrived with a request: the files kept, those that were not with the reason, and what stopped it all.

    `trouble` is the key of a sentence: `too_large`, `no_room`, `torn`, `gone`, or empty.
    """

    lot: Path | None = None
    files: list[File] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    trouble: str = ""


def arrived(request: HttpRequest) -> Arrived:
    """Return what arrived with a request; the lot of it is whole where any file was kept, and gone where none was."""
    # Reading the form is what makes the files arrive.
    request.POST  # noqa: B018
    found: Arrived = getattr(request, "arrived", Arrived())
    if found.lot is not None and (found.trouble or not found.files):
        shutil.rmtree(found.lot, ignore_errors=True)
        found.lot = None
    return found


def kept(found: Arrived) -> Lot | None:
    """Return the lot of what arrived, written down; None where nothing was kept."""
    if found.lot is None:
        return None
    lot = Lot(found.lot, at=datetime.now(UTC), files=tuple(found.files), troubles=tuple(found.left))
    try:
        return uploads.keep(lot)
    except KeptwordError:
        found.trouble = "no_room" if found.lot.exists() else "gone"
        shutil.rmtree(found.lot, ignore_errors=True)
        return None


class Arriving(FileUploadHandler):
    """Writes each file of a form into the books folder; only for addresses that take files, others' are passed over."""

    chunk_size = 1024 * 1024

    def handle_raw_input(self, *arguments: Any) -> None:
        """Look before anything is read whether files are wanted here, and whether there is room for them."""
        content_length = int(arguments[2])
        match = self.request.resolver_match
        route = getattr(match.func, "route", None) if match else None
        self.wanted = route is not None and route.largest > LARGEST
        self.told = self.request.arrived = Arrived()
        self.size = 0
        self.is_writing = False
        if self.wanted and content_length > most() * MEGABYTE:
            self.told.trouble = "too_large"
        elif self.wanted and shutil.disk_usage(shop.books().folder.path).free < content_length + SPARED:
            self.told.trouble = "no_room"

    def new_file(self, *arguments: Any, **named: Any) -> None:
        """Begin a file; pass it over where it is not wanted."""
        super().new_file(*arguments, **named)
        if not self.wanted or self.field_name != FIELD or self.told.trouble:
            raise SkipFile
        self.digest = sha256()
        self.kept_as = uploads.safe_name(self.file_name)
        try:
            if self.told.lot is None:
                self.told.lot = uploads.begin(shop.books().folder)
            self.place = len(self.told.files) + len(self.told.left) + 1
            folder = uploads.place_of(self.told.lot, self.place)
            folder.mkdir(mode=0o700)
            self.path = folder / self.kept_as
            self.file = self.path.open("xb")
            self.is_writing = True
        except OSError as error:
            raise self._stopped(error) from error

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece."""
        self.size += len(raw_data)
        self.digest.update(raw_data)
        try:
            if self.size > most() * MEGABYTE:
                raise OSError(errno.EFBIG, "too large")
            self.file.write(raw_data)
        except OSError as error:
            raise self._stopped(error) from error

    def file_complete(self, file_size: int) -> None:
        """End a file: an empty one is not kept, nor one that is in the lot already."""
        self.is_writing = False
        try:
            self.file.close()
        except OSError as error:
            raise self._stopped(error) from error
        digest = self.digest.hexdigest()
        reason = "empty" if not file_size else "twice" if digest in {file.digest for file in self.told.files} else ""
        if reason:
            self.path.unlink(missing_ok=True)
            self.told.left.append((self.kept_as, reason))
        else:
            self.told.files.append(File(self.place, self.kept_as, file_size, digest))

    def upload_interrupted(self) -> None:
        """Keep nothing of a file that came to no end; of one passed over Django says so too."""
        if self.is_writing:
            self.told.trouble = "torn"

    def _stopped(self, error: OSError) -> StopUpload:
        self.told.trouble = _TROUBLES.get(error.errno or 0, "no_room")
        return StopUpload(connection_reset=False)
