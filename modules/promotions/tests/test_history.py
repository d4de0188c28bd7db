"""Past orders: first orders, and what a promotion would have cost."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from feria_core.contracts.orders import ORDER_HISTORY
from feria_core.ports import Registry
from feria_core.runtime import registry
from feria_promotions.definition import draft_of
from feria_promotions.schemas import PromotionBody
from feria_promotions.simulation import Outcome, replay


async def bought(shop, variant, customer, quantity=1):
    buyer = await shop.customer(variant, quantity, known=customer)
    await buyer.checkout()
    await buyer.pay()
    reply = await buyer.complete()
    assert reply.status == 201, reply.body
    return reply.json


async def test_a_first_order_discount_is_gone_with_the_first_order(shop, money):
    variant, customer = await shop.variant(price=1000), uuid.uuid4()
    await shop.promotion(name="Welcome", conditions={"first_order": True})
    assert (await (await shop.guest(variant)).see())["total"] == money(1000)
    assert (await bought(shop, variant, customer))["discount_total"] == money(100)
    assert (await (await shop.customer(variant, known=customer)).see())["total"] == money(1000)


async def test_without_orders_nobodys_order_is_the_first(shop, money, monkeypatch):
    variant = await shop.variant(price=1000)
    await shop.promotion(name="Welcome", conditions={"first_order": True})
    find = Registry.find
    monkeypatch.setattr(Registry, "find", lambda self, port: None if port is ORDER_HISTORY else find(self, port))
    assert (await (await shop.customer(variant)).see())["total"] == money(1000)


async def test_a_replay_tells_what_a_promotion_would_have_cost_and_changes_nothing(shop, money):
    variant = await shop.variant(price=1000)
    for quantity in (1, 2, 3):
        await bought(shop, variant, uuid.uuid4(), quantity)
    body = PromotionBody.model_validate(
        {"name": "X", "kind": "percent", "value": 10, "conditions": {"minimum_quantity": 2}}
    )
    outcome, now = Outcome(), datetime.now(UTC)
    history = registry().get(ORDER_HISTORY)
    promotion = draft_of(body, promotion_id=uuid.uuid4(), currency="USD")
    async for part in replay(history, promotion, now - timedelta(days=1)):
        outcome.add(part)
    assert outcome == Outcome(orders=3, applied=2, goods=6000, discount=500, shipping=0)
    assert await history.count_placed(now + timedelta(days=1)) == 0
    assert (await shop.staff.get("/api/admin/promotions")).json["items"] == []
