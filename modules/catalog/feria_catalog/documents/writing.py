"""Writing documents, in the transaction of the change that they show."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from feria_catalog.ahead import ahead
from feria_catalog.documents import languages
from feria_catalog.documents.columns import COLUMNS
from feria_catalog.documents.loading import load
from feria_catalog.documents.parts import parts
from feria_catalog.documents.rendering import ProductFacts
from feria_catalog.facets import writing as facets
from feria_catalog.pricing import loading as pricing
from feria_catalog.search import postings
from feria_core import cache, db
from feria_core.contracts.catalog import ProductChanged, ProductsChanged
from feria_core.events import publish

# The tag of every answer that lists products.
LISTS = "catalog"
# Products of one event.
ANNOUNCED = 200

_STORED = tuple(name for name, _ in COLUMNS)
_CASTS = {
    "category_path": "category_path::text[]",
    "attribute_values": "attribute_values::text[]",
    "variant_ids": "variant_ids::uuid[]",
}
_WRITE = f"""
INSERT INTO catalog_product_document ({", ".join(_STORED)})
SELECT {", ".join(_CASTS.get(name, name) for name in _STORED)}
FROM unnest({", ".join(f"${n}::{kind}[]" for n, (_, kind) in enumerate(COLUMNS, 1))})
    AS d ({", ".join(name for name, _ in COLUMNS)})
ON CONFLICT (product_id) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in _STORED if name != "product_id")}
"""
# A writer waits here for the one before it and then reads what that one wrote: no change gets lost in a document.
_LOCK = "SELECT id FROM catalog_product WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"
_TURNED = """
SELECT d.product_id FROM catalog_product_document d
WHERE d.product_id = ANY($1::uuid[]) AND d.in_stock <> EXISTS (
    SELECT FROM catalog_variant v JOIN catalog_stock s ON s.variant_id = v.id
    WHERE v.product_id = d.product_id AND v.is_active AND s.on_hand > s.reserved)
"""


async def rewrite(product_ids: Collection[UUID], *, is_announced: bool = True) -> None:
    """Write the documents of these products as the open transaction sees them, and announce the change."""
    if not product_ids:
        return
    await lock(product_ids)
    await _write(product_ids, is_announced=is_announced)


async def lock(product_ids: Collection[UUID]) -> None:
    """Wait for the writers of these products, and have those who come after wait for the open transaction."""
    await db.fetch_all(_LOCK, list(product_ids))


async def refresh_in_stock(product_ids: Collection[UUID]) -> None:
    """Write anew those documents whose product has sold out or is back since they were written."""
    await lock(product_ids)
    turned = await db.fetch_all(_TURNED, list(product_ids))
    if turned:
        await _write([row["product_id"] for row in turned])


async def _write(product_ids: Collection[UUID], *, is_announced: bool = True) -> None:
    products = await load(product_ids)
    if not products:
        return
    translated: list[tuple[Any, ...]] = []
    counted, words = facets.Rows(), set[str]()
    async with ahead(parts(products)) as made:
        await pricing.record({variant.id: variant.price_news for product in products for variant in product.variants})
        await languages.clear([product.id for product in products])
        before = await postings.stored([product.no for product in products])
        async for part in made:
            await db.execute(_WRITE, *zip(*part.documents, strict=True))
            words |= await postings.write(part.entries, before)
            translated += part.translated
            counted.extend(part.facets)
    await languages.write(translated)
    await facets.write(counted)
    await postings.add_words(words)
    cache.touch(LISTS, *(f"product:{product.id}" for product in products))
    if is_announced:
        await _announce(products)


async def _announce(products: Sequence[ProductFacts]) -> None:
    """Tell who listens: one event, however many products there are in a chunk, so that imports make few jobs."""
    if len(products) == 1:
        await publish(ProductChanged(products[0].id, products[0].slug))
        return
    for start in range(0, len(products), ANNOUNCED):
        await publish(ProductsChanged(tuple(product.id for product in products[start : start + ANNOUNCED])))
