"""What staff do with zones of tax and shipping, and with exempt customers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from feria_checkout.admin_schemas import (
    ExemptionBody,
    ExemptionOut,
    ShippingMethodBody,
    ShippingZoneBody,
    ShippingZoneOut,
    TaxRateBody,
    TaxZoneBody,
    TaxZoneOut,
    TierBody,
)
from feria_checkout.errors import ZoneNotFound
from feria_checkout.repository import zones
from feria_checkout.zones import Area, ShippingMethod, ShippingZone, TaxRate, TaxZone
from feria_core import audit, db
from feria_core.errors import Invalid
from feria_core.ids import parse_id

MAX_ZONES = 500


async def tax_zones() -> list[TaxZoneOut]:
    """Return all zones of tax by code."""
    names = await zones.names("tax")
    return [_tax_out(zone, names[zone.code]) for zone in await zones.tax_zones() if zone.code in names]


async def shipping_zones() -> list[ShippingZoneOut]:
    """Return all zones of shipping by code."""
    names = await zones.names("shipping")
    return [_shipping_out(zone, names[zone.code]) for zone in await zones.shipping_zones() if zone.code in names]


async def put_tax_zone(code: str, body: TaxZoneBody) -> TaxZoneOut:
    """Write the zone whole, and return it."""
    zone = TaxZone(
        code=code,
        area=_area(body),
        rates={kind: TaxRate(rate.value, rate.name) for kind, rate in body.rates.items()},
        is_included=body.is_included,
        is_on_shipping=body.is_on_shipping,
        rounding=body.rounding,
    )
    await _write("tax", code, lambda: zones.put_tax_zone(zone, name=body.name), body)
    return _tax_out(zone, body.name)


async def put_shipping_zone(code: str, body: ShippingZoneBody) -> ShippingZoneOut:
    """Write the zone whole, and return it."""
    zone = ShippingZone(code, _area(body), tuple(_method(method) for method in body.methods))
    await _write("shipping", code, lambda: zones.put_shipping_zone(zone, name=body.name), body)
    return _shipping_out(zone, body.name)


async def remove(kind: str, code: str) -> None:
    """Delete the zone of "tax" or "shipping". Raises ZoneNotFound."""

    async def work() -> None:
        await zones.count_up()
        if not await zones.remove(kind, code):
            raise ZoneNotFound(code)
        await audit.record(f"checkout.{kind}_zone_removed", f"{kind}_zone", code)

    await db.in_new_transaction(work)


async def exempt(customer: str, body: ExemptionBody) -> ExemptionOut:
    """Let the customer pay no tax from now on. Raises ZoneNotFound for what is no id."""
    customer_id = _customer(customer)
    async with db.transaction():
        if await zones.exempt(customer_id, reason=body.reason, ends_at=body.ends_at):
            after = {"ends_at": str(body.ends_at) if body.ends_at else None}
            await audit.record("checkout.tax_exempted", "customer", customer_id, after=after)
    return ExemptionOut(customer_id=customer_id, reason=body.reason, ends_at=body.ends_at)


async def end_exemption(customer: str) -> None:
    """Let the customer pay tax again. Raises ZoneNotFound where he does."""
    customer_id = _customer(customer)
    async with db.transaction():
        if not await zones.end_exemption(customer_id):
            raise ZoneNotFound(customer)
        await audit.record("checkout.tax_exemption_ended", "customer", customer_id)


async def _write(
    kind: str, code: str, put: Callable[[], Awaitable[None]], body: TaxZoneBody | ShippingZoneBody
) -> None:
    async def work() -> None:
        await zones.count_up()
        known = await zones.names(kind)
        if code not in known and len(known) >= MAX_ZONES:
            raise Invalid.field("body", "name", code="too_many_zones", message=f"At most {MAX_ZONES} zones are kept.")
        await put()
        after = body.model_dump(mode="json")
        await audit.record(f"checkout.{kind}_zone_written", f"{kind}_zone", code, after=after)

    await db.in_new_transaction(work)


def _customer(text: str) -> UUID:
    customer_id = parse_id(text)
    if customer_id is None:
        raise ZoneNotFound(text)
    return customer_id


def _area(body: TaxZoneBody | ShippingZoneBody) -> Area:
    return Area(frozenset(body.countries), frozenset(body.regions), tuple(body.postcodes))


def _method(body: ShippingMethodBody) -> ShippingMethod:
    tiers = tuple((tier.up_to, tier.amount) for tier in body.tiers)
    return ShippingMethod(
        body.code, body.label, body.kind, body.amount, tiers, body.free_over, body.min_days, body.max_days
    )


def _tax_out(zone: TaxZone, name: str) -> TaxZoneOut:
    return TaxZoneOut(
        code=zone.code,
        name=name,
        countries=sorted(zone.area.countries),
        regions=sorted(zone.area.regions),
        postcodes=list(zone.area.postcodes),
        rates={kind: TaxRateBody(name=rate.name, rate=f"{rate.rate:f}") for kind, rate in zone.rates.items()},
        is_included=zone.is_included,
        is_on_shipping=zone.is_on_shipping,
        rounding=zone.rounding,
    )


def _shipping_out(zone: ShippingZone, name: str) -> ShippingZoneOut:
    methods = [
        ShippingMethodBody(
            code=m.code,
            label=m.label,
            kind=m.kind,
            amount=m.amount,
            tiers=[TierBody(up_to=bound, amount=price) for bound, price in m.tiers],
            free_over=m.free_over,
            min_days=m.min_days,
            max_days=m.max_days,
        )
        for m in zone.methods
    ]
    return ShippingZoneOut(
        code=zone.code,
        name=name,
        countries=sorted(zone.area.countries),
        regions=sorted(zone.area.regions),
        postcodes=list(zone.area.postcodes),
        methods=methods,
    )
