"""What buyers may see: their own, or what a token opens."""

import orjson
import pytest

from feria_core import db
from feria_core.ids import new_id, token_hash
from feria_orders.schemas import OrderOut


async def token_of(orders, order):
    return orjson.loads(await orders.document(order.id, guest_token=True))["token"]


async def test_the_document_has_the_shape_of_the_contract(client, orders, draft, order_line, place):
    line = order_line(19900, 2, discount=900)
    order = await place(draft([line], shipping=500, tax=130, note="Ring twice"), status="paid")
    document = orjson.loads(await orders.document(order.id, guest_token=False))
    OrderOut.model_validate(document, strict=False)
    assert set(document) == set(OrderOut.model_fields)
    assert document["number"] == order.number
    assert (document["status"], document["payment_status"], document["fulfilment_status"]) == (
        "open",
        "paid",
        "unfulfilled",
    )
    assert document["placed_at"].endswith("Z")
    item = document["items"][0]
    assert (item["variant_id"], item["product_id"]) == (str(line.variant_id), str(line.product_id))
    assert item["unit_price"] == {"amount": 19900, "currency": "USD"}
    assert item["total"] == {"amount": 38900, "currency": "USD"}
    assert item["image"] == {"url": "/media/ab12.webp", "alt": "Oak table"}
    assert item["options"] == {"size": "160"}
    assert document["subtotal"] == {"amount": 39800, "currency": "USD"}
    assert document["grand_total"] == {"amount": 39530, "currency": "USD"}
    assert document["refunded_total"] == {"amount": 0, "currency": "USD"}
    assert document["tax_lines"] == [
        {"rate": "0.13", "label": "IVA 13 %", "amount": {"amount": 130, "currency": "USD"}}
    ]
    assert document["shipping_address"]["city"] == "San José"
    assert document["billing_address"] is None
    assert document["fulfilments"] == []
    assert [event["kind"] for event in document["timeline"]] == ["placed", "paid"]
    assert set(document["timeline"][0]) == {"at", "kind", "message", "by"}


async def test_the_owner_reads_the_order_and_the_number_as_typed(customer, place):
    owner = new_id()
    order = await place(customer_id=owner)
    for number in (order.number, order.number.lower(), order.number.replace("-", "")):
        reply = await customer(owner).get(f"/api/orders/{number}")
        assert reply.status == 200
        assert reply.json["number"] == order.number
        assert reply.headers["cache-control"] == "no-store"


async def test_the_timeline_speaks_the_readers_language(customer, place):
    owner = new_id()
    order = await place(customer_id=owner)
    reply = await customer(owner).with_headers(accept_language="es").get(f"/api/orders/{order.number}")
    assert reply.json["timeline"][0]["message"] == "Pedido realizado"


async def test_foreign_missing_and_draft_look_the_same(client, customer, orders, draft, place):
    placed = await place(customer_id=new_id())
    unplaced = await orders.create(draft(customer_id=(owner := new_id())))
    stranger = customer(new_id())
    replies = [
        await stranger.get(f"/api/orders/{placed.number}"),
        await stranger.get("/api/orders/F-0000-0000"),
        await client.get(f"/api/orders/{placed.number}"),
        await customer(owner).get(f"/api/orders/{unplaced.number}"),
    ]
    assert {(reply.status, reply.code) for reply in replies} == {(404, "not_found")}
    shapes = {reply.json["detail"].replace(n, "N") for reply in replies for n in [reply.json["detail"].split()[4]]}
    assert len(shapes) == 1


async def test_a_guest_reads_with_the_token_in_query_or_header(client, orders, place):
    order = await place()
    token = await token_of(orders, order)
    assert (await client.get(f"/api/orders/{order.number}?token={token}")).json["number"] == order.number
    assert (await client.with_headers(order_token=token).get(f"/api/orders/{order.number}")).status == 200
    assert "token" not in (await client.get(f"/api/orders/{order.number}?token={token}")).json


async def test_a_token_opens_its_own_order_alone(client, orders, place):
    one, other = await place(), await place()
    token = await token_of(orders, one)
    assert (await client.get(f"/api/orders/{other.number}?token={token}")).status == 404


async def test_a_token_expires(client, clock, orders, place):
    order = await place()
    token = await token_of(orders, order)
    clock.move(days=179)
    assert (await client.get(f"/api/orders/{order.number}?token={token}")).status == 200
    clock.move(days=2)
    assert (await client.get(f"/api/orders/{order.number}?token={token}")).status == 404


