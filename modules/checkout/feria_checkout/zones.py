"""Zones of tax and of shipping: which one an address is in, and what a method costs there. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeVar

STANDARD = "standard"


@dataclass(frozen=True)
class Area:
    """What a zone covers: countries, in them certain regions, in them certain postal codes; empty: all."""

    countries: frozenset[str]
    regions: frozenset[str]
    postcodes: tuple[str, ...]

    def rank(self, address: Mapping[str, Any]) -> int:
        """Return how closely the area is drawn around the address, 0 where the address is outside."""
        if address.get("country") not in self.countries:
            return 0
        if self.regions and (address.get("region") or "").upper() not in self.regions:
            return 0
        if self.postcodes and not self._has_postcode(address.get("postal_code") or ""):
            return 0
        return 1 + bool(self.regions) + 2 * bool(self.postcodes)

    def _has_postcode(self, code: str) -> bool:
        plain = code.replace(" ", "").upper()
        return any(_fits(plain, pattern) for pattern in self.postcodes)


@dataclass(frozen=True)
class TaxRate:
    """The rate of one class of goods, and the name that shoppers read."""

    rate: Decimal
    name: str


@dataclass(frozen=True)
class TaxZone:
    """How goods are taxed in an area; None: as the settings have it."""

    code: str
    area: Area
    rates: Mapping[str, TaxRate]
    is_included: bool | None
    is_on_shipping: bool | None
    rounding: Literal["order", "line"]

    def rate_of(self, tax_class: str) -> TaxRate | None:
        """Return the rate of the class, that of "standard" for a class without its own, None for untaxed goods."""
        return self.rates.get(tax_class) or self.rates.get(STANDARD)


@dataclass(frozen=True)
class ShippingMethod:
    """A way to ship in an area, its price in minor units of the shop's currency."""

    code: str
    label: str
    kind: Literal["flat", "weight", "total", "pickup"]
    amount: int
    tiers: tuple[tuple[int | None, int], ...]
    free_over: int | None
    min_days: int
    max_days: int

    def price(self, *, weight_g: int, total: int) -> int | None:
        """Return what it costs for so many grams and such a total of goods; None where it does not take them."""
        if self.kind == "pickup" or (self.free_over is not None and total >= self.free_over):
            return 0
        if self.kind == "flat":
            return self.amount
        measure = weight_g if self.kind == "weight" else total
        return next((price for bound, price in self.tiers if bound is None or measure <= bound), None)


@dataclass(frozen=True)
class ShippingZone:
    """The ways to ship to an area, in the order in which they are offered."""

    code: str
    area: Area
    methods: tuple[ShippingMethod, ...]


Z = TypeVar("Z", TaxZone, ShippingZone)


def zone_of(address: Mapping[str, Any] | None, zones: Iterable[Z]) -> Z | None:
    """Return the zone that is drawn most closely around the address, the first of equals; None outside of all."""
    if address is None:
        return None
    ranked = [(zone.area.rank(address), zone) for zone in zones]
    best = max((rank for rank, _ in ranked), default=0)
    return next((zone for rank, zone in ranked if rank == best), None) if best else None


def _fits(code: str, pattern: str) -> bool:
    """Return whether a code fits "101*", or lies in "10000-10999" where both are as long as the code."""
    low, dash, high = pattern.partition("-")
    if dash and low.isdigit() and high.isdigit():
        return code[: len(low)].isdigit() and low <= code[: len(low)] <= high
    return fnmatchcase(code, pattern)
