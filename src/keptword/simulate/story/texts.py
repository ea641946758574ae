"""What the invented shop's facts carry beside their columns: prizes, stars and the like, as JSON."""

from __future__ import annotations

import json
from typing import Final

PRIZES: Final = ("tea set", "gift box", "100 points", "500 points", "travel mug")

NOTES: Final = (
    *(json.dumps({"prize": prize}) for prize in PRIZES),
    *(json.dumps({"stars": stars}) for stars in range(1, 6)),
)
"""Every `attributes` there is, numbered from 1: the prizes first, then the stars."""

STARS: Final = len(PRIZES)
"""Added to a number of stars, the number of its note."""
