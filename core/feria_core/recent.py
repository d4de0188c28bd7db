"""What was worked out lately, kept for who asks again: a bounded dictionary that forgets what is unused longest.

For answers that are proved against their input each time they are used. It is never a source of truth.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """At most `size` values by key; where they are weighed, also at most so many as weigh `most` together."""

    def __init__(self, size: int, *, most: int = 0, weigh: Callable[[V], int] | None = None) -> None:
        """Take how many are kept; `weigh` tells a value's weight, in bytes for example, when it is kept."""
        self._size, self._most, self._weigh = size, most, weigh
        self._values: OrderedDict[K, V] = OrderedDict()
        self._weights: dict[K, int] = {}
        self._weight = 0

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K) -> V | None:
        """Return what is kept, or None."""
        found = self._values.get(key)
        if found is not None:
            self._values.move_to_end(key)
        return found

    def keep(self, key: K, value: V) -> None:
        """Keep the value in place of what was kept before; the one that nobody has asked for longest goes."""
        self._values[key] = value
        self._values.move_to_end(key)
        if self._weigh is not None:
            self._weight -= self._weights.get(key, 0)
            self._weights[key] = self._weigh(value)
            self._weight += self._weights[key]
        while len(self._values) > self._size or self._weight > self._most:
            dropped, _ = self._values.popitem(last=False)
            self._weight -= self._weights.pop(dropped, 0)
