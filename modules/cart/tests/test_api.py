"""The cart's routes, as a frontend meets them."""

from __future__ import annotations

import pytest

from feria_core import db
from feria_core.ids import new_id, token_hash


def usd(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "USD"}


EMPTY = {
    "id": None,
    "currency": "USD",
    "version": 0,
    "items": [],
    "codes": [],
    "discounts": [],
    "subtotal": usd(0),
    "discount_total": usd(0),
    "total": usd(0),
    "changes": [],
    "gifts": [],
    "notes": [],
    "minimum": None,
}


async def test_a_guest_without_a_cart_gets_an_empty_one_and_a_token(guest):
    reply = await guest.get("/api/cart")
    assert (reply.status, reply.json) == (200, EMPTY)
    assert len(reply.headers["cart-token"]) >= 43
    assert reply.headers["cache-control"] == "no-store"
    assert await db.fetch_value("SELECT count(*) FROM cart_cart") == 0


async def test_the_token_of_an_empty_cart_is_that_of_the_cart_made_with_it(guest, catalog):
    token = (await guest.get("/api/cart")).headers["cart-token"]
    holder = guest.with_headers(cart_token=token)
    reply = await holder.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 1})
    assert reply.headers["cart-token"] == token
    assert (await holder.get("/api/cart")).json["id"] == reply.json["id"]
    assert await db.fetch_value("SELECT token_hash FROM cart_cart") == token_hash(token)


async def test_adding_answers_the_cart_in_its_documented_shape(guest, catalog):
    variant = catalog.put(price=19900)
    reply = await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 2})
    assert reply.status == 201
    cart = reply.json
    (item,) = cart["items"]
    rest = {"id": cart["id"], "version": 1, "items": [item], "subtotal": usd(39800), "total": usd(39800)}
    assert cart == {**EMPTY, **rest}
    assert item == {
        "id": item["id"],
        "variant_id": variant,
        "product": {"id": item["product"]["id"], "slug": "oak-table", "name": "Oak table", "sku": "OAK-160"},
        "sku": "OAK-160",
        "options": {"size": "160"},
        "quantity": 2,
        "unit_price": usd(19900),
        "discount": usd(0),
        "total": usd(39800),
    }


async def test_the_same_variant_adds_up_on_one_line_and_raises_the_version(with_token, catalog):
    guest, variant = await with_token(), catalog.put()
    await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 2})
    cart = (await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 3})).json
    assert [item["quantity"] for item in cart["items"]] == [5]
    assert cart["version"] == 2


async def test_lines_stay_in_the_order_they_were_added(with_token, catalog):
    guest = await with_token()
    variants = [catalog.put(sku=f"S-{n}") for n in range(4)]
    for variant in [*variants, variants[0]]:
        await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    assert [item["variant_id"] for item in (await guest.get("/api/cart")).json["items"]] == variants


async def test_more_than_is_left_is_refused_and_nothing_is_stored(with_token, catalog):
    guest, variant = await with_token(), catalog.put(available=3)
    await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 2})
    reply = await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 2})
    assert (reply.status, reply.code) == (409, "out_of_stock")
    assert reply.json["available"] == 3
    assert reply.json["lines"] == [{"variant_id": variant, "sku": "OAK-160", "requested": 4, "available": 3}]
    cart = (await guest.get("/api/cart")).json
    assert (cart["items"][0]["quantity"], cart["version"]) == (2, 1)


@pytest.mark.parametrize("variant", ["no-id", "0190a1b2-0000-7000-8000-000000000000", "{0190}", "💥" * 20])
async def test_an_unknown_variant_is_not_found(guest, variant):
    reply = await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    assert (reply.status, reply.code) == (404, "variant_unknown")


async def test_a_variant_that_is_not_sold_is_not_found(guest, catalog):
    variant = catalog.put(is_sold=False)
    assert (await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 1})).status == 404


@pytest.mark.parametrize(
    "quantity",
    ["0", "-1", "10000", str(2**31), str(2**63), "1" + "0" * 30, "1E400", "NaN", "true", '"1"', "1.0", "null", "[1]"],
)
async def test_a_quantity_out_of_range_or_of_another_type_is_refused(guest, catalog, quantity):
    body = f'{{"variant_id": "{catalog.put(available=10**6)}", "quantity": {quantity}}}'.encode()
    reply = await guest.post("/api/cart/items", data=body, headers={"Content-Type": "application/json"})
    assert reply.status in {400, 422}
    assert await db.fetch_value("SELECT count(*) FROM cart_cart") == 0


async def test_adding_up_past_the_largest_quantity_is_unacceptable(with_token, catalog):
    guest, variant = await with_token(), catalog.put(available=10**6)
    await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 9_999})
    reply = await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    assert reply.status == 422
    assert reply.json["errors"][0]["code"] == "quantity_too_large"


async def test_a_quantity_whose_total_leaves_the_range_of_money_is_unacceptable(guest, catalog):
    variant = catalog.put(price=10**15, available=10**6)
    reply = await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 2})
    assert reply.status == 422


async def test_a_field_too_many_is_refused(guest, catalog):
    body = {"variant_id": catalog.put(), "quantity": 1, "unit_price": 1}
    assert (await guest.post("/api/cart/items", body)).status == 422


