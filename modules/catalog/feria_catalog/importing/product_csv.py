"""Feria's CSV: one row for each variant; docs/importing.md names every column."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from feria_catalog.domain import VariantInput
from feria_catalog.importing import limits, values
from feria_catalog.importing.cells import EXACT, plain
from feria_catalog.importing.drafts import Draft, Refused, unreadable
from feria_catalog.importing.errors import NotAProductFile, RowRefused
from feria_catalog.importing.product_json import attributes
from feria_catalog.importing.records import CsvTable, Record, as_given, decoder

COLUMNS = (
    "product", "name", "slug", "description", "brand", "category", "product_type", "status", "publish_at",
    "seo_title", "seo_description", "attributes", "media", "image_urls",
    "sku", "price", "price_minor", "compare_at_price", "compare_at_price_minor", "stock", "weight_g", "barcode",
    "tax_class", "is_active", "options", "variant_attributes",
)  # fmt: skip
OPTION, ATTRIBUTE, VARIANT_ATTRIBUTE = "option.", "attr.", "variant_attr."
PREFIXES = (OPTION, ATTRIBUTE, VARIANT_ATTRIBUTE)
# What a product becomes where the header has the column and every cell is empty.
EMPTIED = ("publish_at", "seo_title", "seo_description")


def check_columns(columns: list[str]) -> None:
    """Raise NotAProductFile, naming the column, unless the header is one of Feria's own format."""
    for name in columns:
        known = name in COLUMNS or (name.startswith(PREFIXES) and not name.endswith("."))
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


def emptied(columns: list[str]) -> dict[str, None]:
    """Return what products lose whose cells in these columns are all empty."""
    return dict.fromkeys(name for name in EMPTIED if name in columns)


def drafts(table: CsvTable, records: Iterator[Record], currency: str) -> Iterator[Draft | Refused]:
    """Give each row as a draft. Raises NotAProductFile for a header that is not of this format."""
    check_columns(table.columns)
    has_variant_attributes = any(name.startswith("variant_attr") for name in table.columns)
    return (_draft(record, currency, has_variant_attributes=has_variant_attributes) for record in records)


def _draft(record: Record, currency: str, *, has_variant_attributes: bool) -> Draft | Refused:
    if record.value is None:
        return unreadable(record)
    cells: dict[str, Any] = dict(record.value)
    key = None
    try:
        for name, cell in record.value.items():
            if cell[0] in "'j":
                cells[name] = _read(name, cell)
        key = str(cells.get("product") or cells.get("slug") or "").strip() or None
        found = _prefixed(cells)
        own = found[VARIANT_ATTRIBUTE] if has_variant_attributes else None
        return Draft(record.line, key, _variant(cells, found[OPTION], own, currency), _product(cells, found[ATTRIBUTE]),
                     record.given)  # fmt: skip
    except RowRefused as refusal:
        return Refused(refusal.at(record.line, as_given(record.given)), key)


def _read(name: str, cell: str) -> Any:
    """Return what a cell says that is neutralised or holds JSON."""
    if not cell.startswith(EXACT):
        return plain(cell)
    try:
        return values.exact(decoder.decode(cell.removeprefix(EXACT)))
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ArithmeticError) as error:
        raise RowRefused("invalid_json", f"{name} begins with {EXACT} but is not JSON: {error}.", name) from error


def _prefixed(cells: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the cells of the columns with a prefix, by prefix and by what follows it."""
    found: dict[str, dict[str, Any]] = {prefix: {} for prefix in PREFIXES}
    for name, cell in cells.items():
        prefix, dot, rest = name.partition(".")
        if dot:
            found[prefix + dot][rest] = cell
    return found


def _variant(
    cells: Mapping[str, Any], options: Mapping[str, Any], own: Mapping[str, Any] | None, currency: str
) -> VariantInput:
    price = _price(cells, "price", currency)
    if price is None:
        raise RowRefused("missing_price", "price is empty: every variant needs one.", "price")
    if own is not None:
        own = {**_cells(own, VARIANT_ATTRIBUTE), **attributes(_object(cells, "variant_attributes"))}
    return VariantInput(
        sku=values.required("sku", cells.get("sku"), limits.SKU),
        price=price,
        compare_at_price=_price(cells, "compare_at_price", currency),
        stock=values.count("stock", cells["stock"], limits.STOCK) if "stock" in cells else None,
        options=values.options({**options, **_object(cells, "options")}),
        weight_g=values.count("weight_g", cells["weight_g"], limits.WEIGHT_G) if "weight_g" in cells else None,
        barcode=values.optional("barcode", cells.get("barcode"), limits.BARCODE),
        attributes=own,
        tax_class=values.optional("tax_class", cells.get("tax_class"), limits.TAX_CLASS),
        is_active=values.yes_or_no("is_active", cells.get("is_active")),
    )


def _price(cells: Mapping[str, Any], name: str, currency: str) -> Any:
    if f"{name}_minor" in cells:
        return values.minor_price(f"{name}_minor", cells[f"{name}_minor"], currency)
    return values.decimal_price(name, cells[name], currency) if name in cells else None


def _product(cells: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the row says of its product; a column that is empty says nothing."""
    found: dict[str, Any] = {
        "name": values.optional("name", cells.get("name"), limits.NAME),
        "slug": values.slug(cells.get("slug")),
        "description": values.optional("description", cells.get("description"), limits.DESCRIPTION),
        "brand": values.optional("brand", cells.get("brand"), limits.BRAND),
        "category_path": values.category_path(cells.get("category")) or None,
        "product_type": values.optional("product_type", cells.get("product_type"), limits.PRODUCT_TYPE),
        "status": values.status(cells["status"]) if "status" in cells else None,
        "publish_at": values.moment("publish_at", cells.get("publish_at")),
        "seo_title": values.optional("seo_title", cells.get("seo_title"), limits.SEO_TITLE),
        "seo_description": values.optional("seo_description", cells.get("seo_description"), limits.SEO_DESCRIPTION),
        "media": values.media(cells["media"]) if "media" in cells else None,
        "images": values.images(cells["image_urls"]) if "image_urls" in cells else None,
        "attributes": {**_cells(given, ATTRIBUTE), **attributes(_object(cells, "attributes"))},
    }
    return {name: value for name, value in found.items() if value is not None}


def _cells(given: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return the attributes that have columns of their own, by code; exact cells are what their JSON says."""
    return {
        values.attribute_code(name): values.attribute_cell(f"{prefix}{name}", cell)
        if type(cell) is str
        else values.attribute(f"{prefix}{name}", cell)
        for name, cell in given.items()
    }


def _object(cells: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = cells.get(name, {})
    if not isinstance(value, dict):
        raise RowRefused(f"invalid_{name}", f"{name} must be {EXACT} and an object, like {EXACT}{{}}.", name)
    return value
