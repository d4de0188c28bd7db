"""Collections: by hand in their order, by rule as products are now."""

from __future__ import annotations

import pytest

from feria_core import db
from feria_core.ids import new_id

PATH = "/api/admin/collections"


def names(reply):
    return [item["name"] for item in reply.json["items"]]


async def create(staff, **body):
    reply = await staff.post(PATH, {"name": "Picks", **body})
    assert reply.status == 201, reply.json
    return reply.json


async def test_a_collection_by_hand_keeps_its_order_page_by_page(client, staff, make_product):
    made = [await make_product(f"P{i}", price=100 * i) for i in range(5)]
    order = [made[i]["id"] for i in (3, 0, 4, 1)]
    collection = await create(staff, products=order)
    assert (collection["slug"], collection["version"], collection["products"]) == ("picks", 1, order)
    assert names(await client.get("/api/products?collection=picks")) == ["P3", "P0", "P4", "P1"]
    first = await client.get("/api/products?collection=picks&limit=3&facets=true")
    assert (names(first), first.json["total"]) == (["P3", "P0", "P4"], 4)
    assert names(await client.get(f"/api/products?collection=picks&cursor={first.json['next_cursor']}")) == ["P1"]
    assert names(await client.get("/api/products?collection=picks&sort=price")) == ["P0", "P1", "P3", "P4"]
    assert names(await client.get("/api/products?collection=picks&price_min=300")) == ["P3", "P4"]
    assert names(await client.get("/api/products?collection=picks&q=p4")) == ["P4"]
    await staff.delete(f"/api/admin/products/{made[0]['id']}")
    assert names(await client.get("/api/products?collection=picks")) == ["P3", "P4", "P1"]
    assert (await client.get("/api/collections/picks")).json["product_count"] == 3
    turned = await staff.patch(f"{PATH}/picks", {"products": order[::-1], "version": 1})
    assert turned.json["version"] == 2
    assert names(await client.get("/api/products?collection=picks")) == ["P1", "P4", "P3"]
    assert (await staff.patch(f"{PATH}/picks", {"name": "X", "version": 1})).code == "stale_version"


async def test_a_collection_by_rule_is_what_the_products_are_now(client, staff, make_product):
    await staff.post("/api/admin/categories", {"name": "Tables"})
    oak = await make_product("Oak", price=500, category="tables", brand="Acme", attributes={"wood": "Oak", "seats": 6})
    await make_product("Pine", price=100, category="tables", brand="Acme", attributes={"wood": "Pine", "seats": 2})
    await make_product("Steel", price=900, brand="Other")
    rule = {
        "category": "tables",
        "brand": ["Acme"],
        "attributes": {"wood": ["oak", "ash"]},
        "ranges": {"seats": {"min": 4}},
    }
    made = await create(staff, rule=rule)
    assert made["rule"] == rule
    assert names(await client.get("/api/products?collection=picks")) == ["Oak"]
    assert (await client.get("/api/collections")).json["items"] == [
        {"slug": "picks", "name": "Picks", "description": "", "kind": "rule", "product_count": 1}
    ]
    await make_product("Ash", price=700, category="tables", brand="Acme", attributes={"wood": "Ash", "seats": 4})
    assert set(names(await client.get("/api/products?collection=picks"))) == {"Oak", "Ash"}
    assert names(await client.get("/api/products?collection=picks&price_max=600")) == ["Oak"]
    await staff.patch(f"/api/admin/products/{oak['id']}", {"attributes": {"seats": 1}})
    await staff.patch("/api/admin/categories/tables", {"slug": "desks"})
    assert names(await client.get("/api/products?collection=picks")) == ["Ash"]
    assert (await staff.patch(f"{PATH}/picks", {"rule": {"price_max": 100}})).status == 200
    assert names(await client.get("/api/products?collection=picks")) == ["Pine"]


async def test_collections_are_audited_deleted_and_unknown_ones_empty(client, staff, make_product):
    await create(staff)
    assert (await staff.post(PATH, {"name": "Picks"})).code == "slug_taken"
    assert (await staff.delete(f"{PATH}/picks")).status == 204
    assert (await staff.delete(f"{PATH}/picks")).status == 404
    await make_product("A")
    assert names(await client.get("/api/products?collection=picks")) == []
    assert names(await client.get("/api/products?collection=%F0%9F%92%A9")) == []
    assert (await client.get("/api/collections/picks")).status == 404
    assert (await client.get("/api/collections/%00")).status == 404
    actions = [
        row["action"]
        for row in await db.fetch_all("SELECT action FROM core_audit WHERE action <> 'refused' ORDER BY id")
    ]
    assert actions[:2] == ["catalog.collection.created", "catalog.collection.deleted"]


@pytest.mark.parametrize(
    "body",
    [
        {"rule": {}}, {"rule": {"colour": "red"}}, {"rule": {"price_min": -1}}, {"rule": {"category": "Not A Slug"}},
        {"rule": {"attributes": {"wood": []}}}, {"rule": {"ranges": {"w": {"min": "x"}}}}, {"products": ["nonsense"]},
        {"products": [str(new_id())]}, {"rule": {"rating_min": 9}},
        {"rule": {"price_min": 1}, "products": [str(new_id())]},
    ],
)  # fmt: skip
async def test_senseless_collections_are_refused(staff, body):
    assert (await staff.post(PATH, {"name": "Picks", **body})).status == 422
    assert await db.fetch_value("SELECT count(*) FROM catalog_collection") == 0


async def test_the_kind_of_a_collection_stays(staff):
    await create(staff)
    assert (await staff.patch(f"{PATH}/picks", {"rule": {"price_min": 1}})).status == 422
    assert (await staff.patch(f"{PATH}/picks", {"rule": None})).status == 422
