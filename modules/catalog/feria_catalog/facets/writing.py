"""Writing what products are counted by, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from feria_catalog.documents.columns import array_literal, listed_from, listed_until
from feria_catalog.documents.rendering import ProductFacts
from feria_catalog.facets.values import FacetValue
from feria_core import db

# Values that are new, or whose brand or category has got another name. Looked up first, so that writers of the same
# values do not wait for each other's rows; in the order of their tokens, so that they cannot deadlock.
_VALUES = """
INSERT INTO catalog_facet_value (token, code, label, number)
SELECT g.token, g.code, g.label, g.number
FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[]) AS g (token, code, label, number)
LEFT JOIN catalog_facet_value v ON v.token = g.token
WHERE v.id IS NULL OR v.number IS DISTINCT FROM g.number OR (g.code LIKE '@%' AND v.label <> g.label)
ORDER BY g.token
ON CONFLICT (token) DO UPDATE
    SET label = excluded.label, number = excluded.number, changed_xid = pg_current_xact_id()
"""
# A row that stays as it is keeps its transaction: no process has to look at it again.
_FACETS = """
INSERT INTO catalog_facet AS f (product_no, value_ids, listed_from, price_amount, rating, popularity, created_at,
    in_stock, on_sale, listed_until, rating_rank)
SELECT g.product_no, coalesce(v.ids, '{}'), g.listed_from, g.price_amount, g.rating, g.popularity, g.created_at,
    g.in_stock, g.on_sale, g.listed_until, g.rating_rank
FROM unnest($1::int[], $2::text[], $3::timestamptz[], $4::bigint[], $5::int[], $6::bigint[], $7::timestamptz[],
    $8::boolean[], $9::boolean[], $10::timestamptz[], $11::int[])
    AS g (product_no, tokens, listed_from, price_amount, rating, popularity, created_at, in_stock, on_sale,
        listed_until, rating_rank)
LEFT JOIN (
    SELECT o.product_no, array_agg(v.id ORDER BY v.id) AS ids
    FROM unnest($1::int[], $2::text[]) AS o (product_no, tokens)
    CROSS JOIN unnest(o.tokens::text[]) AS t (token) JOIN catalog_facet_value v ON v.token = t.token
    GROUP BY o.product_no) v ON v.product_no = g.product_no
ORDER BY g.product_no
ON CONFLICT (product_no) DO UPDATE SET value_ids = excluded.value_ids, listed_from = excluded.listed_from,
    price_amount = excluded.price_amount, rating = excluded.rating, popularity = excluded.popularity,
    created_at = excluded.created_at, in_stock = excluded.in_stock, on_sale = excluded.on_sale,
    listed_until = excluded.listed_until, rating_rank = excluded.rating_rank, changed_xid = pg_current_xact_id()
WHERE (f.value_ids, f.listed_from, f.price_amount, f.rating, f.popularity, f.created_at, f.in_stock, f.on_sale,
        f.listed_until, f.rating_rank)
    IS DISTINCT FROM (excluded.value_ids, excluded.listed_from, excluded.price_amount, excluded.rating,
        excluded.popularity, excluded.created_at, excluded.in_stock, excluded.on_sale,
        excluded.listed_until, excluded.rating_rank)
"""


@dataclass
class Rows:
    """What is written of some products: the values that they have, and a row for each."""

    values: dict[str, FacetValue] = field(default_factory=dict)
    products: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, product: ProductFacts, values: Mapping[str, FacetValue]) -> None:
        """Take a product with its values."""
        self.values |= values
        first = product.default_variant
        self.products.append(
            (
                product.no, array_literal(values), listed_from(product), first.price_amount if first else None,
                hundredths(product.rating), product.popularity, product.created_at, product.in_stock, product.on_sale,
                listed_until(product), hundredths(rank(product)),
            )
        )  # fmt: skip

    def extend(self, others: Rows) -> None:
        """Take what others have too."""
        self.values |= others.values
        self.products += others.products


async def write(rows: Rows) -> None:
    """Write what products are counted by. The products' rows must be locked.

    All those of a transaction at once: the order of the values is what keeps two writers apart.
    """
    if rows.values:
        given = list(rows.values.values())
        await db.execute(
            _VALUES,
            [v.token for v in given], [v.code for v in given], [v.label for v in given], [v.number for v in given],
        )  # fmt: skip
    if rows.products:
        await db.execute(_FACETS, *zip(*rows.products, strict=True))


def hundredths(rating: Decimal | None) -> int:
    """Return a rating in hundredths; 0 for a product that nobody has rated."""
    return int((rating or 0) * 100)


def rank(product: ProductFacts) -> Decimal | None:
    """Return what orders by rating go by: the rating itself where whoever rates gives nothing else."""
    return product.rating_rank if product.rating_rank is not None else product.rating
