"""Staff's calls: where is taxed and shipped how, and who is exempt."""

from __future__ import annotations

import re
from typing import Any

from feria_checkout.admin_schemas import (
    ExemptionBody,
    ExemptionOut,
    ShippingZoneBody,
    ShippingZoneOut,
    TaxZoneBody,
    TaxZoneOut,
)
from feria_checkout.errors import ZoneNotFound
from feria_checkout.service import staff_zones
from feria_core.http import ApiBlueprint, Page, staff

blueprint = ApiBlueprint("checkout_admin", __name__)
TAX = staff("tax.write")
SHIPPING = staff("shipping.write")
_CODE = re.compile(r"[a-z0-9_-]{1,40}")


@blueprint.endpoint("GET", "/api/admin/tax/zones", access=TAX, returns=Page[TaxZoneOut])
async def admin_list_tax_zones() -> dict[str, Any]:
    """Every zone of tax with its rates; without any the settings' rates hold."""
    return {"items": await staff_zones.tax_zones(), "next_cursor": None}


@blueprint.endpoint("PUT", "/api/admin/tax/zones/<code>", access=TAX, body=TaxZoneBody, returns=TaxZoneOut)
async def admin_put_tax_zone(code: str, body: TaxZoneBody) -> TaxZoneOut:
    """Make or replace a zone; it holds for every checkout at once, while placed orders keep their tax."""
    return await staff_zones.put_tax_zone(_known(code), body)


@blueprint.endpoint("DELETE", "/api/admin/tax/zones/<code>", access=TAX, status=204)
async def admin_remove_tax_zone(code: str) -> None:
    """Delete a zone."""
    await staff_zones.remove("tax", _known(code))


@blueprint.endpoint(
    "PUT", "/api/admin/tax/exemptions/<customer_id>", access=TAX, body=ExemptionBody, returns=ExemptionOut
)
async def admin_exempt_customer(customer_id: str, body: ExemptionBody) -> ExemptionOut:
    """Let a customer pay no tax."""
    return await staff_zones.exempt(customer_id, body)


@blueprint.endpoint("DELETE", "/api/admin/tax/exemptions/<customer_id>", access=TAX, status=204)
async def admin_end_exemption(customer_id: str) -> None:
    """Let a customer pay tax again."""
    await staff_zones.end_exemption(customer_id)


@blueprint.endpoint("GET", "/api/admin/shipping/zones", access=SHIPPING, returns=Page[ShippingZoneOut])
async def admin_list_shipping_zones() -> dict[str, Any]:
    """Every zone of shipping with its methods; without any the settings' methods are offered everywhere."""
    return {"items": await staff_zones.shipping_zones(), "next_cursor": None}


@blueprint.endpoint(
    "PUT", "/api/admin/shipping/zones/<code>", access=SHIPPING, body=ShippingZoneBody, returns=ShippingZoneOut
)
async def admin_put_shipping_zone(code: str, body: ShippingZoneBody) -> ShippingZoneOut:
    """Make or replace a zone; prices that shoppers were quoted hold while their quotes live."""
    return await staff_zones.put_shipping_zone(_known(code), body)


@blueprint.endpoint("DELETE", "/api/admin/shipping/zones/<code>", access=SHIPPING, status=204)
async def admin_remove_shipping_zone(code: str) -> None:
    """Delete a zone; without any left the settings' methods are offered again."""
    await staff_zones.remove("shipping", _known(code))


def _known(code: str) -> str:
    """Return the code in the path. Raises ZoneNotFound for what cannot be one."""
    if not _CODE.fullmatch(code):
        raise ZoneNotFound(code)
    return code
