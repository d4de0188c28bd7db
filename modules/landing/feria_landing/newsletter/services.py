"""Telling mailing services of who has come and gone."""

from __future__ import annotations

from uuid import UUID

from feria_core.contracts.newsletter import MAILING_SERVICES, Reader
from feria_core.runtime import registry
from feria_landing.newsletter import repository


async def tell(subscription_id: UUID) -> None:
    """Tell every mailing service how the subscription stands now; a deleted one was ended before."""
    row = await repository.by_id(subscription_id)
    if row is None:
        return
    reader = Reader(row["id"], row["email"], tuple(row["lists"]), row["locale"], row["confirmed_at"])
    for service in registry().all(MAILING_SERVICES):
        await (service.subscribed(reader) if row["status"] == "confirmed" else service.unsubscribed(reader))
