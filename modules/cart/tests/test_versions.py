"""The entity tag of a cart, and changes that are meant for one version of it."""

from __future__ import annotations

import asyncio

import pytest


async def etag(shopper) -> str:
    return (await shopper.get("/api/cart")).headers["etag"]


async def add(shopper, variant, quantity=1, **headers):
    return await shopper.post("/api/cart/items", {"variant_id": variant, "quantity": quantity}, headers=headers or None)


async def test_a_tag_stays_while_nothing_is_changed_and_is_another_after_each_change(with_token, catalog):
    guest, variant = await with_token(), catalog.put(price=1000)
    seen = [await etag(guest), await etag(guest)]
    assert seen[0] == seen[1]
    added = await add(guest, variant)
    assert added.headers["etag"] == await etag(guest)
    path = f"/api/cart/items/{added.json['items'][0]['id']}"
    for call in (
        lambda: guest.patch(path, {"quantity": 2}),
        lambda: guest.delete(path),
        lambda: guest.delete("/api/cart"),
    ):
        reply = await call()
        assert reply.headers["etag"] == await etag(guest)
        seen.append(reply.headers["etag"])
    assert len(set(seen[1:])) == len(seen) - 1


@pytest.mark.parametrize("call", ["add", "patch", "delete", "empty", "code", "acknowledge", "save"])
async def test_a_change_for_a_stale_version_is_refused_and_changes_nothing(with_token, catalog, discounts, call):
    guest, variant = await with_token(), catalog.put()
    discounts.codes = {"A": "A"}
    first = await add(guest, variant)
    stale, item = first.headers["etag"], first.json["items"][0]["id"]
    before = (await add(guest, variant)).json
    headers = {"If-Match": stale}
    reply = await {
        "add": lambda: add(guest, variant, 1, **headers),
        "patch": lambda: guest.patch(f"/api/cart/items/{item}", {"quantity": 9}, headers=headers),
        "delete": lambda: guest.delete(f"/api/cart/items/{item}", headers=headers),
        "empty": lambda: guest.delete("/api/cart", headers=headers),
        "code": lambda: guest.post("/api/cart/codes", {"code": "A"}, headers=headers),
        "acknowledge": lambda: guest.post("/api/cart/acknowledge", headers=headers),
        "save": lambda: guest.post(f"/api/cart/items/{item}/save-for-later", headers=headers),
    }[call]()
    assert (reply.status, reply.code, reply.json["version"]) == (412, "cart_version_stale", 2)
    assert (await guest.get("/api/cart")).json == before


async def test_the_present_version_a_star_and_one_of_several_tags_are_taken(with_token, catalog):
    guest, variant = await with_token(), catalog.put()
    tag = await etag(guest)
    assert (await add(guest, variant, 1, **{"If-Match": tag})).status == 201
    assert (await add(guest, variant, 1, **{"If-Match": "*"})).status == 201
    assert (await add(guest, variant, 1, **{"If-Match": f'"x", {await etag(guest)}'})).status == 201
    for foreign in (tag, "W/" + await etag(guest), "", "nonsense", '"0"'):
        assert (await add(guest, variant, 1, **{"If-Match": foreign})).status == 412


async def test_of_twenty_changes_for_one_version_one_is_made(with_token, catalog):
    guest, variant = await with_token(), catalog.put()
    tag = (await add(guest, variant)).headers["etag"]
    replies = await asyncio.gather(*(add(guest, variant, 1, **{"If-Match": tag}) for _ in range(20)))
    assert sorted(reply.status for reply in replies) == [201] + [412] * 19
    assert (await guest.get("/api/cart")).json["items"][0]["quantity"] == 2


async def test_of_twenty_first_additions_to_no_cart_one_is_made(with_token, catalog):
    guest, variant = await with_token(), catalog.put()
    tag = await etag(guest)
    replies = await asyncio.gather(*(add(guest, variant, 1, **{"If-Match": tag}) for _ in range(20)))
    assert sorted(reply.status for reply in replies) == [201] + [412] * 19
