"""Everything between a path somebody typed and a table of texts in the engine; all sources stand on it."""

from __future__ import annotations

from keptword.sources.files.opened import Form, Opened, Progress
from keptword.sources.files.opening import open_file
from keptword.sources.files.rejects import write_rejected
from keptword.sources.files.staging import Staged, forget, stage

__all__ = ["Form", "Opened", "Progress", "Staged", "forget", "open_file", "stage", "write_rejected"]
