"""What is recommended: for a reason that is true, never hidden, sold out or owned, and not all of one kind."""

import random
from uuid import UUID

import pytest

from feria_core import db
from feria_core.testing.work import run_jobs
from feria_personalization.domain import Table, diverse, interleaved, is_held_out
from feria_personalization.settings import PersonalizationSettings

MATERIALS = ("Oak", "Pine", "Steel", "Wool", "Copper", "Glass")
THINGS = ("table", "chair", "lamp", "shelf", "bowl", "kettle", "blanket", "mirror")


def codes(answer):
    return {item["product"]["id"]: item["reason"]["code"] for item in answer["items"]}


async def test_an_empty_shop_recommends_nothing_and_a_new_one_its_newest(shop):
    assert (await shop.guest().sees())["items"] == []
    product = await shop.product("Oak table")
    answer = await shop.guest().sees()
    assert codes(answer) == {product: "from_the_shop"}
    assert answer["model_version"] is None
    assert answer["items"][0]["reason"] == {"code": "from_the_shop", "text": "From our shop", "product": None}


async def test_without_a_model_what_is_in_demand_comes_first(shop):
    old, asked, other = await shop.products("Old", "Asked for", "Other")
    for _ in range(3):
        await shop.sold(old, days_ago=60)
    for _ in range(2):
        await shop.sold(asked)
    await shop.trained()
    await db.execute("DELETE FROM personalization_model")
    answer = await shop.guest().sees()
    assert list(codes(answer).items()) == [(asked, "trending"), (old, "popular"), (other, "from_the_shop")]


async def test_a_products_page_shows_what_is_bought_with_it(shop):
    table, chair, lamp = await shop.products("Oak table", "Chair", "Lamp")
    await shop.sales([[table, chair]] * 6 + [[lamp]] * 6)
    version = await shop.trained()
    for named in (table, "oak-table"):
        answer = await shop.guest().sees(f"for=product&product={named}")
        assert answer["model_version"] == version
        first = answer["items"][0]
        assert first["product"]["id"] == chair
        assert first["reason"] == {
            "code": "bought_together", "text": "Bought together with Oak table",
            "product": {"id": table, "slug": "oak-table", "name": "Oak table"},
        }  # fmt: skip
        assert table not in codes(answer)
    spanish = shop.client.with_headers(accept_language="es")
    reply = await spanish.get(f"/api/recommendations?for=product&product={table}")
    assert reply.json["items"][0]["reason"]["text"] == "Se compra junto con Oak table"


async def test_what_people_look_at_in_one_visit_goes_together(shop):
    table, chair, lamp = await shop.products("Oak table", "Blue chair", "Lamp")
    for _ in range(3):
        visitor = shop.guest()
        await visitor.agrees()
        await visitor.views(table, chair)
    await shop.trained()
    answer = await shop.guest().sees(f"for=product&product={table}")
    assert codes(answer)[chair] == "also_viewed"
    assert codes(answer)[lamp] != "also_viewed"


async def test_a_new_product_that_nobody_knows_is_found_by_what_is_written_about_it(shop):
    named = ["Red wool blanket", "Red cotton blanket", "Steel pan", "Copper pan"]
    red, cotton, pan, copper = await shop.products(*named)
    await shop.trained()
    answer = await shop.guest().sees(f"for=product&product={red}")
    assert answer["items"][0]["product"]["id"] == cotton
    assert codes(answer)[cotton] == "similar"
    assert {codes(answer)[pan], codes(answer)[copper]} == {"from_the_shop"}


async def test_home_follows_from_purchases_and_from_interest(shop):
    table, chair, pan, lid, lamp = await shop.products("Oak table", "Chair", "Pan", "Lid", "Lamp")
    buyers = [shop.customer() for _ in range(4)]
    for buyer in buyers:
        await buyer.agrees()
        await shop.sold(table, chair, customer=buyer.customer_id)
        await buyer.views(pan, lid)
    me = shop.customer()
    await me.agrees()
    await shop.sold(table, customer=me.customer_id)
    await me.views(pan)
    await shop.trained()
    answer = await me.sees()
    reasons = {item["product"]["id"]: item["reason"] for item in answer["items"]}
    assert reasons[chair]["code"] == "from_purchases"
    assert reasons[chair]["text"] == "Because you bought Oak table"
    assert reasons[lid]["code"] == "from_views"
    assert reasons[lid]["product"]["name"] == "Pan"
    assert table not in reasons
    assert answer["items"][0]["product"]["id"] == chair
    del lamp


