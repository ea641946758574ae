"""Brings dropped files into the books: looks what they are, rehearses, imports, and takes an import back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any, Final

from keptword.books import recording, uploads
from keptword.books.engine import engine_for
from keptword.books.opened import Books
from keptword.books.rates import add_rates
from keptword.books.recognising import look
from keptword.books.rehearsing import Rehearsed
from keptword.books.rehearsing import rehearse as rehearsed
from keptword.books.seen import Seen, looked
from keptword.books.uploads import Lot
from keptword.core.problems import KeptwordError, Sentence, listed
from keptword.intake import imports
from keptword.intake.lease import held
from keptword.office import jobs
from keptword.office.models import Job
from keptword.sources.registry import FileRead, Gathered
from keptword.web.work.kept_mappings import kept
from keptword.web.work.kinds import Saying
from keptword.web.work.reasons import RESULT
from keptword.web.work.telling import Telling
from keptword.words import LANGUAGES, Words, words

READY: Final = ("known", "mapped")

_CELL: Final = re.compile(r'reads ".*"', re.DOTALL)
_LOOKING: Final = "256MB"
_PATIENCE: Final = 60.0


class Importing(Telling):
    """An import being watched: notes down its number and what was read, before anything of it is safe."""

    def __init__(self, job: Job, lot: Lot, *, say: Saying, words: Words) -> None:
        super().__init__(say, words=words)
        self._job = job
        self._lot = lot

    def begun(self, number: int, read: Gathered) -> None:
        """Note down the number and the reasons; the job itself keeps no cell of anybody's."""
        files = [_file(self._lot, each) for each in read.files]
        said = [str(problem) for problem in read.problems]
        uploads.write(self._lot.folder / RESULT, {"files": files, "problems": said})
        jobs.note(
            self._job,
            number=number,
            files=[{**file, "reasons": [_masked(reason) for reason in file["reasons"]]} for file in files],
            left_out=dict(read.left_out),
            problems=said,
        )


def rehearse(job: Job, *, books: Books, say: Saying) -> Mapping[str, Any]:
    """Look what the files of a lot are, and count what those that can be read would bring."""
    telling = Telling(say, words=_words(job))
    telling.tell()
    with _reading(job, books) as lot:
        seen = _looked(lot, telling)
        ready = [each for each in seen if each.state in READY and each.place not in lot.left_out]
        if not ready:
            return {"counted": False}
        paths, mapping = _given(lot, ready)
        found = rehearsed(books, paths, mapping=mapping, own_addresses=lot.own, say=telling.heard, watch=telling)
        files = [_file(lot, each) for each in found.files]
        problems = [str(each) for each in found.gathered.problems]
        uploads.write(lot.folder / RESULT, {"files": files, "problems": problems})
        return {"counted": True, **_counts(found)}


def import_files(job: Job, *, books: Books, say: Saying) -> Mapping[str, Any]:
    """Bring the files of a lot into the books; what a killed run had made safe is finished and not begun again."""
    telling_words = _words(job)
    number = job.result.get("number")
    if number is not None and imports.sealed(number):
        return _finished(job, books, say=say)
    with _reading(job, books) as lot:
        telling = Importing(job, lot, say=say, words=telling_words)
        telling.tell()
        seen = [each for each in looked(lot) or _looked(lot, telling) if each.place not in lot.left_out]
        _refuse_unready(lot, seen)
        rates = [lot.path(lot.file(each.place)) for each in seen if each.state == "rates"]
        if rates:
            jobs.note(job, rates=add_rates(books, rates))
        paths, mapping = _given(lot, [each for each in seen if each.state in READY])
        if paths:
            made = recording.import_files(
                books, paths, mapping=mapping, own_addresses=lot.own, say=telling.heard, watch=telling
            )
            said = [*(str(each) for each in made.gathered.problems), *(str(each) for each in made.problems)]
            jobs.note(job, erased=made.erased, waits=made.waits_for, problems=said)
        _cleared(lot, job)
    return dict(job.result)


def take_back(job: Job, *, books: Books, say: Saying) -> Mapping[str, Any]:
    """Take a whole import back."""
    say(_words(job).say("imports.doing_back"))
    done = recording.take_back(books, int(job.asked["number"]), say=lambda _: None)
    return {"number": done.made.number, "recorded": done.made.recorded, "people": done.people}


