"""Wish lists that others may look at, by a link."""

from __future__ import annotations

import asyncio

import pytest

from feria_cart import links
from feria_cart.wishlist.api import GUESSES
from feria_core import db
from feria_core.ids import new_token, token_hash

PATH = "/api/wishlist"
KEY = "a-key-of-the-environment-with-enough-bits"


async def test_a_shared_list_tells_its_name_and_items_and_nothing_of_the_person(client, customer, catalog):
    for sku in ("A", "B", "GONE"):
        variant = catalog.put(sku=sku)
        added = (await customer.post(f"{PATH}/items", {"variant_id": variant})).json
    catalog.change(variant, is_sold=False)
    shared = await customer.post(f"{PATH}/share")
    token = shared.json["token"]
    assert (shared.status, len(token)) == (201, 43)
    assert shared.json["url"].endswith(f"/shared-wishlists/{token}")
    seen = await client.get(f"/api/shared-wishlists/{token}")
    assert (seen.status, sorted(seen.json)) == (200, ["items", "name", "next_cursor"])
    assert [item["sku"] for item in seen.json["items"]] == ["B", "A"]
    assert set(seen.json["items"][0]) == {"variant_id", "product", "sku", "price", "in_stock"}
    assert added["id"].encode() not in seen.body
    assert seen.headers["cache-control"] == "no-store"


async def test_the_owner_sees_the_same_link_again_and_twins_make_one(client, customer):
    replies = await asyncio.gather(*(customer.post(f"{PATH}/share") for _ in range(8)))
    (token,) = {reply.json["token"] for reply in replies}
    mine = (await customer.get(PATH)).json
    assert (mine["is_shared"], mine["share_token"]) == (True, token)
    assert mine["share_url"].endswith(token)
    assert (await client.get(f"/api/shared-wishlists/{token}")).json["items"] == []


async def test_a_revoked_link_opens_nothing_and_the_next_one_is_another(client, customer):
    old = (await customer.post(f"{PATH}/share")).json["token"]
    assert (await customer.delete(f"{PATH}/share")).status == 204
    assert (await customer.delete(f"{PATH}/share")).status == 204
    assert (await client.get(f"/api/shared-wishlists/{old}")).code == "not_found"
    assert (await customer.get(PATH)).json["share_url"] is None
    new = (await customer.post(f"{PATH}/share")).json["token"]
    assert new != old
    assert (await client.get(f"/api/shared-wishlists/{old}")).status == 404
    assert (await client.get(f"/api/shared-wishlists/{new}")).status == 200


async def test_nothing_shared_is_nothing_to_revoke(customer):
    assert (await customer.delete(f"{PATH}/share")).status == 204
    assert await db.fetch_value("SELECT count(*) FROM cart_wishlist") == 0


async def test_each_list_has_a_link_of_its_own_that_goes_with_it(client, customer):
    named = (await customer.post("/api/wishlists", {"name": "Kitchen"})).json["id"]
    first = (await customer.post(f"/api/wishlists/{named}/share")).json["token"]
    second = (await customer.post(f"{PATH}/share")).json["token"]
    assert (await client.get(f"/api/shared-wishlists/{first}")).json["name"] == "Kitchen"
    assert (await client.get(f"/api/shared-wishlists/{second}")).json["name"] == "Wish list"
    assert (await customer.get(f"/api/wishlists/{named}")).json["share_token"] == first
    assert (await customer.delete(f"/api/wishlists/{named}")).status == 204
    assert (await client.get(f"/api/shared-wishlists/{first}")).status == 404


async def test_a_shared_list_is_paged(client, customer, catalog):
    for number in range(5):
        await customer.post(f"{PATH}/items", {"variant_id": catalog.put(sku=f"S-{number}")})
    token = (await customer.post(f"{PATH}/share")).json["token"]
    first = (await client.get(f"/api/shared-wishlists/{token}?limit=3")).json
    rest = (await client.get(f"/api/shared-wishlists/{token}?limit=3&cursor={first['next_cursor']}")).json
    assert [item["sku"] for item in first["items"] + rest["items"]] == ["S-4", "S-3", "S-2", "S-1", "S-0"]
    assert rest["next_cursor"] is None


async def test_with_a_key_in_the_environment_the_database_opens_no_link(client, customer, bounds):
    bounds(link_key=KEY)
    token = (await customer.post(f"{PATH}/share")).json["token"]
    row = await db.fetch_one("SELECT share_nonce, share_hash FROM cart_wishlist")
    stored = await db.fetch_value("SELECT secret FROM cart_token_key") or b""
    assert bytes(row["share_hash"]) == token_hash(token)
    assert links.share_token(bytes(row["share_nonce"]), KEY.encode()) == token
    assert links.share_token(bytes(row["share_nonce"]), bytes(stored)) != token
    assert token not in str(await db.fetch_all("SELECT * FROM cart_wishlist"))


async def test_after_a_change_of_the_key_old_links_work_until_a_new_one_is_made(client, customer, bounds):
    bounds(link_key=KEY)
    old = (await customer.post(f"{PATH}/share")).json["token"]
    bounds(link_key=KEY[::-1])
    mine = (await customer.get(PATH)).json
    assert (mine["is_shared"], mine["share_url"]) == (True, None)
    assert (await client.get(f"/api/shared-wishlists/{old}")).status == 200
    new = (await customer.post(f"{PATH}/share")).json["token"]
    assert (await client.get(f"/api/shared-wishlists/{new}")).status == 200
    assert (await client.get(f"/api/shared-wishlists/{old}")).status == 404


async def test_guesses_are_limited(client, clock):
    replies = [await client.get(f"/api/shared-wishlists/{new_token()}") for _ in range(GUESSES.limit + 1)]
    assert {reply.status for reply in replies[:-1]} == {404}
    assert replies[-1].code == "rate_limited"


@pytest.mark.parametrize("kind", ["wishlist-share", "alert-unsubscribe"])
async def test_a_signature_for_one_purpose_is_none_for_another(kind):
    other = {"wishlist-share": "alert-unsubscribe", "alert-unsubscribe": "wishlist-share"}[kind]
    assert links._signature(kind, b"x" * 16, b"k" * 32) != links._signature(other, b"x" * 16, b"k" * 32)
