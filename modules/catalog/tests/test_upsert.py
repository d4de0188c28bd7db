"""Many products written at once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import orjson
import pytest

from feria_catalog import checks
from feria_catalog.domain import MediaInput, ProductInput, UpsertCounts, VariantInput
from feria_catalog.errors import SkuTaken, SlugTaken, WrongCurrency
from feria_catalog.writing import upsert_products
from feria_core import db
from feria_core.contracts.catalog import ProductChanged, ProductsChanged
from feria_core.money import Money
from feria_core.runtime import current


def thing(number, **more):
    variant = VariantInput(f"U-{number}", Money(100 + number, "USD"), stock=number, options={"size": "m"})
    return ProductInput(f"Thing {number}", (variant,), **more)


async def write(*products):
    async with db.transaction():
        return await upsert_products(products, reason="import")


async def test_products_are_created_then_unchanged_then_updated(database):
    products = [
        thing(i, brand="Acme", category_path=("Home", f"Room {i % 3}"), attributes={"Width": Decimal("1.50")})
        for i in range(1200)
    ]
    assert await write(*products) == UpsertCounts(created=1200)
    assert await write(*products) == UpsertCounts(unchanged=1200)
    changed = [replace(p, description="New") if i % 2 else p for i, p in enumerate(products)]
    assert await write(*changed) == UpsertCounts(updated=600, unchanged=600)
    versions = await db.fetch_all("SELECT version, count(*) AS n FROM catalog_product GROUP BY 1 ORDER BY 1")
    assert [(row["version"], row["n"]) for row in versions] == [(1, 600), (2, 600)]
    assert await db.fetch_value("SELECT count(*) FROM catalog_category") == 4
    for check in (checks.stock_ledger, checks.stock_holds, checks.documents):
        assert await check() == []


async def test_a_price_a_level_or_a_picture_makes_an_update(database):
    base = thing(1)
    await write(base)
    (variant,) = base.variants
    cheaper = replace(base, variants=(replace(variant, price=Money(1, "USD")),))
    assert await write(cheaper) == UpsertCounts(updated=1)
    restocked = replace(cheaper, variants=(replace(cheaper.variants[0], stock=9),))
    assert await write(restocked) == UpsertCounts(updated=1)
    pictured = replace(restocked, media=(MediaInput("a" * 16 + ".webp", "Alt", 10, 10),))
    assert await write(pictured) == UpsertCounts(updated=1)
    assert await write(pictured) == UpsertCounts(unchanged=1)
    assert await write(replace(pictured, media=())) == UpsertCounts(unchanged=1)


async def test_a_level_of_none_and_variants_that_are_not_named_stay(database):
    two = replace(thing(5), variants=(*thing(5).variants, VariantInput("U-B", Money(5, "USD"), stock=3)))
    await write(two)
    only = replace(thing(5), variants=(replace(thing(5).variants[0], stock=None),))
    assert await write(only) == UpsertCounts(unchanged=1)
    assert await db.fetch_value("SELECT sum(on_hand) FROM catalog_stock") == 8


async def test_a_level_never_falls_below_what_is_held(catalog, database):
    from feria_core import clock
    from feria_core.contracts.catalog import StockLine
    from feria_core.ids import new_id

    await write(thing(5))
    variant = await db.fetch_value("SELECT id FROM catalog_variant")
    async with db.transaction():
        await catalog.hold(new_id(), [StockLine(variant, 3)], until=clock.now().replace(year=2100))
    await write(replace(thing(5), variants=(replace(thing(5).variants[0], stock=0),)))
    assert await db.fetch_value("SELECT on_hand FROM catalog_stock") == 3
    assert await checks.stock_ledger() == []


async def test_the_later_of_two_rows_of_one_product_wins(database):
    counts = await write(thing(1), replace(thing(1), name="Renamed"))
    assert counts == UpsertCounts(created=1, updated=1)
    assert await db.fetch_value("SELECT name FROM catalog_product") == "Renamed"
    two = replace(thing(1), variants=(*thing(1).variants, VariantInput("U-B", Money(5, "USD"))))
    await write(two)
    second = replace(thing(1), name="By the second", variants=(two.variants[1],))
    await write(replace(thing(1), name="By the first"), second)
    assert await db.fetch_value("SELECT name FROM catalog_product") == "By the second"


async def test_slugs_are_made_kept_moved_and_refused(client):
    await write(thing(1), replace(thing(2), name="Thing 1"))
    slugs = {row["slug"] for row in await db.fetch_all("SELECT slug FROM catalog_product")}
    assert slugs == {"thing-1", "thing-1-2"}
    assert await write(replace(thing(1), slug="moved")) == UpsertCounts(updated=1)
    assert (await client.get("/api/products/thing-1")).status == 301
    with pytest.raises(SlugTaken):
        await write(replace(thing(2), slug="moved"))
    with pytest.raises(SlugTaken):
        await write(replace(thing(3), slug="same"), replace(thing(4), slug="same"))


async def test_variants_of_two_products_are_not_one_product(database):
    await write(thing(1), thing(2))
    with pytest.raises(SkuTaken):
        await write(replace(thing(1), variants=(*thing(1).variants, *thing(2).variants)))
    with pytest.raises(SkuTaken):
        await write(replace(thing(3), variants=thing(3).variants * 2))


async def test_another_currency_is_refused(database):
    with pytest.raises(WrongCurrency):
        await write(ProductInput("E", (VariantInput("E", Money(1, "EUR")),)))


async def test_categories_of_one_name_in_two_places_are_two(database):
    await write(thing(1, category_path=("Garden", "Tables")), thing(2, category_path=("Home", "tables")))
    rows = await db.fetch_all("SELECT slug FROM catalog_category ORDER BY slug")
    assert [row["slug"] for row in rows] == ["garden", "home", "home-tables", "tables"]


async def test_products_that_are_written_together_are_told_of_by_one_event(database, monkeypatch):
    for event in (ProductChanged, ProductsChanged):
        monkeypatch.setitem(current().subscriptions, event.name, ())
    await write(*map(thing, range(3)))
    await write(thing(7))
    rows = await db.fetch_all("SELECT name, payload::text AS payload FROM core_outbox ORDER BY id")
    assert [row["name"] for row in rows] == [ProductsChanged.name, ProductChanged.name]
    ids = {str(row["id"]) for row in await db.fetch_all("SELECT id FROM catalog_product WHERE name <> 'Thing 7'")}
    assert set(orjson.loads(rows[0]["payload"])["product_ids"]) == ids


async def test_lists_see_what_an_import_wrote(client, database):
    await write(thing(1), thing(0))
    items = (await client.get("/api/products?sort=name")).json["items"]
    assert [(i["name"], i["in_stock"]) for i in items] == [("Thing 0", False), ("Thing 1", True)]


async def test_nothing_is_written_outside_of_a_transaction(database):
    with pytest.raises(RuntimeError):
        await upsert_products([thing(1)], reason="import")
