"""One mail when something is back in stock or costs less: through real events, jobs and mails."""

from __future__ import annotations

import asyncio
import re
from uuid import UUID

import pytest

from feria_cart.alerts import sending
from feria_cart.jobs import send_alerts
from feria_core import clock as core_clock
from feria_core import db, jobs
from feria_core._internal import outbox
from feria_core.contracts.catalog import ProductsChanged
from feria_core.contracts.users import PEOPLE
from feria_core.events import publish
from feria_core.ids import new_id
from feria_core.jobs import JobContext, Superseded
from feria_core.runtime import current
from feria_core.testing.work import run_jobs

ALERTS = "/api/alerts"


@pytest.fixture
def shopper(customer, people):
    return customer


async def ask(shopper, variant, kind):
    reply = await shopper.post(ALERTS, {"variant_id": variant, "kind": kind})
    assert reply.status == 201
    return reply.json


async def wish(shopper, variant) -> str:
    reply = await shopper.post("/api/wishlist/items", {"variant_id": variant})
    return f"/api/wishlist/items/{reply.json['items'][0]['id']}"


async def sold_out_then_back(catalog, announce, variant):
    catalog.change(variant, available=0)
    await announce(variant)
    catalog.change(variant, available=5)
    await announce(variant)


async def test_back_in_stock_is_told_once(shopper, catalog, announce, mailbox):
    variant = catalog.put(available=0, price=1999)
    asked = await ask(shopper, variant, "back_in_stock")
    assert (asked["kind"], asked["notified_at"], asked["sku"]) == ("back_in_stock", None, "OAK-160")
    await announce(variant)
    assert mailbox.mails() == []
    catalog.change(variant, available=3)
    await announce(variant)
    (mail,) = mailbox.mails()
    assert mail["subject"] == "Feria: Oak table is back in stock"
    assert "Oak table (160)" in mail["text"]
    assert "$19.99" in mail["text"]
    assert "/products/oak-table" in mail["html"]
    await announce(variant)
    await sold_out_then_back(catalog, announce, variant)
    assert len(mailbox.mails()) == 1
    (listed,) = (await shopper.get(ALERTS)).json["items"]
    assert listed["notified_at"] is not None


async def test_products_that_changed_together_are_looked_at_together(shopper, catalog, mailbox):
    variants = [catalog.put(available=0), catalog.put(available=0), catalog.put(available=0)]
    for variant in variants[:2]:
        await ask(shopper, variant, "back_in_stock")
    for variant in variants:
        catalog.change(variant, available=3)
    products = tuple(catalog.shelf[UUID(variant)].product_id for variant in variants)
    async with db.transaction():
        await publish(ProductsChanged(products))
    await run_jobs()
    assert len(mailbox.mails()) == 2


async def test_who_asks_while_it_is_there_hears_when_it_was_gone_and_is_back(shopper, catalog, announce, mailbox):
    variant = catalog.put(available=5)
    await ask(shopper, variant, "back_in_stock")
    await announce(variant)
    assert mailbox.mails() == []
    await sold_out_then_back(catalog, announce, variant)
    assert len(mailbox.mails()) == 1


async def test_unpublished_counts_as_gone(shopper, catalog, announce, mailbox):
    variant = catalog.put()
    await ask(shopper, variant, "back_in_stock")
    catalog.change(variant, is_sold=False)
    await announce(variant)
    catalog.change(variant, is_sold=True)
    await announce(variant)
    assert len(mailbox.mails()) == 1


async def test_a_lower_price_is_told_once_in_the_persons_language(shopper, catalog, people, announce, mailbox):
    people.locale = "es"
    variant = catalog.put(price=10_000)
    await ask(shopper, variant, "price_drop")
    for price in (10_000, 12_000):
        catalog.change(variant, price=price)
        await announce(variant)
    assert mailbox.mails() == []
    catalog.change(variant, price=9_999)
    await announce(variant)
    (mail,) = mailbox.mails()
    assert mail["subject"] == "Feria: Oak table ha bajado de precio"
    assert "99,99" in mail["text"]
    assert "100,00" in mail["text"]
    catalog.change(variant, price=1)
    await announce(variant)
    assert len(mailbox.mails()) == 1


