"""Zones for an empty shop: the taxes of tax_rates.toml, for development and as a beginning."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from importlib.resources import files

from feria_checkout.repository import zones
from feria_checkout.zones import Area, TaxRate, TaxZone
from feria_core import db


async def load() -> list[str]:
    """Write the zones of tax where there is none yet; return what to tell the newcomer."""
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
