"""What other modules see of products that are shown, and what they add to them."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import orjson
import pytest

from feria_core import cache, db
from feria_core.contracts.catalog import PRODUCT_PARTS, PRODUCTS, Products
from feria_core.ids import new_id
from feria_core.runtime import registry


@pytest.fixture
def products(database: None) -> Products:
    return registry().get(PRODUCTS)


async def test_cards_are_those_of_products_that_are_shown_now(products, make_product) -> None:
    shown, draft = await make_product(), await make_product(status="draft")
    ids = [UUID(shown["id"]), UUID(draft["id"]), new_id()]
    cards = await products.cards(ids)
    assert list(cards) == [ids[0]]
    assert orjson.loads(cards[ids[0]].card)["slug"] == shown["slug"] == cards[ids[0]].slug
    assert await products.cards([]) == {}


async def test_an_old_slug_finds_its_product_unless_another_has_it_now(products, staff, make_product) -> None:
    first = await make_product(slug="chair")
    await staff.patch(f"/api/admin/products/{first['id']}", {"slug": "stool", "version": first["version"]})
    assert await products.ids_of(["chair", "stool", "nothing"]) == dict.fromkeys(["chair", "stool"], UUID(first["id"]))
    second = await make_product(slug="chair")
    assert (await products.ids_of(["chair"])) == {"chair": UUID(second["id"])}


async def test_a_translated_slug_finds_its_product_after_one_that_has_it_now(products, staff, make_product) -> None:
    first = await make_product(slug="chair")
    path = f"/api/admin/products/{first['id']}/translations/es"
    assert (await staff.put(path, {"name": "Silla", "slug": "silla"})).status == 200
    assert await products.ids_of(["silla"]) == {"silla": UUID(first["id"])}


async def test_lists_by_rating_go_by_the_rank_that_is_given(products, client, make_product) -> None:
    ratings = {"one-five": ("5.00", 1, "3.80"), "many": ("4.80", 100, "4.70"), "plain": ("4.00", 2, None)}
    async with db.transaction():
        for slug, (rating, count, rank) in ratings.items():
            product = await make_product(slug=slug)
            ranked = Decimal(rank) if rank else None
            assert await products.rate(UUID(product["id"]), rating=Decimal(rating), count=count, rank=ranked)
    await make_product(slug="nobody-said")
    wanted = ["many", "plain", "one-five", "nobody-said"]
    for path in ("/api/products?sort=-rating", "/api/products?sort=-rating&in_stock=true&facets=true"):
        answer = (await client.get(path)).json
        assert [card["slug"] for card in answer["items"]] == wanted
    assert [card["rating"] for card in answer["items"]] == [4.8, 4.0, 5.0, None]
    (stars,) = [facet for facet in answer["facets"] if facet["code"] == "rating"]
    assert {value["value"]: value["count"] for value in stars["values"]}["4"] == 3
    pages, cursor = [], ""
    while cursor is not None:
        page = (await client.get(f"/api/products?sort=-rating&limit=1&cursor={cursor}".removesuffix("&cursor="))).json
        pages.append(page["items"][0]["slug"])
        cursor = page["next_cursor"]
    assert pages == wanted


async def test_texts_go_through_every_shown_product_once(products, make_product) -> None:
    made = sorted([UUID((await make_product())["id"]) for _ in range(3)])
    await make_product(status="draft")
    first = await products.texts(after=None, limit=2)
    rest = await products.texts(after=first[-1].product_id, limit=2)
    assert [text.product_id for text in (*first, *rest)] == made


async def test_a_rating_is_seen_on_card_page_and_list_by_the_next_reader(products, client, make_product) -> None:
    product = await make_product()
    assert (await client.get(f"/api/products/{product['slug']}")).json["rating"] is None
    async with db.transaction():
        assert await products.rate(UUID(product["id"]), rating=Decimal("4.25"), count=8)
        assert not await products.rate(new_id(), rating=Decimal(1), count=1)
    page = (await client.get(f"/api/products/{product['slug']}")).json
    assert (page["rating"], page["review_count"]) == (4.25, 8)
    listed = (await client.get("/api/products?rating_min=4")).json["items"]
    assert [(card["rating"], card["review_count"]) for card in listed] == [(4.25, 8)]


async def test_a_part_that_another_module_adds_stands_on_the_page_and_follows_its_writes(
    client, make_product, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = await make_product()
    said = ["first"]

    class Mentions:
        member = "mentioned_in"

        async def of(self, product_id: UUID) -> list[str]:
            return [*said, str(product_id)]

    # What other modules contribute comes back afterwards.
    monkeypatch.setitem(registry()._offers, PRODUCT_PARTS.name, [])
    registry().contribute(PRODUCT_PARTS, Mentions(), module="tests")
    cache_path = f"/api/products/{product['slug']}"
    assert (await client.get(cache_path)).json["mentioned_in"] == ["first", product["id"]]
    said[0] = "second"
    async with db.transaction():
        cache.touch(f"product:{product['id']}")
    assert (await client.get(cache_path)).json["mentioned_in"] == ["second", product["id"]]
