"""Statements of parcels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from feria_core import db
from feria_core.db import Row

_COLUMNS = "id, status, carrier, tracking_number, tracking_url, created_at, shipped_at, delivered_at"


async def add(
    fulfilment_id: UUID, order_id: UUID, status: str, tracking: Mapping[str, str | None], now: datetime
) -> None:
    """Write a parcel in this state."""
    await db.execute(
        "INSERT INTO orders_fulfilment"
        " (id, order_id, status, carrier, tracking_number, tracking_url, created_at, shipped_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        fulfilment_id, order_id, status, tracking["carrier"], tracking["tracking_number"], tracking["tracking_url"],
        now, now if status == "shipped" else None,
    )  # fmt: skip


async def add_lines(fulfilment_id: UUID, units: Mapping[UUID, int]) -> None:
    """Write what is in the parcel."""
    await db.execute_many(
        "INSERT INTO orders_fulfilment_line (fulfilment_id, line_id, quantity) VALUES ($1, $2, $3)",
        [(fulfilment_id, line_id, count) for line_id, count in units.items()],
    )


async def get(order_id: UUID, fulfilment_id: UUID) -> Row | None:
    """Return the order's parcel; its order is locked, so it does not change."""
    return await db.fetch_one(
        f"SELECT {_COLUMNS} FROM orders_fulfilment WHERE order_id = $1 AND id = $2", order_id, fulfilment_id
    )


async def of_order(order_id: UUID) -> Sequence[Row]:
    """Return the order's parcels, the oldest first."""
    return await db.fetch_all(f"SELECT {_COLUMNS} FROM orders_fulfilment WHERE order_id = $1 ORDER BY id", order_id)


async def lines(fulfilment_ids: Sequence[UUID]) -> Sequence[Row]:
    """Return what is in the parcels: fulfilment_id, line_id, quantity, sku, name."""
    return await db.fetch_all(
        "SELECT f.fulfilment_id, f.line_id, f.quantity, l.sku, l.name FROM orders_fulfilment_line AS f"
        " JOIN orders_line AS l ON l.id = f.line_id WHERE f.fulfilment_id = ANY ($1) ORDER BY l.position",
        list(fulfilment_ids),
    )


async def change(fulfilment_id: UUID, values: Mapping[str, Any]) -> None:
    """Write the parcel's state, times and tracking."""
    await db.execute(
        "UPDATE orders_fulfilment SET status = $2, carrier = $3, tracking_number = $4, tracking_url = $5,"
        " shipped_at = $6, delivered_at = $7 WHERE id = $1",
        fulfilment_id, values["status"], values["carrier"], values["tracking_number"], values["tracking_url"],
        values["shipped_at"], values["delivered_at"],
    )  # fmt: skip
