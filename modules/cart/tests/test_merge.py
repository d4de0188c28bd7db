"""A guest signs in: his cart moves into the customer's, once."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from feria_core import db
from feria_core.contracts.users import SIGN_IN_HOOKS
from feria_core.runtime import registry


def token_of(guest) -> str:
    return guest.headers["Cart-Token"]


def customer_id(customer) -> UUID:
    return UUID(customer.headers["Authorization"].rpartition(".")[2])


async def merge(customer, guest):
    return await customer.post("/api/cart/merge", headers={"Cart-Token": token_of(guest)})


def quantities(reply) -> dict[str, int]:
    return {item["variant_id"]: item["quantity"] for item in reply.json["items"]}


async def test_quantities_add_up_capped_by_stock_and_the_guest_starts_anew(with_token, customer, catalog):
    guest = await with_token()
    both, short, own, new = (catalog.put(available=n) for n in (100, 5, 100, 100))
    for variant, quantity in ((both, 2), (short, 3), (own, 1)):
        await customer.post("/api/cart/items", {"variant_id": variant, "quantity": quantity})
    for variant, quantity in ((both, 4), (short, 4), (new, 6)):
        await guest.post("/api/cart/items", {"variant_id": variant, "quantity": quantity})
    reply = await merge(customer, guest)
    assert reply.status == 200
    assert quantities(reply) == {both: 6, short: 5, own: 1, new: 6}
    assert (await guest.get("/api/cart")).json["items"] == []
    again = await guest.post("/api/cart/items", {"variant_id": new, "quantity": 1})
    assert (again.status, quantities(again)) == (201, {new: 1})
    assert again.headers["cart-token"] == token_of(guest)


async def test_a_customer_without_a_cart_gets_the_guests(with_token, customer, catalog):
    guest, variant = await with_token(), catalog.put(price=1000)
    await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 2})
    catalog.change(variant, price=1200)
    reply = await merge(customer, guest)
    assert quantities(reply) == {variant: 2}
    assert [change["kind"] for change in reply.json["changes"]] == ["price_up"]


async def test_replays_and_twins_add_nothing(with_token, customer, catalog):
    guest, variant = await with_token(), catalog.put()
    await customer.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 2})
    replies = await asyncio.gather(*(merge(customer, guest) for _ in range(15)))
    assert {reply.status for reply in replies} == {200}
    assert quantities(await merge(customer, guest)) == {variant: 3}
    assert await db.fetch_value("SELECT count(*) FROM cart_cart WHERE state = 'open'") == 1


async def test_thirty_guests_merging_at_once_make_one_cart_with_the_right_sums(with_token, customer, catalog):
    variants = [catalog.put(available=1000) for _ in range(3)]
    guests = [await with_token() for _ in range(30)]
    for number, guest in enumerate(guests):
        for variant in variants if number % 2 else variants[::-1]:
            await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    replies = await asyncio.gather(*(merge(customer, guest) for guest in guests))
    assert {reply.status for reply in replies} == {200}
    assert quantities(await customer.get("/api/cart")) == dict.fromkeys(variants, 30)


async def test_a_cart_merged_by_two_customers_at_once_goes_to_one(with_token, customer, other_customer, catalog):
    guest, variant = await with_token(), catalog.put()
    await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 2})
    await asyncio.gather(merge(customer, guest), merge(other_customer, guest))
    held = [quantities(await person.get("/api/cart")).get(variant, 0) for person in (customer, other_customer)]
    assert sorted(held) == [0, 2]


async def test_merging_nothing_changes_nothing(with_token, customer, catalog):
    variant = catalog.put()
    before = await customer.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    empty = await with_token()
    for reply in (
        await merge(customer, empty),
        await customer.post("/api/cart/merge"),
        await customer.post("/api/cart/merge", headers={"Cart-Token": "made up"}),
    ):
        assert (reply.status, reply.json) == (200, before.json)


async def test_guests_cannot_merge(guest):
    reply = await guest.post("/api/cart/merge")
    assert (reply.status, reply.code) == (401, "unauthenticated")


async def test_two_carts_that_do_not_fit_into_one_both_stay(with_token, customer, catalog, monkeypatch):
    from feria_cart.service import merging
    from feria_cart.settings import CartSettings

    guest = await with_token()
    for _ in range(2):
        await guest.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 1})
        await customer.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 1})
    monkeypatch.setattr(merging, "settings", lambda _: CartSettings(max_lines=3))
    before = (await guest.get("/api/cart")).json
    reply = await merge(customer, guest)
    assert (reply.status, reply.code) == (409, "cart_full")
    assert (await guest.get("/api/cart")).json == before
    await registry().all(SIGN_IN_HOOKS)[0].signed_in(customer_id(customer), token_of(guest))
    assert (await guest.get("/api/cart")).json == before


@pytest.mark.parametrize("sent", [None, "", "made up"])
async def test_signing_in_without_a_cart_is_harmless(customer, catalog, sent):
    await registry().all(SIGN_IN_HOOKS)[0].signed_in(customer_id(customer), sent)
    assert (await customer.get("/api/cart")).json["id"] is None


async def test_signing_in_with_a_cart_moves_it(with_token, customer, catalog):
    guest, variant = await with_token(), catalog.put()
    await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 2})
    for _ in range(2):
        await registry().all(SIGN_IN_HOOKS)[0].signed_in(customer_id(customer), token_of(guest))
    assert quantities(await customer.get("/api/cart")) == {variant: 2}


async def test_codes_move_too_as_far_as_there_is_room(with_token, customer, catalog, discounts):
    guest = await with_token()
    discounts.codes = {f"C{n}": f"C{n}" for n in range(12)}
    for n in range(6):
        await guest.post("/api/cart/codes", {"code": f"C{n}"})
    for n in range(5, 12):
        await customer.post("/api/cart/codes", {"code": f"C{n}"})
    assert (await merge(customer, guest)).json["codes"] == [f"C{n}" for n in (0, 1, 2, 5, 6, 7, 8, 9, 10, 11)]


@pytest.mark.parametrize(("policy", "both"), [("sum", 6), ("max", 4), ("guest", 4), ("user", 2)])
async def test_the_policy_says_whose_quantity_counts_and_loses_nothing(
    with_token, customer, catalog, bounds, policy, both
):
    bounds(merge_policy=policy)
    guest = await with_token()
    shared, own, new = catalog.put(), catalog.put(), catalog.put()
    for person, variant, quantity in (
        (customer, shared, 2), (customer, own, 1), (guest, shared, 4), (guest, new, 3),
    ):  # fmt: skip
        await person.post("/api/cart/items", {"variant_id": variant, "quantity": quantity})
    for _ in range(3):
        reply = await merge(customer, guest)
        assert quantities(reply) == {shared: both, own: 1, new: 3}


async def test_notes_tell_what_became_of_each_line_until_something_is_changed(with_token, customer, catalog, bounds):
    bounds(max_pieces=10)
    guest = await with_token()
    both, short, rest, last = catalog.put(), catalog.put(available=2), catalog.put(), catalog.put()
    await customer.post("/api/cart/items", {"variant_id": both, "quantity": 1})
    for variant, quantity in ((both, 2), (short, 2), (rest, 5)):
        await guest.post("/api/cart/items", {"variant_id": variant, "quantity": quantity})
    catalog.change(short, available=1)
    bounds(max_pieces=6)
    await db.execute("UPDATE cart_item SET quantity = 3 WHERE variant_id = $1", UUID(rest))
    bounds(max_pieces=20)
    await guest.post("/api/cart/items", {"variant_id": last, "quantity": 4})
    bounds(max_pieces=6)
    reply = await merge(customer, guest)
    told = [
        {"kind": "combined", "variant_id": both, "wanted": 3, "quantity": 3},
        {"kind": "capped_by_stock", "variant_id": short, "wanted": 2, "quantity": 1},
        {"kind": "capped_by_limit", "variant_id": rest, "wanted": 3, "quantity": 2},
        {"kind": "saved_for_later", "variant_id": last, "wanted": 4, "quantity": 0},
    ]
    assert reply.json["notes"] == told
    assert (await customer.get("/api/cart")).json["notes"] == told
    assert [one["variant_id"] for one in (await customer.get("/api/cart/saved")).json["items"]] == [last]
    item = reply.json["items"][0]["id"]
    assert (await customer.patch(f"/api/cart/items/{item}", {"quantity": 1})).json["notes"] == []


async def test_lines_of_another_currency_stay_in_the_guest_cart(with_token, customer, catalog):
    guest, here, abroad = await with_token(), catalog.put(), catalog.put()
    for variant in (here, abroad):
        await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 2})
    await db.execute("UPDATE cart_item SET seen_currency = 'EUR' WHERE variant_id = $1", UUID(abroad))
    for _ in range(2):
        reply = await merge(customer, guest)
        assert quantities(reply) == {here: 2}
    assert [note["kind"] for note in reply.json["notes"]] == ["other_currency"]
    assert quantities(await guest.get("/api/cart")) == {abroad: 2}
