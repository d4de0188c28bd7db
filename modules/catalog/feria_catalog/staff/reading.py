"""Products as staff see them, drafts and archived ones too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from pyroaring import BitMap

from feria_catalog import product_page
from feria_catalog.admin_schemas import AdminListQuery, AdminVariant
from feria_catalog.domain import status_at
from feria_catalog.listing.filters import Statement
from feria_catalog.pricing.current import catch_up
from feria_catalog.search import matching, planning
from feria_catalog.staff.among import among
from feria_catalog.writing.rows import ProductRow
from feria_core import clock, db
from feria_core.errors import BadRequest, NotFound
from feria_core.http import decode_cursor, encode_cursor
from feria_core.ids import parse_id
from feria_core.money import MoneyOut

_ROW = """
SELECT p.id, p.name, p.slug, p.description, p.brand_id, p.category_id, p.product_type,
    p.attributes::text AS attributes, p.status, p.publish_at, p.unpublish_at, p.seo_title, p.seo_description, p.version,
    p.created_at, p.updated_at, b.name AS brand, c.slug AS category, p.custom_fields::text AS custom_fields
FROM catalog_product p
LEFT JOIN catalog_brand b ON b.id = p.brand_id LEFT JOIN catalog_category c ON c.id = p.category_id
WHERE """
_VARIANTS = """
SELECT v.id, v.sku, v.options::text AS options, v.price_amount, v.currency, v.compare_at_amount, v.weight_g,
    v.barcode, v.attributes::text AS attributes, v.custom_fields::text AS custom_fields, v.tax_class,
    v.is_active, s.on_hand, s.reserved
FROM catalog_variant v JOIN catalog_stock s ON s.variant_id = v.id
WHERE v.product_id = $1 ORDER BY v.position, v.id
"""

# As domain.status_at has it.
_ENDED = "p.unpublish_at IS NOT NULL AND p.unpublish_at <= {now}::timestamptz"
_STATUS = {
    "draft": "p.status = 'draft' AND {now}::timestamptz IS NOT NULL",
    "scheduled": f"p.status = 'published' AND p.publish_at > {{now}}::timestamptz AND NOT ({_ENDED})",
    "published": f"p.status = 'published' AND coalesce(p.publish_at <= {{now}}::timestamptz, true) AND NOT ({_ENDED})",
    "archived": f"(p.status = 'archived' OR (p.status = 'published' AND {_ENDED}))",
}


@dataclass(frozen=True)
class StaffView:
    """A product's own columns, those that only staff see included."""

    row: ProductRow
    brand: str | None
    category: str | None
    publish_at: datetime | None
    unpublish_at: datetime | None
    seo_title: str | None
    seo_description: str | None
    version: int
    created_at: datetime
    updated_at: datetime
    custom_fields: Mapping[str, Any]

    def audited(self) -> dict[str, Any]:
        """Return what an audit row tells of the product."""
        return {
            "name": self.row.name,
            "slug": self.row.slug,
            "description": self.row.description,
            "brand": self.brand,
            "category": self.category,
            "product_type": self.row.product_type,
            "attributes": dict(self.row.attributes),
            "status": self.row.status,
            "publish_at": self.publish_at,
            "unpublish_at": self.unpublish_at,
            "seo": {"title": self.seo_title, "description": self.seo_description},
            "custom_fields": dict(self.custom_fields),
            "version": self.version,
        }


async def view(key: str, *, lock: bool = False) -> StaffView:
    """Return the product of that id or slug; with `lock` it stays locked. Raises NotFound."""
    product_id = parse_id(key)
    if product_id is None and not product_page.SLUG.fullmatch(key):
        raise missing(key)
    where = ("p.id = $1" if product_id else "p.slug = $1") + (" FOR NO KEY UPDATE OF p" if lock else "")
    row = await db.fetch_one(_ROW + where, product_id or key)
    if row is None:
        raise missing(key)
    columns = {name: row[name] for name in ProductRow.__dataclass_fields__}
    return StaffView(
        row=ProductRow(**{**columns, "attributes": orjson.loads(row["attributes"])}),
        custom_fields=orjson.loads(row["custom_fields"]),
        **{name: row[name] for name in StaffView.__dataclass_fields__ if name not in ("row", "custom_fields")},
    )


def missing(key: str) -> NotFound:
    """Return the error for a product that is not there."""
    return NotFound(f"There is no product '{key[:100]}': GET /api/admin/products lists them.")


