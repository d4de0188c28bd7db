"""Products as visitors see them now, and ratings that others give them: the port Products."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from feria_catalog.documents import languages
from feria_catalog.documents.writing import LISTS, rewrite
from feria_catalog.pricing.current import PRICES, catch_up
from feria_core import cache, clock, db
from feria_core.contracts.catalog import ProductCard, ProductText

_LISTED = "d.listed_from <= $1 AND d.listed_until > $1"
_CARDS = f"""
SELECT d.product_id, d.slug, p.name, d.card, d.in_stock, d.category_slug, d.image_key,
    coalesce(d.price_until <= $1, false) AS is_due, nullif(d.listed_until, 'infinity') AS shown_until
FROM catalog_product_document d JOIN catalog_product p ON p.id = d.product_id
WHERE d.product_id = ANY($2::uuid[]) AND {_LISTED}
"""
# When the clock changes by itself which of the products are shown, or at which price.
_EDGE = """
SELECT min(edge) FROM catalog_product_document d
CROSS JOIN LATERAL (VALUES (d.listed_from), (d.listed_until), (d.price_until)) AS e (edge)
WHERE d.product_id = ANY($2::uuid[]) AND edge > $1 AND edge < 'infinity'
"""
# The present owner of a slug comes before one that has it in another language, then one that only had it once.
_IDS = """
SELECT DISTINCT ON (slug) slug, product_id FROM (
    SELECT slug, id AS product_id, 0 AS age FROM catalog_product WHERE slug = ANY($1::text[])
    UNION ALL
    SELECT slug, product_id, 1 FROM catalog_product_translation WHERE slug = ANY($1::text[])
    UNION ALL
    SELECT slug, product_id, 2 FROM catalog_slug_history WHERE slug = ANY($1::text[])) found
ORDER BY slug, age, product_id
"""
_TEXTS = f"""
SELECT d.product_id, p.name, d.brand_slug, d.category_path, d.attribute_values, p.description, d.price_amount,
    d.created_at
FROM catalog_product_document d JOIN catalog_product p ON p.id = d.product_id
WHERE {_LISTED} AND ($2::uuid IS NULL OR d.product_id > $2) ORDER BY d.product_id LIMIT $3
"""
_RATE = """
UPDATE catalog_product SET rating = $2, review_count = $3, rating_rank = $4 WHERE id = $1
RETURNING (SELECT (o.rating, o.review_count, o.rating_rank) IS DISTINCT FROM ($2::numeric, $3::int, $4::numeric)
           FROM catalog_product o WHERE o.id = $1) AS is_changed
"""


class ShownProducts:
    """The port Products over this module's documents."""

    async def cards(self, product_ids: Collection[UUID]) -> Mapping[UUID, ProductCard]:
        """Return those of the products that are shown now, in the request's language.

        An answer under way that is kept is told what it shows and until when.
        """
        wanted = list(product_ids)
        if wanted:
            cache.tag(PRICES, *(f"product:{product_id}" for product_id in wanted))
            cache.until(await db.fetch_value(_EDGE, clock.now(), wanted))
        rows = await db.fetch_all(_CARDS, clock.now(), wanted) if wanted else ()
        if (due := {row["product_id"] for row in rows if row["is_due"]}) and await catch_up(due):
            rows = await db.fetch_all(_CARDS, clock.now(), wanted)
        translated = await languages.cards_by_id([row["product_id"] for row in rows])
        return {
            row["product_id"]: ProductCard(
                product_id=row["product_id"],
                slug=row["slug"],
                name=row["name"],
                card=str(translated.get(row["product_id"], row["card"])),
                in_stock=row["in_stock"],
                category=row["category_slug"],
                image_url=f"/media/{row['image_key']}" if row["image_key"] else None,
                shown_until=row["shown_until"],
            )
            for row in rows
        }

    async def ids_of(self, slugs: Collection[str]) -> Mapping[str, UUID]:
        """Return the products of these slugs, translated and old ones included."""
        rows = await db.fetch_all(_IDS, list(slugs)) if slugs else ()
        if len(rows) < len(slugs):
            # A kept answer ends when a product of that slug is made.
            cache.tag(LISTS)
        return {row["slug"]: row["product_id"] for row in rows}

    async def texts(self, *, after: UUID | None, limit: int) -> Sequence[ProductText]:
        """Return the products that are shown now by ascending id."""
        return [
            ProductText(
                product_id=row["product_id"],
                name=row["name"],
                brand=row["brand_slug"],
                categories=tuple(row["category_path"]),
                attributes=tuple(row["attribute_values"]),
                description=row["description"],
                price_amount=row["price_amount"],
                created_at=row["created_at"],
            )
            for row in await db.fetch_all(_TEXTS, clock.now(), after, limit)
        ]

    async def rate(self, product_id: UUID, *, rating: Decimal | None, count: int, rank: Decimal | None = None) -> bool:
        """Show the rating, and order by `rank`, in the caller's transaction; False for an unknown product."""
        db.require_transaction("rate()")
        row = await db.fetch_one(_RATE, product_id, rating, count, rank)
        if row is not None and row["is_changed"]:
            await rewrite([product_id])
        return row is not None
