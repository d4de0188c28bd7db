"""Announcing what has happened: written with the business, delivered after it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import orjson

from feria_core import contracts, db
from feria_core.contracts.events import Event
from feria_core.ids import new_id
from feria_core.runtime import current

E = TypeVar("E", bound=Event)


async def publish(event: Event) -> None:
    """Write `event` to the outbox, in the caller's transaction.

    Each subscriber gets it at least once and applies it once; after a rollback nobody does. Raises
    RuntimeError outside of a transaction.
    """
    db.require_transaction(f"publish({event.name})")
    is_heard = event.name in current().subscriptions
    if not is_heard and not current().listeners:
        return  # nobody in this deployment listens: a row would only be swept
    await db.execute(
        "INSERT INTO core_outbox (id, name, version, payload) SELECT $1, $2, $3, $4"
        + ("" if is_heard else " WHERE core_event_is_wanted($2)"),
        new_id(), event.name, event.version, encode(event),
    )  # fmt: skip


async def publish_many(events: Sequence[Event]) -> None:
    """Write all of `events` to the outbox with one statement, as `publish` does with one of them."""
    db.require_transaction("publish_many()")
    heard = list(events)
    if not current().listeners:
        heard = [event for event in events if event.name in current().subscriptions]
    if heard:
        await db.execute(
            "INSERT INTO core_outbox (id, name, version, payload)"
            " SELECT e.id, e.name, e.version, e.payload::jsonb"
            " FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[]) AS e (id, name, version, payload)"
            " WHERE e.name = ANY ($5) OR core_event_is_wanted(e.name)",
            [new_id() for _ in heard], [event.name for event in heard], [event.version for event in heard],
            [encode(event) for event in heard], list(current().subscriptions),
        )  # fmt: skip


async def set_interest(job: str, patterns: Sequence[str]) -> None:
    """Let `job`, one of its module's `listens`, hear from this commit on the events of these patterns and no others.

    A pattern is an event's name, "orders.*" for all that begin with "orders.", or "*". In the caller's transaction.
    """
    db.require_transaction("set_interest()")
    prefixes = [pattern.removesuffix("*") for pattern in patterns]
    whole = [not pattern.endswith("*") for pattern in patterns]
    await db.execute(
        "DELETE FROM core_event_interest i WHERE job = $1 AND NOT EXISTS ("
        "SELECT FROM unnest($2::text[], $3::bool[]) AS w (prefix, is_whole)"
        " WHERE w.prefix = i.prefix AND w.is_whole = i.is_whole)",
        job, prefixes, whole,
    )  # fmt: skip
    await db.execute(
        "INSERT INTO core_event_interest (job, prefix, is_whole)"
        " SELECT $1, w.prefix, w.is_whole FROM unnest($2::text[], $3::bool[]) AS w (prefix, is_whole)"
        " ORDER BY 2, 3 ON CONFLICT DO NOTHING",
        job, prefixes, whole,
    )  # fmt: skip


@dataclass(frozen=True)
class StoredEvent:
    """An event as it stands in the outbox; `payload` holds its fields, those of an erased person empty."""

    id: UUID
    name: str
    version: int
    occurred_at: datetime
    payload: Mapping[str, Any]


async def stored(event_id: UUID) -> StoredEvent | None:
    """Return the event, or None once it was swept, a week after all that heard it are done."""
    row = await db.fetch_one(
        "SELECT id, name, version, occurred_at, payload::text AS payload FROM core_outbox WHERE id = $1", event_id
    )
    if row is None:
        return None
    return StoredEvent(row["id"], row["name"], row["version"], row["occurred_at"], orjson.loads(row["payload"]))


@cache
def known() -> Mapping[str, type[Event]]:
    """Return every event that core's contracts and the loaded modules define, by name."""
    for info in pkgutil.iter_modules(contracts.__path__, f"{contracts.__name__}."):
        importlib.import_module(info.name)
    found: dict[str, type[Event]] = {}
    waiting = Event.__subclasses__()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if "name" in vars(kind):
            found[kind.name] = kind
    return found


def encode(event: Event) -> str:
    """Return the event's fields as JSON text."""
    # Ids that come from the database are asyncpg's own subclass of UUID, which orjson does not know.
    return orjson.dumps(event, default=str).decode()


def decode(payload: str | bytes, kind: type[E]) -> E:
    """Return the event of class `kind` that `encode` wrote. Raises msgspec.ValidationError on a misfit."""
    return msgspec.json.decode(payload, type=kind)
