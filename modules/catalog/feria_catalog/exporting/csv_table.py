"""Products as CSV: one row for each variant, what belongs to the product in its first."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from feria_catalog.attributes.definitions import plain
from feria_catalog.exporting.reading import Exported, ExportedVariant
from feria_catalog.importing import values
from feria_catalog.importing.cells import EXACT, neutral
from feria_catalog.importing.errors import RowRefused
from feria_catalog.importing.product_csv import ATTRIBUTE, OPTION, VARIANT_ATTRIBUTE
from feria_core import db
from feria_core.money import exponent

PRODUCT_COLUMNS = (
    "product", "name", "slug", "description", "brand", "category", "product_type", "status", "publish_at", "seo_title",
    "seo_description", "media", "attributes",
)  # fmt: skip
VARIANT_COLUMNS = (
    "sku", "price", "compare_at_price", "stock", "weight_g", "barcode", "tax_class", "is_active", "options",
    "variant_attributes",
)  # fmt: skip
# Columns of their own have the names that most rows use; the others share one column. The import takes 1000.
OWN_OPTIONS, OWN_ATTRIBUTES, OWN_VARIANT_ATTRIBUTES = 50, 300, 50
# Names that survive in a header as they are: no delimiters, quotes and blanks that would be cut off.
_PLAIN_NAME = re.compile(r"""[^\s,;"'.](?:[^\t\r\n\f\v,;"]*[^\s,;".])?""")

_KEYS = """
SELECT key FROM {table}, jsonb_object_keys({column}) AS key GROUP BY key ORDER BY count(*) DESC, key LIMIT $1
"""


@dataclass(frozen=True)
class Columns:
    """Which options and attributes have columns of their own."""

    options: Sequence[str]
    attributes: Sequence[str]
    variant_attributes: Sequence[str]

    @classmethod
    async def load(cls) -> Columns:
        """Return those that stand in the shop now."""
        return cls(
            await _keys("catalog_variant", "options", OWN_OPTIONS),
            await _keys("catalog_product", "attributes", OWN_ATTRIBUTES),
            await _keys("catalog_variant", "attributes", OWN_VARIANT_ATTRIBUTES),
        )

    def header(self) -> list[str]:
        """Return the names of all columns."""
        return [
            *PRODUCT_COLUMNS, *VARIANT_COLUMNS,
            *(f"{OPTION}{name}" for name in self.options),
            *(f"{VARIANT_ATTRIBUTE}{name}" for name in self.variant_attributes),
            *(f"{ATTRIBUTE}{name}" for name in self.attributes),
        ]  # fmt: skip


async def _keys(table: str, column: str, limit: int) -> list[str]:
    rows = await db.fetch_all(_KEYS.format(table=table, column=column), limit)
    return sorted(row["key"] for row in rows if _PLAIN_NAME.fullmatch(row["key"]))


class CsvTable:
    """Writes products as text."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text, lineterminator="\r\n")

    def header(self) -> bytes:
        """Return the first line."""
        self._writer.writerow(self._columns.header())
        return self._taken()

    def rows(self, products: Iterable[Exported]) -> bytes:
        """Return the rows of the products."""
        for product in products:
            facts = self._product(product)
            empty = [facts[0], *[""] * (len(PRODUCT_COLUMNS) - 1)]
            attributes, silent = (
                _own(product.attributes, self._columns.attributes),
                [""] * len(self._columns.attributes),
            )
            for nth, variant in enumerate(product.variants):
                first = nth == 0
                own = self._variant(variant)
                self._writer.writerow([*(facts if first else empty), *own, *(attributes if first else silent)])
        return self._taken()

    def _product(self, product: Exported) -> list[str]:
        return [
            product.slug, text(product.name), product.slug, text(product.description), text(product.brand),
            path(product.category), text(product.product_type), product.status,
            product.publish_at.isoformat() if product.publish_at else "", text(product.seo_title),
            text(product.seo_description), pictures(product.media),
            others(product.attributes, self._columns.attributes),
        ]  # fmt: skip

    def _variant(self, variant: ExportedVariant) -> list[str]:
        columns = self._columns
        return [
            text(variant.sku), amount(variant.amount, variant.currency), amount(variant.compare_at, variant.currency),
            str(variant.stock), "" if variant.weight_g is None else str(variant.weight_g), text(variant.barcode),
            text(variant.tax_class), "true" if variant.is_active else "false", others(variant.options, columns.options),
            others(variant.attributes, columns.variant_attributes),
            *(text(variant.options.get(name)) for name in columns.options),
            *_own(variant.attributes, columns.variant_attributes),
        ]  # fmt: skip

    def _taken(self) -> bytes:
        content = self._text.getvalue().encode()
        self._text.seek(0)
        self._text.truncate()
        return content


def text(value: str | None) -> str:
    """Return the cell of text: neutralised, or exact where reading would trim it."""
    if not value:
        return ""
    return exact(value) if value != value.strip() or value.startswith(EXACT) else neutral(value)


def exact(value: Any) -> str:
    """Return the cell that is read as this JSON value and no other."""
    return f"{EXACT}{orjson.dumps(value).decode()}"


def amount(minor: int | None, currency: str) -> str:
    """Return the price in the currency's main unit: 1999 in USD is 19.99."""
    return "" if minor is None else format(Decimal(minor).scaleb(-exponent(currency)), "f")


def path(names: Sequence[str]) -> str:
    """Return the category as it is read from the root down."""
    joined = " > ".join(names)
    if joined.startswith(EXACT) or values.category_path(joined) != tuple(names):
        return exact(list(names))
    return neutral(joined)


def pictures(media: Sequence[Mapping[str, str]]) -> str:
    """Return the keys of pictures, with their texts where they have some."""
    if any(picture["alt"] for picture in media):
        return exact(list(media))
    return " ".join(picture["key"] for picture in media)


def attribute(value: Any) -> str:
    """Return the cell of an attribute: the short form where that is read as the same value, else JSON."""
    if isinstance(value, bool):
        written = "true" if value else "false"
    else:
        written = " | ".join(value) if isinstance(value, list) else str(value)
    try:
        read = plain(values.attribute_cell("", written)) if written else None
    except RowRefused:
        read = None
    if type(read) is not type(value) or read != value or written.startswith(EXACT):
        return exact(value)
    return neutral(written) if isinstance(value, (str, list)) else written


def others(given: Mapping[str, Any], own: Sequence[str]) -> str:
    """Return the one cell of those that have no column of their own."""
    rest = {name: value for name, value in given.items() if name not in own}
    return exact(rest) if rest else ""


def _own(given: Mapping[str, Any], own: Sequence[str]) -> list[str]:
    return [attribute(given[name]) if name in given else "" for name in own]
