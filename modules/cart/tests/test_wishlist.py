"""Wish lists over HTTP: keeping, looking, removing, moving into the cart."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from feria_core import db

PATH = "/api/wishlist"


def skus(reply) -> list[str]:
    return [item["sku"] for item in reply.json["items"]]


async def test_looking_stores_nothing_and_shows_an_empty_list_in_the_language_of_who_looks(customer):
    reply = await customer.get(PATH)
    assert reply.status == 200
    assert reply.json == {
        "id": None, "name": "Wish list", "is_default": True, "is_shared": False, "share_token": None,
        "share_url": None, "item_count": 0, "items": [], "next_cursor": None,
    }  # fmt: skip
    spanish = await customer.get(PATH, headers={"Accept-Language": "es"})
    assert spanish.json["name"] == "Lista de deseos"
    assert await db.fetch_value("SELECT count(*) FROM cart_wishlist") == 0


async def test_an_item_shows_the_product_as_it_is_now_and_the_price_of_then(customer, catalog):
    variant = catalog.put(price=1500, sku="OAK-160")
    added = await customer.post(f"{PATH}/items", {"variant_id": variant})
    assert added.status == 201
    catalog.change(variant, price=1200, available=0)
    (item,) = (await customer.get(PATH)).json["items"]
    assert (item["variant_id"], item["sku"], item["product"]["name"]) == (variant, "OAK-160", "Oak table")
    assert item["price"] == {"amount": 1200, "currency": "USD"}
    assert item["price_when_added"] == {"amount": 1500, "currency": "USD"}
    assert item["in_stock"] is False
    assert item["alerts"] == {"back_in_stock": False, "price_drop": False}
    assert item["added_at"].endswith("Z")


async def test_what_is_not_sold_any_more_stays_with_its_name_and_without_its_page(customer, catalog):
    variant = catalog.put(sku="OAK-160")
    await customer.post(f"{PATH}/items", {"variant_id": variant})
    catalog.change(variant, is_sold=False, name="Secret draft")
    (item,) = (await customer.get(PATH)).json["items"]
    assert (item["product"], item["price"], item["in_stock"]) == (None, None, False)
    assert (item["sku"], item["name"]) == ("OAK-160", "Oak table")
    catalog.shelf.clear()
    assert (await customer.get(PATH)).json["items"][0]["name"] == "Oak table"


async def test_the_same_variant_twice_is_one_item_with_the_price_of_the_first_time(customer, catalog):
    variant = catalog.put(price=1500)
    first = await customer.post(f"{PATH}/items", {"variant_id": variant})
    catalog.change(variant, price=900)
    second = await customer.post(PATH, {"variant_id": variant})
    assert (first.status, second.status) == (201, 201)
    assert second.json["items"][0]["id"] == first.json["items"][0]["id"]
    assert second.json["items"][0]["price_when_added"]["amount"] == 1500
    assert second.json["item_count"] == 1


async def test_only_what_is_sold_can_be_kept(customer, catalog):
    for variant in (catalog.put(is_sold=False), "01936f2e-7c1a-7000-8000-0123456789ab", "x"):
        assert (await customer.post(f"{PATH}/items", {"variant_id": variant})).code == "variant_unknown"
    assert (await customer.post(f"{PATH}/items", {"variant_id": catalog.put(available=0)})).status == 201


async def test_removing_and_emptying(customer, catalog):
    for sku in ("A", "B", "C"):
        reply = await customer.post(f"{PATH}/items", {"variant_id": catalog.put(sku=sku)})
    assert skus(reply) == ["C", "B", "A"]
    path = f"{PATH}/items/{reply.json['items'][1]['id']}"
    assert (await customer.delete(path)).status == 204
    assert (await customer.delete(path)).code == "not_found"
    assert skus(await customer.get(PATH)) == ["C", "A"]
    emptied = await customer.delete(PATH)
    assert (emptied.status, emptied.json["items"], emptied.json["item_count"]) == (200, [], 0)
    assert (await customer.delete(PATH)).status == 200


async def test_a_long_list_comes_in_pages_at_two_statements_each(customer, catalog, monkeypatch):
    for number in range(25):
        await customer.post(f"{PATH}/items", {"variant_id": catalog.put(sku=f"S-{number:02}")})
    catalog.asked = 0
    counted = []
    monkeypatch.setattr(db, "fetch_all", _counting(db.fetch_all, counted))
    first = await customer.get(PATH)
    assert (len(counted), catalog.asked) == (1, 1)
    assert (len(first.json["items"]), first.json["item_count"]) == (20, 25)
    rest = await customer.get(f"{PATH}?limit=5&cursor={first.json['next_cursor']}")
    assert skus(first) + skus(rest) == [f"S-{number:02}" for number in reversed(range(25))]
    assert rest.json["next_cursor"] is None
    for cursor in ("x", "W10", "WzFd", "WyJ4Il0"):
        assert (await customer.get(f"{PATH}?cursor={cursor}")).code == "bad_request"


def _counting(real, counted):
    async def fetch_all(sql, *values):
        if "cart_wishlist" in sql:
            counted.append(sql)
        return await real(sql, *values)

    return fetch_all


async def test_moving_into_the_cart_takes_the_item_off_the_list(customer, catalog):
    variant = catalog.put(available=2)
    item = (await customer.post(f"{PATH}/items", {"variant_id": variant})).json["items"][0]
    moved = await customer.post(f"{PATH}/items/{item['id']}/move-to-cart")
    assert moved.status == 200
    assert [(line["variant_id"], line["quantity"]) for line in moved.json["items"]] == [(variant, 1)]
    assert skus(await customer.get(PATH)) == []
    assert (await customer.post(f"{PATH}/items/{item['id']}/move-to-cart")).code == "not_found"
    assert (await customer.get("/api/cart")).json["items"][0]["quantity"] == 1


@pytest.mark.parametrize("change", [{"available": 0}, {"is_sold": False}])
async def test_what_cannot_be_bought_stays_on_the_list(customer, catalog, change):
    variant = catalog.put()
    item = (await customer.post(f"{PATH}/items", {"variant_id": variant})).json["items"][0]
    catalog.change(variant, **change)
    refused = await customer.post(f"{PATH}/items/{item['id']}/move-to-cart")
    assert (refused.status, refused.code) == (409, "out_of_stock")
    assert refused.json["lines"][0]["variant_id"] == variant
    assert (await customer.get(PATH)).json["item_count"] == 1
    assert (await customer.get("/api/cart")).json["id"] is None


async def test_what_the_cart_holds_already_counts_when_an_item_moves(customer, catalog):
    variant = catalog.put(available=2)
    item = (await customer.post(f"{PATH}/items", {"variant_id": variant})).json["items"][0]
    await customer.post("/api/cart/items", {"variant_id": variant, "quantity": 2})
    assert (await customer.post(f"{PATH}/items/{item['id']}/move-to-cart")).code == "out_of_stock"
    assert (await customer.get(PATH)).json["item_count"] == 1
    assert (await customer.get("/api/cart")).json["items"][0]["quantity"] == 2


async def test_named_lists_are_made_renamed_filled_and_deleted(customer, catalog):
    made = await customer.post("/api/wishlists", {"name": "  Kitchen  "})
    assert (made.status, made.json["name"], made.json["is_default"]) == (201, "Kitchen", False)
    path = f"/api/wishlists/{made.json['id']}"
    variant = catalog.put(sku="PAN")
    filled = await customer.post(f"{path}/items", {"variant_id": variant})
    assert (filled.status, skus(filled)) == (201, ["PAN"])
    await customer.post(f"{PATH}/items", {"variant_id": variant})
    renamed = await customer.patch(path, {"name": "Cocina 🍳"})
    assert (renamed.status, renamed.json["name"], skus(renamed)) == (200, "Cocina 🍳", ["PAN"])
    listed = (await customer.get("/api/wishlists")).json
    assert [(one["name"], one["item_count"], one["is_default"]) for one in listed["items"]] == [
        ("Wish list", 1, True), ("Cocina 🍳", 1, False),
    ]  # fmt: skip
    default = (await customer.get(PATH)).json
    assert (await customer.delete(f"{path}/items/{default['items'][0]['id']}")).code == "not_found"
    assert (await customer.delete(f"{path}/items/{filled.json['items'][0]['id']}")).status == 204
    assert (await customer.delete(path)).status == 204
    assert (await customer.get(path)).code == "not_found"
    assert (await customer.get(PATH)).json["item_count"] == 1


async def test_the_default_list_can_be_named_and_deleted_like_any_other(customer, catalog):
    made = await customer.post(f"{PATH}/items", {"variant_id": catalog.put()})
    path = f"/api/wishlists/{made.json['id']}"
    assert (await customer.patch(path, {"name": "Ours"})).json["name"] == "Ours"
    assert (await customer.get(PATH, headers={"Accept-Language": "es"})).json["name"] == "Ours"
    assert (await customer.delete(path)).status == 204
    assert (await customer.get(PATH)).json["id"] is None


async def test_bounds(customer, catalog, bounds):
    bounds(max_wishes=2, max_wishlists=1)
    first, second, third = (catalog.put() for _ in range(3))
    for variant in (first, second):
        await customer.post(f"{PATH}/items", {"variant_id": variant})
    refused = await customer.post(f"{PATH}/items", {"variant_id": third})
    assert (refused.status, refused.code, refused.json["max_items"]) == (409, "wishlist_full", 2)
    assert (await customer.post(f"{PATH}/items", {"variant_id": first})).status == 201
    assert (await customer.post("/api/wishlists", {"name": "A"})).status == 201
    refused = await customer.post("/api/wishlists", {"name": "B"})
    assert (refused.status, refused.code, refused.json["max_lists"]) == (409, "too_many_wishlists", 1)
    assert len((await customer.get("/api/wishlists")).json["items"]) == 2


async def test_everything_is_for_signed_in_people_and_their_own(client, customer, other_customer, catalog):
    variant = catalog.put()
    wishlist = (await customer.post(f"{PATH}/items", {"variant_id": variant})).json
    item = f"{PATH}/items/{wishlist['items'][0]['id']}"
    named = f"/api/wishlists/{wishlist['id']}"
    calls = [
        ("DELETE", item, None), ("POST", f"{item}/move-to-cart", None),
        ("PUT", f"{item}/alerts", {"back_in_stock": True, "price_drop": False}),
        ("GET", named, None), ("PATCH", named, {"name": "Mine"}), ("DELETE", named, None),
        ("POST", f"{named}/items", {"variant_id": variant}),
        ("DELETE", f"{named}/items/{wishlist['items'][0]['id']}", None),
        ("POST", f"{named}/share", None), ("DELETE", f"{named}/share", None),
    ]  # fmt: skip
    for method, path, body in calls:
        assert (await client.call(method, path, json=body)).status == 401
        assert (await other_customer.call(method, path, json=body)).code == "not_found"
    for method, path, body in [
        ("GET", PATH, None), ("DELETE", PATH, None), ("POST", f"{PATH}/items", {"variant_id": variant}),
        ("GET", "/api/wishlists", None), ("POST", f"{PATH}/share", None), ("GET", "/api/alerts", None),
    ]:  # fmt: skip
        assert (await client.call(method, path, json=body)).status == 401
    assert (await customer.get(PATH)).json == wishlist


@pytest.mark.parametrize("text", ["x", "'; --", "\u202etxet", "a\x00b", "x" * 2000, "../..", "{}", "é"])
async def test_any_text_for_an_id_is_not_found(customer, text):
    segment = quote(text, safe="")
    body = {"back_in_stock": True, "price_drop": True}
    for method, path, json in [
        ("DELETE", f"{PATH}/items/{segment}", None), ("POST", f"{PATH}/items/{segment}/move-to-cart", None),
        ("PUT", f"{PATH}/items/{segment}/alerts", body), ("GET", f"/api/wishlists/{segment}", None),
        ("PATCH", f"/api/wishlists/{segment}", {"name": "A"}), ("DELETE", f"/api/alerts/{segment}", None),
        ("GET", f"/api/shared-wishlists/{segment}", None), ("POST", f"/api/wishlists/{segment}/share", None),
    ]:  # fmt: skip
        assert (await customer.call(method, path, json=json)).status == 404, (method, path)


@pytest.mark.parametrize(
    "name", ["", "  ", "x" * 101, 7, None, "a\x00b"], ids=["empty", "blank", "long", "int", "null", "nul"]
)
async def test_names_that_are_none(customer, name):
    assert (await customer.post("/api/wishlists", {"name": name})).code == "validation_failed"
