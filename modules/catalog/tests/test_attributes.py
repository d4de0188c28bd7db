"""Attributes and product types: declared by staff, checked with products, compared in one unit."""

from __future__ import annotations

import asyncio

import pytest

from feria_catalog.documents import affected
from feria_catalog.domain import ProductInput, VariantInput
from feria_catalog.writing import upsert_products
from feria_core import db
from feria_core.errors import Invalid
from feria_core.money import Money
from feria_core.testing.work import run_jobs

ATTRIBUTES = "/api/admin/attributes"
TYPES = "/api/admin/product-types"


def names(reply):
    return {item["name"] for item in reply.json["items"]}


@pytest.fixture
def declare(staff):
    async def make(name, **more):
        reply = await staff.post(ATTRIBUTES, {"name": name, **more})
        assert reply.status == 201, reply.json
        return reply.json

    return make


async def test_an_attribute_is_declared_read_edited_and_deleted_with_audit_and_version(staff, declare):
    made = await declare("Net weight", type="decimal", unit="kg", group="Size", position=3)
    assert (made["code"], made["level"], made["filterable"], made["version"]) == ("net_weight", "product", True, 1)
    assert (await staff.get(f"{ATTRIBUTES}/net_weight")).json == made
    assert (await staff.post(ATTRIBUTES, {"name": "Net weight"})).code == "code_taken"
    edited = await staff.patch(f"{ATTRIBUTES}/net_weight", {"name": "Weight", "version": 1})
    assert (edited.json["name"], edited.json["version"]) == ("Weight", 2)
    assert (await staff.patch(f"{ATTRIBUTES}/net_weight", {"name": "X", "version": 1})).code == "stale_version"
    assert (await staff.delete(f"{ATTRIBUTES}/net_weight")).status == 204
    assert (await staff.delete(f"{ATTRIBUTES}/net_weight")).status == 404
    actions = [
        row["action"]
        for row in await db.fetch_all("SELECT action FROM core_audit WHERE action <> 'refused' ORDER BY id")
    ]
    assert actions == [f"catalog.attribute.{what}" for what in ("created", "edited", "deleted")]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "A", "type": "float"}, {"name": "A", "type": "text", "unit": "kg"}, {"name": "A", "type": "enum"},
        {"name": "A", "type": "int", "allowed_values": ["1"]}, {"name": "A", "code": "Not A Code"}, {"name": ""},
        {"name": "A", "type": "multi", "allowed_values": ["x", "X"]}, {"name": "A", "level": "shop"},
        {"name": "A", "position": 2**40}, {"name": "A\x00"},
    ],
)  # fmt: skip
async def test_senseless_attributes_are_refused(staff, body):
    assert (await staff.post(ATTRIBUTES, body)).status == 422


@pytest.mark.parametrize(
    ("attribute", "good", "bad"),
    [
        ({"type": "int"}, [3, -3, "7"], [1.5, "x", True, [], "1.5"]),
        ({"type": "decimal", "unit": "kg"}, [1, 1.5, "1.5 kg", "1500 g"], ["1,5 kg", "5 m", True, "kg", "1e5"]),
        ({"type": "bool"}, [True, False], ["yes", 1, 0]),
        ({"type": "enum", "allowed_values": ["Oak", "Pine"]}, ["Oak", "pine"], ["Steel", True, ["Oak"], ""]),
        ({"type": "multi", "allowed_values": ["Red", "Blue"]}, [["Red"], ["blue", "Red"], "red"], [["Green"], [], 5]),
        ({"type": "date"}, ["2026-11-20"], ["20.11.2026", "2026-02-30", 5, "soon"]),
        ({"type": "text"}, ["x", 5], [True, ["a"], " "]),
    ],
)
async def test_values_are_checked_by_their_type(staff, declare, make_product, attribute, good, bad):
    await declare("Thing", **attribute)
    product = await make_product("P")
    path = f"/api/admin/products/{product['id']}"
    for value in good:
        assert (await staff.patch(path, {"attributes": {"thing": value}})).status == 200, value
    before = (await staff.get(path)).json
    for value in bad:
        reply = await staff.patch(path, {"attributes": {"Thing": value}})
        assert reply.status == 422, value
        if reply.json["errors"][0]["loc"][-1] != "thing":
            assert reply.json["errors"][0]["loc"][:2] == ["body", "attributes"]
    assert (await staff.get(path)).json == before


