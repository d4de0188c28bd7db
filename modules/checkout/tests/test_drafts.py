"""Orders that staff make for a buyer: held, paid once by a link, ended by time or by staff."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta

import pytest

from feria_checkout.service import reconciling
from feria_core import clock, db
from feria_core.contracts.analytics import ANALYTICS_SOURCES
from feria_core.contracts.users import PEOPLE, Person
from feria_core.runtime import registry
from feria_core.testing.work import run_jobs

ADDRESS = {
    "name": "Ada",
    "line1": "Calle 5 12",
    "city": "Los Angeles",
    "region": "CA",
    "postal_code": "90001",
    "country": "US",
}


def dollars(amount):
    return {"amount": amount, "currency": "USD"}


def key():
    return {"Idempotency-Key": uuid.uuid4().hex}


@pytest.fixture
def make(shop):
    """Make a draft of two pieces at 7.00 each, shipped for 3.00, and return the answer."""

    async def made(variant: str, **changes):
        body = {
            "email": "ada@example.org",
            "lines": [{"variant_id": variant, "quantity": 2, "unit_price": dollars(700)}],
            "shipping": {"label": "By our own van", "price": dollars(300)},
            "shipping_address": ADDRESS,
            **changes,
        }
        staff = shop.client.as_staff("drafts.write")
        return await staff.post("/api/admin/draft-orders", body, headers=key())

    return made


async def test_the_buyer_pays_what_was_agreed(shop, make, mailbox):
    variant = await shop.variant(price=1000, stock=5)
    reply = await make(variant)
    assert reply.status == 201, reply.body
    draft = reply.json
    assert (draft["checkout"]["grand_total"], draft["checkout"]["missing"]) == (dollars(1700), ["payment"])
    assert await shop.available(variant) == 3
    await run_jobs()
    [mail] = [mail for mail in mailbox.mails() if "ready to be paid" in mail["subject"]]
    assert draft["pay_link"] in mail["text"].replace("=\n", "")

    buyer = shop.sent(draft)
    assert (await buyer.pay()).status == 201
    done = await buyer.complete()
    assert done.status == 201, done.body
    assert (done.json["grand_total"], done.json["items"][0]["unit_price"]) == (dollars(1700), dollars(700))
    assert done.json["shipping_label"] == "By our own van"
    assert (await shop.on_hand(variant), await shop.available(variant)) == (3, 3)


async def test_it_is_paid_by_card_like_any_other(shop, gateway, make):
    buyer = shop.sent((await make(await shop.variant())).json)
    await buyer.pay_at_gateway(gateway)
    assert (await buyer.complete()).status == 201
    assert (await shop.orders(), shop.money()) == (1, (1700, 0))


async def test_however_often_it_is_paid_there_is_one_order(shop, make):
    buyer = shop.sent((await make(await shop.variant())).json)
    await buyer.pay()
    total = await buyer.total()
    replies = await asyncio.gather(*(buyer.complete(expected=total) for _ in range(20)))
    assert {reply.status for reply in replies} == {201}
    assert len({reply.json["number"] for reply in replies}) == 1
    assert await shop.orders() == 1
    assert (await buyer.pay()).code == "checkout_closed"


async def test_the_price_stays_though_the_catalogs_moves(shop, make):
    product = await shop.product(price=1000)
    variant = product["variants"][0]["id"]
    lines = [{"variant_id": variant, "quantity": 1}]
    buyer = shop.sent((await make(variant, lines=lines)).json)
    await db.execute("UPDATE catalog_variant SET price_amount = 5000 WHERE id = $1", uuid.UUID(variant))
    assert await buyer.total() == dollars(1300)


async def test_the_buyer_corrects_his_address_but_not_the_shipping(shop, make):
    buyer = shop.sent((await make(await shop.variant())).json)
    assert (await buyer.client.patch(buyer.path, {"shipping_address": {**ADDRESS, "line1": "Other 1"}})).status == 200
    refused = await buyer.client.patch(buyer.path, {"shipping_method": "express"})
    assert (refused.status, refused.json["errors"][0]["code"]) == (422, "shipping_agreed")
    assert await buyer.total() == dollars(1700)


async def test_without_agreed_shipping_the_buyer_chooses(shop, make):
    buyer = shop.sent((await make(await shop.variant(), shipping=None, shipping_address=None)).json)
    assert set((await buyer.see())["missing"]) == {"shipping_address", "shipping_method", "payment"}
    assert (await buyer.fill()).json["grand_total"] == dollars(1900)


async def test_it_is_kept_as_long_as_it_can_be_paid_and_no_longer(shop, make, clock):
    variant = await shop.variant(stock=2)
    draft = (await make(variant, valid_hours=2)).json
    buyer = shop.sent(draft)
    await buyer.pay()
    total = await buyer.total()
    clock.move(minutes=90)
    await reconciling.expire()
    assert await shop.available(variant) == 0
    clock.move(minutes=31)
    await reconciling.expire()
    assert await shop.available(variant) == 2
    assert (await buyer.complete(expected=total)).code == "checkout_closed"


async def test_what_is_not_there_cannot_be_agreed(shop, make):
    reply = await make(await shop.variant(stock=1))
    assert (reply.status, reply.code) == (409, "out_of_stock")
    assert await db.fetch_value("SELECT count(*) FROM checkout_checkout") == 0
    unknown = await make(str(uuid.uuid4()))
    assert (unknown.status, unknown.code) == (409, "variant_unknown")
    euros = [{"variant_id": await shop.variant(), "quantity": 1, "unit_price": {"amount": 1, "currency": "EUR"}}]
    assert (await make(await shop.variant(), lines=euros)).status == 422


async def test_it_belongs_to_a_customer_there_is(shop, make, monkeypatch):
    known = uuid.uuid4()

    class People:
        async def person(self, user_id):
            is_there = user_id == known
            return Person(user_id, "eva@example.org", "Eva", "es", is_email_verified=True) if is_there else None

    port = registry()
    find = port.find
    monkeypatch.setattr(port, "find", lambda wanted: People() if wanted is PEOPLE else find(wanted))
    variant = await shop.variant()
    assert (await make(variant, customer_id=str(uuid.uuid4()))).status == 422
    draft = (await make(variant, customer_id=str(known))).json
    owner = shop.client.as_customer(known)
    assert (await owner.get(f"/api/checkouts/{draft['id']}")).status == 200


async def test_the_link_opens_it_and_nothing_else_does(shop, make):
    draft = (await make(await shop.variant(), send_link=False)).json
    path = f"/api/checkouts/{draft['id']}"
    stranger = shop.client.with_headers(checkout_token="x" * 43)
    assert {(await one.get(path)).status for one in (shop.client, stranger)} == {404}
    staff = shop.client.as_staff("drafts.write")
    renewed = await staff.post(f"/api/admin/draft-orders/{draft['id']}/link", {"send_link": False}, headers=key())
    assert renewed.status == 201
    assert (await shop.sent(draft).client.get(path)).status == 404
    assert (await shop.sent({**draft, **renewed.json}).client.get(path)).status == 200
    other = shop.client.as_staff("orders.read")
    assert (await other.get("/api/admin/draft-orders")).status == 403


async def test_staff_list_and_end_drafts(shop, make):
    variant = await shop.variant(stock=2)
    draft = (await make(variant)).json
    staff = shop.client.as_staff("drafts.write")
    [row] = (await staff.get("/api/admin/draft-orders")).json["items"]
    assert (row["id"], row["status"]) == (draft["id"], "open")
    assert (await staff.get(f"/api/admin/draft-orders/{draft['id']}")).json["grand_total"] == dollars(1700)
    assert (await staff.delete(f"/api/admin/draft-orders/{draft['id']}")).status == 204
    assert await shop.available(variant) == 2
    assert (await staff.delete(f"/api/admin/draft-orders/{draft['id']}")).status == 409
    buyer = await shop.ready()
    assert (await staff.get(f"/api/admin/draft-orders/{buyer.id}")).status == 404
    actions = await db.fetch_all("SELECT action FROM core_audit WHERE action LIKE 'checkout.%' ORDER BY id")
    assert [row["action"] for row in actions] == ["checkout.make_draft", "checkout.end_draft"]


async def test_a_draft_is_no_part_of_the_way_from_cart_to_order(shop, make):
    bought = await shop.ready(await shop.variant())
    await bought.pay()
    assert (await bought.complete()).status == 201
    for _ in range(2):
        buyer = shop.sent((await make(await shop.variant())).json)
        await buyer.pay()
        assert (await buyer.complete()).status == 201
    assert await shop.orders() == 3
    counted = {}
    now = clock.now()
    for source in registry().all(ANALYTICS_SOURCES):
        if source.report == "funnel":
            figures = await source.figures(now - timedelta(hours=1), now + timedelta(hours=1))
            for place, measure in enumerate(source.measures):
                counted[measure.name] = sum(figure.values[place] for figure in figures)
    assert (counted["carts"], counted["checkouts"], counted["orders"]) == (1, 1, 1)
