"""Which occurrences a list shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from feria_landing.events.schemas import EventQuery
from feria_landing.folding import patterns


@dataclass(frozen=True)
class Filters:
    """What the query asks, in the order of the statements' values."""

    start: datetime | None
    end: datetime | None
    is_upcoming: bool | None
    tag: str | None
    kind: str | None
    patterns: tuple[str, ...]

    @classmethod
    def of(cls, query: EventQuery) -> Filters:
        """Return the filters of a query."""
        is_upcoming = None if query.when is None else query.when == "upcoming"
        return cls(query.from_, query.to, is_upcoming, query.tag, query.kind, tuple(patterns(query.q or "")))

    @property
    def is_past(self) -> bool:
        """True for past occurrences alone, which come latest first."""
        return self.is_upcoming is False

    def values(self) -> tuple[Any, ...]:
        """Return them as the statements take them."""
        return (self.start, self.end, self.is_upcoming, self.tag, self.kind, list(self.patterns))
