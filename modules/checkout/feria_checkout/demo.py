"""Data for an empty shop: the zones of tax of tax_rates.toml, and some orders."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from importlib.resources import files

from feria_checkout import demo_orders
from feria_checkout.repository import zones
from feria_checkout.zones import Area, TaxRate, TaxZone
from feria_core import db


async def load() -> list[str]:
    """Write zones and orders where there are none yet; return what to tell the newcomer."""
    return [*await _load_zones(), *await demo_orders.load()]


async def _load_zones() -> list[str]:
    data = tomllib.loads(files("feria_checkout").joinpath("tax_rates.toml").read_text())
    async with db.transaction():
        await zones.count_up()
        if await zones.names("tax"):
            return []
        for zone in data["zones"]:
            await zones.put_tax_zone(_zone(zone), name=zone["name"])
    return [f"tax: {len(data['zones'])} zones with the rates of {data['as_of']}"]


def _zone(data: dict[str, object]) -> TaxZone:
    rates = {kind: TaxRate(Decimal(rate), name) for kind, (name, rate) in data["rates"].items()}  # type: ignore[attr-defined]
    area = Area(frozenset(data["countries"]), frozenset(data.get("regions", ())), ())  # type: ignore[call-overload]
    return TaxZone(str(data["code"]), area, rates, is_included=None, is_on_shipping=None, rounding="order")
