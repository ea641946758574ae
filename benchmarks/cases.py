"""The cases by their names, in the order they are run."""

from __future__ import annotations

from typing import Final

from benchmarks import books, closings, desk, reports
from benchmarks.bench import Case

CASES: Final[dict[str, Case]] = {
    case.name: case
    for case in (
        Case("report-50k", reports.report_50k),
        Case("report-2m", reports.report_2m),
        Case("facts", reports.facts),
        Case("start", reports.start),
        Case("size", reports.size),
        Case("import", books.import_),
        Case("post", books.post),
        Case("close", closings.close),
        Case("forward", closings.forward),
        Case("desk", desk.desk),
    )
}
