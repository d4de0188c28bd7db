"""What pricing asks of the database: one statement, an index read for a code, and never an old answer."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from feria_core import db
from feria_core.contracts.users import PEOPLE, Person
from feria_core.recent import Recent
from feria_core.runtime import registry
from feria_promotions import demo, standing
from feria_promotions.adjusting import PromotionAdjuster


@contextmanager
def counting() -> Iterator[list[int]]:
    counted = [0]
    token = db.statement_count.set(counted)
    try:
        yield counted
    finally:
        db.statement_count.reset(token)


@pytest.mark.parametrize("lines", [1, 20])
async def test_adding_costs_the_same_statements_for_any_number_of_lines_and_promotions(shop, lines, monkeypatch):
    for number in range(20):
        await shop.promotion(name=f"P{number}", value=1, usage_limit=100 if number % 2 else None)
    variants = [await shop.variant() for _ in range(lines)]
    buyer = await shop.guest(variants[0])
    for variant in variants[1:]:
        await buyer.cart.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    counts = []
    for call in (
        lambda: buyer.cart.post("/api/cart/items", {"variant_id": variants[0], "quantity": 1}),
        lambda: buyer.cart.get("/api/cart"),
    ):
        seen: list[list[int]] = []
        monkeypatch.setattr(db, "statement_count", _Watched(seen))
        await call()
        monkeypatch.undo()
        counts.append(seen[-1][0])
    # The offer, the cart, the line, the event that others hear; then, as for reading, the cart, its offers, and all
    # that limits its price.
    assert counts == [7, 3]


class _Watched:
    """Stands for the counter of the running request, and keeps it."""

    def __init__(self, seen: list[list[int]]) -> None:
        self._seen, self._inner = seen, db.statement_count

    def set(self, value: list[int]) -> object:
        self._seen.append(value)
        return self._inner.set(value)

    def get(self) -> list[int] | None:
        return self._inner.get()


async def test_a_code_among_many_is_found_by_a_read_of_the_index(shop):
    promotion = await shop.promotion()
    path = f"/api/admin/promotions/{promotion['id']}/codes"
    assert (await shop.staff.post(path, {"count": 1000, "prefix": "VIP"})).status == 201
    await db.execute("ANALYZE promotions_code")
    statement = standing._OF_CART
    plans = await db.fetch_all(
        "EXPLAIN " + statement.replace("$1::text[]", "ARRAY['VIPX']").replace("$2::uuid[]", "'{}'::uuid[]")
        .replace("$3", "now()").replace("$4", "'USD'").replace("$5", "NULL::uuid").replace("$6::uuid[]", "'{}'::uuid[]")
        .replace("$7", "NULL::uuid").replace("$8::uuid[]", "'{}'::uuid[]")
    )  # fmt: skip
    plan = "\n".join(row["QUERY PLAN"] for row in plans)
    assert "promotions_code_folded_key" in plan
    assert "Seq Scan on promotions_code" not in plan


async def test_a_cart_that_stands_still_follows_the_edges_of_a_promotion_to_the_microsecond(shop, money, clock):
    variant = await shop.variant(price=1000)
    start, end = clock.at + timedelta(hours=1), clock.at + timedelta(hours=2)
    await shop.promotion(name="Hour", value=10, starts_at=start.isoformat(), ends_at=end.isoformat())
    buyer = await shop.guest(variant)
    one, totals = timedelta(microseconds=1), []
    for moment in (start - one, start, end - one, end, end - one):
        clock.at = moment
        totals.append((await buyer.see())["total"]["amount"])
    assert totals == [1000, 900, 900, 1000, 900]


async def test_a_code_ends_to_the_microsecond_in_a_cart_that_stands_still(shop, money, clock):
    variant, end = await shop.variant(price=1000), clock.at + timedelta(hours=1)
    promotion = await shop.promotion()
    path = f"/api/admin/promotions/{promotion['id']}/codes"
    await shop.staff.post(path, {"code": "ENDS", "ends_at": end.isoformat()})
    buyer = await shop.guest(variant)
    await buyer.give("ENDS")
    totals = []
    for moment in (end - timedelta(microseconds=1), end):
        clock.at = moment
        totals.append((await buyer.see())["total"]["amount"])
    assert totals == [900, 1000]


async def test_what_others_use_up_and_what_staff_change_shows_in_the_next_answer(shop, money):
    variant = await shop.variant(price=1000)
    promotion = await shop.promotion(value=10, usage_limit=1)
    buyer, faster = await shop.guest(variant), await shop.guest(variant)
    assert (await buyer.see())["total"] == money(900)
    await faster.checkout()
    paid = await faster.pay()
    assert paid.status == 201, paid.body
    assert (await buyer.see())["total"] == money(1000)
    await shop.staff.patch(f"/api/admin/promotions/{promotion['id']}", {"usage_limit": 2})
    assert (await buyer.see())["total"] == money(900)
    await shop.staff.patch(f"/api/admin/promotions/{promotion['id']}", {"value": 50})
    assert (await buyer.see())["total"] == money(500)


async def test_a_cart_that_has_not_changed_is_not_priced_again(shop, monkeypatch):
    from feria_promotions import adjusting

    variant = await shop.variant()
    await shop.promotion()
    buyer = await shop.guest(variant)
    priced: list[object] = []
    real = adjusting.price
    monkeypatch.setattr(adjusting, "price", lambda *a, **k: priced.append(a) or real(*a, **k))
    for _ in range(5):
        await buyer.see()
    assert priced == []
    await buyer.cart.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    assert len(priced) == 1


async def test_a_process_remembers_a_bounded_number_of_carts(shop, monkeypatch):
    variant = await shop.variant()
    await shop.promotion()
    (adjuster,) = [one for one in registry().all(_adjusters()) if isinstance(one, PromotionAdjuster)]
    monkeypatch.setattr(adjuster, "_remembered", Recent(2))
    await asyncio.gather(*(shop.guest(variant) for _ in range(6)))
    assert len(adjuster._remembered) == 2


def _adjusters():
    from feria_core.contracts.pricing import PRICE_ADJUSTERS

    return PRICE_ADJUSTERS


class Group:
    """The port `people`: everybody is of the group "trade"."""

    async def person(self, user_id: uuid.UUID) -> Person:
        return Person(user_id, "t@example.org", "Trader", "en", True, "trade")


async def test_a_promotion_for_a_group_applies_to_its_members_alone(shop, money, monkeypatch):
    variant = await shop.variant(price=1000)
    await shop.promotion(name="Trade", value=10, conditions={"customer_groups": ["trade"]})
    offers = {**registry()._offers, PEOPLE.name: []}
    monkeypatch.setattr(registry(), "_offers", offers)
    registry().provide(PEOPLE, Group(), module="users")
    member, guest = await shop.customer(variant), await shop.guest(variant)
    assert (await member.see())["total"] == money(900)
    assert (await guest.see())["total"] == money(1000)
    body = {"items": [{"variant_id": variant}], "customer_id": str(uuid.uuid4())}
    preview = await shop.staff.post("/api/admin/promotions/preview", body)
    assert preview.json["total"] == money(900)
    body = {"items": [{"variant_id": variant}], "customer_id": str(uuid.uuid4()), "customer_group": "press"}
    preview = await shop.staff.post("/api/admin/promotions/preview", body)
    assert (preview.json["total"], preview.json["promotions"][0]["rule"]) == (money(1000), "not_in_group")


async def test_a_newcomer_finds_a_code_and_a_flash_sale(shop, money):
    for _ in range(4):
        variant = await shop.variant(price=1000)
    assert len(await demo.load()) == 2
    assert await demo.load() == []
    (sale,) = (await shop.client.get("/api/flash-sales")).json["items"]
    assert [(item["price"], item["left"]) for item in sale["items"]] == [(money(800), 25)] * 3
    buyer = await shop.guest(variant, 2)
    assert (await buyer.give(demo.CODE)).status == 201
    labels = [one["label"] for one in (await buyer.see())["discounts"]]
    assert "Welcome, 10 % off" in labels
