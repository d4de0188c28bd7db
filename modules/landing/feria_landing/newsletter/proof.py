"""The proof of consent: what somebody did, when, shown which text, and from where."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

from feria_core.http.request import client_address
from feria_core.ids import new_id
from feria_landing.newsletter import repository


def address_hash(consent_id: UUID) -> bytes | None:
    """Return what shows from where it was done to who knows the address, and tells it to nobody; None in a job."""
    address = client_address()
    return hashlib.sha256(consent_id.bytes + address.encode()).digest() if address else None


async def note(subscription_id: UUID, action: str, lists: Sequence[str]) -> None:
    """Write one line about what is done now, in the caller's transaction."""
    consent_id = new_id()
    await repository.add_consent(
        subscription_id, action, lists, consent_id=consent_id, address_hash=address_hash(consent_id)
    )
