"""Announcing what has happened: written with the business, delivered after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TypeVar

import msgspec
import orjson

from feria_core import db
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
    if event.name not in current().subscriptions:
        return  # nobody in this deployment listens: a row would only be swept
    await db.execute(
        "INSERT INTO core_outbox (id, name, version, payload) VALUES ($1, $2, $3, $4)",
        new_id(), event.name, event.version, encode(event),
    )  # fmt: skip


async def publish_many(events: Sequence[Event]) -> None:
    """Write all of `events` to the outbox with one statement, as `publish` does with one of them."""
    db.require_transaction("publish_many()")
    heard = [event for event in events if event.name in current().subscriptions]
    if heard:
        await db.execute(
            "INSERT INTO core_outbox (id, name, version, payload)"
            " SELECT e.id, e.name, e.version, e.payload::jsonb"
            " FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[]) AS e (id, name, version, payload)",
            [new_id() for _ in heard], [event.name for event in heard], [event.version for event in heard],
            [encode(event) for event in heard],
        )  # fmt: skip


def encode(event: Event) -> str:
    """Return the event's fields as JSON text."""
    # Ids that come from the database are asyncpg's own subclass of UUID, which orjson does not know.
    return orjson.dumps(asdict(event), default=str).decode()


def decode(payload: str | bytes, kind: type[E]) -> E:
    """Return the event of class `kind` that `encode` wrote. Raises msgspec.ValidationError on a misfit."""
    return msgspec.json.decode(payload, type=kind)
