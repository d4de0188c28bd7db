"""Rows of outgoing webhooks and of what is sent to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from feria_core import db

_WEBHOOK = """id, url, events, description, is_personal AS personal_data, is_active AS active, secret, old_secret,
old_secret_until, owner_id, failures_in_a_row, off_reason, created_at, updated_at"""
_DELIVERY = """
SELECT d.id, d.event, d.event_id, d.state, d.next_try_at, d.created_at, d.finished_at, coalesce((
    SELECT json_agg(json_build_object('at', t.at, 'status', t.status, 'error', t.error, 'duration_ms', t.duration_ms)
                    ORDER BY t.id) FROM admin_delivery_try t WHERE t.delivery_id = d.id), '[]')::text AS tries
FROM admin_delivery d
"""


async def add(webhook: dict[str, Any]) -> db.Row:
    row = await db.fetch_one(
        "INSERT INTO admin_webhook (id, url, events, description, is_personal, is_active, secret, owner_id,"
        f" created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) RETURNING {_WEBHOOK}",
        *(webhook[name] for name in ("id", "url", "events", "description", "personal_data", "active", "secret",
                                     "owner_id", "now")),
    )  # fmt: skip
    assert row is not None  # noqa: S101 - inserted
    return row


async def page(*, before: UUID | None, limit: int) -> Sequence[db.Row]:
    return await db.fetch_all(
        f"SELECT {_WEBHOOK} FROM admin_webhook WHERE ($1::uuid IS NULL OR id < $1) ORDER BY id DESC LIMIT $2",
        before, limit,
    )  # fmt: skip


async def one(webhook_id: UUID, *, lock: bool = False) -> db.Row | None:
    return await db.fetch_one(
        f"SELECT {_WEBHOOK} FROM admin_webhook WHERE id = $1" + (" FOR UPDATE" if lock else ""), webhook_id
    )


async def change(webhook_id: UUID, values: dict[str, Any], *, now: datetime) -> db.Row:
    """Write the row's values; one that is active begins to count failures anew."""
    row = await db.fetch_one(
        "UPDATE admin_webhook SET url = $2, events = $3, description = $4, is_personal = $5, is_active = $6,"
        " updated_at = $7, failures_in_a_row = CASE WHEN $6 AND NOT is_active THEN 0 ELSE failures_in_a_row END,"
        f" off_reason = CASE WHEN $6 THEN NULL ELSE off_reason END WHERE id = $1 RETURNING {_WEBHOOK}",
        webhook_id, *(values[name] for name in ("url", "events", "description", "personal_data", "active")), now,
    )  # fmt: skip
    assert row is not None  # noqa: S101 - locked by the caller
    return row


async def rotate(webhook_id: UUID, secret: str, *, until: datetime, now: datetime) -> db.Row | None:
    return await db.fetch_one(
        "UPDATE admin_webhook SET old_secret = secret, old_secret_until = $3, secret = $2, updated_at = $4"
        f" WHERE id = $1 RETURNING {_WEBHOOK}",
        webhook_id, secret, until, now,
    )  # fmt: skip


async def delete(webhook_id: UUID) -> db.Row | None:
    return await db.fetch_one(f"DELETE FROM admin_webhook WHERE id = $1 RETURNING {_WEBHOOK}", webhook_id)


async def patterns() -> list[str]:
    """Return the patterns of all active webhooks; one writer at a time, so that none is left out."""
    await db.execute("LOCK TABLE core_event_interest IN SHARE ROW EXCLUSIVE MODE")
    rows = await db.fetch_all("SELECT DISTINCT unnest(events) AS pattern FROM admin_webhook WHERE is_active ORDER BY 1")
    return [row["pattern"] for row in rows]


async def hearing(name: str) -> Sequence[db.Row]:
    """Return the ids of active webhooks that want the event."""
    return await db.fetch_all(
        "SELECT id FROM admin_webhook WHERE is_active AND EXISTS (SELECT FROM unnest(events) AS e (pattern)"
        " WHERE pattern = $1 OR (pattern LIKE '%*' AND starts_with($1, left(pattern, -1)))) ORDER BY id",
        name,
    )


async def add_delivery(delivery_id: UUID, webhook_id: UUID, event: str, event_id: UUID | None, now: datetime) -> bool:
    """Return True where the event is new to the webhook."""
    return bool(
        await db.execute(
            "INSERT INTO admin_delivery (id, webhook_id, event, event_id, created_at, next_try_at)"
            " VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (webhook_id, event_id) DO NOTHING",
            delivery_id, webhook_id, event, event_id, now,
        )
    )  # fmt: skip


