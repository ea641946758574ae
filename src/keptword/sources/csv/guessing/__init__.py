"""What a mapping is proposed from: the words of headers, the look of cells, and how both become TOML."""

from __future__ import annotations