async def document(product_id: UUID) -> bytes:
    """Return the Product with what only staff see of it."""
    found = await product_page.find(str(product_id), translated=False)
    if found is None:
        raise missing(str(product_id))
    product = await view(str(product_id))
    staff_only = {
        "version": product.version,
        "status": status_at(product.row.status, product.publish_at, product.unpublish_at, clock.now()),
        "publish_at": product.publish_at,
        "unpublish_at": product.unpublish_at,
        "description": product.row.description,
        "product_type": product.row.product_type,
        "attributes": dict(product.row.attributes),
        "custom_fields": dict(product.custom_fields),
        "created_at": product.created_at,
        "updated_at": product.updated_at,
    }
    shown = orjson.loads(f"{found.text}}}")
    return orjson.dumps({**shown, **staff_only}, option=orjson.OPT_UTC_Z)


async def variants(product_id: UUID) -> list[AdminVariant]:
    """Return all variants of the product, withdrawn ones too, in their order."""
    return [_variant(row) for row in await db.fetch_all(_VARIANTS, product_id)]


async def page(query: AdminListQuery) -> bytes:
    """Return products for staff, newest first, as the JSON that goes out."""
    statement = Statement()
    await catch_up()
    plan = await planning.plan(query.q)
    found = None if plan is None else await matching.numbers(plan)
    rows = await db.fetch_all(_list(query, statement, found), *statement.values)
    cursor = None
    if len(rows) > query.limit:
        rows = rows[: query.limit]
        cursor = encode_cursor(rows[-1]["created_at"].isoformat(), rows[-1]["id"])
    items = ",".join(row["card"][:-1] + "," + orjson.dumps(_staff_part(row)).decode()[1:] for row in rows)
    return f'{{"items":[{items}],"next_cursor":{orjson.dumps(cursor).decode()}}}'.encode()


def _list(query: AdminListQuery, statement: Statement, found: BitMap | None) -> str:
    where = ["true"]
    if query.status is not None:
        where.append(_STATUS[query.status].format(now=statement.add(clock.now())))
    if found is not None:
        where.append(among("p.no", found, statement))
    position = _position(query.cursor)
    if position is not None:
        where.append(f"(p.created_at, p.id) < ({statement.add(position[0])}, {statement.add(position[1])})")
    return f"""
SELECT p.id, p.created_at, p.updated_at, p.status, p.publish_at, p.unpublish_at, p.version, d.card, (
    SELECT coalesce(sum(s.on_hand), 0)::bigint FROM catalog_variant v JOIN catalog_stock s ON s.variant_id = v.id
    WHERE v.product_id = p.id) AS on_hand
FROM catalog_product p JOIN catalog_product_document d ON d.product_id = p.id
WHERE {" AND ".join(where)} ORDER BY p.created_at DESC, p.id DESC LIMIT {statement.add(query.limit + 1)}"""


def _position(cursor: str | None) -> tuple[datetime, UUID] | None:
    parts = decode_cursor(cursor, 2)
    if parts is None:
        return None
    try:
        at, product_id = datetime.fromisoformat(parts[0]), parse_id(parts[1])
    except (TypeError, ValueError) as error:
        raise BadRequest("The cursor is not one that this list gave out: leave it away.") from error
    if at.tzinfo is None or product_id is None:
        raise BadRequest("The cursor is not one that this list gave out: leave it away.")
    return at, product_id


def _staff_part(row: Mapping[str, Any]) -> dict[str, Any]:
    status = status_at(row["status"], row["publish_at"], row["unpublish_at"], clock.now())
    return {"status": status, **{name: row[name] for name in ("version", "on_hand", "updated_at")}}


def _variant(row: Mapping[str, Any]) -> AdminVariant:
    before = row["compare_at_amount"]
    return AdminVariant(
        id=row["id"],
        sku=row["sku"],
        options=orjson.loads(row["options"]),
        price=MoneyOut(amount=row["price_amount"], currency=row["currency"]),
        compare_at_price=None if before is None else MoneyOut(amount=before, currency=row["currency"]),
        weight_g=row["weight_g"],
        barcode=row["barcode"],
        tax_class=row["tax_class"],
        attributes=orjson.loads(row["attributes"]),
        custom_fields=orjson.loads(row["custom_fields"]),
        is_active=row["is_active"],
        on_hand=row["on_hand"],
        reserved=row["reserved"],
        available=row["on_hand"] - row["reserved"],
    )
