"""What is found, in which order, and that no text breaks it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from urllib.parse import quote

import pytest

from feria_catalog.domain import ProductInput, VariantInput
from feria_catalog.search import planning
from feria_catalog.writing import upsert_products
from feria_core import db
from feria_core.money import Money

NAUGHTY = Path(__file__).parents[4] / "shared" / "data" / "naughty" / "blns.json"


async def found(client, q, rest=""):
    reply = await client.get(f"/api/products?q={quote(q)}{rest}")
    assert reply.status == 200, (q, reply.body)
    return [item["name"] for item in reply.json["items"]]


@pytest.fixture
async def shop(make_product):
    await make_product("Oak dining table", description="Seats six", attributes={"finish": "Lacquer"}, sku="OAK-160")
    await make_product("Oak chair", description="Fits every dining table", brand="Tischler")
    await make_product("Café crème cups", description="Porcelain", sku="CUP/6")


async def test_words_of_the_name_come_before_words_of_the_description(client, shop):
    assert await found(client, "dining table") == ["Oak dining table", "Oak chair"]


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("tables", "Oak dining table"),
        ("CAFE creme", "Café crème cups"),
        ("café crème", "Café crème cups"),
        ("lacquer", "Oak dining table"),
        ("tischler", "Oak chair"),
        ("din tab", "Oak dining table"),
        ("oak dini", "Oak dining table"),
        ("porcel", "Café crème cups"),
        ("OAK-160", "Oak dining table"),
        ("oak-160", "Oak dining table"),
        ("cup/6", "Café crème cups"),
        ("oak 160", "Oak dining table"),
    ],
)
async def test_stems_accents_attributes_brands_beginnings_and_skus_are_found(client, shop, q, first):
    assert (await found(client, q))[0] == first


async def test_a_product_with_some_of_the_words_is_found_where_none_has_all(client, shop):
    assert "Oak dining table" in await found(client, "oak table spaceship")
    assert await found(client, "spaceship") == []


async def test_the_exact_sku_comes_first(client, make_product):
    for i in range(3):
        await make_product(f"Filter for X100 number {i}", description="X100 X100 X100")
    await make_product("Camera", sku="X100")
    assert (await found(client, "x100"))[0] == "Camera"


async def test_search_pages_through_everything_that_it_counts(client, database, monkeypatch):
    from feria_catalog.search import ranking

    monkeypatch.setattr(ranking, "BESTS", (10, 20))
    monkeypatch.setattr(ranking, "SCORED", 10)
    products = [ProductInput(f"Lamp {i}", (VariantInput(f"L-{i}", Money(100, "USD")),)) for i in range(35)]
    async with db.transaction():
        await upsert_products(products, reason="test")
    seen = await every_page(client, "lamp")
    assert len(seen) == len(set(seen)) == 35


async def test_where_only_some_are_scored_the_order_is_the_same(client, database, monkeypatch):
    from feria_catalog.search import ranking

    monkeypatch.setattr(ranking, "BESTS", (3, 12))
    dice, words = random.Random(5), ("lamp", "oak", "brass", "desk", "reading", "standing")
    products = [
        ProductInput(
            " ".join(dice.sample(words, 2)), (VariantInput(f"L-{i}", Money(100, "USD"), stock=dice.randrange(2)),),
            description=" ".join(dice.choices(words, k=dice.randrange(9))),
        )
        for i in range(80)
    ]  # fmt: skip
    async with db.transaction():
        await upsert_products(products, reason="test")
    for query in ("lamp", "oak lamp", "brass standing desk", "L-7", "reading desk -oak"):
        orders = []
        for scored, limit in ((1000, 8), (1, 2)):  # pages of another size: none comes from memory
            monkeypatch.setattr(ranking, "SCORED", scored)
            orders.append(await every_page(client, query, limit=limit))
        assert orders[0] == orders[1], query
        assert len(set(orders[0])) == len(orders[0]) > 0


async def every_page(client, query, *, limit=8):
    """Return what is found, from the first page to the last."""
    seen, cursor = [], ""
    while True:
        page = (await client.get(f"/api/products?q={quote(query)}&limit={limit}{cursor}")).json
        seen += [item["id"] for item in page["items"]]
        assert page["total"] >= len(seen)
        if page["next_cursor"] is None:
            assert page["total"] == len(seen)
            return seen
        cursor = f"&cursor={page['next_cursor']}"


@pytest.mark.parametrize(
    "q", ["' | !", "a & b", "(((", "table:*", "\\", "'oak'", "oak\\'", "the", "!!!", "<->", ":", "%"]
)
async def test_operators_are_words_like_any_other(client, shop, q):
    await found(client, q)
    await found(client, q, "&sort=price")
    assert (await client.get(f"/api/products/suggest?q={quote(q)}")).status == 200


async def test_any_naughty_string_gets_an_answer(client, shop):
    if not NAUGHTY.exists():
        pytest.skip(f"no list of naughty strings at {NAUGHTY}")
    for text in json.loads(NAUGHTY.read_text(encoding="utf-8")):
        if "\x00" not in text:
            await found(client, text)
            assert (await client.get(f"/api/products/suggest?q={quote(text)}")).status == 200


async def test_naughty_names_are_stored_and_shown_as_they_are(client, database):
    if not NAUGHTY.exists():
        pytest.skip(f"no list of naughty strings at {NAUGHTY}")
    texts = [t.strip() for t in json.loads(NAUGHTY.read_text(encoding="utf-8")) if t.strip() and "\x00" not in t]
    texts.append("\x1f")
    products = [
        ProductInput(text, (VariantInput(f"{i} {text}"[:100], Money(1, "USD"), options={text: text}),), brand=text,
            category_path=(text[:100],), attributes={text: text}, description=text)
        for i, text in enumerate(texts)
    ]  # fmt: skip
    async with db.transaction():
        counts = await upsert_products(products, reason="test")
    assert counts.created == len(products)
    rows = await db.fetch_all("SELECT slug, name FROM catalog_product")
    for row in rows[::7]:
        assert (await client.get(f"/api/products/{row['slug']}")).json["name"] == row["name"]


async def test_suggestions_complete_products_and_categories(client, staff, shop):
    await staff.post("/api/admin/categories", {"name": "Dining tables"})
    items = (await client.get("/api/products/suggest?q=din")).json["items"]
    assert {(item["kind"], item["text"]) for item in items} == {
        ("category", "Dining tables"),
        ("product", "Oak dining table"),
    }
    assert (await client.get("/api/products/suggest?q=")).json["items"] == []


async def test_the_same_search_is_understood_once_until_a_word_or_what_is_shown_changes(client, shop, make_product):
    counted = []
    made = planning._made

    async def counting(*arguments, **options):
        counted.append(arguments[0].words)
        return await made(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "_made", counting)
        for rest in ("", "&limit=1", "&facets=true", "&in_stock=true"):
            assert "Oak chair" in await found(client, "oak chair", rest)
        assert counted == [("oak", "chair")]
        await make_product("Oak stool", description="A chair without a back")
        assert "Oak stool" in await found(client, "oak chair")
        assert len(counted) == 2
        await db.execute("UPDATE catalog_product SET name = name")  # nothing that is searched for
        assert "Oak stool" in await found(client, "oak chair", "&limit=19")
        assert len(counted) == 2
