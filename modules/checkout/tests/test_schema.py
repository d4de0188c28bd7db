"""The tables keep what the code promises, also from code that forgets it."""

from __future__ import annotations

import uuid

import asyncpg
import pytest

from feria_checkout.models import Checkout, Payment, WebhookEvent
from feria_checkout.repository import payments
from feria_core import db
from feria_core.contracts.money import Money
from feria_core.http.openapi import document


async def test_a_second_live_payment_is_refused_by_the_database(shop):
    buyer = await shop.ready()
    await buyer.pay()
    live = await payments.live_of(uuid.UUID(buyer.id))
    with pytest.raises(asyncpg.UniqueViolationError):
        await payments.insert(
            uuid.uuid4(), checkout_id=live.checkout_id, order_id=live.order_id, provider="manual",
            amount=Money(1, "USD"), lines=(),
        )  # fmt: skip


async def test_a_cart_is_sold_once_by_the_database(shop):
    buyer = await shop.ready()
    await buyer.pay()
    await buyer.complete()
    with pytest.raises(asyncpg.UniqueViolationError):
        await db.execute(
            "INSERT INTO checkout_checkout (id, token_hashes, cart_id, state, locale, currency, cart_version, order_id,"
            " order_number, expires_at, created_at, updated_at, completed_at)"
            " SELECT gen_random_uuid(), '{}', cart_id, 'completed', 'en', 'USD', 1, gen_random_uuid(), 'F-1', now(),"
            " now(), now(), now() FROM checkout_checkout"
        )


async def test_a_payment_leaves_its_state_once(shop):
    buyer = await shop.ready()
    await buyer.pay()
    live = await payments.live_of(uuid.UUID(buyer.id))
    assert await payments.move(live.id, to="captured", only_from=("pending",))
    assert not await payments.move(live.id, to="captured", only_from=("pending",))


async def test_the_token_is_stored_as_a_hash_only(shop):
    buyer = await shop.ready()
    row = str(await db.fetch_value("SELECT row_to_json(c)::text FROM checkout_checkout c"))
    assert buyer.opened["token"] not in row


async def test_the_models_are_the_tables(shop):
    for model in (Checkout, Payment, WebhookEvent):
        described = {field["db_column"]: field["nullable"] for field in model.describe()["data_fields"]}
        described[model._meta.db_pk_column] = False
        rows = await db.fetch_all(
            "SELECT column_name, is_nullable FROM information_schema.columns WHERE table_name = $1",
            model._meta.db_table,
        )
        assert described == {row["column_name"]: row["is_nullable"] == "YES" for row in rows}


async def test_the_description_of_the_api_can_be_built(app):
    paths = document(app)["paths"]
    assert "/api/checkouts/{checkout_id}/complete" in paths
    assert "/api/payments/stripe/webhook" in paths
