"""What staff do with flash sales."""

from __future__ import annotations

from feria_core.http import ApiBlueprint, Page, staff
from feria_promotions.flash_schemas import FlashSaleBody, FlashSaleOut, FlashSalePatch, FlashSaleQuery
from feria_promotions.staff import flash

blueprint = ApiBlueprint("promotions_flash_admin", __name__)
WRITE = staff("promotions.write")
ALL, ONE = "/api/admin/promotions/flash-sales", "/api/admin/promotions/flash-sales/<sale_id>"


@blueprint.endpoint("GET", ALL, access=WRITE, query=FlashSaleQuery, returns=Page[FlashSaleOut])
async def admin_list_flash_sales(query: FlashSaleQuery) -> Page[FlashSaleOut]:
    """Flash sales, newest first; with `archived=true` the archived ones instead."""
    return await flash.listed(query)


@blueprint.endpoint("POST", ALL, access=WRITE, body=FlashSaleBody, returns=FlashSaleOut, status=201)
async def admin_create_flash_sale(body: FlashSaleBody) -> FlashSaleOut:
    """Make a flash sale; it begins and ends by itself."""
    return await flash.create(body)


@blueprint.endpoint("GET", ONE, access=WRITE, returns=FlashSaleOut)
async def admin_get_flash_sale(sale_id: str) -> FlashSaleOut:
    """One flash sale, archived or not."""
    return await flash.find(sale_id)


@blueprint.endpoint("PATCH", ONE, access=WRITE, body=FlashSalePatch, returns=FlashSaleOut)
async def admin_edit_flash_sale(sale_id: str, body: FlashSalePatch) -> FlashSaleOut:
    """Change what is named; with `version` only where nobody else was faster."""
    return await flash.edit(sale_id, body)


@blueprint.endpoint("DELETE", ONE, access=WRITE, status=204)
async def admin_archive_flash_sale(sale_id: str) -> None:
    """End a flash sale and take it out of the lists."""
    await flash.archive(sale_id)