async def test_a_drop_smaller_than_the_setting_is_not_worth_a_mail(shopper, catalog, announce, mailbox, bounds):
    bounds(price_drop_percent=10)
    variant = catalog.put(price=1_001)
    await ask(shopper, variant, "price_drop")
    catalog.change(variant, price=901)
    await announce(variant)
    assert mailbox.mails() == []
    catalog.change(variant, price=900)
    await announce(variant)
    assert len(mailbox.mails()) == 1


async def test_enormous_prices_are_compared_too(shopper, catalog, announce, mailbox):
    variant = catalog.put(price=10**15)
    await ask(shopper, variant, "price_drop")
    catalog.change(variant, price=0)
    await announce(variant)
    assert len(mailbox.mails()) == 1


async def test_a_lower_price_of_what_is_sold_out_is_told_once_it_is_back(shopper, catalog, announce, mailbox):
    variant = catalog.put(price=1_000)
    await ask(shopper, variant, "price_drop")
    catalog.change(variant, price=500, available=0)
    await announce(variant)
    assert mailbox.mails() == []
    catalog.change(variant, available=1)
    await announce(variant)
    assert len(mailbox.mails()) == 1


async def test_an_items_alerts_are_set_shown_and_taken_back(shopper, catalog, announce, mailbox):
    variant = catalog.put(available=0)
    path = await wish(shopper, variant)
    reply = await shopper.put(f"{path}/alerts", {"back_in_stock": True, "price_drop": True})
    assert (reply.status, reply.json) == (200, {"back_in_stock": True, "price_drop": True})
    await shopper.put(f"{path}/alerts", {"back_in_stock": False, "price_drop": True})
    (item,) = (await shopper.get("/api/wishlist")).json["items"]
    assert item["alerts"] == {"back_in_stock": False, "price_drop": True}
    catalog.change(variant, available=1)
    await announce(variant)
    assert mailbox.mails() == []


async def test_setting_again_arms_what_was_sent_and_leaves_what_waits(shopper, catalog, announce, mailbox):
    variant = catalog.put(price=1_000)
    path = f"{await wish(shopper, variant)}/alerts"
    both = {"back_in_stock": False, "price_drop": True}
    await shopper.put(path, both)
    catalog.change(variant, price=1_100)
    await shopper.put(path, both)
    catalog.change(variant, price=1_050)
    await announce(variant)
    assert mailbox.mails() == []  # the price of the first asking counts
    catalog.change(variant, price=900)
    await announce(variant)
    assert len(mailbox.mails()) == 1
    await shopper.put(path, both)
    await announce(variant)
    assert len(mailbox.mails()) == 1
    catalog.change(variant, price=800)
    await announce(variant)
    assert len(mailbox.mails()) == 2


async def test_an_items_alerts_go_with_its_last_item_others_stay(shopper, catalog):
    variant, other = catalog.put(), catalog.put()
    path = await wish(shopper, variant)
    named = (await shopper.post("/api/wishlists", {"name": "Too"})).json["id"]
    again = await shopper.post(f"/api/wishlists/{named}/items", {"variant_id": variant})
    await shopper.put(f"{path}/alerts", {"back_in_stock": True, "price_drop": True})
    await ask(shopper, other, "price_drop")
    await ask(shopper, variant, "price_drop")
    await shopper.delete(path)
    assert len((await shopper.get(ALERTS)).json["items"]) == 3
    await shopper.delete(f"/api/wishlist/items/{again.json['items'][0]['id']}")
    left = (await shopper.get(ALERTS)).json["items"]
    assert sorted((alert["variant_id"], alert["kind"]) for alert in left) == sorted(
        [(variant, "price_drop"), (other, "price_drop")]
    )


