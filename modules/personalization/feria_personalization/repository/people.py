"""Statements about those who have said whether they want to be remembered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.db import Row
from feria_core.ids import new_id
from feria_personalization.domain import bucket_of


@dataclass(frozen=True)
class Who:
    """A customer, or the guest of whose token this is the SHA-256; one of the two is set."""

    customer_id: UUID | None = None
    guest: bytes | None = None

    @property
    def condition(self) -> str:
        """The condition on `personalization_person p`, with `$1` as `value`."""
        return "p.customer_id = $1::uuid" if self.customer_id else "p.guest = $1::bytea"

    @property
    def value(self) -> UUID | bytes | None:
        """What `$1` of the condition is."""
        return self.customer_id or self.guest


async def find(who: Who, *, lock: bool = False) -> Row | None:
    """Return the person's row, with `lock` held for the caller's transaction; None for one who never decided."""
    return await db.fetch_one(
        "SELECT id, customer_id, guest, is_granted, decided_at, bucket FROM personalization_person p"
        f" WHERE {who.condition}" + (" FOR UPDATE" if lock else ""),
        who.value,
    )


async def decide(who: Who, *, is_granted: bool, now: datetime) -> Row:
    """Write what the person has decided, and return their row; repeating keeps the time of the first yes or no."""
    person_id = new_id()
    column = "customer_id" if who.customer_id else "guest"
    row = await db.fetch_one(
        "INSERT INTO personalization_person AS p (id, customer_id, guest, is_granted, decided_at, bucket)"
        f" VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT ({column}) DO UPDATE SET is_granted = excluded.is_granted,"
        " decided_at = CASE WHEN p.is_granted = excluded.is_granted THEN p.decided_at ELSE excluded.decided_at END"
        " RETURNING id, is_granted, decided_at, bucket",
        person_id, who.customer_id, who.guest, is_granted, now, bucket_of(person_id),
    )  # fmt: skip
    assert row is not None  # noqa: S101 - an upsert always returns its row
    return row


async def become_customer(guest_id: UUID, customer_id: UUID) -> bool:
    """Make the guest's row that of the customer, who keeps their bucket; False where the customer has one already."""
    return bool(
        await db.execute(
            "UPDATE personalization_person p SET customer_id = $2, guest = NULL WHERE id = $1 AND guest IS NOT NULL"
            " AND NOT EXISTS (SELECT FROM personalization_person c WHERE c.customer_id = $2)",
            guest_id,
            customer_id,
        )
    )


async def delete(person_id: UUID) -> None:
    """Delete the person's row."""
    await db.execute("DELETE FROM personalization_person WHERE id = $1", person_id)


async def delete_idle_guests(before: datetime, *, limit: int) -> int:
    """Delete guests who decided before then and of whom nothing is stored any more; return how many."""
    return await db.execute(
        "DELETE FROM personalization_person WHERE id IN (SELECT id FROM personalization_person p"
        " WHERE guest IS NOT NULL AND decided_at < $1"
        " AND NOT EXISTS (SELECT FROM personalization_activity a WHERE a.person_id = p.id)"
        " AND NOT EXISTS (SELECT FROM personalization_exposure e WHERE e.person_id = p.id)"
        " ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before, limit,
    )  # fmt: skip
