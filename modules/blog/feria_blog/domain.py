"""The life of a post, and what is read off its text. Pure."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAX_SLUG = 120
MAX_EXCERPT = 280
# A comparison takes time by the product of both lengths: beyond so many lines a text is told as replaced.
MAX_COMPARED_LINES = 3000


class Status(StrEnum):
    """Where a post stands in its life; `scheduled` is a published one whose time has not come."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    ARCHIVED = "archived"


def status_at(stored: str, publish_at: datetime | None, now: datetime) -> Status:
    """Return the status at `now`: to the instant, without a job."""
    if stored == Status.PUBLISHED and publish_at is not None and publish_at > now:
        return Status.SCHEDULED
    return Status(stored)


def reading_minutes(words: int, words_per_minute: int) -> int:
    """Return how long a text takes to read, in whole minutes, one at least."""
    return max(1, math.ceil(words / words_per_minute))


def excerpt_of(plain: str, summary: str | None, *, length: int = MAX_EXCERPT) -> str:
    """Return the summary, else the beginning of the text, ended at a word."""
    if summary:
        return summary
    if len(plain) <= length:
        return plain
    head, _, _ = plain[: length - 1].rpartition(" ")
    return (head or plain[: length - 1]).rstrip(" ,;:.-") + "…"


def difference(before: str, after: str) -> list[dict[str, str]]:
    """Return what differs, line by line: `{"op": "equal", "delete" or "insert", "text"}` with three lines around."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > MAX_COMPARED_LINES:
        return [_part("delete", old), _part("insert", new)] if old != new else []
    found: list[dict[str, str]] = []
    for group in difflib.SequenceMatcher(None, old, new).get_grouped_opcodes(3):
        for kind, i1, i2, j1, j2 in group:
            if kind == "equal":
                found.append(_part("equal", old[i1:i2]))
                continue
            if i2 > i1:
                found.append(_part("delete", old[i1:i2]))
            if j2 > j1:
                found.append(_part("insert", new[j1:j2]))
    return found


def _part(op: str, lines: Sequence[str]) -> dict[str, str]:
    return {"op": op, "text": "\n".join(lines)}


@dataclass(frozen=True)
class State:
    """The stored status of a post and its time; a scheduled one is published at a time to come."""

    status: str
    publish_at: datetime | None


class StateRefused(ValueError):
    """A status and a time that do not go together; the sentence says why."""


def next_state(before: State | None, status: str | None, publish_at: datetime | None, now: datetime) -> State:
    """Return the state that a post takes when staff give it this status and time; None leaves either as it is.

    Published without a time it keeps the one that it had, if that has come, so that a correction does not move it.
    Raises StateRefused.
    """
    if status is None:
        stored = before.status if before else (Status.PUBLISHED if publish_at else Status.DRAFT)
        return State(stored, publish_at or (before.publish_at if before else None))
    if status == Status.SCHEDULED:
        at = publish_at or (before.publish_at if before else None)
        if at is None or at <= now:
            raise StateRefused("a scheduled post needs a `publish_at` to come")
        return State(Status.PUBLISHED, at)
    if status == Status.PUBLISHED and publish_at is None:
        earlier = before.publish_at if before else None
        return State(Status.PUBLISHED, earlier if earlier and earlier <= now else now)
    return State(status, publish_at or (before.publish_at if before else None))