async def test_a_cart_shows_what_goes_with_it(client, shop):
    table, chair, lamp = await shop.products("Oak table", "Chair", "Lamp")
    await shop.sales([[table, chair]] * 6 + [[lamp]] * 6)
    await shop.trained()
    variant = (await client.get("/api/products/oak-table")).json["variants"][0]["id"]
    reply = await client.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    guest = client.with_headers(cart_token=reply.headers["cart-token"])
    answer = (await guest.get("/api/recommendations?for=cart")).json
    assert answer["items"][0]["product"]["id"] == chair
    assert answer["items"][0]["reason"]["code"] == "goes_with_cart"
    assert table not in codes(answer)
    empty = (await client.get("/api/recommendations?for=cart")).json
    assert set(codes(empty)) == {table, chair, lamp}


async def test_hidden_and_sold_out_products_are_not_shown_from_the_next_request_on(shop):
    table, chair, lamp, out = await shop.products("Oak table", "Chair", "Lamp", "Out")
    gone = await shop.product("Gone", stock=0)
    await shop.sales([[table, chair, lamp, gone]] * 6)
    await shop.trained()
    assert set(await shop.guest().ids(f"for=product&product={table}")) == {chair, lamp, out}
    await shop.hide(chair)
    assert set(await shop.guest().ids(f"for=product&product={table}")) == {lamp, out}
    assert set(await shop.guest().ids()) == {table, lamp, out}


async def test_the_page_of_a_product_that_is_not_shown_is_not_found(shop):
    table = await shop.product("Oak table")
    await shop.hide(table)
    for named in (table, "oak-table", "nothing", "0190c2a4-6c1e-7d1b-9f0e-3b8d5a2c7e11"):
        reply = await shop.client.get(f"/api/recommendations?for=product&product={named}")
        assert (reply.status, reply.code) == (404, "not_found")


@pytest.mark.parametrize(
    "query", ["for=product", "for=home&product=x", "for=elsewhere", "limit=0", "limit=51", "limit=x", "q=1"]
)
async def test_what_is_no_question_is_refused(client, query):
    assert (await client.get(f"/api/recommendations?{query}")).code == "validation_failed"


async def test_a_reason_does_not_name_a_product_that_is_hidden(shop):
    table, chair = await shop.products("Secret table", "Chair")
    me, other = shop.customer(), shop.customer()
    for buyer in (me, other):
        await buyer.agrees()
    await shop.sold(table, customer=me.customer_id)
    await shop.sold(table, chair, customer=other.customer_id)
    await shop.trained()
    await shop.hide(table)
    answer = await me.sees()
    reason = answer["items"][0]["reason"]
    assert reason == {"code": "from_purchases", "text": "Because of what you bought", "product": None}


async def test_what_is_owned_is_not_recommended_unless_it_is_used_up(shop, monkeypatch):
    coffee_slug, furniture = await shop.category("Coffee"), await shop.category("Furniture")
    coffee = await shop.product("Coffee beans", category=coffee_slug)
    table = await shop.product("Oak table", category=furniture)
    me = shop.customer()
    await me.agrees()
    await shop.sold(coffee, table, customer=me.customer_id)
    await shop.trained()
    assert await me.ids() == []
    consumed = PersonalizationSettings(consumable_categories=(coffee_slug,))
    monkeypatch.setattr("feria_personalization.service.recommending.settings", lambda _model: consumed)
    assert await me.ids() == [coffee]


