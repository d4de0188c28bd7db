"""What staff do: products, variants, categories, stock; each change one audit row and one version."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from pyroaring import BitMap

from feria_catalog import checks
from feria_catalog.admin_schemas import VariantPatch
from feria_catalog.listing.filters import Statement
from feria_catalog.staff import among, variants
from feria_core import clock, db
from feria_core.contracts.catalog import StockLine
from feria_core.ids import new_id
from feria_core.money import MoneyIn

USD = {"currency": "USD"}


def product(name="Oak table", **more):
    variants = [{"sku": "OAK-160", "price": {"amount": 19900, **USD}, "stock": 7, "options": {"size": "160"}}]
    return {"name": name, "variants": variants, **more}


async def audits():
    return [row["action"] for row in await db.fetch_all("SELECT action FROM core_audit ORDER BY id")]


async def test_guests_and_customers_may_not_write(client, customer):
    for method, path in (
        ("GET", "/api/admin/products"),
        ("POST", "/api/admin/products"),
        ("DELETE", "/api/admin/products/x"),
        ("POST", "/api/admin/categories"),
        ("POST", "/api/admin/stock/adjustments"),
    ):
        assert (await client.call(method, path)).status == 401
        assert (await customer.call(method, path)).status == 403


async def test_a_new_product_is_a_draft_with_version_stock_and_one_audit_row(staff, client):
    reply = await staff.post("/api/admin/products", product())
    assert reply.status == 201
    assert (reply.json["version"], reply.json["status"], reply.json["slug"]) == (1, "draft", "oak-table")
    assert reply.json["variants"][0]["available"] == 7
    assert (await client.get("/api/products/oak-table")).status == 404
    assert await audits() == ["catalog.product.created"]
    movement = (await staff.get("/api/admin/stock/movements?sku=OAK-160")).json["items"][0]
    assert (movement["change"], movement["reason"]) == (7, "initial")
    assert movement["actor"].startswith("staff:")


async def test_all_fields_come_back(staff):
    await staff.post("/api/admin/categories", {"name": "Tables"})
    body = product(
        slug="my-table", description="Nice", brand="Acme", category="tables", product_type="table",
        attributes={"Screen size": 1.5, "wood": "Oak", "seats": 6, "solid": True, "colours": ["a", "b"]},
        status="published", publish_at="2026-01-01T00:00:00Z", seo={"title": "T", "description": "D"},
    )  # fmt: skip
    made = (await staff.post("/api/admin/products", body)).json
    read = (await staff.get(f"/api/admin/products/{made['id']}")).json
    assert read == {**made, "related": read["related"]}
    assert made["attributes"] == {
        "screen_size": 1.5, "wood": "Oak", "seats": 6, "solid": True, "colours": ["a", "b"],
    }  # fmt: skip
    assert made["seo"]["title"] == "T"
    assert made["publish_at"] == "2026-01-01T00:00:00Z"
    assert (await staff.get("/api/admin/products/my-table")).json["id"] == made["id"]


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""}, {"name": "x" * 201}, {"slug": "Not A Slug"}, {"status": "sold"}, {"variants": []}, {"color": 1},
        {"variants": [{"sku": "A", "price": {"amount": -1, **USD}}]},
        {"variants": [{"sku": "A", "price": {"amount": 2**62, **USD}}]},
        {"variants": [{"sku": "A", "price": {"amount": 1.5, **USD}}]},
        {"variants": [{"sku": "A", "price": {"amount": 1, "currency": "EUR"}}]},
        {"variants": [{"sku": "A", "price": {"amount": 1, **USD}, "stock": -1}]},
        {"variants": [{"sku": "A", "price": {"amount": 1, **USD}, "stock": 2**31}]},
        {"variants": [{"sku": "A", "price": {"amount": 1, **USD}, "weight_g": 2**31}]},
        {"attributes": {"a": None}}, {"attributes": {"a": {"b": 1}}}, {"attributes": {"a": 2**62}},
        {"publish_at": "yesterday"}, {"publish_at": 5}, {"publish_at": "2026-01-01T00:00:00"}, {"name": "a\x00b"},
    ],
)  # fmt: skip
async def test_senseless_products_are_refused(staff, change):
    reply = await staff.post("/api/admin/products", {**product(), **change})
    assert reply.status == 422, reply.json
    assert await db.fetch_value("SELECT count(*) FROM catalog_product") == 0


async def test_prices_in_another_currency_are_refused_by_name(staff):
    body = {**product(), "variants": [{"sku": "A", "price": {"amount": 1, "currency": "EUR"}}]}
    assert (await staff.post("/api/admin/products", body)).code == "wrong_currency"


async def test_taken_skus_and_slugs_are_refused_and_free_slugs_made(staff):
    await staff.post("/api/admin/products", product())
    assert (await staff.post("/api/admin/products", product())).code == "sku_taken"
    other = {**product(slug="oak-table"), "variants": [{"sku": "B", "price": {"amount": 1, **USD}}]}
    reply = await staff.post("/api/admin/products", other)
    assert (reply.status, reply.code) == (409, "slug_taken")
    del other["slug"]
    assert (await staff.post("/api/admin/products", other)).json["slug"] == "oak-table-2"
    repeated = {**product("Third"), "variants": [{"sku": "C", "price": {"amount": 1, **USD}}] * 2}
    assert (await staff.post("/api/admin/products", repeated)).code == "sku_taken"


async def test_twenty_products_of_one_name_at_once_all_get_slugs(staff):
    bodies = [{"name": "Same", "variants": [{"sku": f"S-{i}", "price": {"amount": 1, **USD}}]} for i in range(20)]
    replies = await asyncio.gather(*(staff.post("/api/admin/products", body) for body in bodies))
    assert {reply.status for reply in replies} == {201}
    assert len({reply.json["slug"] for reply in replies}) == 20


async def test_names_without_letters_get_a_slug(staff):
    body = {"name": "💩💩", "variants": [{"sku": "P", "price": {"amount": 1, **USD}}]}
    made = (await staff.post("/api/admin/products", body)).json
    assert made["slug"]
    body = {"name": "Suggest", "variants": [{"sku": "Q", "price": {"amount": 1, **USD}}]}
    assert (await staff.post("/api/admin/products", body)).json["slug"] == "suggest-2"


async def test_a_patch_changes_what_it_names_and_nothing_else(staff):
    made = (await staff.post("/api/admin/products", product(brand="Acme", attributes={"a": "1", "b": "2"}))).json
    path = f"/api/admin/products/{made['id']}"
    changed = (await staff.patch(path, {"description": "New", "attributes": {"b": None, "c": 3}, "version": 1})).json
    assert (changed["name"], changed["brand"], changed["description"]) == ("Oak table", "Acme", "New")
    assert changed["attributes"] == {"a": "1", "c": 3}
    assert changed["version"] == 2
    cleared = (await staff.patch(path, {"brand": None})).json
    assert (cleared["brand"], cleared["version"]) == (None, 3)
    assert await audits() == ["catalog.product.created", "catalog.product.edited", "catalog.product.edited"]
    row = await db.fetch_one("SELECT before::text, after::text FROM core_audit ORDER BY id DESC LIMIT 1")
    assert '"brand": "Acme"' in row["before"]
    assert "description" not in row["before"]


async def test_a_stale_version_is_refused(staff):
    made = (await staff.post("/api/admin/products", product())).json
    path = f"/api/admin/products/{made['id']}"
    assert (await staff.patch(path, {"name": "B", "version": 1})).status == 200
    reply = await staff.patch(path, {"name": "C", "version": 1})
    assert (reply.status, reply.code) == (409, "stale_version")
    assert (await staff.get(path)).json["name"] == "B"


async def test_of_many_edits_of_one_version_one_wins(staff):
    made = (await staff.post("/api/admin/products", product())).json
    path = f"/api/admin/products/{made['id']}"
    replies = await asyncio.gather(*(staff.patch(path, {"name": f"N{i}", "version": 1}) for i in range(10)))
    assert sorted(reply.status for reply in replies) == [200] + [409] * 9


@pytest.mark.parametrize("body", [{"name": None}, {"status": None}, {"version": 0}, {"id": "x"}, {"variants": None}])
async def test_senseless_patches_are_refused(staff, body):
    made = (await staff.post("/api/admin/products", product())).json
    assert (await staff.patch(f"/api/admin/products/{made['id']}", body)).status == 422


async def test_archiving_takes_off_the_shop_and_repeats_safely(staff, client):
    made = (await staff.post("/api/admin/products", product(status="published"))).json
    path = f"/api/admin/products/{made['id']}"
    assert (await client.get("/api/products/oak-table")).status == 200
    assert [(await staff.delete(path)).status for _ in range(2)] == [204, 204]
    assert (await client.get("/api/products/oak-table")).status == 404
    assert (await client.get("/api/products")).json["items"] == []
    assert (await staff.get(path)).json["status"] == "archived"
    assert (await audits()).count("catalog.product.archived") == 1


@pytest.mark.parametrize("key", ["nothing", "%00", "0190a000-0000-7000-8000-000000000000"])
async def test_unknown_products_answer_404_to_staff(staff, key):
    path = f"/api/admin/products/{key}"
    assert (await staff.get(path)).status == 404
    assert (await staff.patch(path, {"name": "x"})).status == 404
    assert (await staff.delete(path)).status == 404
    assert (await staff.get(f"{path}/variants")).status == 404


async def test_variants_are_added_edited_and_withdrawn(staff, client):
    made = (await staff.post("/api/admin/products", product(status="published"))).json
    path = f"/api/admin/products/{made['id']}/variants"
    body = {"sku": "OAK-200", "price": {"amount": 29900, **USD}, "stock": 2, "options": {"size": "200"}}
    added = await staff.post(path, body)
    assert (added.status, added.json["version"]) == (201, 2)
    assert [v["sku"] for v in added.json["variants"]] == ["OAK-160", "OAK-200"]
    assert (await staff.post(path, body)).code == "sku_taken"
    new_price = {"price": {"amount": 25000, **USD}, "compare_at_price": {"amount": 29900, **USD}, "version": 2}
    edited = await staff.patch(f"{path}/OAK-200", new_price)
    assert edited.json["variants"][1]["price"]["amount"] == 25000
    assert (await staff.patch(f"{path}/OAK-200", new_price)).code == "stale_version"
    first = edited.json["variants"][0]["id"]
    withdrawn = (await staff.patch(f"{path}/{first}", {"is_active": False})).json
    assert [v["sku"] for v in withdrawn["variants"]] == ["OAK-200"]
    assert (await client.get("/api/products/oak-table")).json["on_sale"] is True
    listed = (await staff.get(path)).json
    assert [(v["sku"], v["is_active"], v["on_hand"]) for v in listed["items"]] == [
        ("OAK-160", False, 7), ("OAK-200", True, 2),
    ]  # fmt: skip
    assert (await staff.patch(f"{path}/NOPE", {"is_active": True})).status == 404


async def test_a_products_patch_changes_and_adds_variants_by_sku(staff):
    made = (await staff.post("/api/admin/products", product())).json
    path = f"/api/admin/products/{made['id']}"
    body = {
        "variants": [
            {"sku": "OAK-160", "price": {"amount": 1, **USD}},
            {"sku": "OAK-300", "price": {"amount": 3, **USD}, "stock": 3},
        ]
    }
    changed = (await staff.patch(path, body)).json
    assert [(v["sku"], v["price"]["amount"], v["available"]) for v in changed["variants"]] == [
        ("OAK-160", 1, 7), ("OAK-300", 3, 3),
    ]  # fmt: skip
    assert changed["variants"][0]["options"] == {"size": "160"}
    assert (await staff.patch(path, {"variants": [{"sku": "NEW"}]})).status == 422
    assert (await staff.patch(path, {"variants": [{"sku": "OAK-160", "stock": 1}]})).status == 422


async def test_categories_make_a_tree_with_unique_slugs(staff):
    root = await staff.post("/api/admin/categories", {"name": "Garden"})
    assert (root.status, root.json["path"]) == (201, ["garden"])
    child = await staff.post("/api/admin/categories", {"name": "Tables", "parent": "garden"})
    assert child.json["path"] == ["garden", "tables"]
    assert (await staff.post("/api/admin/categories", {"name": "tables", "parent": "garden"})).code == "name_taken"
    assert (await staff.post("/api/admin/categories", {"name": "X", "slug": "tables"})).code == "slug_taken"
    assert (await staff.post("/api/admin/categories", {"name": "X", "parent": "none"})).status == 404
    assert (await staff.post("/api/admin/categories", {"name": "Tables"})).json["slug"] == "tables-2"
    assert len((await staff.get("/api/admin/categories")).json["items"]) == 3
    assert (await staff.post("/api/admin/products", product(category="none"))).status == 404


async def test_stock_is_corrected_with_a_movement_and_an_audit_row(staff, client):
    await staff.post("/api/admin/products", product(status="published"))
    path = "/api/admin/stock/adjustments"
    up = await staff.post(path, {"sku": "OAK-160", "change": 3, "reason": "delivery"})
    assert (up.status, up.json["on_hand"], up.json["available"]) == (201, 10, 10)
    down = await staff.post(path, {"variant_id": up.json["variant_id"], "level": 0, "reason": "counted"})
    assert down.json["on_hand"] == 0
    assert (await client.get("/api/products/oak-table")).json["in_stock"] is False
    page = (await staff.get("/api/admin/stock/movements?limit=2")).json
    assert [m["change"] for m in page["items"]] == [-10, 3]
    rest = (await staff.get(f"/api/admin/stock/movements?limit=2&cursor={page['next_cursor']}")).json
    assert [m["change"] for m in rest["items"]] == [7]
    assert (await audits()).count("catalog.stock.adjusted") == 2
    assert await checks.stock_ledger() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"sku": "OAK-160", "change": -8, "reason": "x"}, 409),
        ({"sku": "OAK-160", "change": 1_000_000_000, "reason": "x"}, 409),
        ({"sku": "NOPE", "change": 1, "reason": "x"}, 404),
        ({"variant_id": "0190a000-0000-7000-8000-000000000000", "change": 1, "reason": "x"}, 404),
        ({"variant_id": "nonsense", "change": 1, "reason": "x"}, 422),
        ({"sku": "OAK-160", "reason": "x"}, 422),
        ({"sku": "OAK-160", "change": 1}, 422),
        ({"sku": "OAK-160", "change": 1, "level": 2, "reason": "x"}, 422),
        ({"sku": "OAK-160", "level": -1, "reason": "x"}, 422),
        ({"sku": "OAK-160", "change": 2**31, "reason": "x"}, 422),
    ],
)
async def test_senseless_corrections_are_refused(staff, body, status):
    await staff.post("/api/admin/products", product())
    assert (await staff.post("/api/admin/stock/adjustments", body)).status == status


async def test_staff_list_products_of_every_status_page_by_page(staff, make_product):
    for i in range(3):
        await make_product(f"Thing {i}", status=("draft", "published", "archived")[i])
    first = (await staff.get("/api/admin/products?limit=2")).json
    second = (await staff.get(f"/api/admin/products?limit=2&cursor={first['next_cursor']}")).json
    assert [i["name"] for i in first["items"] + second["items"]] == ["Thing 2", "Thing 1", "Thing 0"]
    assert first["items"][0]["status"] == "archived"
    drafts = (await staff.get("/api/admin/products?status=draft&q=thing")).json["items"]
    assert [(i["name"], i["version"], i["on_hand"]) for i in drafts] == [("Thing 0", 1, 5)]
    assert (await staff.get("/api/admin/products?cursor=W10")).status == 400


@pytest.mark.parametrize("listed", [0, 1000])
async def test_a_search_lists_what_it_finds_whether_few_or_many(staff, make_product, monkeypatch, listed):
    monkeypatch.setattr(among, "LISTED", listed)
    for i in range(20):
        await make_product(f"{'Thing' if i % 3 else 'Other'} {i}")
    wanted = [f"Thing {i}" for i in reversed(range(20)) if i % 3]
    first = (await staff.get("/api/admin/products?limit=5&q=thing")).json
    second = (await staff.get(f"/api/admin/products?limit=20&q=thing&cursor={first['next_cursor']}")).json
    assert [i["name"] for i in first["items"] + second["items"]] == wanted
    assert (await staff.get("/api/admin/products?q=nothingofthesort")).json["items"] == []


async def test_products_that_came_after_a_search_was_understood_are_not_among_its_bits(make_product, monkeypatch):
    for i in range(9):
        await make_product(f"Thing {i}")
    numbers = [row["no"] for row in await db.fetch_all("SELECT no FROM catalog_product ORDER BY no")]
    monkeypatch.setattr(among, "LISTED", 0)
    statement = Statement()
    condition = among.among("p.no", BitMap([numbers[0], numbers[3]]), statement)
    rows = await db.fetch_all(f"SELECT no FROM catalog_product p WHERE {condition} ORDER BY no", *statement.values)
    assert [row["no"] for row in rows] == [numbers[0], numbers[3]]


async def test_a_sell_out_during_an_edit_loses_neither(staff, client, catalog, make_product):
    made = await make_product("Busy", stock=1)
    variant = await db.fetch_value("SELECT id FROM catalog_variant")
    edited, go_on = asyncio.Event(), asyncio.Event()

    async def edit():
        async with db.transaction():
            await variants.edit(made["id"], made["sku"], VariantPatch(price=MoneyIn(amount=7, currency="USD")))
            edited.set()
            await go_on.wait()

    async def sell_out():
        await edited.wait()
        async with db.transaction():
            await catalog.hold(new_id(), [StockLine(variant, 1)], until=clock.now() + timedelta(minutes=15))

    tasks = [asyncio.create_task(edit()), asyncio.create_task(sell_out())]
    await edited.wait()
    await asyncio.sleep(0.3)
    go_on.set()
    await asyncio.gather(*tasks)
    page = (await client.get("/api/products/busy")).json
    assert (page["price"]["amount"], page["in_stock"]) == (7, False)
    assert await checks.documents() == []
