"""Nobody is remembered who has not said yes, and nobody stays who says no."""

import asyncio

from feria_core import db
from feria_core.contracts.cart import CartItemAdded
from feria_core.contracts.privacy import PERSONAL_DATA, DataSubject
from feria_core.contracts.users import SIGN_IN_HOOKS
from feria_core.events import publish
from feria_core.ids import new_id
from feria_core.runtime import registry
from feria_core.testing.work import run_jobs

TABLES = ("person", "activity", "exposure", "sale")


async def rows(table):
    return await db.fetch_value(f"SELECT count(*) FROM personalization_{table}")


async def signs_in(customer_id, token):
    for hook in registry().all(SIGN_IN_HOOKS):
        await hook.signed_in(customer_id, token)


async def test_without_consent_nothing_is_recorded(shop):
    product = await shop.product()
    for visitor in (shop.guest(), shop.customer()):
        assert await visitor.views(product) == 0
        await visitor.sees()
        assert await visitor.history() == []
        consent = (await visitor.client.get("/api/personalization/consent")).json
        assert consent == {"granted": False, "decided_at": None}
    assert [await rows(table) for table in TABLES] == [0, 0, 0, 0]


async def test_what_somebody_does_who_agreed_is_their_history(shop, clock):
    product = await shop.product("Oak table")
    for visitor in (shop.guest(), shop.customer()):
        await visitor.agrees()
        assert await visitor.tells({"kind": "view", "product_id": product}, {"kind": "search", "query": "oak"}) == 2
        seen = await visitor.history()
        assert {(item["kind"], item["product_id"], item["query"]) for item in seen} == {
            ("view", product, None), ("search", None, "oak"),
        }  # fmt: skip
        named = next(item for item in seen if item["kind"] == "view")
        assert named["product"]["name"] == "Oak table"


async def test_the_history_comes_in_pages_newest_first(shop, clock):
    product, visitor = await shop.product(), shop.customer()
    await visitor.agrees()
    for _ in range(5):
        clock.move(seconds=1)
        await visitor.views(product)
    seen, path = [], "/api/personalization/history?limit=2"
    while path:
        page = (await visitor.client.get(path)).json
        seen += page["items"]
        path = page["next_cursor"] and f"/api/personalization/history?limit=2&cursor={page['next_cursor']}"
    assert len(seen) == 5
    assert [item["at"] for item in seen] == sorted((item["at"] for item in seen), reverse=True)
    assert len({item["id"] for item in seen}) == 5


async def test_withdrawn_consent_stops_recording_and_use_with_the_next_request(shop):
    product, visitor = await shop.product(), shop.guest()
    await visitor.agrees()
    assert await visitor.views(product) == 1
    await visitor.agrees(granted=False)
    assert await visitor.views(product) == 0
    await visitor.sees()
    assert await rows("activity") == 1
    assert await rows("exposure") == 0
    assert len(await visitor.history()) == 1


async def test_a_yes_keeps_its_time_until_it_is_taken_back(shop, clock):
    visitor = shop.guest()
    await visitor.agrees()
    first = (await visitor.client.get("/api/personalization/consent")).json["decided_at"]
    clock.move(hours=1)
    await visitor.agrees()
    assert (await visitor.client.get("/api/personalization/consent")).json["decided_at"] == first
    await visitor.agrees(granted=False)
    assert (await visitor.client.get("/api/personalization/consent")).json["decided_at"] != first


async def test_twins_that_say_yes_make_one_person(shop):
    visitor = shop.guest()
    await asyncio.gather(*(visitor.agrees() for _ in range(10)))
    assert await rows("person") == 1


async def test_a_guest_without_a_token_is_told_how_to_be_known(client, shop):
    refused = await client.put("/api/personalization/consent", {"granted": True})
    assert (refused.status, refused.code) == (400, "cart_token_needed")
    product = await shop.product()
    event = {"kind": "view", "product_id": product}
    assert (await client.post("/api/activity", {"events": [event]})).json == {"recorded": 0}
    assert (await client.get("/api/personalization/history")).json == {"items": [], "next_cursor": None}
    assert (await client.delete("/api/personalization/history")).status == 204


async def test_a_token_that_could_be_guessed_knows_nobody(client):
    for token in ("guest", "a" * 39, "x" * 301, "ü" * 60, "a b" * 20):
        weak = client.with_headers(cart_token=token)
        assert (await weak.put("/api/personalization/consent", {"granted": True})).code == "cart_token_needed"