async def test_asking_twice_is_one_alert_also_at_the_same_instant(shopper, catalog):
    variant = catalog.put(available=0)
    body = {"variant_id": variant, "kind": "back_in_stock"}
    replies = await asyncio.gather(*(shopper.post(ALERTS, body) for _ in range(10)))
    assert {(reply.status, reply.json["id"]) for reply in replies} == {(201, replies[0].json["id"])}


async def test_alerts_are_listed_in_pages_and_ended_by_their_owner(shopper, other_customer, catalog):
    asked = [await ask(shopper, catalog.put(), "price_drop") for _ in range(5)]
    catalog.asked = 0
    first = (await shopper.get(f"{ALERTS}?limit=3")).json
    assert catalog.asked == 1
    rest = (await shopper.get(f"{ALERTS}?limit=3&cursor={first['next_cursor']}")).json
    assert [alert["id"] for alert in first["items"] + rest["items"]] == [alert["id"] for alert in reversed(asked)]
    assert rest["next_cursor"] is None
    assert first["items"][0]["product"]["name"] == "Oak table"
    path = f"{ALERTS}/{asked[0]['id']}"
    assert (await other_customer.delete(path)).code == "not_found"
    assert (await shopper.delete(path)).status == 204
    assert (await shopper.delete(path)).code == "not_found"


async def test_refusals(shopper, catalog, bounds):
    variant = catalog.put()
    for body in ({"variant_id": variant, "kind": "gone"}, {"variant_id": variant}, {"kind": "price_drop"}):
        assert (await shopper.post(ALERTS, body)).code == "validation_failed"
    for unknown in ("x", str(new_id()), catalog.put(is_sold=False)):
        assert (await shopper.post(ALERTS, {"variant_id": unknown, "kind": "price_drop"})).code == "variant_unknown"
    path = f"{await wish(shopper, variant)}/alerts"
    assert (await shopper.put(path, {"back_in_stock": 1, "price_drop": False})).code == "validation_failed"
    bounds(max_alerts=1)
    refused = await shopper.put(path, {"back_in_stock": True, "price_drop": True})
    assert (refused.status, refused.code, refused.json["max_alerts"]) == (409, "too_many_alerts", 1)
    assert (await shopper.get(ALERTS)).json["items"] == []
    catalog.change(variant, is_sold=False)
    assert (await shopper.put(path, {"back_in_stock": True, "price_drop": False})).code == "variant_unknown"
    assert (await shopper.put(path, {"back_in_stock": False, "price_drop": False})).status == 200


async def test_parallel_askers_never_pass_the_bound(shopper, catalog, bounds):
    bounds(max_alerts=3)
    bodies = [{"variant_id": catalog.put(), "kind": "price_drop"} for _ in range(10)]
    replies = await asyncio.gather(*(shopper.post(ALERTS, body) for body in bodies))
    assert sorted(reply.status for reply in replies) == [201] * 3 + [409] * 7


def link_of(mail) -> str:
    return re.search(r"/api/alerts/unsubscribe\?token=\S+", mail["text"]).group()


async def test_the_link_of_a_mail_ends_the_alert_with_one_click(client, shopper, catalog, announce, mailbox):
    variant = catalog.put(available=0)
    for method in ("POST", "GET"):
        await ask(shopper, variant, "back_in_stock")
        await announce(variant)
        catalog.change(variant, available=1)
        await announce(variant)
        link = link_of(mailbox.mails()[0])
        catalog.change(variant, available=0)
        await ask(shopper, variant, "back_in_stock")
        for _ in range(2):
            reply = await client.call(method, link, headers={"Accept-Language": "es"})
            assert reply.status == {"POST": 204, "GET": 200}[method]
        assert (await shopper.get(ALERTS)).json["items"] == []
    assert "Ya no recibirá" in reply.body.decode()
    assert reply.headers["content-type"].startswith("text/html")
    catalog.change(variant, available=1)
    await announce(variant)
    assert len(mailbox.mails()) == 2


