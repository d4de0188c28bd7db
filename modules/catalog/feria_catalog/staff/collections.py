"""Collections for staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson

from feria_catalog.admin_schemas_collections import AdminCollection, CollectionBody, CollectionPatch, RuleBody
from feria_catalog.documents.writing import LISTS
from feria_catalog.errors import SlugTaken
from feria_catalog.staff import audits, versions
from feria_catalog.writing.lock import one_writer
from feria_core import audit, cache, db
from feria_core.errors import Invalid, NotFound
from feria_core.ids import new_id
from feria_core.text import slug_of

_COLLECTIONS = """
SELECT c.id, c.slug, c.name, c.description, c.rule::text AS rule, c.version, ARRAY(
    SELECT cp.product_id FROM catalog_collection_product cp
    WHERE cp.collection_id = c.id ORDER BY cp.position) AS products
FROM catalog_collection c
"""
_FILL = """
INSERT INTO catalog_collection_product (collection_id, product_id, position)
SELECT $1, p.id, g.nth FROM unnest($2::uuid[]) WITH ORDINALITY AS g (id, nth) JOIN catalog_product p ON p.id = g.id
"""


async def listed() -> list[AdminCollection]:
    """Return every collection by name."""
    return [_out(row) for row in await db.fetch_all(f"{_COLLECTIONS} ORDER BY lower(c.name), c.slug")]


async def find(slug: str) -> AdminCollection:
    """Return one collection. Raises NotFound."""
    row = await db.fetch_one(f"{_COLLECTIONS} WHERE c.slug = $1", slug) if "\x00" not in slug else None
    if row is None:
        raise NotFound(f"There is no collection '{slug[:100]}': GET /api/admin/collections lists them.")
    return _out(row)


async def create(body: CollectionBody) -> AdminCollection:
    """Create a collection. Raises SlugTaken, Invalid for unknown products."""
    slug = body.slug or slug_of(body.name)
    async with db.transaction():
        await one_writer()
        collection_id = new_id()
        made = await db.execute(
            "INSERT INTO catalog_collection (id, slug, name, description, rule)"
            " VALUES ($1, $2, $3, $4, $5::text::jsonb) ON CONFLICT (slug) DO NOTHING",
            collection_id, slug, body.name, body.description, _stored(body.rule),
        )  # fmt: skip
        if not made:
            raise SlugTaken(slug)
        await _fill(collection_id, body.products)
        created = await find(slug)
        await audit.record(
            "catalog.collection.created", "collection", collection_id, after=created.model_dump(mode="json")
        )
        cache.touch(LISTS)
        return created


async def edit(slug: str, patch: CollectionPatch) -> AdminCollection:
    """Change what `patch` names; a collection stays by hand or by rule. Raises NotFound, StaleVersion, Invalid."""
    async with db.transaction():
        await one_writer()
        before = await find(slug)
        versions.check(before.version, patch.version)
        if (patch.rule is not None and before.rule is None) or (patch.products is not None and before.rule is not None):
            raise Invalid.field(
                "body", "rule", code="other_kind",
                message="The collection is of the other kind: create a new one, by hand or by rule.",
            )  # fmt: skip
        await db.execute(
            "UPDATE catalog_collection SET name = $2, description = $3, rule = $4::text::jsonb, version = version + 1"
            " WHERE id = $1",
            before.id, patch.name or before.name,
            before.description if patch.description is None else patch.description,
            _stored(patch.rule) if patch.rule else _json(before.rule),
        )  # fmt: skip
        if patch.products is not None:
            await db.execute("DELETE FROM catalog_collection_product WHERE collection_id = $1", before.id)
            await _fill(before.id, patch.products)
        after = await find(slug)
        await audits.record_changes("catalog.collection.edited", "collection", after.id, before, after)
        cache.touch(LISTS)
        return after


async def delete(slug: str) -> None:
    """Delete a collection; its products stay. Raises NotFound."""
    async with db.transaction():
        await one_writer()
        before = await find(slug)
        await db.execute("DELETE FROM catalog_collection WHERE id = $1", before.id)
        await audit.record("catalog.collection.deleted", "collection", before.id, before=before.model_dump(mode="json"))
        cache.touch(LISTS)


async def _fill(collection_id: UUID, products: Sequence[UUID]) -> None:
    wanted = list(dict.fromkeys(products))
    if wanted and await db.execute(_FILL, collection_id, wanted) < len(wanted):
        raise Invalid.field(
            "body",
            "products",
            code="unknown_product",
            message="One of the products is not there: GET /api/admin/products.",
        )


def _stored(rule: RuleBody | None) -> str | None:
    return _json(rule.model_dump(mode="json", exclude_none=True, exclude_defaults=True)) if rule else None


def _json(value: dict[str, Any] | None) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _out(row: db.Row) -> AdminCollection:
    return AdminCollection(**{**row, "rule": orjson.loads(row["rule"]) if row["rule"] else None})