async def test_an_unknown_attribute_is_made_from_its_first_value_and_takes_any(staff, make_product):
    await make_product("A", attributes={"Width": 5})
    await make_product("B", attributes={"width": "wide"})
    (found,) = (await staff.get(ATTRIBUTES)).json["items"]
    assert (found["code"], found["type"], found["name"]) == ("width", "number", "Width")


async def test_quantities_are_shown_as_given_and_filtered_as_numbers_of_one_unit(client, declare, make_product):
    await declare("Weight", type="decimal", unit="g")
    await make_product("Kilo", attributes={"weight": "1.5 kg"})
    await make_product("Gram", attributes={"weight": 1500})
    await make_product("Light", attributes={"weight": "20 g"})
    page = (await client.get("/api/products/kilo")).json
    assert [(s["value"], s["unit"]) for s in page["specifications"]] == [(1.5, "kg")]
    assert [(s["value"], s["unit"]) for s in (await client.get("/api/products/gram")).json["specifications"]] == [
        (1500, "g")
    ]
    assert names(await client.get("/api/products?attr.weight=1500")) == {"Kilo", "Gram"}


async def test_a_changed_unit_leaves_quantities_what_they_are(client, staff, declare, make_product):
    await declare("Weight", type="decimal", unit="g")
    await make_product("Gram", attributes={"weight": 1500})
    assert (await staff.patch(f"{ATTRIBUTES}/weight", {"unit": "m"})).code == "values_unfit"
    assert (await staff.patch(f"{ATTRIBUTES}/weight", {"unit": "kg", "name": "Mass"})).status == 200
    (shown,) = (await client.get("/api/products/gram")).json["specifications"]
    assert (shown["name"], shown["value"], shown["unit"]) == ("Mass", 1500, "g")
    assert names(await client.get("/api/products?attr.weight=1.5")) == {"Gram"}


async def test_a_type_changes_only_where_stored_values_fit(staff, make_product):
    await make_product("A", attributes={"wood": "Oak"})
    path = f"{ATTRIBUTES}/wood"
    assert (await staff.patch(path, {"type": "int"})).code == "values_unfit"
    assert (await staff.patch(path, {"type": "enum"})).status == 422
    assert (await staff.patch(path, {"type": "enum", "allowed_values": ["Oak"], "level": "variant"})).status == 409
    assert (await staff.patch(path, {"type": "enum", "allowed_values": ["Oak"]})).status == 200
    assert (await staff.delete(path)).code == "in_use"


async def test_attributes_of_variants_are_stored_with_them(client, staff, declare, make_product):
    await declare("Length", type="decimal", unit="cm", level="variant")
    product = await make_product("Rope", sku="R-1", price=5)
    path = f"/api/admin/products/{product['id']}"
    assert (await staff.patch(path, {"attributes": {"length": 5}})).status == 422
    assert (await staff.patch(f"{path}/variants/R-1", {"attributes": {"length": "2 m"}})).status == 200
    body = {"sku": "R-2", "price": {"amount": 9, "currency": "USD"}, "attributes": {"length": 500, "note": "x"}}
    assert (await staff.post(f"{path}/variants", {**body, "options": {"size": "l"}})).status == 201
    page = (await client.get("/api/products/rope")).json
    assert [[(s["code"], s["value"], s["unit"]) for s in v["specifications"]] for v in page["variants"]] == [
        [("length", 2, "m")], [("length", 500, "cm"), ("note", "x", None)],
    ]  # fmt: skip
    assert names(await client.get("/api/products?attr.length=200")) == {"Rope"}
    assert (await staff.get(f"{ATTRIBUTES}/note")).json["level"] == "variant"
    listed = (await staff.get(f"{path}/variants")).json["items"]
    assert listed[0]["attributes"] == {"length": "2 m"}
    assert (await staff.patch(f"{path}/variants/R-1", {"attributes": {"length": None}})).status == 200
    assert (await staff.get(f"{path}/variants")).json["items"][0]["attributes"] == {}


