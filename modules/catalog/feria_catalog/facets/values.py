"""The values of a product that it is found and counted by. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from feria_catalog.attributes.filtering import filter_values
from feria_catalog.documents.columns import attribute_token
from feria_catalog.documents.rendering import ProductFacts

# Codes of attributes hold no "@": these two never meet one.
BRAND, CATEGORY = "@brand", "@category"
MAX_LABEL = 200


@dataclass(frozen=True)
class FacetValue:
    """One value: `token` is "code=value" as filters ask for it, `number` is in the attribute's normalised unit."""

    token: str
    code: str
    label: str
    number: float | None = None


def values_of(product: ProductFacts) -> dict[str, FacetValue]:
    """Return the product's values by token: brand, categories from the root down, attributes and options."""
    found: dict[str, FacetValue] = {}
    if product.brand_slug:
        _add(found, FacetValue(brand_token(product.brand_slug), BRAND, product.brand or product.brand_slug))
    for step in product.category_path:
        _add(found, FacetValue(category_token(step["slug"]), CATEGORY, step["name"]))
    for value in filter_values(product):
        _add(found, _attribute(value.code, value.value, value.number))
    return found


def attribute_tokens(values: Mapping[str, FacetValue]) -> list[str]:
    """Return the tokens of `values_of` that are of attributes, options and custom fields."""
    return [token for token, value in values.items() if value.code not in (BRAND, CATEGORY)]


def brand_token(slug: str) -> str:
    """Return the token of a brand."""
    return f"{BRAND}={slug}"


def category_token(slug: str) -> str:
    """Return the token of a category: whoever has it is in its subtree."""
    return f"{CATEGORY}={slug}"


def value_in(token: str) -> str:
    """Return the value of a token, as filters ask for it."""
    return token.partition("=")[2]


def _attribute(code: str, value: Any, normalised: Decimal | None) -> FacetValue:
    number = float(normalised) if normalised is not None else None
    if number is not None and not math.isfinite(number):
        number = None
    text = ("true" if value else "false") if isinstance(value, bool) else str(value).strip()
    return FacetValue(attribute_token(code, value), code, text[:MAX_LABEL], number)


def _add(found: dict[str, FacetValue], value: FacetValue) -> None:
    found.setdefault(value.token, value)
