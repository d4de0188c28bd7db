"""Wish lists under many requests at the same instant, and what a person may ask of them."""

from __future__ import annotations

import asyncio
from uuid import UUID

from feria_core import db
from feria_core.contracts.privacy import PERSONAL_DATA, DataSubject
from feria_core.runtime import registry

PATH = "/api/wishlist"


async def test_twins_of_the_first_item_make_one_list_and_one_item(customer, catalog):
    body = {"variant_id": catalog.put()}
    replies = await asyncio.gather(*(customer.post(f"{PATH}/items", body) for _ in range(20)))
    assert {reply.status for reply in replies} == {201}
    assert len({reply.json["items"][0]["id"] for reply in replies}) == 1
    assert await db.fetch_value("SELECT count(*) FROM cart_wishlist") == 1


async def test_parallel_additions_never_pass_the_bound_of_items(customer, catalog, bounds):
    bounds(max_wishes=5)
    bodies = [{"variant_id": catalog.put()} for _ in range(20)]
    replies = await asyncio.gather(*(customer.post(f"{PATH}/items", body) for body in bodies))
    assert sorted(reply.status for reply in replies) == [201] * 5 + [409] * 15
    assert (await customer.get(PATH)).json["item_count"] == 5


async def test_parallel_lists_never_pass_the_bound_of_lists(customer, bounds):
    bounds(max_wishlists=3)
    replies = await asyncio.gather(*(customer.post("/api/wishlists", {"name": f"L{n}"}) for n in range(12)))
    assert sorted(reply.status for reply in replies) == [201] * 3 + [409] * 9


async def test_twins_move_an_item_once(customer, catalog):
    for _ in range(3):
        variant = catalog.put()
        item = (await customer.post(f"{PATH}/items", {"variant_id": variant})).json["items"][0]
        path = f"{PATH}/items/{item['id']}/move-to-cart"
        replies = await asyncio.gather(*(customer.post(path) for _ in range(8)))
        assert sorted(reply.status for reply in replies) == [200] + [404] * 7
    assert [line["quantity"] for line in (await customer.get("/api/cart")).json["items"]] == [1, 1, 1]


async def test_moving_removing_and_setting_alerts_at_once_never_deadlock(customer, catalog):
    variants = [catalog.put() for _ in range(6)]
    for variant in variants:
        reply = await customer.post(f"{PATH}/items", {"variant_id": variant})
    paths = [f"{PATH}/items/{item['id']}" for item in reply.json["items"]]
    both = {"back_in_stock": True, "price_drop": True}
    replies = await asyncio.gather(
        *(customer.put(f"{path}/alerts", both) for path in paths),
        *(customer.post(f"{path}/move-to-cart") for path in paths),
        *(customer.delete(path) for path in reversed(paths)),
        *(customer.post(f"{PATH}/items", {"variant_id": variant}) for variant in variants),
        *(customer.post("/api/alerts", {"variant_id": variant, "kind": "price_drop"}) for variant in variants),
        customer.delete(PATH),
    )
    assert {reply.status for reply in replies} <= {200, 201, 204, 404}


async def test_a_persons_lists_and_alerts_are_exported_and_erased(customer, other_customer, catalog):
    for person in (customer, other_customer):
        variant = catalog.put(sku="OAK-160")
        item = (await person.post(f"{PATH}/items", {"variant_id": variant})).json["items"][0]
        both = {"back_in_stock": True, "price_drop": True}
        await person.put(f"{PATH}/items/{item['id']}/alerts", both)
        await person.post(f"{PATH}/share")
    user_id = UUID(customer.headers["Authorization"].rpartition(".")[2])
    (mine,) = [part for part in registry().all(PERSONAL_DATA) if part.section == "cart"]
    subject = DataSubject(user_id, "Ada", None)
    told = await mine.export(subject)
    (wishlist,) = told["wishlists"]
    assert [(entry["sku"], entry["name"]) for entry in wishlist["items"]] == [("OAK-160", "Oak table")]
    assert sorted(alert["kind"] for alert in told["alerts"]) == ["back_in_stock", "price_drop"]
    for _ in range(2):
        async with db.transaction():
            await mine.erase(subject)
    assert not any((await mine.export(subject)).values())
    assert (await other_customer.get(PATH)).json["is_shared"] is True
    assert len((await other_customer.get("/api/alerts")).json["items"]) == 2