@contextmanager
def _reading(job: Job, books: Books) -> Iterator[Lot]:
    """Hold the lot of a job, so that an erasure meanwhile leaves it alone."""
    with held(name=uploads.LEASE, wait=_PATIENCE):
        yield uploads.found(books.folder, str(job.asked.get("upload", "")))


def _words(job: Job) -> Words:
    language = job.member.language if job.member is not None else ""
    return words(language if language in LANGUAGES else "en")


def _looked(lot: Lot, telling: Telling) -> tuple[Seen, ...]:
    from keptword.web import shop

    with engine_for(shop.books(), memory=_LOOKING) as engine, telling.over(engine):
        return look(lot, engine, kept=kept, say=telling.heard)


def _given(lot: Lot, seen: Iterable[Seen]) -> tuple[list[Path], dict[Path, Path]]:
    """Return the files, and the mapping of each that has one; the same mapping once, so that its files are one."""
    paths, mapping = [], {}
    by_text: dict[str, Path] = {}
    for each in seen:
        file = lot.file(each.place)
        paths.append(lot.path(file))
        if each.state == "mapped":
            told = lot.beside(file, "toml")
            mapping[lot.path(file)] = by_text.setdefault(told.read_text("utf-8"), told)
    return paths, mapping


def _refuse_unready(lot: Lot, seen: Sequence[Seen]) -> None:
    unknown = [lot.file(each.place).name for each in seen if each.state == "unknown"]
    if unknown:
        raise KeptwordError(
            "Nobody knows yet what the columns of {names} say. Say it once, then it is read.", names=listed(unknown)
        )
    if not [each for each in seen if each.state != "bad"]:
        if not seen:
            raise KeptwordError("There is nothing in these files to bring in.")
        raise KeptwordError(reduce(_and_then, (each.error for each in seen)))


def _and_then(before: str, after: str) -> str:
    return Sentence("{before} {after}", before=before, after=after)


def _counts(found: Rehearsed) -> dict[str, Any]:
    return {
        "new": found.new,
        "known": found.known,
        "refused": found.refused,
        "erased": found.erased,
        "customers": found.customers,
        "first_on": _day(found.first_on),
        "last_on": _day(found.last_on),
        "to_come": found.to_come,
        "kinds": dict(found.kinds),
        "left_out": dict(found.gathered.left_out),
        "lines_refused": sum(file.refused for file in found.files),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _file(lot: Lot, read: FileRead) -> dict[str, Any]:
    place = next((file.place for file in lot.files if _is_of(lot.path(file), read)), 0)
    return {
        "place": place,
        "name": read.name,
        "source": read.source,
        "rows": read.rows,
        "refused": read.refused,
        "rejected": read.rejected_to.relative_to(lot.folder).as_posix() if read.rejected_to else "",
        "reasons": [asdict(reason) for reason in read.reasons],
    }


def _is_of(path: Path, read: FileRead) -> bool:
    return path.name == read.name and (read.rejected_to is None or read.rejected_to.parent == path.parent)


def _masked(reason: Mapping[str, Any]) -> dict[str, Any]:
    """Return a reason without the cell it quotes, which may be somebody's; of what stays for good."""
    return {**reason, "seen": _CELL.sub('reads "…"', str(reason["seen"]))}


def _cleared(lot: Lot, job: Job) -> None:
    """Remove the files that are taken in; the lines nobody could read stay for a day."""
    lines = [file["rejected"] for file in job.result.get("files", ()) if file["rejected"]]
    uploads.remove(lot, spare=[*lines, RESULT] if lines else [])


def _finished(job: Job, books: Books, *, say: Saying) -> Mapping[str, Any]:
    """Bring in what an import that was cut off had handed over already."""
    number = int(job.result["number"])
    say(_words(job).say("imports.doing_settling"))
    imports.finish(number, undated={})
    settled = recording.settle_now(books, say=lambda _: None)
    jobs.note(job, resumed=True, waits=0 if settled is not None else sum(imports.sealed(number).values()))
    # What was taken away meanwhile is of no more use.
    with suppress(KeptwordError):
        _cleared(uploads.found(books.folder, str(job.asked.get("upload", ""))), job)
    return dict(job.result)
