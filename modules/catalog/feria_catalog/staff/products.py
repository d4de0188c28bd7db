"""Creating, editing and archiving a product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from feria_catalog import documents
from feria_catalog.admin_schemas import ProductBody, ProductPatch, SeoBody, stored_status
from feria_catalog.custom_fields import values
from feria_catalog.staff import reading, variants
from feria_catalog.writing import attributes as checking
from feria_catalog.writing import rows, slugs
from feria_catalog.writing.lock import one_writer
from feria_catalog.writing.references import ensure_brands
from feria_catalog.writing.upsert import create_product
from feria_core import audit, clock, db
from feria_core.errors import Invalid, NotFound, StaleVersion

_CATEGORY_NAMES = """
SELECT c.name FROM catalog_category leaf
CROSS JOIN unnest(leaf.path) WITH ORDINALITY AS part (slug, depth)
JOIN catalog_category c ON c.slug = part.slug WHERE leaf.slug = $1 ORDER BY part.depth
"""


async def create(body: ProductBody) -> bytes:
    """Create the product; return it as staff see it. Raises NotFound, SkuTaken, SlugTaken, WrongCurrency."""
    _check_window(body.status, Window(body.publish_at, body.unpublish_at))
    async with db.transaction():
        await one_writer()
        names = await _category_names(body.category) if body.category else ()
        product_id = await create_product(body.to_input(names), reason="initial")
        await values.write(values.PRODUCT, {product_id: body.custom_fields})
        of_variants = {variant.sku: variant.custom_fields for variant in body.variants}
        await values.write_variants(product_id, of_variants)
        has_extras = body.publish_at is not None or body.unpublish_at is not None or body.seo is not None
        if has_extras:
            await _write_extras(product_id, Window(body.publish_at, body.unpublish_at), body.seo or SeoBody())
        if has_extras or body.custom_fields or any(of_variants.values()):
            await documents.rewrite([product_id])
        after = (await reading.view(str(product_id))).audited()
        skus = [variant.sku for variant in body.variants]
        await audit.record("catalog.product.created", "product", product_id, after={**after, "variants": skus})
        return await reading.document(product_id)


async def edit(key: str, patch: ProductPatch) -> bytes:
    """Change what `patch` names; return the product as it is now.

    Raises NotFound, StaleVersion, SlugTaken, SkuTaken, WrongCurrency.
    """
    given = patch.model_fields_set
    async with db.transaction():
        await one_writer()
        before = await reading.view(key, lock=True)
        check_version(before, patch.version)
        product_id = before.row.id
        row = await _changed_row(before.row, patch)
        if row.slug != before.row.slug:
            await slugs.claim({row.slug: product_id})
            await slugs.retire({before.row.slug: product_id})
        await rows.update_products([row], now=clock.now())
        window = _changed_window(before, patch)
        _check_window(patch.status, window)
        if given & {"publish_at", "unpublish_at", "seo"}:
            seo = patch.seo or SeoBody() if "seo" in given else _stored_seo(before)
            await _write_extras(product_id, window, seo)
        await values.write(values.PRODUCT, {product_id: patch.custom_fields or {}})
        changes = await variants.write_all(product_id, patch.variants or [])
        if given & {"attributes", "product_type", "variants"}:
            await variants.demand_required(row)
        await documents.rewrite([product_id])
        after = await reading.view(str(product_id))
        await _audit("catalog.product.edited", before, after, changes)
        return await reading.document(product_id)


async def archive(key: str) -> None:
    """Take the product off the shop; orders and addresses of pages keep knowing it. Repeats safely."""
    async with db.transaction():
        await one_writer()
        before = await reading.view(key, lock=True)
        if before.row.status == "archived":
            return
        await rows.update_products([replace(before.row, status="archived")], now=clock.now())
        await documents.rewrite([before.row.id])
        await _audit("catalog.product.archived", before, await reading.view(key), {})


def check_version(product: reading.StaffView, version: int | None) -> None:
    """Raise StaleVersion where another version than the stored one was edited."""
    if version is not None and version != product.version:
        raise StaleVersion(
            f"Version {version} was edited, {product.version} is stored: read the product again and repeat the change.",
            members={"version": product.version},
        )


async def _changed_row(row: rows.ProductRow, patch: ProductPatch) -> rows.ProductRow:
    """Return the columns with the changes of `patch`; brand, category and attributes exist afterwards."""
    given = patch.model_fields_set
    changes: dict[str, Any] = {
        name: getattr(patch, name) for name in ("name", "slug", "description", "product_type") if name in given
    }
    if patch.status is not None:
        changes["status"] = stored_status(patch.status)
    if "brand" in given:
        changes["brand_id"] = (await ensure_brands([patch.brand]))[patch.brand] if patch.brand else None
    if "category" in given:
        changes["category_id"] = await _category_id(patch.category) if patch.category else None
    if patch.product_type is not None:
        known = await checking.load((), (), [patch.product_type])
        changes["product_type"] = known.type_code(patch.product_type)
    if patch.attributes is not None:
        changes["attributes"] = await variants.merged(row.attributes, patch.attributes, checking.PRODUCT)
    return replace(row, **changes)


@dataclass(frozen=True)
class Window:
    """When a published product is shown: from `start` on, until `end`, which is excluded; None bounds nothing."""

    start: datetime | None
    end: datetime | None


def _changed_window(before: reading.StaffView, patch: ProductPatch) -> Window:
    given = patch.model_fields_set
    return Window(
        patch.publish_at if "publish_at" in given else before.publish_at,
        patch.unpublish_at if "unpublish_at" in given else before.unpublish_at,
    )


def _check_window(status: str | None, window: Window) -> None:
    """Raise Invalid where the product would never be shown, or is to be scheduled without a time."""
    if window.start is not None and window.end is not None and window.end <= window.start:
        raise Invalid.field(
            "body", "unpublish_at", code="ends_before_start", message="unpublish_at must be later than publish_at."
        )
    if status == "scheduled" and window.start is None:
        raise Invalid.field("body", "publish_at", code="missing", message="A scheduled product needs publish_at.")


async def _write_extras(product_id: UUID, window: Window, seo: SeoBody) -> None:
    await db.execute(
        "UPDATE catalog_product SET publish_at = $2, unpublish_at = $3, seo_title = $4, seo_description = $5"
        " WHERE id = $1",
        product_id, window.start, window.end, seo.title or None, seo.description or None,
    )  # fmt: skip


def _stored_seo(product: reading.StaffView) -> SeoBody:
    return SeoBody(title=product.seo_title, description=product.seo_description)


async def _category_names(slug: str) -> tuple[str, ...]:
    found = await db.fetch_all(_CATEGORY_NAMES, slug)
    if not found:
        raise no_category(slug)
    return tuple(row["name"] for row in found)


async def _category_id(slug: str) -> UUID:
    found: UUID | None = await db.fetch_value("SELECT id FROM catalog_category WHERE slug = $1", slug)
    if found is None:
        raise no_category(slug)
    return found


def no_category(slug: str) -> NotFound:
    """Return the error for a category that is not there."""
    return NotFound(f"There is no category '{slug}': create it with POST /api/admin/categories first.")


async def _audit(
    action: str, before: reading.StaffView, after: reading.StaffView, variant_changes: Mapping[str, Any]
) -> None:
    """Write what is different, and nothing else."""
    old, new = before.audited(), after.audited()
    changed = [name for name in new if old[name] != new[name]]
    await audit.record(
        action, "product", after.row.id,
        before={name: old[name] for name in changed},
        after={**{name: new[name] for name in changed}, **({"variants": variant_changes} if variant_changes else {})},
    )  # fmt: skip
