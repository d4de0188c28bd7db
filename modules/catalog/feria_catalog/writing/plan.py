"""What has to be written so that the stored products become the given ones. Pure but for fresh ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from feria_catalog.domain import MediaInput, ProductInput, Unsaid
from feria_catalog.writing.attributes import PRODUCT, VARIANT
from feria_catalog.writing.current import Stored
from feria_catalog.writing.references import References
from feria_catalog.writing.rows import ProductRow, VariantRow
from feria_core.ids import new_id

T = TypeVar("T")


@dataclass
class Plan:
    """Rows to insert and to update; levels by variant. `restocked` is known once the levels are written."""

    new_products: list[ProductRow] = field(default_factory=list)
    changed_products: list[ProductRow] = field(default_factory=list)
    new_variants: list[VariantRow] = field(default_factory=list)
    changed_variants: list[VariantRow] = field(default_factory=list)
    media: dict[UUID, tuple[MediaInput, ...]] = field(default_factory=dict)
    # Levels of new variants, and of stored ones.
    first_levels: dict[UUID, int] = field(default_factory=dict)
    levels: dict[UUID, int] = field(default_factory=dict)
    restocked: set[UUID] = field(default_factory=set)

    @property
    def created(self) -> set[UUID]:
        return {row.id for row in self.new_products}

    @property
    def edited(self) -> set[UUID]:
        """Stored products of which a column, a variant or a picture changes."""
        touched = {row.id for row in self.changed_products} | set(self.media)
        touched |= {row.product_id for row in (*self.new_variants, *self.changed_variants)}
        return touched - self.created


def make(products: Sequence[ProductInput], slugs: Sequence[str | None], stored: Stored, references: References) -> Plan:
    """Return the plan; `slugs` are the given or free ones, None where the stored one stays."""
    plan = Plan()
    for product, slug, target in zip(products, slugs, stored.targets, strict=True):
        before = stored.products.get(target) if target else None
        row = _product_row(product, slug, before, references)
        if before is None:
            plan.new_products.append(row)
        elif row != before:
            plan.changed_products.append(row)
        if product.media and product.media != stored.media.get(row.id, ()):
            plan.media[row.id] = product.media
        variants = _add_variants(plan, product, row.id, stored, references)
        references.attributes.demand(row.product_type, row.attributes, (variant.attributes for variant in variants))
    return plan


def _product_row(
    product: ProductInput, slug: str | None, before: ProductRow | None, references: References
) -> ProductRow:
    return ProductRow(
        id=before.id if before else new_id(),
        name=product.name,
        slug=slug or (before.slug if before else ""),
        description=product.description,
        brand_id=references.brand_id(product.brand),
        category_id=references.categories[product.category_path],
        product_type=references.attributes.type_code(product.product_type),
        attributes=references.attributes.stored(product.attributes, PRODUCT),
        status=product.status,
        publish_at=_said(product.publish_at, before.publish_at if before else None),
        seo_title=_said(product.seo_title, before.seo_title if before else None),
        seo_description=_said(product.seo_description, before.seo_description if before else None),
    )


def _said(value: T | Unsaid, before: T) -> T:
    return before if isinstance(value, Unsaid) else value


def _add_variants(
    plan: Plan, product: ProductInput, product_id: UUID, stored: Stored, references: References
) -> list[VariantRow]:
    """Plan the variants; return their rows."""
    rows = []
    for variant in product.variants:
        before = stored.variants.get(variant.sku)
        if variant.attributes is None:
            attributes = before.attributes if before else {}
        else:
            attributes = references.attributes.stored(variant.attributes, VARIANT)
        row = VariantRow.of(
            variant, variant_id=before.id if before else new_id(), product_id=product_id, attributes=attributes,
            before=before,
        )  # fmt: skip
        rows.append(row)
        if before is None:
            plan.new_variants.append(row)
        elif row != before:
            plan.changed_variants.append(row)
        if variant.stock is not None and before is None:
            plan.first_levels[row.id] = variant.stock
        elif variant.stock is not None and variant.sku in stored.to_level:
            plan.levels[row.id] = variant.stock
    return rows
