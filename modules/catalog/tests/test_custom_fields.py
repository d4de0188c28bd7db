"""Custom fields: declared by staff or a module, checked, shown where they are public, filtered by where they may be."""

from __future__ import annotations

import asyncio

import pytest

from feria_catalog import checks
from feria_core import db
from feria_core.contracts.catalog import CUSTOM_FIELDS, CustomField
from feria_core.runtime import registry

FIELDS = "/api/admin/custom-fields"


def usd(amount):
    return {"amount": amount, "currency": "USD"}


@pytest.fixture
def field(staff):
    async def make(code="origin", **wished):
        reply = await staff.post(FIELDS, {"code": code, "name": code.title(), **wished})
        assert reply.status == 201, reply.json
        return reply.json

    return make


async def test_public_values_are_shown_and_private_ones_are_for_staff(client, staff, field, make_product):
    await field("origin", public=True)
    await field("margin", type="decimal")
    await field("colour", object="variant", type="enum", allowed_values=["Red", "Blue"], public=True)
    variants = [{"sku": "A", "price": usd(5), "custom_fields": {"colour": "red"}}]
    made = await make_product("Lamp", variants=variants, custom_fields={"origin": "Peru", "margin": 12.5})
    assert made["custom_fields"] == {"origin": "Peru", "margin": 12.5}
    page = (await client.get("/api/products/lamp")).json
    assert page["custom_fields"] == {"origin": "Peru"}
    assert page["variants"][0]["custom_fields"] == {"colour": "Red"}
    assert "12.5" not in (await client.get("/api/products/lamp")).body.decode()
    path = f"/api/admin/products/{made['id']}"
    await staff.patch(path, {"custom_fields": {"origin": None, "margin": 3}})
    assert (await staff.get(path)).json["custom_fields"] == {"margin": 3}
    assert (await client.get("/api/products/lamp")).json["custom_fields"] == {}
    await staff.patch(f"{path}/variants/A", {"custom_fields": {"colour": "Blue"}})
    await staff.post(f"{path}/variants", {"sku": "B", "price": usd(6), "custom_fields": {"colour": "Red"}})
    await staff.patch(path, {"variants": [{"sku": "C", "price": usd(7), "custom_fields": {"colour": "Red"}}]})
    shown = (await client.get("/api/products/lamp")).json["variants"]
    assert [v["custom_fields"] for v in shown] == [{"colour": "Blue"}, {"colour": "Red"}, {"colour": "Red"}]
    own = (await staff.get(f"{path}/variants")).json["items"]
    assert own[0]["custom_fields"] == {"colour": "Blue"}


async def test_categories_have_fields_too(client, staff, field):
    await field("banner", object="category", public=True)
    await field("buyer", object="category")
    body = {"name": "Lamps", "custom_fields": {"banner": "Light!", "buyer": "Ana"}}
    made = await staff.post("/api/admin/categories", body)
    assert made.json["custom_fields"] == {"banner": "Light!", "buyer": "Ana"}
    assert (await client.get("/api/categories/lamps")).json["custom_fields"] == {"banner": "Light!"}
    edited = await staff.patch("/api/admin/categories/lamps", {"custom_fields": {"banner": None}})
    assert edited.json["custom_fields"] == {"buyer": "Ana"}
    assert (await client.get("/api/categories/lamps")).json["custom_fields"] == {}


async def test_public_fields_filter_and_count(client, staff, field, make_product):
    await field("origin", public=True, filterable=True)
    await field("depth", type="int", object="variant", public=True, filterable=True)
    await field("note", public=True)
    await make_product("Lamp", custom_fields={"origin": "Peru", "note": "x"})
    variants = [
        {"sku": f"D{n}", "price": usd(5), "options": {"n": str(n)}, "custom_fields": {"depth": n}} for n in (10, 30)
    ]
    await make_product("Table", custom_fields={"origin": "Chile"}, variants=variants)

    async def names(query):
        return {item["name"] for item in (await client.get(f"/api/products?{query}")).json["items"]}

    assert await names("field.origin=peru") == {"Lamp"}
    assert await names("field.origin=Peru&field.origin=Chile") == {"Lamp", "Table"}
    assert await names("field.depth=30") == {"Table"}
    assert await names("field.depth.min=11&field.depth.max=40") == {"Table"}
    assert await names("field.depth.min=31") == set()
    assert await names("field.note=x") == set()
    assert await names("attr.origin=Peru") == set()
    facets = {
        f["parameter"]: f for f in (await client.get("/api/products?facets=true&field.origin=peru")).json["facets"]
    }
    origin = facets["field.origin"]
    assert (origin["name"], origin["type"]) == ("Origin", "text")
    assert {(v["label"], v["count"], v["selected"]) for v in origin["values"]} == {
        ("Peru", 1, True),
        ("Chile", 1, False),
    }
    assert "field.note" not in facets
    await staff.patch(f"{FIELDS}/origin", {"filterable": False})
    assert await names("field.origin=peru") == set()
    await staff.patch(f"{FIELDS}/origin", {"public": False})
    assert (await client.get("/api/products/lamp")).json["custom_fields"] == {"note": "x"}
    assert await checks.documents() == []


