"""Variants from a matrix of options; no two with the same options, SKU or barcode."""

from __future__ import annotations

import asyncio

import pytest

from feria_core import db
from feria_core.ids import new_id

USD = {"currency": "USD"}
PRICE = {"amount": 500, **USD}
SHIRT = {"options": {"size": ["S", "M"], "colour": ["Red", "Blue"]}, "price": PRICE, "sku_prefix": "SHIRT", "stock": 3}


def skus(reply):
    return [variant["sku"] for variant in reply.json["variants"]]


async def test_a_matrix_generates_what_is_missing_and_repeats_safely(staff, client, make_product):
    first = {"sku": "OLD", "price": PRICE, "options": {"colour": "red", "size": "s"}}
    made = await make_product("Shirt", variants=[first])
    path = f"/api/admin/products/{made['id']}/variants/matrix"
    reply = await staff.post(path, SHIRT)
    assert (reply.status, reply.json["version"]) == (200, 2)
    assert skus(reply) == ["OLD", "SHIRT-S-BLUE", "SHIRT-M-RED", "SHIRT-M-BLUE"]
    assert reply.json["variants"][1]["available"] == 3
    again = await staff.post(path, SHIRT)
    assert (skus(again), again.json["version"]) == (skus(reply), 2)
    wider = {**SHIRT, "options": {**SHIRT["options"], "size": ["S", "L"]}}
    assert skus(await staff.post(path, wider))[4:] == ["SHIRT-L-RED", "SHIRT-L-BLUE"]
    assert (await staff.post(path, {**wider, "version": 1})).code == "stale_version"
    actions = [row["action"] for row in await db.fetch_all("SELECT action FROM core_audit ORDER BY id")]
    assert actions.count("catalog.variant.generated") == 2


async def test_taken_skus_are_numbered(staff, make_product):
    await make_product("Other", sku="SHIRT-S-RED")
    made = await make_product("Shirt", variants=[{"sku": "X", "price": PRICE, "options": {"size": "z", "colour": "z"}}])
    reply = await staff.post(f"/api/admin/products/{made['id']}/variants/matrix", SHIRT)
    assert skus(reply)[1] == "SHIRT-S-RED~2"


async def test_matrices_at_the_same_instant_make_each_combination_once(staff, make_product):
    made = await make_product("Shirt", variants=[{"sku": "X", "price": PRICE, "options": {"size": "z", "colour": "z"}}])
    path = f"/api/admin/products/{made['id']}/variants/matrix"
    replies = await asyncio.gather(*(staff.post(path, SHIRT) for _ in range(5)))
    assert {reply.status for reply in replies} == {200}
    assert await db.fetch_value("SELECT count(*) FROM catalog_variant") == 5


@pytest.mark.parametrize(
    "change",
    [
        {"options": {}}, {"options": {"a": []}}, {"options": {"a": ["x", "X"]}}, {"options": {"a": ["x"], "A": ["y"]}},
        {"options": {str(i): [str(v) for v in range(10)] for i in range(9)}},
        {"price": {"amount": 5, "currency": "EUR"}},
        {"price": None}, {"sku_prefix": "x" * 61}, {"stock": -1},
    ],
)  # fmt: skip
async def test_senseless_matrices_are_refused(staff, make_product, change):
    made = await make_product("Shirt")
    reply = await staff.post(f"/api/admin/products/{made['id']}/variants/matrix", {**SHIRT, **change})
    assert reply.status == 422
    assert await db.fetch_value("SELECT count(*) FROM catalog_variant") == 1


async def test_no_two_variants_of_a_product_have_the_same_options(staff, make_product):
    made = await make_product(
        "Shirt", variants=[{"sku": "A", "price": PRICE, "options": {"size": "M", "colour": "Red"}}]
    )
    path = f"/api/admin/products/{made['id']}/variants"
    twin = {"sku": "B", "price": PRICE, "options": {"colour": "red", "size": "m"}}
    assert (await staff.post(path, twin)).code == "options_taken"
    assert (await staff.post(path, {**twin, "options": {"size": "l"}})).status == 201
    assert (await staff.patch(f"{path}/B", {"options": twin["options"]})).code == "options_taken"
    assert (await staff.patch(f"{path}/A", {"is_active": False})).status == 200
    assert (await staff.patch(f"{path}/B", {"options": twin["options"]})).status == 200
    assert (await staff.patch(f"{path}/A", {"is_active": True})).code == "options_taken"
    body = {"name": "Two", "variants": [{**twin, "sku": "C"}, {**twin, "sku": "D"}]}
    assert (await staff.post("/api/admin/products", body)).code == "options_taken"


