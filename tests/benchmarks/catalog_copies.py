"""A large catalog made larger in PostgreSQL alone: a million products in minutes, where writing each takes an hour.

Every copy of a product has its own ids, number, slug, SKU, barcode, price and age, and stands in each table that is
read: documents, facets, stock and words. What it is called and made of is as it was, so words and values stay as
frequent as they are; only ties are more frequent than in a shop that grew. Indexes are made anew when all is there.
"""

from __future__ import annotations

import os

import asyncpg

from feria_core import db

# Indexes whose entries come in no order: kept while rows are added, they would be read and written again and again.
_POSTINGS_KEY = "ALTER TABLE catalog_posting {0} CONSTRAINT catalog_posting_pkey"
_SPREAD = "(0.8 + 0.4 * (hashint4(p.no + $2) & 1023) / 1023.0)"
# The id of a copy: the same from the same, so that tables meet without asking each other.
_PRODUCT, _VARIANT = "md5(p.id::text || $2)::uuid", "md5(v.id::text || $2)::uuid"
_COPIED = (
    f"""
    INSERT INTO catalog_product (id, no, name, slug, description, brand_id, category_id, attributes, status,
        created_at, updated_at, popularity, custom_fields) OVERRIDING SYSTEM VALUE
    SELECT {_PRODUCT}, p.no + $2, p.name, p.slug || '-' || $2, p.description, p.brand_id, p.category_id, p.attributes,
        p.status, p.created_at - make_interval(secs => $2 / 7.0), p.updated_at, p.popularity, p.custom_fields
    FROM catalog_product p WHERE p.no <= $1
    """,
    f"""
    INSERT INTO catalog_variant (id, product_id, sku, options, price_amount, currency, position, is_active, created_at,
        updated_at, attributes, options_key, barcode, barcode_key, custom_fields)
    SELECT {_VARIANT}, {_PRODUCT}, v.sku || '-' || $2, v.options, greatest(1, v.price_amount * {_SPREAD})::bigint,
        v.currency, v.position, v.is_active, v.created_at, v.updated_at, v.attributes, v.options_key, NULL, NULL,
        v.custom_fields
    FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id WHERE p.no <= $1
    """,
    f"""
    INSERT INTO catalog_stock (variant_id, on_hand, reserved)
    SELECT {_VARIANT}, s.on_hand, 0 FROM catalog_stock s JOIN catalog_variant v ON v.id = s.variant_id
    JOIN catalog_product p ON p.id = v.product_id WHERE p.no <= $1
    """,
    f"""
    INSERT INTO catalog_product_document (product_id, no, slug, listed_from, listed_until, name_key, price_amount,
        on_sale, in_stock, rating, popularity, created_at, brand_slug, category_slug, category_path, attribute_values,
        variant_ids, card, page)
    SELECT {_PRODUCT}, p.no + $2, d.slug || '-' || $2, d.listed_from, d.listed_until, d.name_key,
        greatest(1, d.price_amount * {_SPREAD})::bigint, d.on_sale, d.in_stock, d.rating, d.popularity,
        d.created_at - make_interval(secs => $2 / 7.0), d.brand_slug, d.category_slug, d.category_path,
        d.attribute_values, ARRAY(SELECT {_VARIANT} FROM unnest(d.variant_ids) AS v (id)),
        replace(replace(d.card, '"' || d.slug || '"', '"' || d.slug || '-' || $2 || '"'), p.id::text,
            ({_PRODUCT})::text), d.page
    FROM catalog_product_document d JOIN catalog_product p ON p.id = d.product_id WHERE p.no <= $1
    """,
    f"""
    INSERT INTO catalog_facet (product_no, value_ids, listed_from, price_amount, rating, popularity, created_at,
        in_stock, on_sale, listed_until, rating_rank)
    SELECT p.no + $2, f.value_ids, f.listed_from, greatest(1, f.price_amount * {_SPREAD})::bigint, f.rating,
        f.popularity, f.created_at - make_interval(secs => $2 / 7.0), f.in_stock, f.on_sale, f.listed_until,
        f.rating_rank
    FROM catalog_facet f JOIN catalog_product p ON p.no = f.product_no WHERE p.no <= $1
    """,
    """
    INSERT INTO catalog_search_entry (product_no, digest, terms, impacts)
    SELECT e.product_no + $2, e.digest, e.terms, e.impacts FROM catalog_search_entry e WHERE e.product_no <= $1
    """,
    """
    INSERT INTO catalog_posting (term, impact, product_no)
    SELECT p.term, p.impact, p.product_no + $2 FROM catalog_posting p WHERE p.product_no <= $1
    """,
)


async def multiply(times: int) -> None:
    """Let there be `times` as many products as there are."""
    last = int(await db.fetch_value("SELECT max(no) FROM catalog_product"))
    async with db.transaction():
        await db.execute("SET LOCAL session_replication_role = replica")  # every key is known to lead somewhere
        await db.execute("SET LOCAL statement_timeout = 0")
        await db.execute("SET LOCAL maintenance_work_mem = '1GB'")
        await db.execute(_POSTINGS_KEY.format("DROP"))
        for nth in range(1, times):
            for statement in _COPIED:
                # The place of a value is typed by its first use: numbers are written into the text.
                await db.execute(statement.replace("$1", str(last)).replace("$2", str(nth * last)))
        await db.execute(f"{_POSTINGS_KEY.format('ADD')} PRIMARY KEY (term, impact, product_no)")
    # Not inside a transaction, and longer than a statement of the shop's may take.
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    await connection.execute("SET statement_timeout = 0")
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