async def test_a_list_is_not_all_of_one_category(shop):
    lamps, pots = await shop.category("Lamps"), await shop.category("Pots")
    table = await shop.product("Oak table")
    bright = [await shop.product(f"Lamp {n}", category=lamps) for n in range(8)]
    hollow = [await shop.product(f"Pot {n}", category=pots) for n in range(8)]
    await shop.sales([[table, *bright]] * 6 + [[table, *hollow]] * 3)
    await shop.trained()
    shown = await shop.guest().ids(f"for=product&product={table}&limit=5")
    assert len(shown) == 5
    assert 0 < len(set(shown) & set(hollow)) < 5


def test_a_category_above_its_share_waits_for_the_others():
    items = [("a", 1), ("a", 2), ("a", 3), ("b", 4), ("a", 5), ("c", 6)]
    assert diverse(items, 5, category=lambda item: item[0]) == [("a", 1), ("a", 2), ("b", 4), ("c", 6), ("a", 3)]
    assert diverse(items[:3], 5, category=lambda item: item[0]) == items[:3]


def test_every_fifth_place_is_for_the_new():
    merged = interleaved([1, 2, 3, 4, 5, 6, 7], [50, 2, 60], every=5, key=lambda item: item)
    assert merged == [1, 2, 3, 4, 50, 5, 6, 7]


async def test_a_model_past_its_age_gives_way_to_what_is_popular_and_staff_are_told(shop, clock):
    from feria_core.jobs import enqueue

    table, chair = await shop.products("Oak table", "Chair")
    await shop.sales([[table, chair]] * 6)
    version = await shop.trained()
    path = "/api/admin/recommendations/model"
    clock.move(days=13)
    assert (await shop.guest().sees())["model_version"] == version
    assert (await shop.staff.get(path)).json["is_stale"] is False
    clock.move(days=2)
    async with db.transaction():
        await enqueue("personalization.count_popular")
    assert "done" in await run_jobs()
    answer = await shop.guest().sees(f"for=product&product={table}")
    assert answer["model_version"] is None
    assert codes(answer)[chair] == "popular"
    told = (await shop.staff.get(path)).json
    assert (told["is_stale"], told["version"]) == (True, version)


async def test_who_is_held_out_sees_what_is_popular_and_stays_held_out(shop):
    table, chair = await shop.products("Oak table", "Chair")
    await shop.sales([[table, chair]] * 6)
    version = await shop.trained()
    for bucket, expected in ((0, None), (499, None), (500, version)):
        visitor = shop.guest()
        await visitor.agrees()
        await db.execute("UPDATE personalization_person SET bucket = $1 WHERE guest = $2", bucket, visitor.guest)
        for _ in range(2):
            assert (await visitor.sees(f"for=product&product={table}"))["model_version"] == expected
    seen = await db.fetch_all("SELECT is_held_out, count(*) AS n FROM personalization_exposure GROUP BY 1 ORDER BY 1")
    assert [(row["is_held_out"], row["n"]) for row in seen] == [(False, 2), (True, 4)]
    assert not is_held_out(0, 0)


@pytest.mark.parametrize("answers", [100, pytest.param(1000, marks=pytest.mark.soak)])
async def test_of_many_answers_none_is_hidden_sold_out_owned_or_untrue(shop, answers):
    """Sampled: the fact behind each reason is looked up in what was sold and looked at."""
    lot = random.Random(7)
    categories = [await shop.category(f"Kind {n}") for n in range(4)]
    names = [f"{material} {thing}" for material in MATERIALS for thing in THINGS]
    products = [
        await shop.product(name, category=categories[n % 4], stock=0 if n % 11 == 0 else 50)
        for n, name in enumerate(names)
    ]
    sold_out = {product for number, product in enumerate(products) if number % 11 == 0}
    people = [shop.customer() for _ in range(20)]
    carts = {}
    for person in people:
        await person.agrees()
        kind = lot.randrange(4)
        liked = [product for number, product in enumerate(products) if number % 4 == kind]
        for _ in range(3):
            await shop.sold(*lot.sample(liked, 3), customer=person.customer_id, days_ago=lot.random() * 60)
        await person.views(*lot.sample(products, 6))
        carts[person.customer_id] = set(lot.sample([product for product in products if product not in sold_out], 3))
        for product in carts[person.customer_id]:
            variant = (await shop.client.get(f"/api/products/{product}")).json["variants"][0]["id"]
            put = await person.client.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
            assert put.status < 300, put.body
    await run_jobs()
    await shop.trained()
    for product in products[5::12]:
        await shop.hide(product)
    hidden = set(products[5::12]) | sold_out
    shown_products = [product for product in products if product not in set(products[5::12])]
    told = set()
    for number in range(answers):
        person = lot.choice(people)
        page, cart = lot.choice(shown_products), carts[person.customer_id]
        query, here = (("for=home", set()), (f"for=product&product={page}", {page}), ("for=cart", cart))[number % 3]
        items = (await person.sees(query))["items"]
        assert items
        for item in items:
            assert item["product"]["id"] not in hidden | here
            assert item["product"]["in_stock"]
            await holds(item, person, here)
            told.add(item["reason"]["code"])
    assert told >= {"bought_together", "also_viewed", "from_purchases", "from_views", "goes_with_cart", "similar"}