async def test_an_import_is_checked_too_and_leaves_attributes_of_variants_alone(staff, declare, make_product):
    await declare("Length", type="decimal", unit="cm", level="variant")
    await declare("Seats", type="int")
    await make_product("Sofa", variants=[
        {"sku": "S-1", "price": {"amount": 5, "currency": "USD"}, "attributes": {"length": 200}}])  # fmt: skip
    thing = ProductInput("Sofa", (VariantInput("S-1", Money(5, "USD")),), attributes={"seats": 3})
    async with db.transaction():
        await upsert_products([thing], reason="import")
    assert await db.fetch_value("SELECT attributes::text FROM catalog_variant") == '{"length": 200}'
    bad = ProductInput("Sofa", thing.variants, attributes={"seats": "many"})
    with pytest.raises(Invalid):
        async with db.transaction():
            await upsert_products([bad], reason="import")


async def test_a_product_type_requires_its_attributes(staff, declare, make_product):
    await declare("Seats", type="int")
    await declare("Length", type="decimal", unit="cm", level="variant")
    body = {"name": "Sofa bed", "attributes": [{"code": "seats", "required": True}, {"code": "length"}]}
    made = await staff.post(TYPES, body)
    assert (made.status, made.json["code"], made.json["version"]) == (201, "sofa-bed", 1)
    assert [(a["code"], a["required"], a["level"]) for a in made.json["attributes"]] == [
        ("seats", True, "product"), ("length", False, "variant"),
    ]  # fmt: skip
    price = {"amount": 5, "currency": "USD"}
    product = {"name": "A", "product_type": "Sofa bed", "variants": [{"sku": "A", "price": price}]}
    refused = await staff.post("/api/admin/products", product)
    assert (refused.status, refused.json["errors"][0]["loc"]) == (422, ["body", "attributes", "seats"])
    created = await staff.post("/api/admin/products", {**product, "attributes": {"seats": 2}})
    assert (created.status, created.json["product_type"]) == (201, "sofa-bed")
    path = f"/api/admin/products/{created.json['id']}"
    assert (await staff.patch(path, {"attributes": {"seats": None}})).status == 422
    assert (await staff.delete(f"{TYPES}/sofa-bed")).code == "in_use"
    stricter = {"attributes": [{"code": "length", "required": True}], "version": 1}
    assert (await staff.patch(f"{TYPES}/sofa-bed", stricter)).json["version"] == 2
    assert (await staff.patch(f"{TYPES}/sofa-bed", stricter)).code == "stale_version"
    assert (await staff.patch(path, {"description": "still editable"})).status == 200
    assert (await staff.post(f"{path}/variants", {"sku": "B", "price": price})).status == 422
    assert (await staff.delete(f"{ATTRIBUTES}/length")).code == "in_use"


async def test_products_that_named_a_type_before_it_was_known_are_of_it(staff, make_product):
    made = await make_product("A", product_type="Office chair")
    assert (await staff.post(TYPES, {"name": "office CHAIR"})).status == 201
    assert (await staff.get(f"/api/admin/products/{made['id']}")).json["product_type"] == "office-chair"
    assert (await staff.post(TYPES, {"name": "X", "attributes": [{"code": "nope"}]})).status == 422
    assert (await staff.post(TYPES, {"name": "Office chair"})).code == "code_taken"


async def test_of_two_declarations_at_once_one_wins(staff):
    replies = await asyncio.gather(*(staff.post(ATTRIBUTES, {"name": "Twin"}) for _ in range(5)))
    assert sorted(reply.status for reply in replies) == [201] + [409] * 4


async def test_many_affected_documents_are_rewritten_by_jobs(client, staff, make_product, monkeypatch):
    monkeypatch.setattr(affected, "AT_ONCE", 1)
    monkeypatch.setattr(affected, "BATCH", 1)
    monkeypatch.setattr(affected, "SLICE", 2)
    for i in range(5):
        await make_product(f"P{i}", attributes={"wood": "Oak"})
    assert (await staff.patch(f"{ATTRIBUTES}/wood", {"name": "Timber", "type": "text"})).status == 200
    await run_jobs()
    for i in range(5):
        assert (await client.get(f"/api/products/p{i}")).json["specifications"][0]["name"] == "Timber"
