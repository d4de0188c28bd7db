"""The whole read model made anew, and compared with what it should be, while the shop serves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from feria_catalog.documents.columns import COLUMNS, listed_from, row
from feria_catalog.documents.loading import load
from feria_catalog.documents.rendering import ProductFacts
from feria_catalog.documents.writing import rewrite
from feria_catalog.facets.values import attribute_tokens, values_of
from feria_catalog.facets.writing import hundredths, rank
from feria_core import clock, db
from feria_core.runtime import core_settings

_NEXT = "SELECT id, no FROM catalog_product WHERE no > $1 ORDER BY no LIMIT $2"
# Arrays are compared as what facets know of them; `variant_ids` stand in the page.
_COMPARED = tuple(name for name, kind in COLUMNS if name not in (
    "product_id", "category_path", "attribute_values", "variant_ids", "listed_from", "listed_until"))  # fmt: skip
_DOCUMENTS = f"""
SELECT product_id, {", ".join(_COMPARED)} FROM catalog_product_document WHERE product_id = ANY($1::uuid[])
"""
_FACETS = """
SELECT f.product_no, f.price_amount, f.rating, f.rating_rank, f.popularity, f.created_at, f.in_stock, f.on_sale,
    f.listed_from = g.listed_from AS is_listed_right,
    ARRAY(SELECT v.token FROM catalog_facet_value v WHERE v.id = ANY(f.value_ids)) AS tokens
FROM catalog_facet f JOIN unnest($1::int[], $2::timestamptz[]) AS g (no, listed_from) ON g.no = f.product_no
"""


@dataclass(frozen=True)
class Batch:
    """Neighbouring products by their numbers, the last of which is `last_no`."""

    ids: Sequence[UUID]
    last_no: int


async def batches(size: int, *, after: int = 0) -> AsyncIterator[Batch]:
    """Give all products with a number greater than `after`, in the order of their numbers."""
    while rows := await db.fetch_all(_NEXT, after, size):
        after = rows[-1]["no"]
        yield Batch([row["id"] for row in rows], after)


async def count(after: int = 0) -> int:
    """Return how many products have a number greater than `after`."""
    return int(await db.fetch_value("SELECT count(*) FROM catalog_product WHERE no > $1", after))


async def rebuild(batch: Batch) -> None:
    """Write the batch's documents, facets and words anew, in a transaction of its own; nobody is told of a change.

    Writers of these products wait meanwhile, and write after it what they changed.
    """
    await db.in_new_transaction(lambda: rewrite(batch.ids, is_announced=False))


async def differences(batch: Batch) -> list[str]:
    """Return a sentence for each product of the batch whose document or facets are not what they should be."""
    async with db.transaction():
        # One snapshot for tables and documents: a change between two statements would look like a difference.
        await db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        now = clock.now()
        products = await load(batch.ids)
        documents = {row["product_id"]: row for row in await db.fetch_all(_DOCUMENTS, batch.ids)}
        listed = [listed_from(product) for product in products]
        rows = await db.fetch_all(_FACETS, [product.no for product in products], listed)
        facets = {row["product_no"]: row for row in rows}
    found = []
    for product in products:
        document = documents.get(product.id)
        if document is not None and document["price_until"] is not None and document["price_until"] <= now:
            continue  # a list has begun or ended: whoever reads it next writes it first
        wrong = [*_wrong_columns(product, documents.get(product.id)), *_wrong_facets(product, facets.get(product.no))]
        if wrong:
            found.append(f"{product.slug}: {', '.join(wrong)}")
    return found


def _wrong_columns(product: ProductFacts, stored: Any) -> list[str]:
    if stored is None:
        return ["its document is missing"]
    values = row(product, attribute_tokens(values_of(product)), core_settings().public_url)
    fresh = dict(zip((name for name, _ in COLUMNS), values, strict=True))
    return [f"{name} of its document is not up to date" for name in _COMPARED if stored[name] != fresh[name]]


def _wrong_facets(product: ProductFacts, stored: Any) -> list[str]:
    if stored is None:
        return ["its facets are missing"]
    first = product.default_variant
    fresh = {
        "price_amount": first.price_amount if first else None, "rating": hundredths(product.rating),
        "rating_rank": hundredths(rank(product)),
        "popularity": product.popularity, "created_at": product.created_at, "in_stock": product.in_stock,
        "on_sale": product.on_sale, "is_listed_right": True,
    }  # fmt: skip
    wrong = [f"{name} of its facets is not up to date" for name, value in fresh.items() if stored[name] != value]
    return wrong if set(stored["tokens"]) == set(values_of(product)) else [*wrong, "its facets have other values"]