async def holds(item, person, here):
    """Assert that the item is not owned and that its reason is true."""
    product, reason = UUID(item["product"]["id"]), item["reason"]
    because = UUID(reason["product"]["id"]) if reason["product"] else None
    me = await db.fetch_value("SELECT id FROM personalization_person WHERE customer_id = $1", person.customer_id)
    mine = (
        "SELECT EXISTS (SELECT FROM personalization_{} WHERE person_id = $1 AND ($2::uuid IS NULL OR product_id = $2))"
    )
    sale, act = mine.format("sale"), mine.format("activity")
    assert not await db.fetch_value(sale, me, product)
    if reason["code"] in {"bought_together", "also_viewed", "goes_with_cart"} and because is not None:
        assert str(because) in here
    if reason["code"] in {"bought_together", "goes_with_cart"}:
        assert await db.fetch_value(
            "SELECT EXISTS (SELECT FROM personalization_sale a JOIN personalization_sale b USING (order_id)"
            " WHERE a.product_id = ANY ($1::uuid[]) AND b.product_id = $2)",
            [because] if because else list(here), product,
        )  # fmt: skip
    elif reason["code"] == "also_viewed":
        assert await db.fetch_value(
            "SELECT EXISTS (SELECT FROM personalization_activity a JOIN personalization_activity b USING (person_id)"
            " WHERE a.product_id = $1 AND b.product_id = $2 AND a.at::date = b.at::date)",
            because, product,
        )  # fmt: skip
    elif reason["code"] == "from_purchases":
        assert await db.fetch_value(sale, me, because)
    elif reason["code"] == "from_views":
        assert await db.fetch_value(act, me, because)
    elif reason["code"] in {"similar", "new_and_similar"} and because is not None:
        assert await db.fetch_value(
            "SELECT string_to_array(a.name, ' ') && string_to_array(b.name, ' ') OR a.category_id = b.category_id"
            " FROM catalog_product a, catalog_product b WHERE a.id = $1 AND b.id = $2",
            because, product,
        )  # fmt: skip
    elif reason["code"] in {"trending", "popular"}:
        assert await db.fetch_value(
            "SELECT EXISTS (SELECT FROM personalization_sale WHERE product_id = $1)"
            " OR EXISTS (SELECT FROM personalization_activity WHERE product_id = $1)",
            product,
        )
    else:
        assert reason["code"] in {"similar", "new_and_similar", "from_the_shop"}


async def test_neighbours_of_a_whole_history_are_one_statement(shop, monkeypatch):
    from feria_personalization.repository import neighbours
    from feria_personalization.repository.neighbours import Source

    products = await shop.products(*(f"Thing {n}" for n in range(6)))
    await shop.sales([products] * 6)
    version = await shop.trained()
    counted = []
    fetch_all = db.fetch_all

    async def counting(sql, *values):
        counted.append(sql)
        return await fetch_all(sql, *values)

    monkeypatch.setattr(db, "fetch_all", counting)
    sources = [Source(UUID(product), table) for product in products for table in Table]
    assert await neighbours.of(version, sources, without=[], limit=50)
    assert len(counted) == 1
