"""An order once more: what is still sold of it goes into the cart."""

import orjson

from feria_core.runtime import registry


async def test_what_is_still_sold_goes_into_the_customers_cart(buy, stocked, order_line):
    line = await stocked(1000, 2, stock=5)
    order = await buy([line, order_line(500)])
    reply = await order.buyer.post(f"{order.path}/reorder")
    assert reply.status == 200, reply.body
    assert [(each["requested"], each["added"], each["code"]) for each in reply.json["lines"]] == [
        (2, 2, None), (1, 0, "variant_unknown"),
    ]  # fmt: skip
    cart = (await order.buyer.get("/api/cart")).json
    assert [(item["variant_id"], item["quantity"]) for item in cart["items"]] == [(str(line.variant_id), 2)]


async def test_an_order_of_which_nothing_is_sold_is_refused(buy):
    order = await buy()
    reply = await order.buyer.post(f"{order.path}/reorder")
    assert (reply.status, reply.code) == (409, "nothing_to_reorder")
    assert reply.json["lines"][0]["code"] == "variant_unknown"


async def test_a_guest_names_his_cart_by_its_token(client, buy, stocked, orders):
    order = await buy([await stocked(1000)], customer_id=None)
    token = orjson.loads(await orders.document(order.ref.id, guest_token=True))["token"]
    guest = client.with_headers(order_token=token)
    assert (await guest.post(f"{order.path}/reorder")).status == 400
    assert (await guest.with_headers(cart_token="made-up").post(f"{order.path}/reorder")).status == 409
    cart_token = (await client.get("/api/cart")).headers["cart-token"]
    assert (await guest.with_headers(cart_token=cart_token).post(f"{order.path}/reorder")).status == 200
    assert (await client.as_customer().post(f"{order.path}/reorder")).status == 404


async def test_without_a_cart_reordering_says_so(buy, monkeypatch):
    order = await buy()
    monkeypatch.setattr(registry(), "find", lambda _: None)
    reply = await order.buyer.post(f"{order.path}/reorder")
    assert (reply.status, reply.code) == (404, "module_disabled")