@pytest.mark.parametrize("token", ["x", "%C3%A9", ".", "a" * 200, f"{UUID(int=7)}.", f"{UUID(int=7)}.AAAA"])
async def test_a_link_that_is_none_of_ours_ends_nothing(client, shopper, catalog, token):
    await ask(shopper, catalog.put(), "price_drop")
    for method in ("GET", "POST"):
        assert (await client.call(method, f"{ALERTS}/unsubscribe?token={token}")).code == "not_found"
        assert (await client.call(method, f"{ALERTS}/unsubscribe")).code == "validation_failed"
    assert len((await shopper.get(ALERTS)).json["items"]) == 1


async def test_nobody_is_written_to_who_is_gone_or_has_not_shown_the_address(
    shopper, catalog, people, announce, mailbox
):
    variant = catalog.put(available=0)
    for group in (people.gone, people.unverified):
        await ask(shopper, variant, "back_in_stock")
        group.add(await db.fetch_value("SELECT customer_id FROM cart_alert"))
        catalog.change(variant, available=1)
        await announce(variant)
        assert await db.fetch_value("SELECT count(*) FROM cart_alert") == 0
        group.clear()
        catalog.change(variant, available=0)
    assert mailbox.mails() == []


async def test_without_users_nothing_is_sent_and_everything_waits(shopper, catalog, announce, mailbox, contributions):
    variant = catalog.put(available=0)
    await ask(shopper, variant, "back_in_stock")
    offers = contributions._offers.pop(PEOPLE.name)
    catalog.change(variant, available=1)
    await announce(variant)
    assert mailbox.mails() == []
    contributions._offers[PEOPLE.name] = offers
    await announce(variant)
    assert len(mailbox.mails()) == 1


async def fill(catalog, variant, people_count, kind="back_in_stock"):
    offer = catalog.shelf[UUID(variant)]
    rows = [
        (new_id(), new_id(), offer.product_id, offer.variant_id, offer.sku, kind, 1000, "USD", True, False,
         core_clock.now())
        for _ in range(people_count)
    ]  # fmt: skip
    await db.execute_many(
        "INSERT INTO cart_alert (id, customer_id, product_id, variant_id, sku, kind, asked_amount, asked_currency,"
        " seen_out, by_item, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        rows,
    )


async def queued() -> list[str]:
    rows = await db.fetch_all("SELECT recipient FROM core_mail")
    return [row["recipient"] for row in rows]


async def test_a_crowd_is_told_in_batches_each_person_once(shopper, catalog, people, announce, mailbox, monkeypatch):
    monkeypatch.setattr(sending, "BATCH", 7)
    variant = catalog.put()
    await fill(catalog, variant, 30)
    await announce(variant, variant)
    recipients = await queued()
    assert (len(recipients), len(set(recipients))) == (30, 30)
    assert len(mailbox.mails()) == 30
    walks = await db.fetch_value("SELECT count(*) FROM core_job WHERE name = 'cart.send_alerts'")
    assert walks >= 5


async def test_walks_at_the_same_instant_share_the_crowd(shopper, catalog, people, monkeypatch):
    monkeypatch.setattr(sending, "BATCH", 10)
    variant = catalog.put()
    await fill(catalog, variant, 60)
    product_id = catalog.shelf[UUID(variant)].product_id

    async def walk() -> None:
        async with db.transaction():
            await sending.send_batch(product_id, after=sending.FIRST, key=b"k" * 32)

    await asyncio.gather(*(walk() for _ in range(6)))
    await run_jobs(rounds=200)
    recipients = await queued()
    assert (len(recipients), len(set(recipients))) == (60, 60)