async def deliveries(webhook_id: UUID, state: str | None, *, before: UUID | None, limit: int) -> Sequence[db.Row]:
    return await db.fetch_all(
        f"{_DELIVERY} WHERE d.webhook_id = $1 AND ($2::text IS NULL OR d.state = $2)"
        " AND ($3::uuid IS NULL OR d.id < $3) ORDER BY d.id DESC LIMIT $4",
        webhook_id, state, before, limit,
    )  # fmt: skip


async def delivery(webhook_id: UUID, delivery_id: UUID) -> db.Row | None:
    return await db.fetch_one(f"{_DELIVERY} WHERE d.webhook_id = $1 AND d.id = $2", webhook_id, delivery_id)


async def begin_anew(delivery_id: UUID, *, now: datetime) -> int:
    """Return the number of the new round."""
    number: int = await db.fetch_value(
        "UPDATE admin_delivery SET state = 'pending', round = round + 1, tries = 0, next_try_at = $2,"
        " finished_at = NULL WHERE id = $1 RETURNING round",
        delivery_id, now,
    )  # fmt: skip
    return number


async def waiting(webhook_id: UUID) -> Sequence[db.Row]:
    return await db.fetch_all(
        "SELECT id FROM admin_delivery WHERE webhook_id = $1 AND state = 'pending' ORDER BY id", webhook_id
    )


async def to_send(delivery_id: UUID, round_: int) -> db.Row | None:
    """Return what a try needs, None where it is over or another round has begun."""
    return await db.fetch_one(
        "SELECT d.id, d.event, d.event_id, d.tries, d.created_at, w.id AS webhook_id, w.url, w.is_active,"
        " w.is_personal, w.secret, w.old_secret, w.old_secret_until"
        " FROM admin_delivery d JOIN admin_webhook w ON w.id = d.webhook_id"
        " WHERE d.id = $1 AND d.round = $2 AND d.state = 'pending'",
        delivery_id, round_,
    )  # fmt: skip


async def note_try(
    try_id: UUID, delivery_id: UUID, *, at: datetime, status: int | None, error: str | None, duration_ms: int
) -> None:
    await db.execute(
        "INSERT INTO admin_delivery_try (id, delivery_id, at, status, error, duration_ms)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        try_id, delivery_id, at, status, error, duration_ms,
    )  # fmt: skip


async def settle(delivery_id: UUID, round_: int, *, state: str, next_at: datetime | None, now: datetime) -> bool:
    """Return True where this round's try was counted."""
    return bool(
        await db.execute(
            "UPDATE admin_delivery SET tries = tries + 1, state = $3, next_try_at = $4,"
            " finished_at = CASE WHEN $3 = 'pending' THEN NULL ELSE $5::timestamptz END"
            " WHERE id = $1 AND round = $2 AND state = 'pending'",
            delivery_id, round_, state, next_at, now,
        )
    )  # fmt: skip


async def note_success(webhook_id: UUID) -> None:
    await db.execute(
        "UPDATE admin_webhook SET failures_in_a_row = 0 WHERE id = $1 AND failures_in_a_row > 0", webhook_id
    )


async def note_failure(webhook_id: UUID, *, most: int, is_gone: bool, now: datetime) -> db.Row | None:
    """Count a failure; return the webhook where this one switched it off."""
    return await db.fetch_one(
        "WITH counted AS (UPDATE admin_webhook w SET failures_in_a_row = w.failures_in_a_row + 1,"
        " is_active = was.is_active AND NOT ($3 OR was.failures_in_a_row + 1 >= $2),"
        " off_reason = CASE WHEN NOT was.is_active THEN was.off_reason WHEN $3 THEN 'gone'"
        "  WHEN was.failures_in_a_row + 1 >= $2 THEN 'failures' END, updated_at = $4"
        " FROM (SELECT id, is_active, off_reason, failures_in_a_row FROM admin_webhook WHERE id = $1 FOR UPDATE) was"
        " WHERE w.id = was.id"
        " RETURNING w.id, w.url, w.owner_id, w.off_reason, was.is_active AND NOT w.is_active AS now_off)"
        " SELECT id, url, owner_id, off_reason FROM counted WHERE now_off",
        webhook_id, most, is_gone, now,
    )  # fmt: skip


async def sweep(before: datetime, most: int) -> int:
    """Delete finished deliveries from before; return how many."""
    return await db.execute(
        "DELETE FROM admin_delivery WHERE id = ANY (ARRAY(SELECT id FROM admin_delivery"
        " WHERE created_at < $1 AND state <> 'pending' LIMIT $2))",
        before, most,
    )  # fmt: skip
