"""Promotions and codes in carts."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

import pytest

from feria_core import db
from feria_core.contracts.cart import CARTS, CartOwner
from feria_core.runtime import registry


async def test_a_promotion_applies_by_itself_and_a_coded_one_with_its_code(shop, money):
    variant = await shop.variant(price=1000)
    await shop.promotion(name="Autumn", value=10)
    await shop.promotion(name="Welcome", value=20, codes=("WELCOME-20",))
    buyer = await shop.guest(variant, 2)
    cart = await buyer.see()
    assert [(d["label"], d["amount"]) for d in cart["discounts"]] == [("Autumn", money(200))]
    given = await buyer.give("we1come 2o")
    assert (given.status, given.json["codes"]) == (201, ["WELCOME-20"])
    assert given.json["total"] == money(1440)
    assert given.json["items"][0]["discount"] == money(560)
    removed = await buyer.cart.delete("/api/cart/codes/welcome20")
    assert (removed.status, removed.json["total"]) == (200, money(1800))


async def test_refusals_of_codes_have_stable_reasons(shop, money):
    variant = await shop.variant(price=1000)
    buyer = await shop.guest(variant)
    start = datetime.now(UTC)
    later, before = (start + timedelta(days=1)).isoformat(), (start - timedelta(days=1)).isoformat()
    await shop.promotion(codes=("OVER",), ends_at=before)
    await shop.promotion(codes=("SOON",), starts_at=later)
    await shop.promotion(codes=("MORE",), conditions={"minimum_total": money(5000)})
    await shop.promotion(codes=("KNOWN",), usage_limit_per_customer=1)
    await shop.promotion(codes=("OTHER",), conditions={"brands": ["acme"]})
    for code, reason in {
        "OVER": "code_expired",
        "SOON": "code_not_started",
        "MORE": "code_minimum_not_met",
        "KNOWN": "code_needs_account",
        "OTHER": "code_not_for_this_cart",
    }.items():
        reply = await buyer.give(code)
        assert (reply.status, reply.code) == (409, reason), code
    assert (await buyer.give("MORE")).json["missing"] == money(4000)
    assert (await buyer.give("NOBODY")).code == "code_unknown"


async def test_guessing_codes_is_limited_and_right_ones_cost_no_guess(shop):
    buyer = await shop.guest(await shop.variant())
    await shop.promotion(codes=("RIGHT",))
    for _ in range(12):
        assert (await buyer.give("RIGHT")).status == 201
    answers = [(await buyer.give(f"WRONG{n}")).status for n in range(12)]
    assert answers == [404] * 10 + [429] * 2
    assert (await buyer.give("RIGHT")).status == 429


async def test_brands_and_categories_narrow_a_promotion(shop, money):
    await shop.staff.post("/api/admin/categories", {"name": "Furniture", "slug": "furniture"})
    await shop.staff.post("/api/admin/categories", {"name": "Tables", "slug": "tables", "parent": "furniture"})
    table = await shop.variant(price=1000, brand="Acme", category="tables")
    other = await shop.variant(price=1000)
    await shop.promotion(value=50, conditions={"categories": ["furniture"]})
    buyer = await shop.guest(table)
    await buyer.cart.post("/api/cart/items", {"variant_id": other, "quantity": 1})
    assert [item["discount"] for item in (await buyer.see())["items"]] == [money(500), money(0)]


async def test_an_owner_is_told_of_a_discount_that_is_gone_until_he_changes_something(shop, money):
    variant = await shop.variant(price=1000)
    promotion = await shop.promotion(name="Autumn")
    buyer = await shop.guest(variant)
    assert (await buyer.see())["changes"] == []
    await shop.staff.patch(f"/api/admin/promotions/{promotion['id']}", {"active": False})
    for _ in range(2):
        cart = await buyer.see()
        assert cart["changes"] == [
            {"kind": "promotion_gone", "item_id": None, "variant_id": None, "was": money(100), "now": money(0),
             "promotion": promotion["id"], "label": "Autumn"}
        ]  # fmt: skip
    await buyer.cart.patch(f"/api/cart/items/{cart['items'][0]['id']}", {"quantity": 2})
    assert (await buyer.see())["changes"] == []


async def test_a_gift_is_told_and_free_once_it_is_in_the_cart(shop, money):
    table, vase = await shop.variant(price=5000), await shop.variant(price=700)
    await shop.promotion(
        name="A vase", kind="gift", value=None, gift={"variant_id": vase}, conditions={"minimum_total": money(4000)}
    )
    buyer = await shop.guest(table)
    assert [(gift["variant_id"], gift["quantity"]) for gift in (await buyer.see())["gifts"]] == [(vase, 1)]
    await buyer.cart.post("/api/cart/items", {"variant_id": vase, "quantity": 1})
    cart = await buyer.see()
    assert (cart["gifts"], cart["total"]) == ([], money(5000))


@pytest.mark.parametrize("lines", [1, 20])
async def test_pricing_costs_the_same_statements_for_any_number_of_lines_and_promotions(shop, lines):
    for number in range(50):
        await shop.promotion(name=f"P{number}", value=1, usage_limit=100 if number % 2 else None)
    variants = [await shop.variant() for _ in range(lines)]
    buyer = await shop.guest(variants[0])
    for variant in variants[1:]:
        await buyer.cart.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    await buyer.see()
    counted: ContextVar[list[int] | None] = db.statement_count
    token = counted.set([0])
    try:
        await registry().get(CARTS).snapshot(CartOwner(cart_token=buyer.cart.headers["Cart-Token"]))
        # The cart, its offers, and where everything stands that the cart's promotions are limited by.
        assert counted.get() == [3]
    finally:
        counted.reset(token)


async def test_a_preview_explains_every_promotion_and_a_draft(shop, money):
    variant = await shop.variant(price=1000)
    await shop.promotion(name="Big", conditions={"minimum_total": money(9000)})
    await shop.promotion(name="Coded", codes=("X-CODE",))
    draft = {"name": "Draft", "kind": "fixed", "value": money(300)}
    body = {"items": [{"variant_id": variant, "quantity": 2}], "promotion": draft}
    reply = await shop.staff.post("/api/admin/promotions/preview", body)
    assert reply.status == 200, reply.body
    told = {one["name"]: one for one in reply.json["promotions"]}
    assert (told["Draft"]["applied"], told["Draft"]["amount"], told["Draft"]["is_draft"]) == (True, money(300), True)
    assert (told["Big"]["rule"], told["Big"]["missing"]) == ("minimum_total_not_met", 7000)
    assert told["Big"]["sentences"]["es"].startswith("Faltan")
    assert told["Coded"]["rule"] == "code_missing"
    assert reply.json["total"] == money(1700)
    assert (await shop.staff.get("/api/admin/promotions")).json["items"][0]["name"] == "Coded"
