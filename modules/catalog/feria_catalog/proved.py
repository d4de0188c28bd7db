"""What the copies of tables in a process share: one look for all who ask, one copy for each application, and binary.

How a copy is proved before each use stands in facets/loading.py.
"""

from __future__ import annotations

import asyncio
import sys
from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from feria_core import runtime

T = TypeVar("T")

# Where a copy that begins empty stands: everything from transaction `low` on is still to be brought in.
SNAPSHOT = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS low, pg_snapshot_xmax(pg_current_snapshot())::text AS high
"""


class Copy(ABC, Generic[T]):
    """A copy of tables; looks at them are shared by all who asked before they began."""

    def __init__(self) -> None:
        self._running: asyncio.Task[T] | None = None
        self._waiting: asyncio.Task[T] | None = None

    async def current(self) -> T:
        """Return the copy with everything that was committed before the call.

        It must be used before the next `await`: others bring it up to date in place.
        """
        if self._waiting is None:
            self._waiting = asyncio.create_task(self._next(self._running))
        return await asyncio.shield(self._waiting)

    async def _next(self, before: asyncio.Task[T] | None) -> T:
        if before is not None:
            await asyncio.wait([before])
        self._running, self._waiting = self._waiting, None
        return await self._look()

    @abstractmethod
    async def _look(self) -> T:
        """Bring in what was committed since the last look; return the copy."""


class PerApplication(Generic[T]):
    """One of something for the running application: another one may have another database."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: tuple[runtime.Runtime, T] | None = None

    def get(self) -> T:
        """Return the running application's, made at the first call."""
        application = runtime.current()
        if self._made is None or self._made[0] is not application:
            self._made = (application, self._make())
        return self._made[1]


def numbers_of(kind: str, data: bytes) -> array[Any]:
    """Return numbers that PostgreSQL sent in its byte order; `kind` is a type code of `array`."""
    numbers: array[Any] = array(kind)
    numbers.frombytes(data)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def view_of(numbers: array[int]) -> NDArray[np.uint32]:
    """Return the array as NumPy sees it, without a copy; an array that is looked at so cannot grow meanwhile."""
    return np.frombuffer(numbers, np.uint32)


def bitmap_of(numbers: NDArray[np.uint32]) -> BitMap:
    """Return the numbers as a bitmap; from NumPy's own it would take them one by one."""
    copied = array("I")
    copied.frombytes(numbers.tobytes())
    return BitMap(copied)


def bytes_of(products: BitMap) -> int:
    """Return about how many bytes a bitmap takes: two a number, and no more than a bit for each there could be."""
    return min(2 * len(products), int(products.max()) // 8) + 100 if products else 100
