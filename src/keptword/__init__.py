"""Keptword: do you keep your word to your customers? See it, fix it, show it."""

from __future__ import annotations

__version__: str


def __getattr__(name: str) -> str:
    """Return `__version__`, read only when somebody asks: looking it up would slow every start."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    return version("keptword")
