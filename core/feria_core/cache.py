"""The response cache: ready bytes for anonymous GETs, kept in the process, served before Quart is reached.

A route is marked with `Cached(...)`; while it answers it names what it showed with `tag()`. A write names the
same tags with `touch()` in its transaction: PostgreSQL tells every process at the commit, the writing process
drops them before its answer leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from feria_core import db

SLOT = "feria.cache"


@dataclass(frozen=True)
class Cached:
    """Marks a route's anonymous answers as worth keeping for `max_age_s` seconds at the most.

    `tags` are those of every answer; the handler adds those of what it found with `tag()`. Choose a short
    `max_age_s` where an answer depends on the clock, or name its next change with `until()`.
    """

    tags: tuple[str, ...] = ()
    max_age_s: float = 60.0


@dataclass
class Kept:
    """What the cache is told of one answer while it is made."""

    max_age_s: float
    tags: set[str] = field(default_factory=set)
    keep: bool = True
    until: datetime | None = None

    def forget(self) -> None:
        """Do not keep this answer."""
        self.keep = False

    def cache_control(self, *, anonymous: bool) -> str:
        """Return the header: others may store a public answer, but must ask before they show it again."""
        return "public, max-age=0, must-revalidate" if anonymous else "private, no-store"


_kept: ContextVar[Kept | None] = ContextVar("feria_cache", default=None)


@contextmanager
def collect_tags(cached: Cached, scope: MutableMapping[str, Any] | None) -> Iterator[Kept]:
    """Collect the tags that `tag()` names in the block, for the cache that stands before the application."""
    kept = Kept(cached.max_age_s, set(cached.tags))
    token = _kept.set(kept)
    try:
        yield kept
    except BaseException:
        kept.forget()
        raise
    finally:
        _kept.reset(token)
        if scope is not None and kept.keep:
            scope[SLOT] = kept


def tag(*tags: str) -> None:
    """Name what the running answer shows, e.g. "product:oak-table"; without a cached route it does nothing."""
    kept = _kept.get()
    if kept is not None:
        kept.tags.update(tags)


def until(moment: datetime | None) -> None:
    """Let the running answer be kept no longer than to `moment`, by `clock.now()`; None bounds nothing.

    For what the clock changes by itself: a product that is published, a price that ends.
    """
    kept = _kept.get()
    if kept is not None and moment is not None:
        kept.until = min(moment, kept.until or moment)


def touch(*tags: str) -> None:
    """Name what the open transaction makes stale. Raises RuntimeError outside of a transaction."""
    db.require_transaction("touch()").tags.update(tags)
