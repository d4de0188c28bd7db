"""The statements over `checkout_webhook_event`."""

from __future__ import annotations

from feria_core import clock, db
from feria_core.contracts.payments import WebhookNote


async def insert(provider: str, note: WebhookNote) -> bool:
    """Store the event; False where it was stored before. The row outlives the days over which providers repeat."""
    return bool(
        await db.execute(
            "INSERT INTO checkout_webhook_event (provider, event_id, kind, reference, received_at)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            provider, note.event_id, note.kind, note.reference, clock.now(),
        )
    )  # fmt: skip


async def unhandled(provider: str, event_id: str) -> tuple[str, str] | None:
    """Return the payment that a stored event is about, and its kind; None where it is handled or about none."""
    row = await db.fetch_one(
        "SELECT reference, kind FROM checkout_webhook_event"
        " WHERE provider = $1 AND event_id = $2 AND handled_at IS NULL AND reference IS NOT NULL",
        provider, event_id,
    )  # fmt: skip
    return (row["reference"], row["kind"]) if row else None


async def mark_handled(provider: str, event_id: str) -> None:
    """Note that the event has had its effect."""
    await db.execute(
        "UPDATE checkout_webhook_event SET handled_at = $3 WHERE provider = $1 AND event_id = $2",
        provider, event_id, clock.now(),
    )  # fmt: skip
