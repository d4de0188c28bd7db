"""A clock that tests move."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Self

from feria_core.clock import clock_set_to


class MovableClock:
    """Stands still at `at`; `move(seconds=...)` goes on. As a context manager it is the process's clock."""

    def __init__(self, at: datetime | None = None) -> None:
        self.at = at or datetime.now(UTC)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(clock_set_to(lambda: self.at))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def move(self, **duration: float) -> datetime:
        """Go on by a timedelta's arguments, e.g. `move(minutes=15)`; return the new time."""
        self.at += timedelta(**duration)
        return self.at
