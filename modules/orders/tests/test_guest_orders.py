"""Whose guests' orders are: of who has shown that the address is his, and of nobody who only looks alike."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from feria_core import db
from feria_core.contracts.users import EmailVerified
from feria_core.events import publish
from feria_core.ids import new_id
from feria_core.testing.client import ApiClient
from feria_core.testing.mailbox import Mailbox
from feria_core.testing.work import run_jobs

PASSWORD = "correct horse battery"
VICTIM = "victim@example.org"


async def verified(email: str, normalized: str) -> UUID:
    """Announce that somebody has shown an address; return who."""
    user_id = new_id()
    async with db.transaction():
        await publish(EmailVerified(user_id=user_id, email=email, email_normalized=normalized))
    assert "dead" not in await run_jobs()
    assert await db.fetch_value("SELECT bool_and(state = 'done') FROM core_job WHERE event_id IS NOT NULL")
    return user_id


async def owner_of(order: Any) -> UUID | None:
    return await db.fetch_value("SELECT customer_id FROM orders_order WHERE id = $1", order.id)


async def test_guests_orders_come_to_who_has_shown_the_address(place, customer) -> None:
    order = await place(email="Victim@Example.org")
    user_id = await verified(VICTIM, VICTIM)
    assert await owner_of(order) == user_id
    assert (await customer(user_id).get(f"/api/orders/{order.number}")).status == 200


async def test_an_order_that_has_a_customer_and_a_draft_stay(place, orders, draft) -> None:
    other = new_id()
    owned = await place(email=VICTIM, customer_id=other)
    unplaced = await orders.create(draft(email=VICTIM))
    await verified(VICTIM, VICTIM)
    assert await owner_of(owned) == other
    assert await owner_of(unplaced) is None


@pytest.mark.parametrize(
    "alike",
    [
        "v\u0456ctim@example.org", "v\u0131ctim@example.org", "V\u0130CTIM@example.org", "victim@example.org.mx",
        "victim@ex\u0430mple.org", "victim+1@example.org", "v.ictim@example.org", "\uff56ictim@example.org",
        "victim\u200b@example.org", "vicitm@example.org", "avictim@example.org", "victim@example\u3002org",
    ],
)  # fmt: skip
async def test_what_only_looks_like_the_address_is_another(place, alike) -> None:
    order = await place(email=alike)
    await verified(VICTIM, VICTIM)
    assert await owner_of(order) is None


async def test_an_address_with_a_domain_in_other_letters_is_compared_in_ascii(place) -> None:
    order = await place(email="Ana@XN--BCHER-KVA.example")
    user_id = await verified("ana@b\u00fccher.example", "ana@xn--bcher-kva.example")
    assert await owner_of(order) == user_id


async def test_an_event_from_before_the_form_was_carried_still_counts_where_it_is_ascii(place) -> None:
    plain, other = await place(email=VICTIM), await place(email="v\u0130ctim@example.org")
    assert await verified("VICTIM@example.org", "") == await owner_of(plain)
    await verified("v\u0130ctim@example.org", "")
    assert await owner_of(other) is None


async def test_an_event_of_an_erased_person_attaches_nothing(place) -> None:
    order = await place(email=VICTIM)
    await verified("", "")
    assert await owner_of(order) is None


async def test_registering_a_strangers_address_shows_nothing_of_his(place, client: ApiClient, mailbox: Mailbox) -> None:
    """CVE-2026-44472: orders came with the registration, before anybody had opened the link."""
    order = await place(email=VICTIM)
    attacker = {"email": VICTIM, "password": PASSWORD, "name": "Mallory"}
    assert (await client.post("/api/auth/register", attacker)).status == 202
    await run_jobs()
    assert (await client.post("/api/auth/login", attacker | {"password": PASSWORD})).status in {403, 422}
    assert await owner_of(order) is None
    assert (await client.get(f"/api/orders/{order.number}")).status == 404
    found = re.search(r"token=([\w-]+)", next(m for m in mailbox.mails() if "verify-email" in m["text"])["text"])
    assert found
    assert (await client.post("/api/auth/verify-email", {"token": found[1]})).status == 204
    await run_jobs()
    assert await owner_of(order) is not None
