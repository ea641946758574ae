"""Looks whether the database and the journal of books are there and belong together, and mends a torn journal."""

from __future__ import annotations

from keptword.books.folder import Folder
from keptword.core.problems import KeptwordError, Problem
from keptword.intake.settings import ADDRESS, on_server
from keptword.journal.failures import RESTORE
from keptword.journal.table import Journal

PSEUDONYMS = "pseudonyms"
"""Under what the secret behind the pseudonyms is kept in the database."""

JOURNAL = "journal"
"""Under what a database on a server keeps the identity of the journal it goes with: it does not lie beside it."""


def refuse_without_database(folder: Folder) -> None:
    """Raise KeptwordError where the database is gone or empty: an empty one would be begun in its place.

    Of one on a server, `mended` tells once it is open.
    """
    if on_server():
        return
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

    _refuse_another(folder)
    try:
        _refuse_unpaired(folder)
    except KeptwordError:
        # A power cut may have torn the journal's end. Whoever holds the lease may mend it, and nobody writes meanwhile.
        with held(name="journal", wait=60.0) as lease:
            problems = Journal(folder.journal).heal(guard=lease.check)
        _refuse_unpaired(folder)
        return tuple(problems)
    return ()


def claim(folder: Folder) -> None:
    """Bind a database on a server to the journal of new books; refuse one that holds other books already."""
    from keptword.intake import database
    from keptword.intake.models import Kept

    if database.is_file():
        return
    identity = Journal(folder.journal).identity()
    with database.troubles():
        row, _ = Kept.objects.get_or_create(key=JOURNAL, defaults={"value": identity})
    if row.value != identity:
        raise KeptwordError(
            f"{database.named()} holds other books already. Make these one of their own, and name it in {ADDRESS}."
        )


def _refuse_another(folder: Folder) -> None:
    """Refuse a database on a server that goes with another folder of books."""
    from keptword.intake import database
    from keptword.intake.models import Kept

    if database.is_file():
        return
    with database.troubles():
        row = Kept.objects.filter(key=JOURNAL).first()
    if row is None or row.value != Journal(folder.journal).identity():
        raise KeptwordError(
            f"{database.named()} {'holds no books' if row is None else 'holds other books than those'} in "
            f"{folder.path}. Look at {ADDRESS}; where the database was lost, bring it back with pg_restore."
        )


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
            f"{folder.journal} is older than {database.named()}: it ends with batch {last:,}, and {recorded:,} were "
            f"recorded. What came after is missing from it. {RESTORE}"
        )
    if last > given or not has_secret:
        raise KeptwordError(
            f"{database.named()} is older than {folder.journal}, or was begun anew: it knows of {given:,} batches, and "
            f"{last:,} are recorded. Rules, numbers of imports and the secret by which a customer is known again may "
            f"be missing from it. {RESTORE}"
        )
