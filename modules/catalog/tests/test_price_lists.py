"""Price lists: one winner, whatever the order; shown, filtered and sold by to the second, through the cache too."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from feria_catalog import checks
from feria_catalog.pricing import current
from feria_catalog.pricing.prices import ListPrice, Shown, shown_at, winner
from feria_core import db
from feria_core.testing.clock import MovableClock
from feria_core.testing.work import run_jobs

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LISTS = "/api/admin/price-lists"


@pytest.fixture
def clock():
    with MovableClock(NOON) as movable:
        yield movable


def usd(amount):
    return {"amount": amount, "currency": "USD"}


@pytest.fixture
def make_list(staff):
    async def make(code="sale", prices=None, **wished):
        reply = await staff.post(LISTS, {"code": code, "name": code.title(), **wished})
        assert reply.status == 201, reply.json
        if prices:
            body = {"prices": {sku: usd(amount) for sku, amount in prices.items()}}
            reply = await staff.put(f"{LISTS}/{code}/prices", body)
            assert reply.status == 200, reply.json
        return reply.json

    return make


def some_price(chance, code):
    return ListPrice(
        code,
        chance.randrange(5),
        chance.choice([None, NOON - HOUR, NOON, NOON + HOUR]),
        chance.choice([None, NOON, NOON + HOUR]),
        chance.choice([None, "trade", "club"]),
        chance.choice([1, 1, 2, 10]),
        chance.choice([0, 0, 1]),
    )


def test_the_winner_does_not_depend_on_the_order():
    chance = random.Random(7)
    for _ in range(2000):
        prices = [some_price(chance, f"l{i}") for i in range(chance.randrange(7))]
        quantity, group = chance.choice([1, 2, 50]), chance.choice([None, "trade"])
        found = winner(prices, NOON, quantity=quantity, group=group)
        for _ in range(5):
            chance.shuffle(prices)
            assert winner(prices, NOON, quantity=quantity, group=group) == found
        assert found is None or found.holds(NOON, quantity, group)
        assert (found is None) == (not any(p.holds(NOON, quantity, group) for p in prices))


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (ListPrice("b", 9, priority=1), ListPrice("a", 1, customer_group="trade", min_quantity=5)),
        (ListPrice("b", 9, customer_group="trade"), ListPrice("a", 1, min_quantity=5)),
        (ListPrice("b", 9, min_quantity=5), ListPrice("a", 1)),
        (ListPrice("b", 1), ListPrice("a", 9)),
        (ListPrice("a", 1), ListPrice("b", 1)),
    ],
)
def test_priority_then_group_then_quantity_then_price_then_code(better, worse):
    assert winner([worse, better], NOON, quantity=5, group="trade") == better


def test_a_lower_price_is_compared_with_the_own_one():
    assert shown_at(Shown(100, 150), [ListPrice("a", 80)], NOON) == Shown(80, 100)
    assert shown_at(Shown(100, 150), [ListPrice("a", 120)], NOON) == Shown(120, 150)
    assert shown_at(Shown(100, None), [ListPrice("a", 120)], NOON) == Shown(120, None)
    assert shown_at(Shown(100, 150), [ListPrice("a", 80, min_quantity=2)], NOON) == Shown(100, 150)


async def seen(client, catalog, product):
    """Return the price in each of the places where it stands, and whether filters and orders go by it."""
    page = (await client.get(f"/api/products/{product['slug']}")).json
    first = page["variants"][0]
    queries = ("", "?sort=price&in_stock=true", "?q=lamp", "?category=x")
    cards = [
        next(card for card in (await client.get(f"/api/products{q}")).json["items"] if card["id"] == product["id"])
        for q in queries
    ]  # fmt: skip
    related = (await client.get("/api/products/steady")).json["related"]
    cards += [card for card in related if card["id"] == product["id"]]
    shown = {(c["price"]["amount"], (c["compare_at_price"] or {}).get("amount"), c["on_sale"]) for c in [*cards, page]}
    assert len(cards) == 5
    assert shown == {(first["price"]["amount"], (first["compare_at_price"] or {}).get("amount"), page["on_sale"])}
    variant = UUID(first["id"])
    offer = (await catalog.offers([variant]))[variant]
    amount = first["price"]["amount"]
    assert offer.price.amount == amount
    assert f'"amount":{amount}' in offer.card.replace(" ", "")
    assert page["jsonld"]["offers"]["price"] == f"{amount / 100:.2f}"
    cheap = (await client.get("/api/products?price_max=899&facets=true")).json
    on_sale = (await client.get("/api/products?on_sale=true")).json
    assert [i["id"] for i in on_sale["items"]] == ([product["id"]] if page["on_sale"] else [])
    assert cheap["total"] == len(cheap["items"]) == (1 if amount < 900 else 0)
    order = [i["id"] for i in (await client.get("/api/products?sort=price")).json["items"]]
    assert (order[0] == product["id"]) == (amount < 900)
    return amount


@pytest.fixture
async def lamp(staff, make_product):
    await staff.post("/api/admin/categories", {"name": "X"})
    await make_product("Steady", price=900, sku="S", category="x")
    return await make_product("Lamp", price=1000, sku="L", category="x")


async def test_a_window_opens_and_closes_to_the_second_everywhere(client, catalog, lamp, make_list, clock):
    await make_list(prices={"L": 800}, starts_at="2026-06-01T13:00:00Z", ends_at="2026-06-01T14:00:00Z")
    for at, amount in (
        (NOON, 1000),
        (NOON + HOUR - timedelta(microseconds=1), 1000),
        (NOON + HOUR, 800),
        (NOON + 2 * HOUR - timedelta(microseconds=1), 800),
        (NOON + 2 * HOUR, 1000),
    ):
        clock.at = at
        assert await seen(client, catalog, lamp) == amount, at
        assert await seen(client, catalog, lamp) == amount, at
    assert await db.fetch_value("SELECT count(*) FROM catalog_product_document WHERE price_until IS NOT NULL") == 0
    assert await checks.documents() == []


@pytest.mark.parametrize(
    "path", ["/api/products", "/api/products/lamp", "/api/products/steady", "/api/products?q=lamp"]
)
async def test_each_answer_alone_is_exact(client, lamp, make_list, clock, path):
    await make_list(prices={"L": 800}, starts_at="2026-06-01T13:00:00Z", ends_at="2026-06-01T14:00:00Z")
    for moment, amount in ((NOON, 1000), (NOON + HOUR, 800), (NOON + 2 * HOUR, 1000)):
        clock.at = moment
        for _ in range(2):  # made, then kept
            text = (await client.get(path)).body.decode()
            assert f'"amount":{amount}' in text
            assert ('"amount":800' in text) == (amount == 800)


async def test_many_readers_of_one_edge_write_it_once(client, lamp, make_list, clock):
    await make_list(prices={"L": 800}, starts_at="2026-06-01T13:00:00Z")
    before = await db.fetch_value("SELECT count(*) FROM core_outbox")
    clock.at = NOON + HOUR
    paths = [f"/api/products?limit={n}" for n in range(1, 12)] + ["/api/products/lamp", "/api/products/steady"]
    replies = await asyncio.gather(*(client.get(path) for path in paths))
    assert {reply.status for reply in replies} == {200}
    assert all(b'"amount":800' in reply.body for reply in replies[1:])
    assert await db.fetch_value("SELECT count(*) FROM core_outbox") - before <= 1


async def test_edits_of_a_list_show_at_once(client, staff, catalog, lamp, make_list):
    made = await make_list(prices={"L": 800})
    assert await seen(client, catalog, lamp) == 800
    edited = await staff.patch(f"{LISTS}/sale", {"is_active": False, "version": made["version"]})
    assert edited.status == 200
    assert await seen(client, catalog, lamp) == 1000
    stale = await staff.patch(f"{LISTS}/sale", {"is_active": True, "version": made["version"]})
    assert (stale.status, stale.json["code"]) == (409, "stale_version")
    await staff.patch(f"{LISTS}/sale", {"is_active": True})
    await staff.put(f"{LISTS}/sale/prices", {"prices": {"L": usd(700)}})
    assert await seen(client, catalog, lamp) == 700
    await staff.put(f"{LISTS}/sale/prices", {"prices": {"L": None}})
    assert await seen(client, catalog, lamp) == 1000
    await staff.put(f"{LISTS}/sale/prices", {"prices": {"L": usd(600)}})
    assert (await staff.delete(f"{LISTS}/sale")).status == 204
    assert await seen(client, catalog, lamp) == 1000
    assert (await staff.delete(f"{LISTS}/sale")).status == 404


async def test_a_list_of_many_products_is_shown_by_the_job_and_sold_by_at_once(
    client, catalog, lamp, make_list, monkeypatch
):
    monkeypatch.setattr(current, "AT_ONCE", 0)
    monkeypatch.setattr(current, "BEFORE_READING", 0)
    await make_list(prices={"L": 800})
    variant = UUID(lamp["variants"][0]["id"])
    assert (await catalog.offers([variant]))[variant].price.amount == 800
    await run_jobs()
    assert await seen(client, catalog, lamp) == 800


async def test_the_job_is_ready_when_a_list_begins_and_ends(client, lamp, make_list, clock, monkeypatch):
    monkeypatch.setattr(current, "BEFORE_READING", 0)
    await make_list(prices={"L": 800}, starts_at="2026-06-01T13:00:00Z", ends_at="2026-06-01T14:00:00Z")
    for moment, amount in ((NOON, 1000), (NOON + HOUR, 800), (NOON + 2 * HOUR, 1000)):
        clock.at = moment
        await run_jobs()
        cards = (await client.get("/api/products?sort=-price")).json["items"]
        assert {card["sku"]: card["price"]["amount"] for card in cards}["L"] == amount


async def test_the_feed_tells_the_prices_of_lists(client, lamp, make_list):
    await make_list(prices={"L": 800})
    text = (await client.get("/feeds/products.xml")).body.decode()
    assert "<g:price>10.00 USD</g:price><g:sale_price>8.00 USD</g:sale_price>" in text


async def test_groups_and_quantities_have_their_own_prices(client, catalog, lamp, make_list):
    await make_list("trade", {"L": 700}, customer_group="trade")
    await make_list("dozen", {"L": 650}, min_quantity=12)
    await make_list("trade-dozen", {"L": 500}, customer_group="trade", min_quantity=12)
    variant = UUID(lamp["variants"][0]["id"])

    async def price(quantity, group):
        found = await catalog.offers([variant], quantities={variant: quantity}, group=group)
        return found[variant].price.amount

    assert [await price(q, g) for q, g in ((1, None), (12, None), (11, None), (1, "trade"), (12, "trade"))] == [
        1000, 650, 1000, 700, 500,
    ]  # fmt: skip
    assert await seen(client, catalog, lamp) == 1000


async def test_lists_and_prices_are_read_page_by_page(staff, make_product, make_list):
    for n in range(3):
        await make_product(f"P{n}", sku=f"K{n}")
        await make_list(f"list-{n}")
    await staff.put(f"{LISTS}/list-0/prices", {"prices": {f"K{n}": usd(n) for n in range(3)}})
    first = (await staff.get(f"{LISTS}/list-0/prices?limit=2")).json
    rest = (await staff.get(f"{LISTS}/list-0/prices?limit=2&cursor={first['next_cursor']}")).json
    assert [p["sku"] for p in [*first["items"], *rest["items"]]] == ["K0", "K1", "K2"]
    assert first["items"][1]["price"] == usd(1)
    assert rest["items"][0]["base_price"] == usd(1000)
    lists = (await staff.get(f"{LISTS}?limit=2")).json
    assert [i["code"] for i in lists["items"]] == ["list-0", "list-1"]
    assert lists["items"][0]["price_count"] == 3


@pytest.mark.parametrize(
    "body",
    [
        {}, {"code": "A b", "name": "x"}, {"code": "a", "name": ""}, {"code": "a", "name": "x", "min_quantity": 0},
        {"code": "a", "name": "x", "min_quantity": 2**60}, {"code": "a", "name": "x", "priority": 10**9},
        {"code": "a", "name": "x", "starts_at": "2026-06-01T13:00:00Z", "ends_at": "2026-06-01T13:00:00Z"},
        {"code": "a", "name": "x", "starts_at": 5}, {"code": "a", "name": "x", "customer_group": ""},
    ],
)  # fmt: skip
async def test_senseless_lists_are_refused(staff, body):
    assert (await staff.post(LISTS, body)).status == 422


async def test_refusals(staff, client, customer, make_product, make_list):
    await make_product("Lamp", sku="L")
    await make_list()
    again = await staff.post(LISTS, {"code": "sale", "name": "x"})
    assert (again.status, again.json["code"]) == (409, "code_taken")
    for prices, code in (
        ({"NO": usd(1)}, "validation_failed"), ({"L": {"amount": 1, "currency": "EUR"}}, "wrong_currency"),
        ({"L": usd(-1)}, "validation_failed"), ({}, "validation_failed"),
        ({f"S{n}": None for n in range(1001)}, "validation_failed"),
    ):  # fmt: skip
        reply = await staff.put(f"{LISTS}/sale/prices", {"prices": prices})
        assert (reply.status, reply.json["code"]) == (422, code)
    assert (await staff.get(f"{LISTS}/none/prices")).status == 404
    assert (await client.get(LISTS)).status == 401
    assert (await customer.get(LISTS)).status == 403


async def test_twins_create_one_list_and_both_prices_stay(staff, make_product):
    await make_product("A", sku="A")
    await make_product("B", sku="B")
    made = await asyncio.gather(*(staff.post(LISTS, {"code": "sale", "name": "x"}) for _ in range(4)))
    assert sorted(reply.status for reply in made) == [201, 409, 409, 409]
    await asyncio.gather(*(staff.put(f"{LISTS}/sale/prices", {"prices": {sku: usd(5)}}) for sku in ("A", "B")))
    assert (await staff.get(f"{LISTS}/sale")).json["price_count"] == 2
    assert await checks.documents() == []
