"""What staff do with price lists."""

from __future__ import annotations

from feria_catalog.access import READ, WRITE
from feria_catalog.admin_schemas_prices import (
    AdminListPrices,
    AdminPriceList,
    AdminPriceLists,
    PriceListBody,
    PriceListPatch,
    PricesBody,
)
from feria_catalog.staff import list_prices, price_lists
from feria_core.http import ApiBlueprint, PageQuery

blueprint = ApiBlueprint("catalog_admin_prices", __name__)
LISTS = "/api/admin/price-lists"


@blueprint.endpoint("GET", LISTS, access=READ, query=PageQuery, returns=AdminPriceLists)
async def admin_list_price_lists(query: PageQuery) -> AdminPriceLists:
    """Price lists by code, also those that are over or not active."""
    return await price_lists.page(query)


@blueprint.endpoint("POST", LISTS, access=WRITE, body=PriceListBody, returns=AdminPriceList, status=201)
async def admin_create_price_list(body: PriceListBody) -> AdminPriceList:
    """Create a price list: for a time, for a customer group, from a quantity on."""
    return await price_lists.create(body)


@blueprint.endpoint("GET", f"{LISTS}/<code>", access=READ, returns=AdminPriceList)
async def admin_get_price_list(code: str) -> AdminPriceList:
    """One price list."""
    return await price_lists.find(code)


@blueprint.endpoint("PATCH", f"{LISTS}/<code>", access=WRITE, body=PriceListPatch, returns=AdminPriceList)
async def admin_edit_price_list(code: str, body: PriceListPatch) -> AdminPriceList:
    """Change what is named of a price list; what it changes on cards and pages is shown at once."""
    return await price_lists.edit(code, body)


@blueprint.endpoint("DELETE", f"{LISTS}/<code>", access=WRITE, status=204)
async def admin_delete_price_list(code: str) -> None:
    """Delete a price list with its prices."""
    await price_lists.delete(code)


@blueprint.endpoint("GET", f"{LISTS}/<code>/prices", access=READ, query=PageQuery, returns=AdminListPrices)
async def admin_list_prices(code: str, query: PageQuery) -> AdminListPrices:
    """The prices of a list by SKU."""
    return await list_prices.page(code, query)


@blueprint.endpoint("PUT", f"{LISTS}/<code>/prices", access=WRITE, body=PricesBody, returns=AdminPriceList)
async def admin_put_prices(code: str, body: PricesBody) -> AdminPriceList:
    """Set prices by SKU, at most 1,000 in a call, and take out those that are null; repeating it changes nothing."""
    return await list_prices.put(code, body)
