"""Foreign records into drafts of products, by a map."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from feria_catalog.domain import VariantInput
from feria_catalog.importing import limits, values
from feria_catalog.importing.drafts import Draft, Refused, unreadable
from feria_catalog.importing.errors import RowRefused
from feria_catalog.importing.mapping import ImportMap
from feria_catalog.importing.product_json import attributes
from feria_catalog.importing.records import Record, as_given
from feria_core.money import Money

_NO_WORD = re.compile(r"[\W_]+")
Values = Mapping[str, Any]


def field(record: Values, path: str) -> Any:
    """Return the value of the field, of `a.b` inside the object `a`; None where it is missing or empty text."""
    if path in record:
        found = record[path]
    else:
        found = record
        for part in path.split("."):
            found = found.get(part) if isinstance(found, dict) else None
    return None if isinstance(found, str) and not found.strip() else found


class Mapper:
    """Applies one map; `currency` is the shop's."""

    def __init__(self, mapping: ImportMap, currency: str) -> None:
        self._map = mapping
        self._currency = currency
        self._rules = [
            (values.category_path(rule.path), tuple(f" {words(keyword)} " for keyword in rule.any), rule.has)
            for rule in mapping.category.rules
        ]
        default = mapping.category.default
        self._default_path = values.category_path(default) if default else ()

    def drafts(self, records: Iterator[Record]) -> Iterator[Draft | Refused]:
        """Give each record as a draft, or with what is wrong with it."""
        return (self._draft(record) for record in records)

    def _draft(self, record: Record) -> Draft | Refused:
        if record.value is None:
            return unreadable(record)
        group = field(record.value, self._map.product.group) if self._map.product.group else None
        key = str(group).strip() if group is not None else None
        try:
            return Draft(record.line, key, self._variant(record.value), self._product(record.value), record.given)
        except RowRefused as refusal:
            return Refused(refusal.at(record.line, as_given(record.given)), key)

    def _variant(self, record: Values) -> VariantInput:
        wanted = self._map.variant
        sku = values.required("sku", field(record, wanted.sku), limits.SKU)
        weight = field(record, wanted.weight_g) if wanted.weight_g else None
        chosen = {name: field(record, source) for name, source in wanted.options.items()}
        return VariantInput(
            sku=sku,
            price=self._price(record),
            compare_at_price=self._compare_at(record),
            stock=self._stock(record, sku),
            options=values.options({name: value for name, value in chosen.items() if value is not None}),
            weight_g=None if weight is None else values.count("weight_g", weight, limits.WEIGHT_G),
            barcode=self._text(record, "barcode", wanted.barcode, limits.BARCODE),
        )

    def _price(self, record: Values) -> Money:
        wanted = self._map.price
        currency = field(record, wanted.currency_field) if wanted.currency_field else wanted.currency
        if currency is not None:
            values.check_currency(currency, self._currency)
        found = field(record, wanted.field)
        if found is not None:
            return self._amount("price", found)
        if wanted.default is None:
            raise RowRefused("missing_price", f"{wanted.field} is empty: give a price, or a `default` in the map.")
        return Money(wanted.default, self._currency)

    def _compare_at(self, record: Values) -> Money | None:
        found = field(record, self._map.price.compare_at) if self._map.price.compare_at else None
        return None if found is None else self._amount("compare_at_price", found)

    def _amount(self, name: str, found: Any) -> Money:
        if self._map.price.unit == "minor":
            return values.minor_price(name, found, self._currency)
        return values.decimal_price(name, found, self._currency)

    def _stock(self, record: Values, sku: str) -> int | None:
        rule = self._map.stock
        found = field(record, rule.field) if rule.field else None
        if found is not None:
            return values.count("stock", found, limits.STOCK)
        if rule.hash_min is not None and rule.hash_max is not None:
            return hashed(sku, rule.hash_min, rule.hash_max)
        return rule.fixed

    def _product(self, record: Values) -> dict[str, Any]:
        wanted = self._map.product
        found: dict[str, Any] = {
            "name": self._text(record, "name", wanted.name, limits.NAME),
            "slug": values.slug(field(record, wanted.slug)) if wanted.slug else None,
            "description": self._text(record, "description", wanted.description, limits.DESCRIPTION),
            "brand": self._text(record, "brand", wanted.brand, limits.BRAND),
            "product_type": self._text(record, "product_type", wanted.product_type, limits.PRODUCT_TYPE),
            "status": values.status(field(record, wanted.status)) if wanted.status else None,
            "category_path": self._category(record) or None,
            "attributes": self._attributes(record),
        }
        return {name: value for name, value in found.items() if value is not None}

    def _text(self, record: Values, name: str, source: str | None, max_length: int) -> str | None:
        found = field(record, source) if source else None
        if self._map.cut_long_text and isinstance(found, str):
            found = found.strip()[:max_length]
        return values.optional(name, found, max_length)

    def _category(self, record: Values) -> tuple[str, ...]:
        wanted = self._map.category
        found = field(record, wanted.field) if wanted.field else None
        if found is not None:
            return values.category_path(found, wanted.separator)
        sentence = " ".join(f" {words(str(field(record, source) or ''))} " for source in wanted.keywords_in)
        for path, keywords, has in self._rules:
            if keywords and not _holds(sentence, keywords):
                continue
            if has and all(field(record, source) is None for source in has):
                continue
            return path
        return self._default_path

    def _attributes(self, record: Values) -> dict[str, Any]:
        wanted = self._map.attributes
        found: dict[str, Any] = {}
        whole = field(record, wanted.object) if wanted.object else None
        if isinstance(whole, dict):
            found = {
                name: value
                for name, value in whole.items()
                if (not wanted.only or name in wanted.only) and name not in wanted.without
            }
        found.update({code: field(record, source) for code, source in wanted.fields.items()})
        return attributes(found)


def _holds(sentence: str, keywords: tuple[str, ...]) -> bool:
    # A plain loop: `any` over a generator takes twice as long, and this is most of a map's work.
    for keyword in keywords:  # noqa: SIM110
        if keyword in sentence:
            return True
    return False


def words(text: str) -> str:
    """Return the text as lower-case words with single spaces, so that keywords match whole words."""
    return _NO_WORD.sub(" ", text.lower()).strip()


def hashed(sku: str, lowest: int, highest: int) -> int:
    """Return a number from `lowest` to `highest` that is always the same for this SKU."""
    digest = hashlib.sha256(sku.encode()).digest()
    return lowest + int.from_bytes(digest[:8], "big") % (highest - lowest + 1)