async def test_the_token_is_never_stored(shop):
    visitor = shop.guest()
    await visitor.agrees()
    assert await db.fetch_value("SELECT guest FROM personalization_person") == visitor.guest
    for table in TABLES:
        text = await db.fetch_value(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM personalization_{table} t")
        assert visitor.token not in text


async def test_the_token_of_a_real_cart_is_one_to_be_known_by(client, shop):
    token = (await client.get("/api/cart")).headers["cart-token"]
    guest = client.with_headers(cart_token=token)
    assert (await guest.put("/api/personalization/consent", {"granted": True})).status == 200


async def test_deleting_the_history_leaves_the_decision_and_the_sales(shop):
    product, visitor = await shop.product(), shop.customer()
    await visitor.agrees()
    await visitor.views(product)
    await shop.sold(product, customer=visitor.customer_id)
    await visitor.sees()
    assert {item["kind"] for item in await visitor.history()} == {"view", "purchase"}
    assert (await visitor.client.delete("/api/personalization/history")).status == 204
    assert await visitor.history() == []
    assert (await visitor.client.get("/api/personalization/consent")).json["granted"] is True
    assert [await rows(table) for table in TABLES] == [1, 0, 0, 1]


async def test_nobody_reads_or_deletes_the_history_of_another(shop):
    product, one, other = await shop.product(), shop.customer(), shop.customer()
    await one.agrees()
    await other.agrees()
    await one.views(product)
    assert await other.history() == []
    await other.client.delete("/api/personalization/history")
    assert len(await one.history()) == 1


async def test_an_api_key_is_nobody(client):
    key = client.as_api_key("recommendations.read")
    assert (await key.put("/api/personalization/consent", {"granted": True})).code == "cart_token_needed"


async def test_a_guests_history_becomes_the_customers_at_login(shop):
    product, guest, customer = await shop.product(), shop.guest(), shop.customer()
    await guest.agrees()
    await guest.views(product)
    bucket = await db.fetch_value("SELECT bucket FROM personalization_person")
    await signs_in(customer.customer_id, guest.token)
    assert [item["product_id"] for item in await customer.history()] == [product]
    assert await guest.history() == []
    assert (await customer.client.get("/api/personalization/consent")).json["granted"] is True
    assert await db.fetch_value("SELECT bucket FROM personalization_person") == bucket
    await signs_in(customer.customer_id, guest.token)
    assert len(await customer.history()) == 1


async def test_both_histories_are_one_after_login(shop):
    products, guest, customer = await shop.products("Oak table", "Chair"), shop.guest(), shop.customer()
    for visitor, product in ((guest, products[0]), (customer, products[1])):
        await visitor.agrees()
        await visitor.views(product)
    await signs_in(customer.customer_id, guest.token)
    assert {item["product_id"] for item in await customer.history()} == set(products)
    assert await rows("person") == 1


async def test_a_no_of_either_is_not_overruled_at_login(shop):
    product = await shop.product()
    for guest_says, customer_says in ((True, False), (False, True)):
        guest, customer = shop.guest(), shop.customer()
        await guest.agrees()
        await guest.views(product)
        await guest.agrees(granted=guest_says)
        await customer.agrees(granted=customer_says)
        await signs_in(customer.customer_id, guest.token)
        assert await customer.history() == []
        assert (await customer.client.get("/api/personalization/consent")).json["granted"] is customer_says
    assert await rows("activity") == 0


async def test_sign_ins_at_the_same_moment_move_the_history_once(shop):
    product, guest, customer = await shop.product(), shop.guest(), shop.customer()
    await guest.agrees()
    await guest.views(product)
    await asyncio.gather(*(signs_in(customer.customer_id, guest.token) for _ in range(8)))
    assert len(await customer.history()) == 1
    assert await rows("person") == 1


async def test_export_shows_and_erasure_takes_everything(shop):
    product, visitor = await shop.product(), shop.customer()
    await visitor.agrees()
    await visitor.tells({"kind": "search", "query": "Zenobia's oak"})
    await shop.sold(product, customer=visitor.customer_id)
    await visitor.sees()
    subject = DataSubject(visitor.customer_id, "Ada", None)
    part = next(part for part in registry().all(PERSONAL_DATA) if part.section == "personalization")
    exported = await part.export(subject)
    assert exported["consent"]["granted"] is True
    assert exported["activity"][0]["query"] == "Zenobia's oak"
    assert exported["purchases"][0]["product_id"] == product
    assert len(exported["recommendations"]) == 1
    for _ in range(2):
        async with db.transaction():
            await part.erase(subject)
        assert [await rows(table) for table in TABLES] == [0, 0, 0, 1]
        assert await db.fetch_value("SELECT count(person_id) FROM personalization_sale") == 0
    assert await part.export(subject) == {}


async def test_recording_during_an_erasure_leaves_nothing_behind(shop):
    product, visitor = await shop.product(), shop.customer()
    subject = DataSubject(visitor.customer_id, "Ada", None)
    part = next(part for part in registry().all(PERSONAL_DATA) if part.section == "personalization")

    async def erase():
        async with db.transaction():
            await part.erase(subject)

    for _ in range(5):
        await visitor.agrees()
        await asyncio.gather(*(visitor.views(product) for _ in range(5)), erase())
        assert [await rows(table) for table in ("person", "activity")] == [0, 0]


async def test_what_a_cart_is_filled_with_is_remembered_with_consent_alone(shop):
    product, guest, customer = await shop.product(), shop.guest(), shop.customer()
    silent = shop.guest()
    await guest.agrees()
    await customer.agrees()
    for customer_id, sha in ((None, guest.guest.hex()), (customer.customer_id, None), (None, silent.guest.hex())):
        async with db.transaction():
            await publish(CartItemAdded(new_id(), customer_id, sha, new_id(), new_id(), 1))
    await run_jobs()
    assert [item["kind"] for item in await guest.history()] == ["cart"]
    assert [item["kind"] for item in await customer.history()] == ["cart"]
    assert await rows("activity") == 2
    del product


async def test_a_sale_is_kept_without_its_buyer_unless_they_agreed(shop):
    product, buyer, silent = await shop.product(), shop.customer(), shop.customer()
    await buyer.agrees()
    await shop.sold(product, customer=buyer.customer_id)
    await shop.sold(product, customer=silent.customer_id)
    await shop.sold(product)
    assert await rows("sale") == 3
    assert await db.fetch_value("SELECT count(person_id) FROM personalization_sale") == 1
    assert [item["kind"] for item in await buyer.history()] == ["purchase"]


async def test_a_guests_order_is_known_by_the_cart_that_they_filled(shop):
    product, guest, cart = await shop.product(), shop.guest(), new_id()
    await guest.agrees()
    async with db.transaction():
        await publish(CartItemAdded(cart, None, guest.guest.hex(), new_id(), new_id(), 1))
    await run_jobs()
    await shop.sold(product, cart=cart)
    assert [item["kind"] for item in await guest.history()] == ["purchase", "cart"]


async def test_an_order_is_counted_once_and_a_cancelled_one_not_at_all(shop):
    product = await shop.product()
    order = await shop.sold(product)
    await shop.sold(product, order=order)
    assert await rows("sale") == 1
    await shop.cancelled(order)
    assert await rows("sale") == 0
    await shop.sold(product, order=order)
    assert await rows("sale") == 0
    early = new_id()
    await shop.cancelled(early)
    await shop.sold(product, order=early)
    assert await rows("sale") == 0


async def test_what_was_refunded_whole_is_not_counted_whichever_is_heard_of_first(shop):
    table, chair = await shop.product(), await shop.product("Oak chair")
    order = await shop.sold(table, chair)
    await shop.refunded(order)  # a mere amount
    assert await rows("sale") == 2
    await shop.refunded(order, table)
    await shop.sold(table, chair, order=order)
    assert await db.fetch_value("SELECT product_id::text FROM personalization_sale") == chair
    await shop.refunded(order, is_full=True)
    assert await rows("sale") == 0
    early = new_id()
    await shop.refunded(early, table)
    await shop.sold(table, chair, order=early)
    assert await db.fetch_value("SELECT product_id::text FROM personalization_sale") == chair


async def test_a_batch_is_one_insert(shop, monkeypatch):
    product, visitor = await shop.product(), shop.guest()
    await visitor.agrees()
    counted = []
    execute = db.execute

    async def counting(sql, *values):
        counted.append(sql)
        return await execute(sql, *values)

    monkeypatch.setattr(db, "execute", counting)
    assert await visitor.views(*[product] * 50) == 50
    assert len([sql for sql in counted if "personalization_activity" in sql]) == 1


async def test_what_is_no_activity_is_refused(shop):
    product, visitor = await shop.product(), shop.guest()
    await visitor.agrees()
    good = {"kind": "view", "product_id": product}
    bad = [
        [], [good] * 51, [{"kind": "view"}], [{"kind": "search"}], [{"kind": "search", "query": ""}],
        [{"kind": "view", "product_id": "oak-table"}], [{"kind": "click", "product_id": product}],
        [{"kind": "purchase", "product_id": product}], [{**good, "query": "oak"}], [{**good, "at": "now"}],
        [{"kind": "search", "query": "x" * 201}], [{"kind": "search", "query": "a\0b"}],
    ]  # fmt: skip
    for events in bad:
        reply = await visitor.client.post("/api/activity", {"events": events})
        assert reply.code == "validation_failed", events
    assert await rows("activity") == 0


async def test_switched_off_nothing_is_recorded_whoever_agreed(shop, monkeypatch):
    from feria_personalization.settings import PersonalizationSettings

    product, visitor = await shop.product(), shop.customer()
    await visitor.agrees()
    off = PersonalizationSettings(recording=False)
    for module in ("recording", "recommending"):
        monkeypatch.setattr(f"feria_personalization.service.{module}.settings", lambda _model: off)
    assert await visitor.views(product) == 0
    await shop.sold(product, customer=visitor.customer_id)
    await visitor.sees()
    assert [await rows(table) for table in TABLES] == [1, 0, 0, 1]
    assert await db.fetch_value("SELECT count(person_id) FROM personalization_sale") == 0
