"""The statements over zones of tax and shipping and over exempt customers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import orjson

from feria_checkout.zones import Area, ShippingMethod, ShippingZone, TaxRate, TaxZone
from feria_core import clock, db

# The present version, as part of any statement; nothing was ever changed while there is no row.
VERSION = "coalesce((SELECT version FROM checkout_rules WHERE id = 1), 0)"


async def count_up() -> None:
    """Tell every process that its copy of the zones is old; writers of zones wait here for each other."""
    await db.execute(
        "INSERT INTO checkout_rules AS r (id, version)"
        " VALUES (1, (extract(epoch FROM clock_timestamp()) * 1e6)::bigint)"
        " ON CONFLICT (id) DO UPDATE SET version = greatest(excluded.version, r.version + 1)"
    )


async def version() -> int:
    """Return which version of the zones is the present one."""
    return int(await db.fetch_value(f"SELECT {VERSION}"))


async def tax_zones() -> Sequence[TaxZone]:
    """Return all zones with their rates, by code."""
    rows = await db.fetch_all(
        "SELECT z.*, coalesce((SELECT json_agg(json_build_array(r.class, r.rate::text, r.name) ORDER BY r.class)"
        " FROM checkout_tax_rate r WHERE r.zone = z.code), '[]')::text AS rates"
        " FROM checkout_tax_zone z ORDER BY z.code"
    )
    return [
        TaxZone(
            code=row["code"],
            area=_area(row),
            rates={kind: TaxRate(rate, name) for kind, rate, name in _rates(row["rates"])},
            is_included=row["is_included"],
            is_on_shipping=row["is_on_shipping"],
            rounding=row["rounding"],
        )
        for row in rows
    ]


async def shipping_zones() -> Sequence[ShippingZone]:
    """Return all zones with their methods, by code."""
    zones = await db.fetch_all("SELECT * FROM checkout_shipping_zone ORDER BY code")
    methods = await db.fetch_all(
        "SELECT zone, code, label, kind, amount, tiers::text AS tiers, free_over, min_days, max_days"
        " FROM checkout_shipping_method ORDER BY zone, position, code"
    )
    return [
        ShippingZone(row["code"], _area(row), tuple(_method(m) for m in methods if m["zone"] == row["code"]))
        for row in zones
    ]


async def names(kind: str) -> dict[str, str]:
    """Return the names of the zones of "tax" or "shipping" by code."""
    rows = await db.fetch_all(f"SELECT code, name FROM checkout_{kind}_zone")
    return {row["code"]: row["name"] for row in rows}


async def put_tax_zone(zone: TaxZone, *, name: str) -> None:
    """Write the zone and its rates, whatever was there under its code."""
    await db.execute(
        "INSERT INTO checkout_tax_zone (code, name, countries, regions, postcodes, is_included, is_on_shipping,"
        " rounding, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (code) DO UPDATE SET name = $2,"
        " countries = $3, regions = $4, postcodes = $5, is_included = $6, is_on_shipping = $7, rounding = $8,"
        " updated_at = $9",
        zone.code, name, *_columns(zone.area), zone.is_included, zone.is_on_shipping, zone.rounding, clock.now(),
    )  # fmt: skip
    await db.execute("DELETE FROM checkout_tax_rate WHERE zone = $1", zone.code)
    await db.execute_many(
        "INSERT INTO checkout_tax_rate (zone, class, name, rate) VALUES ($1, $2, $3, $4)",
        [(zone.code, kind, rate.name, rate.rate) for kind, rate in sorted(zone.rates.items())],
    )


async def put_shipping_zone(zone: ShippingZone, *, name: str) -> None:
    """Write the zone and its methods, whatever was there under its code."""
    await db.execute(
        "INSERT INTO checkout_shipping_zone (code, name, countries, regions, postcodes, updated_at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (code) DO UPDATE SET name = $2, countries = $3, regions = $4,"
        " postcodes = $5, updated_at = $6",
        zone.code, name, *_columns(zone.area), clock.now(),
    )  # fmt: skip
    await db.execute("DELETE FROM checkout_shipping_method WHERE zone = $1", zone.code)
    await db.execute_many(
        "INSERT INTO checkout_shipping_method (zone, code, position, label, kind, amount, tiers, free_over, min_days,"
        " max_days) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        [
            (zone.code, m.code, n, m.label, m.kind, m.amount, orjson.dumps(m.tiers).decode(), m.free_over,
             m.min_days, m.max_days)
            for n, m in enumerate(zone.methods)
        ],
    )  # fmt: skip


async def remove(kind: str, code: str) -> bool:
    """Delete the zone of "tax" or "shipping"; False where there is none."""
    return bool(await db.execute(f"DELETE FROM checkout_{kind}_zone WHERE code = $1", code))


async def exempt(customer_id: UUID, *, reason: str, ends_at: datetime | None) -> bool:
    """Note that the customer pays no tax; False where just this was noted before."""
    noted = await db.execute(
        "INSERT INTO checkout_tax_exemption AS e (customer_id, reason, ends_at, created_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (customer_id) DO UPDATE SET reason = $2, ends_at = $3"
        " WHERE (e.reason, e.ends_at) IS DISTINCT FROM ($2, $3)",
        customer_id, reason, ends_at, clock.now(),
    )  # fmt: skip
    return bool(noted)


async def end_exemption(customer_id: UUID) -> bool:
    """Let the customer pay tax again; False where he does."""
    return bool(await db.execute("DELETE FROM checkout_tax_exemption WHERE customer_id = $1", customer_id))


async def exemptions(limit: int, after: UUID | None) -> Sequence[db.Row]:
    """Return exempt customers by id, those after `after`."""
    return await db.fetch_all(
        "SELECT customer_id, reason, ends_at FROM checkout_tax_exemption"
        " WHERE $2::uuid IS NULL OR customer_id > $2 ORDER BY customer_id LIMIT $1",
        limit, after,
    )  # fmt: skip


def _area(row: db.Row) -> Area:
    return Area(frozenset(row["countries"]), frozenset(row["regions"]), tuple(row["postcodes"]))


def _columns(area: Area) -> tuple[list[str], list[str], list[str]]:
    return sorted(area.countries), sorted(area.regions), list(area.postcodes)


def _rates(text: str) -> list[tuple[str, Decimal, str]]:
    return [(kind, Decimal(rate).normalize(), name) for kind, rate, name in orjson.loads(text)]


def _method(row: db.Row) -> ShippingMethod:
    plain = {name: row[name] for name in ("code", "label", "kind", "amount", "free_over", "min_days", "max_days")}
    return ShippingMethod(**plain, tiers=tuple((bound, price) for bound, price in orjson.loads(row["tiers"])))
