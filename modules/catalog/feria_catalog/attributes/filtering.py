"""The values of a product that lists filter by, in the form in which they are compared. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from feria_catalog.attributes.definitions import NUMERIC, number_of, plain, plain_number
from feria_catalog.custom_fields.definitions import PREFIX
from feria_catalog.documents.rendering import AttributeLabel, ProductFacts


@dataclass(frozen=True)
class FilterValue:
    """One value: "1.5 kg" of an attribute in grams is 1500, as text and as number."""

    code: str
    value: Any
    number: Decimal | None = None


def filter_values(product: ProductFacts) -> Iterator[FilterValue]:
    """Give each value of each filterable attribute, of the product and of its variants, and each option,
    then those of filterable custom fields.
    """
    yield from _attributes(product.attributes, product.labels)
    for variant in product.variants:
        yield from _attributes(variant.attributes, product.labels)
        for code, option in variant.options.items():
            yield FilterValue(code, option)
    for fields in (product.custom_fields, *(variant.custom_fields for variant in product.variants)):
        yield from _fields(fields, product.filterable_fields)


def _fields(values: Mapping[str, Any], filterable: Mapping[str, str]) -> Iterator[FilterValue]:
    """Give the values of filterable custom fields; "field.<code>" is the code of no attribute."""
    for code, value in values.items():
        if code in filterable:
            for one in value if isinstance(value, list) else [value]:
                yield FilterValue(PREFIX + code, plain(one), number_of(filterable[code], None, one))


def _attributes(values: Mapping[str, Any], labels: Mapping[str, AttributeLabel]) -> Iterator[FilterValue]:
    for code, value in values.items():
        label = labels.get(code)
        if label is None or label.is_filterable:
            for one in value if isinstance(value, list) else [value]:
                yield _value(code, one, label)


def _value(code: str, value: Any, label: AttributeLabel | None) -> FilterValue:
    if label is None:
        return FilterValue(code, value)
    number = number_of(label.type, label.unit, value)
    if number is not None and label.type in NUMERIC and isinstance(value, str):
        return FilterValue(code, plain_number(number), number)
    return FilterValue(code, plain(value), number)
