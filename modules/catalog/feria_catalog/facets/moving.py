"""What many products are found and counted by, after their category moved or their brand got another slug.

Three statements in the transaction of the change, whatever the number of products: lists, facets, offers and related
products are right at once. Cards, pages and words of search show names, and follow by a job. The products' rows must
be locked.
"""

from __future__ import annotations

from feria_core import db

_VALUES = """
INSERT INTO catalog_facet_value (token, code, label)
SELECT g.code || '=' || g.slug, g.code, g.name FROM ({things}) AS g (code, slug, name) ORDER BY 1
ON CONFLICT (token) DO UPDATE SET label = excluded.label, changed_xid = pg_current_xact_id()
    WHERE catalog_facet_value.label <> excluded.label
"""
_SUBTREE = """
SELECT c.id, c.path FROM catalog_category c JOIN catalog_category top ON top.slug = ANY(c.path)
WHERE top.id = $1::text::uuid
"""
_CATEGORY_VALUES = _VALUES.format(
    things=f"SELECT '@category', s.slug, s.name FROM catalog_category s"
    f" WHERE s.slug IN (SELECT unnest(t.path) FROM ({_SUBTREE}) t)"
)
_BRAND_VALUES = _VALUES.format(things="SELECT '@brand', slug, name FROM catalog_brand WHERE id = $1::text::uuid")
# The values of other codes stay. A row that stays as it is keeps its transaction: no process has to look at it again.
_FACETS = """
WITH known AS MATERIALIZED (SELECT array_agg(id) AS ids FROM catalog_facet_value WHERE code = '{code}'),
fresh AS MATERIALIZED ({fresh})
UPDATE catalog_facet f SET value_ids = w.ids, changed_xid = pg_current_xact_id()
FROM (
    SELECT p.no, ARRAY(SELECT v FROM unnest(g.value_ids) AS v WHERE v <> ALL(known.ids)
                       UNION SELECT unnest(fresh.ids) ORDER BY 1) AS ids
    FROM fresh JOIN catalog_product p ON p.{column} = fresh.id JOIN catalog_facet g ON g.product_no = p.no
    CROSS JOIN known) w
WHERE f.product_no = w.no AND f.value_ids <> w.ids
"""
_CATEGORY_FACETS = _FACETS.format(
    code="@category",
    column="category_id",
    fresh=f"""
    SELECT t.id, array_agg(v.id) AS ids FROM ({_SUBTREE}) t CROSS JOIN unnest(t.path) AS step (slug)
    JOIN catalog_facet_value v ON v.token = '@category=' || step.slug GROUP BY t.id""",
)
_BRAND_FACETS = _FACETS.format(
    code="@brand",
    column="brand_id",
    fresh="""
    SELECT b.id, ARRAY[v.id] AS ids FROM catalog_brand b JOIN catalog_facet_value v ON v.token = '@brand=' || b.slug
    WHERE b.id = $1::text::uuid""",
)
_CATEGORY_DOCUMENTS = f"""
UPDATE catalog_product_document d SET category_path = t.path, category_slug = t.path[cardinality(t.path)]
FROM catalog_product p JOIN ({_SUBTREE}) t ON t.id = p.category_id
WHERE d.product_id = p.id AND d.category_path <> t.path
"""
_BRAND_DOCUMENTS = """
UPDATE catalog_product_document d SET brand_slug = b.slug
FROM catalog_product p JOIN catalog_brand b ON b.id = p.brand_id
WHERE b.id = $1::text::uuid AND d.product_id = p.id AND d.brand_slug IS DISTINCT FROM b.slug
"""


async def category(category_id: str) -> None:
    """Give the products of the category's subtree the categories that they are in now."""
    for statement in (_CATEGORY_VALUES, _CATEGORY_FACETS, _CATEGORY_DOCUMENTS):
        await db.execute(statement, category_id)


async def brand(brand_id: str) -> None:
    """Give the brand's products its slug."""
    for statement in (_BRAND_VALUES, _BRAND_FACETS, _BRAND_DOCUMENTS):
        await db.execute(statement, brand_id)
