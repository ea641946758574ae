"""From rows to facts: one row to several, several to one, and what becomes of rows that cannot be read."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from conftest_mapping import By  # type: ignore[import-not-found]