async def test_only_hashes_of_tokens_are_stored(orders, place):
    order = await place(customer_id=new_id())
    token = await token_of(orders, order)
    assert await db.fetch_value("SELECT hash FROM orders_guest_token") == token_hash(token)


async def test_an_api_key_owns_no_order(client, place):
    key_id = "00000000-0000-0000-0000-000000000001"
    order = await place(customer_id=key_id)
    key = client.signed_in("test-key-orders.read")
    assert (await key.get(f"/api/orders/{order.number}")).status == 404
    assert (await key.get("/api/orders")).status == 403


async def test_guesses_are_limited_and_readers_are_not(client, orders, place):
    order = await place()
    token = await token_of(orders, order)
    for _ in range(30):
        assert (await client.get(f"/api/orders/{order.number}?token={token}")).status == 200
    statuses = [(await client.get(f"/api/orders/{order.number}?token=guess{n}")).status for n in range(25)]
    assert statuses == [404] * 20 + [429] * 5
    refused = await client.get("/api/orders/F-0000-0000")
    assert refused.code == "rate_limited"
    assert int(refused.headers["retry-after"]) > 0
    assert (await client.get(f"/api/orders/{order.number}?token={token}")).status == 200


@pytest.mark.parametrize("number", ["%00", "..%2f", "F-7K3M", "%F0%9F%9B%92", "x" * 500, "F-7K3M-9QXP%27--"])
async def test_naughty_numbers_are_not_found(client, number):
    reply = await client.get(f"/api/orders/{number}?token=x")
    assert reply.status == 404
    assert reply.code == "not_found"


@pytest.mark.parametrize("token", ["%00", "x" * 201, "%ED%A0%80", "%F0%9F%9B%92"])
async def test_naughty_tokens_are_refused(client, place, token):
    order = await place()
    assert (await client.get(f"/api/orders/{order.number}?token={token}")).status in (404, 422)


async def test_the_history_is_the_callers_own_newest_first_over_pages(customer, clock, orders, draft, place):
    owner, numbers = new_id(), []
    for _ in range(5):
        clock.move(seconds=1)
        numbers.insert(0, (await place(customer_id=owner)).number)
        await place(customer_id=new_id())
    await orders.create(draft(customer_id=owner))
    seen, cursor = [], ""
    while True:
        page = (await customer(owner).get(f"/api/orders?limit=2{cursor}")).json
        seen += [item["number"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        clock.move(seconds=1)
        await place(customer_id=owner)  # what comes in between does not shift the pages
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == numbers


async def test_orders_of_one_moment_are_each_listed_once(customer, clock, place):
    owner = new_id()
    numbers = {(await place(customer_id=owner)).number for _ in range(5)}
    first = (await customer(owner).get("/api/orders?limit=3")).json
    rest = (await customer(owner).get(f"/api/orders?limit=3&cursor={first['next_cursor']}")).json
    assert {item["number"] for item in first["items"] + rest["items"]} == numbers
    assert rest["next_cursor"] is None


async def test_a_guest_has_no_history(client):
    assert (await client.get("/api/orders")).status == 401


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "cursor=%00",
        "cursor=xx",
        "cursor=W10",
        "cursor=WzEsMl0",
        "sort=x",
        "cursor=%F0%9F%9B%92",
        # ["0001-01-01T00:00:00+14:00", "019a1c1d-eb74-7ba9-acf1-231e24f0c295"]: a time before the first
        "cursor=WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwiMDE5YTFjMWQtZWI3NC03YmE5LWFjZjEtMjMxZTI0ZjBjMjk1Il0",
    ],
)
async def test_naughty_queries_are_refused(customer, query):
    reply = await customer(new_id()).get(f"/api/orders?{query}")
    assert reply.status in (400, 422)
    assert reply.code in ("bad_request", "validation_failed")


async def test_the_link_of_the_mail_opens_the_order(client, clock, mailbox, place):
    from feria_core.testing.work import run_jobs

    order = await place()
    await run_jobs()
    link = next(word for word in mailbox.mails()[0]["text"].split() if word.startswith("http"))
    token = link.partition("?token=")[2]
    reply = await client.get(f"/api/orders/{order.number}?token={token}")
    assert reply.status == 200
