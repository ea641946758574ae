"""Which messages belong to one conversation: everything that answers one another, by however many steps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def conversations(messages: Integers, *, ones: Integers, others: Integers) -> Integers:
    """Return a number for each message that is equal for messages of one conversation.

    `messages` holds a number for each message; `ones` and `others` hold pairs of messages that belong together,
    of which either may be missing from `messages`: what answers the same missing message belongs together too.
    """
    _, places = np.unique(np.concatenate([messages, ones, others]), return_inverse=True)
    places = places.reshape(-1)
    label = np.arange(int(places.max()) + 1 if len(places) else 0)
    left, right = np.split(places[len(messages) :], 2)
    while True:
        apart = label[left] != label[right]
        left, right = left[apart], right[apart]
        if not len(left):
            return label[places[: len(messages)]].astype(np.int64)
        low = np.minimum(label[left], label[right])
        np.minimum.at(label, np.maximum(label[left], label[right]), low)
        label = _compressed(label)


def _compressed(label: NDArray[Any]) -> NDArray[Any]:
    """Let every label point to the end of its chain."""
    while True:
        further = label[label]
        if np.array_equal(further, label):
            return label
        label = further