async def test_a_full_cart_takes_no_further_line_but_more_of_what_it_holds(with_token, catalog, monkeypatch):
    from feria_cart.service import changing
    from feria_cart.settings import CartSettings

    monkeypatch.setattr(changing, "settings", lambda _: CartSettings(max_lines=2))
    guest = await with_token()
    variants = [catalog.put() for _ in range(3)]
    for variant in variants[:2]:
        await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    reply = await guest.post("/api/cart/items", {"variant_id": variants[2], "quantity": 1})
    assert (reply.status, reply.code) == (409, "cart_full")
    assert (await guest.post("/api/cart/items", {"variant_id": variants[0], "quantity": 1})).status == 201


async def test_a_quantity_is_set_and_zero_removes_the_item(with_token, catalog):
    guest = await with_token()
    cart = (await guest.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 2})).json
    path = f"/api/cart/items/{cart['items'][0]['id']}"
    changed = await guest.patch(path, {"quantity": 7})
    assert (changed.status, changed.json["items"][0]["quantity"], changed.json["version"]) == (200, 7, 2)
    removed = await guest.patch(path, {"quantity": 0})
    assert (removed.status, removed.json["items"], removed.json["id"]) == (200, [], cart["id"])
    assert (await guest.patch(path, {"quantity": 1})).status == 404


async def test_a_quantity_past_the_stock_is_not_set(with_token, catalog):
    guest, variant = await with_token(), catalog.put(available=3)
    cart = (await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 1})).json
    path = f"/api/cart/items/{cart['items'][0]['id']}"
    assert (await guest.patch(path, {"quantity": 4})).code == "out_of_stock"
    assert (await guest.patch(path, {"quantity": 10_000})).status == 422
    assert (await guest.patch(path, {"quantity": -1})).status == 422
    catalog.change(variant, is_sold=False)
    assert (await guest.patch(path, {"quantity": 2})).json["available"] == 0
    del catalog.shelf[next(iter(catalog.shelf))]
    assert (await guest.patch(path, {"quantity": 2})).json["available"] == 0
    assert (await guest.get("/api/cart")).json["version"] == 1


async def test_an_item_is_removed_once(with_token, catalog):
    guest = await with_token()
    cart = (await guest.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 2})).json
    path = f"/api/cart/items/{cart['items'][0]['id']}"
    assert (await guest.delete(path)).json["items"] == []
    assert (await guest.delete(path)).code == "not_found"


async def test_emptying_keeps_the_cart_and_emptying_none_is_harmless(with_token, catalog):
    guest = await with_token()
    assert (await guest.delete("/api/cart")).json == EMPTY
    cart = (await guest.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 2})).json
    emptied = await guest.delete("/api/cart")
    assert (emptied.status, emptied.json["items"], emptied.json["id"]) == (200, [], cart["id"])


async def test_a_customers_cart_is_one_on_every_device(customer, other_customer, catalog):
    first = await customer.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 1})
    assert "cart-token" not in first.headers
    second = await customer.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 1})
    assert second.json["id"] == first.json["id"]
    assert len(second.json["items"]) == 2
    assert (await other_customer.get("/api/cart")).json == EMPTY


async def test_a_strangers_item_answers_as_a_missing_one(with_token, customer, catalog):
    owner, stranger = await with_token(), await with_token()
    cart = (await owner.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 2})).json
    path = f"/api/cart/items/{cart['items'][0]['id']}"
    await stranger.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 1})
    await customer.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 1})
    for other in (stranger, customer):
        missing = await other.patch(f"/api/cart/items/{new_id()}", {"quantity": 1})
        foreign = await other.patch(path, {"quantity": 1})
        assert (foreign.status, foreign.code) == (missing.status, missing.code) == (404, "not_found")
        assert (await other.patch(path, {"quantity": 0})).status == 404
        assert (await other.delete(path)).status == 404
    assert (await owner.get("/api/cart")).json == cart


async def test_a_made_up_token_is_no_cart_and_never_becomes_one(guest, catalog):
    made_up = guest.with_headers(cart_token="A" * 43)
    assert (await made_up.get("/api/cart")).json == EMPTY
    reply = await made_up.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 1})
    assert reply.status == 201
    assert reply.headers["cart-token"] != "A" * 43
    assert (await made_up.get("/api/cart")).json == EMPTY


async def test_a_token_with_one_letter_changed_opens_nothing(guest, catalog):
    token = (await guest.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 1})).headers["cart-token"]
    for position in (0, 20, 43, len(token) - 1):
        letter = "B" if token[position] != "B" else "C"
        forged = token[:position] + letter + token[position + 1 :]
        reply = await guest.get("/api/cart", headers={"Cart-Token": forged})
        assert reply.json == EMPTY
        assert reply.headers["cart-token"] != forged


async def test_an_api_key_has_no_cart_of_its_own(client, customer, catalog):
    machine = client.signed_in(f"test.api_key.{new_id()}")
    reply = await machine.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 1})
    assert "cart-token" in reply.headers
    assert (await machine.get("/api/cart")).json == EMPTY


async def test_reading_costs_the_same_statements_for_any_number_of_lines(with_token, catalog, monkeypatch):
    guest = await with_token()
    counts = []

    def counted(fetch):
        async def fetched(sql: str, *values: object) -> object:
            counts[-1] += 1
            return await fetch(sql, *values)

        return fetched

    for name in ("fetch_all", "fetch_one"):
        monkeypatch.setattr(db, name, counted(getattr(db, name)))
    for _ in range(3):
        counts.append(0)
        await guest.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 1})
        counts[-1], catalog.asked = 0, 0
        await guest.get("/api/cart")
        assert catalog.asked == 1
    assert counts == [2, 2, 2]  # the cart, and what limits its price
