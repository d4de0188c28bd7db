"""Flash sales: exact at both edges, by the server's clock and without a job."""

from __future__ import annotations

from datetime import timedelta

PATH = "/api/admin/promotions/flash-sales"


async def sale(shop, clock, variant, **item):
    body = {
        "name": "Friday", "starts_at": (clock.at + timedelta(hours=1)).isoformat(),
        "ends_at": (clock.at + timedelta(hours=2)).isoformat(),
        "items": [{"variant_id": variant, "price": {"amount": 500, "currency": "USD"}, **item}],
    }  # fmt: skip
    reply = await shop.staff.post(PATH, body)
    assert reply.status == 201, reply.body
    return reply.json


async def test_a_sale_holds_from_its_first_microsecond_up_to_its_last(shop, money, clock):
    variant = await shop.variant(price=1000)
    await sale(shop, clock, variant)
    buyer = await shop.guest(variant)
    one = timedelta(microseconds=1)
    totals, statuses = [], []
    for step in (timedelta(hours=1) - one, one, timedelta(hours=1) - one, one):
        clock.at += step
        totals.append((await buyer.see())["total"]["amount"])
        shown = (await shop.client.get("/api/flash-sales")).json["items"]
        statuses.append(shown[0]["status"] if shown else None)
    assert totals == [1000, 500, 500, 1000]
    assert statuses == ["announced", "running", "running", None]


async def test_shoppers_see_the_time_left_and_the_share_sold(shop, money, clock):
    variant = await shop.variant(price=1000)
    await sale(shop, clock, variant, cap=4)
    clock.move(minutes=90)
    buyer = await shop.guest(variant)
    await buyer.checkout()
    await buyer.pay()
    clock.move(seconds=3)
    shown = (await shop.client.get("/api/flash-sales")).json
    one = shown["items"][0]
    assert (one["status"], one["seconds_left"]) == ("running", 1797)
    item = one["items"][0]
    assert (item["left"], item["share_sold"], item["price"], item["regular_price"]) == (
        3, "0.25", money(500), money(1000),
    )  # fmt: skip
    assert item["product"]["name"] == "Oak table"


async def test_a_cap_for_each_customer_counts_pieces_and_the_rest_costs_the_normal_price(shop, money, clock):
    variant = await shop.variant(price=1000)
    await sale(shop, clock, variant, cap_per_customer=2)
    clock.move(minutes=90)
    assert (await (await shop.customer(variant, 3)).see())["total"] == money(2000)
    assert (await (await shop.guest(variant, 3)).see())["total"] == money(3000)


async def test_a_sale_is_changed_and_archived(shop, money, clock):
    variant, other = await shop.variant(price=1000), await shop.variant(price=2000)
    made = await sale(shop, clock, variant)
    path = f"{PATH}/{made['id']}"
    items = [{"variant_id": other, "price": money(900), "cap": 3}]
    changed = await shop.staff.patch(path, {"version": 1, "items": items})
    assert (changed.status, [item["variant_id"] for item in changed.json["items"]]) == (200, [other])
    assert (await shop.staff.patch(path, {"version": 1, "name": "X"})).code == "stale_version"
    assert (await shop.staff.delete(path)).status == 204
    assert (await shop.client.get("/api/flash-sales")).json["items"] == []
    assert (await shop.staff.get(PATH)).json["items"] == []
    bad = {"name": "X", "starts_at": made["starts_at"], "ends_at": made["ends_at"],
           "items": [{"variant_id": made["id"], "price": money(1)}]}  # fmt: skip
    assert (await shop.staff.post(PATH, bad)).status == 422
    assert (await shop.staff.get(f"{PATH}/nonsense")).status == 404
