"""The timeline of an order: what happened, when, and who did it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from feria_core import clock, db
from feria_core.auth import maybe_principal
from feria_core.http.request import client_address
from feria_core.ids import new_id
from feria_orders.texts import EventKind

Actor = tuple[str, UUID | None]
SYSTEM: Actor = ("system", None)
# Whoever places an order is its buyer; that account's id stands in the order, where erasure knows it.
BUYER: Actor = ("customer", None)
_INSERT = (
    "INSERT INTO orders_event (id, order_id, at, kind, message, public, actor_kind, actor_id, data)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
)


def actor(*, is_buyer: bool = False) -> Actor:
    """Return who asks: the buyer, staff, a key, or nobody where a worker does it."""
    principal = maybe_principal()
    if is_buyer:
        return BUYER
    if principal is None:
        return BUYER if client_address() else SYSTEM
    return (principal.kind, principal.id) if principal.kind in ("staff", "api_key") else BUYER


async def note(
    order_id: UUID,
    kind: EventKind,
    *,
    message: str | None = None,
    public: bool = True,
    data: Mapping[str, Any] | None = None,
    is_buyer: bool = False,
    by_system: bool = False,
) -> None:
    """Write one event. Without `message` readers see the kind's text in their language, with what `data` names."""
    who = SYSTEM if by_system else actor(is_buyer=is_buyer)
    await _add(order_id, [kind], clock.now(), message, public, who, data)


async def note_all(order_id: UUID, kinds: Iterable[EventKind], now: datetime, *, who: Actor) -> None:
    """Write several public events of one moment."""
    await _add(order_id, kinds, now, None, True, who, None)


async def _add(
    order_id: UUID,
    kinds: Iterable[EventKind],
    now: datetime,
    message: str | None,
    public: bool,
    who: Actor,
    data: Mapping[str, Any] | None,
) -> None:
    written = orjson.dumps(data).decode() if data else None
    await db.execute_many(_INSERT, [(new_id(), order_id, now, kind, message, public, *who, written) for kind in kinds])
