"""The time, as one function that tests can move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _system_now() -> datetime:
    return datetime.now(UTC)


_now: Callable[[], datetime] = _system_now


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return _now()


@contextmanager
def clock_set_to(source: Callable[[], datetime]) -> Iterator[None]:
    """Let `now()` answer from `source` inside the block; for tests."""
    global _now  # noqa: PLW0603 - the one clock of the process
    before, _now = _now, source
    try:
        yield
    finally:
        _now = before
