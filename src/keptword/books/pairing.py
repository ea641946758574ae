"""Looks whether the database and the journal of books are there and belong together, and mends a torn journal."""

from __future__ import annotations

from keptword.books.folder import Folder
from keptword.core.problems import KeptwordError, Problem
from keptword.journal.failures import RESTORE
from keptword.journal.table import Journal

PSEUDONYMS = "pseudonyms"
"""Under what the secret behind the pseudonyms is kept in the database."""


def refuse_without_database(folder: Folder) -> None:
    """Raise KeptwordError where the database is gone or empty: an empty one would be begun in its place."""
    database = folder.database
    if not database.is_file() or not database.stat().st_size:
        raise KeptwordError(
            f"{database} is {'empty' if database.is_file() else 'missing'}. It holds your rules, the numbers of your "
            "imports, lines we could not read, and the secret by which a customer is known again; nothing was begun in "
            f"its place. {RESTORE}"
        )


def mended(folder: Folder) -> tuple[Problem, ...]:
    """Return what had to be mended for the journal to go with the database that is open; nothing where all is well.

    Raises `KeptwordError` where the journal cannot be read even so, or where one of the two is older than the other.
    """
    from keptword.intake.lease import held

    try:
        _refuse_unpaired(folder)
    except KeptwordError:
        # A power cut may have torn the journal's end. Whoever holds the lease may mend it, and nobody writes meanwhile.
        with held(name="journal", wait=60.0) as lease:
            problems = Journal(folder.journal).heal(guard=lease.check)
        _refuse_unpaired(folder)
        return tuple(problems)
    return ()


def _refuse_unpaired(folder: Folder) -> None:
    from keptword.intake import database
    from keptword.intake.models import Batch, Kept

    numbered = Batch.objects.filter(number__isnull=False).order_by("-number").values_list("number", flat=True)
    # In this order: a batch gets its number first, then it is written, and only then it counts as recorded.
    with database.troubles():
        has_secret = Kept.objects.filter(key=PSEUDONYMS).exists()
        recorded = numbered.filter(state=Batch.State.RECORDED).first() or 0
    last = Journal(folder.journal).last_batch()
    with database.troubles():
        given = numbered.first() or 0
    if last < recorded:
        raise KeptwordError(
            f"{folder.journal} is older than {folder.database}: it ends with batch {last:,}, and {recorded:,} were "
            f"recorded. What came after is missing from it. {RESTORE}"
        )
    if last > given or not has_secret:
        raise KeptwordError(
            f"{folder.database} is older than {folder.journal}, or was begun anew: it knows of {given:,} batches, and "
            f"{last:,} are recorded. Rules, numbers of imports and the secret by which a customer is known again may "
            f"be missing from it. {RESTORE}"
        )