async def test_a_barcode_belongs_to_one_variant(staff, make_product):
    await make_product("A", variants=[{"sku": "A", "price": PRICE, "barcode": "7 501 a"}])
    made = await make_product("B", variants=[{"sku": "B", "price": PRICE}])
    path = f"/api/admin/products/{made['id']}/variants"
    assert (await staff.patch(f"{path}/B", {"barcode": "7501A"})).code == "barcode_taken"
    assert (await staff.patch(f"{path}/B", {"barcode": "7502"})).status == 200
    assert (await staff.patch(f"{path}/B", {"price": {"amount": 7, **USD}})).status == 200


async def test_twins_of_one_combination_at_the_same_instant_are_one(staff, make_product):
    made = await make_product("Shirt", variants=[{"sku": "X", "price": PRICE, "options": {"size": "z"}}])
    path = f"/api/admin/products/{made['id']}/variants"
    bodies = [{"sku": f"T-{i}", "price": PRICE, "options": {"size": "m"}} for i in range(6)]
    replies = await asyncio.gather(*(staff.post(path, body) for body in bodies))
    assert sorted(reply.status for reply in replies) == [201] + [409] * 5


async def test_a_variant_shows_pictures_of_its_product(staff, client, make_product):
    made = await make_product("Shirt", sku="S")
    path = f"/api/admin/products/{made['id']}/variants/S"
    picture = new_id()
    await db.execute(
        "INSERT INTO catalog_media (id, product_id, key, width, height) VALUES ($1, $2, 'abc.webp', 10, 10)",
        picture, made["id"],
    )  # fmt: skip
    assert (await staff.patch(path, {"media": [str(new_id())]})).status == 422
    assert (await staff.patch(path, {"media": [str(picture), str(picture)]})).status == 200
    (variant,) = (await client.get("/api/products/shirt")).json["variants"]
    assert [image["url"] for image in variant["media"]] == ["/media/abc.webp"]
    assert (await staff.patch(path, {"media": []})).status == 200
    assert (await client.get("/api/products/shirt")).json["variants"][0]["media"] == []


async def test_variants_have_a_tax_class_that_staff_choose(staff, make_product):
    given = [
        {"sku": "A", "price": PRICE, "options": {"size": "a"}},
        {"sku": "B", "price": PRICE, "options": {"size": "b"}, "tax_class": "digital"},
    ]
    made = await make_product("A", variants=given)
    path = f"/api/admin/products/{made['id']}"

    async def classes():
        items = (await staff.get(f"{path}/variants")).json["items"]
        return {variant["sku"]: variant["tax_class"] for variant in items}

    assert await classes() == {"A": "standard", "B": "digital"}
    assert (await staff.patch(f"{path}/variants/A", {"tax_class": "books"})).status == 200
    assert (await staff.patch(f"{path}/variants/B", {"weight_g": 5})).status == 200
    patches = [
        {"sku": "B", "tax_class": "food"},
        {"sku": "C", "price": PRICE, "options": {"size": "c"}, "tax_class": "toys"},
    ]
    assert (await staff.patch(path, {"variants": patches})).status == 200
    matrix = {"options": {"size": ["d"]}, "price": PRICE, "sku_prefix": "M", "tax_class": "media"}
    assert (await staff.post(f"{path}/variants/matrix", matrix)).status == 200
    assert await classes() == {"A": "books", "B": "food", "C": "toys", "M-D": "media"}
    for wrong in (None, "", "x" * 51, 5):
        assert (await staff.patch(f"{path}/variants/A", {"tax_class": wrong})).code == "validation_failed"
