"""Feria's CSV: one row for each variant; docs/importing.md names every column."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from feria_catalog.domain import VariantInput
from feria_catalog.importing import limits, values
from feria_catalog.importing.drafts import Draft, Refused, unreadable
from feria_catalog.importing.errors import NotAProductFile, RowRefused
from feria_catalog.importing.records import CsvTable, Record

COLUMNS = (
    "product", "name", "slug", "description", "brand", "category", "product_type", "status",
    "sku", "price", "price_minor", "compare_at_price", "compare_at_price_minor", "stock", "weight_g", "barcode",
)  # fmt: skip
OPTION, ATTRIBUTE = "option.", "attr."


def check_columns(columns: list[str]) -> None:
    """Raise NotAProductFile, naming the column, unless the header is one of Feria's own format."""
    for name in columns:
        known = name in COLUMNS or (name.startswith((OPTION, ATTRIBUTE)) and not name.endswith("."))
        if not known:
            close = difflib.get_close_matches(name, COLUMNS, n=1)
            hint = f"did you mean '{close[0]}'? " if close else ""
            raise NotAProductFile(
                f"The column {values.shown(name)} is not known: {hint}rename or remove it, or use a map."
            )
    if len(set(columns)) < len(columns):
        raise NotAProductFile("The header names a column twice: remove one of them.")
    for wanted in (("sku",), ("name",), ("price", "price_minor")):
        if not set(wanted) & set(columns):
            raise NotAProductFile(f"The header names no column '{wanted[0]}': every file of products needs it.")


def drafts(table: CsvTable, records: Iterator[Record], currency: str) -> Iterator[Draft | Refused]:
    """Give each row as a draft. Raises NotAProductFile for a header that is not of this format."""
    check_columns(table.columns)
    return (_draft(record, currency) for record in records)


def _draft(record: Record, currency: str) -> Draft | Refused:
    if record.value is None:
        return unreadable(record)
    cells = record.value
    key = (cells.get("product") or cells.get("slug") or "").strip() or None
    try:
        return Draft(record.line, key, _variant(cells, currency), _product(cells))
    except RowRefused as refusal:
        return Refused(refusal.at(record.line), key)


def _variant(cells: Mapping[str, str], currency: str) -> VariantInput:
    price = _price(cells, "price", currency)
    if price is None:
        raise RowRefused("missing_price", "price is empty: every variant needs one.")
    return VariantInput(
        sku=values.required("sku", cells.get("sku"), limits.SKU),
        price=price,
        compare_at_price=_price(cells, "compare_at_price", currency),
        stock=values.count("stock", cells["stock"], limits.STOCK) if "stock" in cells else None,
        options=values.options(_prefixed(cells, OPTION)),
        weight_g=values.count("weight_g", cells["weight_g"], limits.WEIGHT_G) if "weight_g" in cells else None,
        barcode=values.optional("barcode", cells.get("barcode"), limits.BARCODE),
    )


def _price(cells: Mapping[str, str], name: str, currency: str) -> Any:
    if f"{name}_minor" in cells:
        return values.minor_price(f"{name}_minor", cells[f"{name}_minor"], currency)
    return values.decimal_price(name, cells[name], currency) if name in cells else None


def _product(cells: Mapping[str, str]) -> dict[str, Any]:
    """Return what the row says of its product; a column that is empty says nothing."""
    found: dict[str, Any] = {
        "name": values.optional("name", cells.get("name"), limits.NAME),
        "slug": values.slug(cells.get("slug")),
        "description": values.optional("description", cells.get("description"), limits.DESCRIPTION),
        "brand": values.optional("brand", cells.get("brand"), limits.BRAND),
        "category_path": values.category_path(cells.get("category")) or None,
        "product_type": values.optional("product_type", cells.get("product_type"), limits.PRODUCT_TYPE),
        "status": values.status(cells["status"]) if "status" in cells else None,
        "attributes": {
            values.attribute_code(name): values.attribute_cell(f"attr.{name}", cell)
            for name, cell in _prefixed(cells, ATTRIBUTE).items()
        },
    }
    return {name: value for name, value in found.items() if value is not None}


def _prefixed(cells: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): cell for name, cell in cells.items() if name.startswith(prefix)}