async def test_what_has_sold_out_again_is_not_told_to_the_rest(shopper, catalog, people, monkeypatch):
    monkeypatch.setattr(sending, "BATCH", 10)
    variant = catalog.put()
    await fill(catalog, variant, 30)
    product_id = catalog.shelf[UUID(variant)].product_id
    async with db.transaction():
        await sending.send_batch(product_id, after=sending.FIRST, key=b"k" * 32)
    catalog.change(variant, available=0)
    await run_jobs(rounds=200)
    assert len(await queued()) == 10
    assert await db.fetch_value("SELECT count(*) FROM cart_alert WHERE notified_at IS NULL") == 20


async def test_a_batch_whose_worker_was_given_up_leaves_no_mail_behind(shopper, catalog, people, monkeypatch):
    monkeypatch.setattr(sending, "BATCH", 10)
    variant = catalog.put()
    await fill(catalog, variant, 25)
    async with db.transaction():
        product_id = str(catalog.shelf[UUID(variant)].product_id)
        job_id = await jobs.enqueue("cart.send_alerts", product_id=product_id, after=str(sending.FIRST))
    lost = JobContext(job_id, "cart.send_alerts", dispatch=99, attempt=1, max_attempts=8)
    with pytest.raises(Superseded):
        await send_alerts(lost, product_id=product_id, after=str(sending.FIRST))
    assert await queued() == []
    await run_jobs(rounds=200)
    recipients = await queued()
    assert (len(recipients), len(set(recipients))) == (25, 25)


async def test_a_person_that_breaks_the_address_book_delays_and_doubles_nobody(
    shopper, catalog, people, clock, monkeypatch
):
    variant = catalog.put()
    await fill(catalog, variant, 12)
    real, calls = people.person, []

    async def person(user_id):
        calls.append(user_id)
        if len(calls) == 6:
            raise ConnectionError("the address book is away")
        return await real(user_id)

    monkeypatch.setattr(people, "person", person)
    async with db.transaction():
        await sending.look([catalog.shelf[UUID(variant)].product_id])
    assert (await run_jobs())[0] == "retried"
    assert await queued() == []
    clock.move(minutes=1)
    await run_jobs()
    recipients = await queued()
    assert (len(recipients), len(set(recipients))) == (12, 12)


async def test_the_regular_look_finds_what_no_event_told_of(shopper, catalog, people, mailbox, monkeypatch):
    monkeypatch.setattr(sending, "PRODUCTS", 2)
    variants = [catalog.put(available=0) for _ in range(5)]
    for variant in variants:
        await ask(shopper, variant, "back_in_stock")
    for variant in variants[1:]:
        catalog.change(variant, available=1)
    (schedule,) = [s for s in current().schedules if s.job == "cart.check_alerts"]
    assert schedule.every_s == 600
    for _ in range(2):
        async with db.transaction():
            await jobs.enqueue("cart.check_alerts")
        await run_jobs()
        assert len(mailbox.mails()) == 4


async def test_one_look_asks_the_catalog_once_for_all_variants_of_a_product(shopper, catalog, announce):
    product = new_id()
    variants = [catalog.put(available=0, product_id=product) for _ in range(6)]
    for variant in variants:
        await ask(shopper, variant, "price_drop")
    catalog.asked = 0
    await announce(variants[0])
    assert catalog.asked == 1


async def test_sent_alerts_are_forgotten_with_the_old_carts(shopper, catalog, announce, clock):
    done, waiting = catalog.put(available=0), catalog.put(available=0)
    for variant in (done, waiting):
        await ask(shopper, variant, "back_in_stock")
    catalog.change(done, available=1)
    await announce(done)
    clock.move(days=91)
    async with db.transaction():
        await jobs.enqueue("cart.expire")
    await run_jobs()
    assert [alert["variant_id"] for alert in (await shopper.get(ALERTS)).json["items"]] == [waiting]


async def test_events_of_products_that_nobody_waits_for_cost_one_question(shopper, catalog, announce):
    variant = catalog.put()
    catalog.asked = 0
    await announce(variant)
    assert catalog.asked == 0
    assert await outbox.lease_due(("default",)) == []
