"""Units of measure: "1.5 kg" and 1500 g are one number, so that ranges and facets can compare them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

# Digits that conversions keep: far more than any value that is taken has.
PRECISION = 40
_QUANTITY = re.compile(r"([+-]?[0-9]{1,15}(?:\.[0-9]{1,10})?)\s*(\S.{0,29})?", re.ASCII | re.DOTALL)

# Each unit as so many of the first one of its line.
_DIMENSIONS: Mapping[str, Mapping[str, str]] = {
    "length": {
        "m": "1", "µm": "0.000001", "mm": "0.001", "cm": "0.01", "dm": "0.1", "km": "1000",
        "in": "0.0254", '"': "0.0254", "ft": "0.3048", "yd": "0.9144", "mi": "1609.344",
    },
    "area": {
        "m²": "1", "m2": "1", "cm²": "0.0001", "cm2": "0.0001", "mm²": "0.000001", "mm2": "0.000001", "ha": "10000",
    },
    "mass": {
        "g": "1", "µg": "0.000001", "mg": "0.001", "kg": "1000", "t": "1000000", "oz": "28.349523125",
        "lb": "453.59237", "lbs": "453.59237",
    },
    "volume": {
        "l": "1", "L": "1", "ml": "0.001", "mL": "0.001", "cl": "0.01", "dl": "0.1", "hl": "100", "cm³": "0.001",
        "cm3": "0.001", "m³": "1000", "m3": "1000", "gal": "3.785411784", "fl oz": "0.0295735295625",
    },
    "power": {"W": "1", "mW": "0.001", "kW": "1000", "MW": "1000000", "hp": "745.69987158227022"},
    "energy": {"J": "1", "kJ": "1000", "MJ": "1000000", "Wh": "3600", "kWh": "3600000", "cal": "4.184", "kcal": "4184"},
    "storage": {
        "B": "1", "kB": "1000", "KB": "1000", "MB": "1000000", "GB": "1000000000", "TB": "1000000000000",
        "PB": "1000000000000000", "KiB": "1024", "MiB": "1048576", "GiB": "1073741824", "TiB": "1099511627776",
    },
    "data rate": {
        "bit/s": "1", "kbit/s": "1000", "Mbit/s": "1000000", "Gbit/s": "1000000000", "Mbps": "1000000",
        "Gbps": "1000000000",
    },
    "time": {
        "s": "1", "ms": "0.001", "µs": "0.000001", "min": "60", "h": "3600", "d": "86400", "weeks": "604800",
    },
    "frequency": {"Hz": "1", "kHz": "1000", "MHz": "1000000", "GHz": "1000000000"},
    "voltage": {"V": "1", "mV": "0.001", "kV": "1000"},
    "current": {"A": "1", "mA": "0.001"},
    "charge": {"Ah": "1", "mAh": "0.001"},
    "resistance": {"Ω": "1", "kΩ": "1000", "MΩ": "1000000"},
    "pressure": {
        "Pa": "1", "hPa": "100", "kPa": "1000", "MPa": "1000000", "bar": "100000", "mbar": "100",
        "psi": "6894.757293168",
    },
    "speed": {"m/s": "1", "km/h": "0.277777777777777777777777777777", "mph": "0.44704"},
    "angle": {"°": "1", "deg": "1"},
    "temperature": {"°C": "1"},
}  # fmt: skip


@dataclass(frozen=True)
class Unit:
    """A unit as a multiple of the first one of its dimension."""

    symbol: str
    dimension: str
    factor: Decimal


@dataclass(frozen=True)
class Quantity:
    """A number and the unit that stood behind it, None without one."""

    value: Decimal
    unit: str | None


class NotConvertible(ValueError):
    """Two units measure different things, or one of them is not known."""


def _tables() -> tuple[dict[str, Unit], dict[str, Unit]]:
    exact = {
        symbol: Unit(symbol, dimension, Decimal(factor))
        for dimension, symbols in _DIMENSIONS.items()
        for symbol, factor in symbols.items()
    }
    folded: dict[str, list[Unit]] = {}
    for unit in exact.values():
        folded.setdefault(unit.symbol.lower(), []).append(unit)
    # "KG" can only be kg; "mw" could be a thousandth or a million.
    clear = {
        name: units[0] for name, units in folded.items() if len({(unit.dimension, unit.factor) for unit in units}) == 1
    }
    return exact, clear


_EXACT, _CLEAR = _tables()


def find(symbol: str) -> Unit | None:
    """Return the unit of that symbol; capitals matter only where two units differ by nothing else."""
    # Two letters look like the Greek mu.
    symbol = " ".join(symbol.split()).replace("\N{GREEK SMALL LETTER MU}", "\N{MICRO SIGN}")
    return _EXACT.get(symbol) or _CLEAR.get(symbol.lower())


def convert(value: Decimal, unit: str, into: str) -> Decimal:
    """Return `value` of `unit` in the unit `into`. Raises NotConvertible."""
    if unit == into:
        return value
    source, target = find(unit), find(into)
    if source is None or target is None or source.dimension != target.dimension:
        raise NotConvertible(f"{unit} cannot be converted into {into}")
    with localcontext(prec=PRECISION):
        return (value * source.factor / target.factor).normalize()


def parse(text: str) -> Quantity | None:
    """Return the quantity that `text` writes, e.g. `1.5 kg`; None where it writes none."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        return None
    unit = match[2].strip() if match[2] else None
    return Quantity(Decimal(match[1]), unit)


def number_in(text: str, unit: str | None) -> Decimal | None:
    """Return the quantity of `text` as a number of `unit`; None where it is none or measures something else."""
    quantity = parse(text)
    if quantity is None:
        return None
    if quantity.unit is None or quantity.unit == unit:
        return quantity.value
    if unit is None:
        return None
    try:
        return convert(quantity.value, quantity.unit, unit)
    except NotConvertible:
        return None