async def test_a_module_declares_fields_that_staff_fill_in(client, staff, field, make_product, app):
    port = CustomField("warranty", "Warranty", "int", is_public=True, is_filterable=True)
    registry().contribute(CUSTOM_FIELDS, port, module="test")
    try:
        listed = (await staff.get(FIELDS)).json["items"]
        assert [(f["code"], f["declared_by"], f["id"]) for f in listed] == [("warranty", "module", None)]
        await make_product("Lamp", custom_fields={"warranty": 24})
        assert (await client.get("/api/products/lamp")).json["custom_fields"] == {"warranty": 24}
        assert (await client.get("/api/products?field.warranty.min=24")).json["total"] == 1
        for reply in (
            await staff.patch(f"{FIELDS}/warranty", {"name": "x"}), await staff.delete(f"{FIELDS}/warranty")
        ):  # fmt: skip
            assert (reply.status, reply.json["code"]) == (409, "field_of_module")
        twin = await staff.post(FIELDS, {"code": "warranty", "name": "x"})
        assert (twin.status, twin.json["code"]) == (409, "code_taken")
    finally:
        registry()._offers.pop(CUSTOM_FIELDS.name)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"none": "x"}, "unknown_field"), ({"colour": "x"}, "unknown_field"), ({"size": "big"}, "wrong_type"),
        ({"size": 2**53 + 2}, None), ({"size": [1]}, None), ({"Origin": "x"}, None), ({"origin": "y" * 1001}, None),
        ({"origin": {"a": 1}}, None),
    ],
)  # fmt: skip
async def test_values_that_do_not_fit_are_refused(staff, field, make_product, values, code):
    await field("origin")
    await field("size", type="int")
    await field("colour", object="variant")
    made = await make_product("Lamp", custom_fields={"size": 4})
    reply = await staff.patch(f"/api/admin/products/{made['id']}", {"custom_fields": values})
    assert (reply.status, reply.json["code"]) == (422, "validation_failed")
    if code is not None:
        error = reply.json["errors"][0]
        assert (error["loc"], error["code"]) == (["body", "custom_fields", next(iter(values))], code)
    assert (await staff.get(f"/api/admin/products/{made['id']}")).json["version"] == 1


async def test_definitions_change_as_far_as_values_fit(staff, field, make_product):
    made = await field("size")
    await make_product("Lamp", custom_fields={"size": "big"})
    unfit = await staff.patch(f"{FIELDS}/size", {"type": "int"})
    assert (unfit.status, unfit.json["code"]) == (409, "values_unfit")
    leaky = await staff.patch(f"{FIELDS}/size", {"filterable": True})
    assert leaky.status == 422
    used = await staff.delete(f"{FIELDS}/size")
    assert (used.status, used.json["code"], used.json["count"]) == (409, "in_use", 1)
    assert (await staff.patch(f"{FIELDS}/size", {"name": "Size", "version": made["version"]})).json["version"] == 2
    stale = await staff.patch(f"{FIELDS}/size", {"name": "x", "version": 1})
    assert stale.json["code"] == "stale_version"
    await staff.patch("/api/admin/products/lamp", {"custom_fields": {"size": None}})
    assert (await staff.delete(f"{FIELDS}/size")).status == 204
    assert (await staff.get(f"{FIELDS}/size")).status == 404
    assert "catalog.custom_field.deleted" in [r["action"] for r in await db.fetch_all("SELECT action FROM core_audit")]


@pytest.mark.parametrize(
    "body",
    [
        {"code": "A", "name": "x"}, {"code": "a", "name": "x", "filterable": True}, {"code": "a", "name": ""},
        {"code": "a", "name": "x", "type": "enum"}, {"code": "a", "name": "x", "object": "brand"},
    ],
)  # fmt: skip
async def test_senseless_fields_are_refused(staff, body):
    assert (await staff.post(FIELDS, body)).status == 422


async def test_who_may_and_twins(client, customer, staff):
    assert (await client.get(FIELDS)).status == 401
    assert (await customer.post(FIELDS, {"code": "a", "name": "x"})).status == 403
    made = await asyncio.gather(*(staff.post(FIELDS, {"code": "a", "name": "x"}) for _ in range(3)))
    assert sorted(reply.status for reply in made) == [201, 409, 409]


@pytest.mark.parametrize("wished", [{"code": "A b"}, {"code": "a", "is_filterable": True}])
def test_a_module_cannot_declare_what_makes_no_sense(wished):
    with pytest.raises(ValueError, match="custom field"):
        CustomField(**{"name": "x", **wished})
