"""Feria's JSON Lines: one product on each line, in the shape of the staff's body; docs/importing.md has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from feria_catalog.domain import ProductInput, VariantInput
from feria_catalog.importing import limits, values
from feria_catalog.importing.drafts import Parsed, build, unreadable
from feria_catalog.importing.errors import RowRefused
from feria_catalog.importing.records import Record, as_given

PRODUCT = {
    "name", "slug", "description", "brand", "category", "product_type", "attributes", "status", "publish_at", "seo",
    "media", "images", "exact", "variants",
}  # fmt: skip
VARIANT = {
    "sku", "price", "compare_at_price", "stock", "options", "weight_g", "barcode", "attributes", "tax_class",
    "is_active",
}  # fmt: skip


def parsed(records: Iterator[Record], currency: str) -> Iterator[Parsed]:
    """Give each line as a product, or with what is wrong with it."""
    for record in records:
        if record.value is None:
            yield Parsed(record.line, 1, None, (unreadable(record).problem,))
            continue
        try:
            yield Parsed(record.line, 1, _product(record.value, currency), (), record.given)
        except RowRefused as refusal:
            yield Parsed(record.line, 1, None, (refusal.at(record.line, as_given(record.given)),))


def _product(value: Mapping[str, Any], currency: str) -> ProductInput:
    _refuse_unknown(value, PRODUCT, "the product")
    if value.get("exact") is True:
        value = values.exact(value)
    variants = value.get("variants")
    if not isinstance(variants, list) or not all(isinstance(variant, dict) for variant in variants):
        raise RowRefused("missing_variants", "variants must be a list of objects with sku and price.", "variants")
    fields = {
        **_silent(value),
        "name": values.required("name", value.get("name"), limits.NAME),
        "slug": values.slug(value.get("slug")),
        "description": values.optional("description", value.get("description"), limits.DESCRIPTION) or "",
        "brand": values.optional("brand", value.get("brand"), limits.BRAND),
        "category_path": values.category_path(value.get("category")),
        "product_type": values.optional("product_type", value.get("product_type"), limits.PRODUCT_TYPE),
        "attributes": attributes(value.get("attributes")),
        "status": values.status(value.get("status")),
    }
    return build(fields, tuple(_variant(variant, currency) for variant in variants[: limits.VARIANTS + 1]))


def _silent(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return those fields of a product that stay as they are where the line does not name them."""
    found: dict[str, Any] = {}
    if "publish_at" in value:
        found["publish_at"] = values.moment("publish_at", value["publish_at"])
    if "seo" in value:
        seo = _object("seo", value["seo"])
        _refuse_unknown(seo, {"title", "description"}, "seo")
        found["seo_title"] = values.optional("seo.title", seo.get("title"), limits.SEO_TITLE)
        found["seo_description"] = values.optional("seo.description", seo.get("description"), limits.SEO_DESCRIPTION)
    if value.get("media"):
        found["media"] = values.media(value["media"])
    if value.get("images"):
        found["images"] = values.images(value["images"])
    return found


def _variant(value: Mapping[str, Any], currency: str) -> VariantInput:
    _refuse_unknown(value, VARIANT, "the variant")
    stock, weight, compare_at = value.get("stock"), value.get("weight_g"), value.get("compare_at_price")
    if value.get("price") is None:
        raise RowRefused("missing_price", "price is missing: every variant needs one.", "price")
    return VariantInput(
        sku=values.required("sku", value.get("sku"), limits.SKU),
        price=values.money("price", value["price"], currency),
        compare_at_price=None if compare_at is None else values.money("compare_at_price", compare_at, currency),
        stock=None if stock is None else values.count("stock", stock, limits.STOCK),
        options=values.options(_object("options", value.get("options"))),
        weight_g=None if weight is None else values.count("weight_g", weight, limits.WEIGHT_G),
        barcode=values.optional("barcode", value.get("barcode"), limits.BARCODE),
        attributes=attributes(value["attributes"]) if value.get("attributes") is not None else None,
        tax_class=values.optional("tax_class", value.get("tax_class"), limits.TAX_CLASS),
        is_active=values.yes_or_no("is_active", value.get("is_active")),
    )


def attributes(value: Any) -> dict[str, Any]:
    """Return the attributes of an object, by code; those that are null are left out."""
    found = _object("attributes", value)
    if len(found) > limits.ATTRIBUTES:
        raise RowRefused(
            "too_many_attributes", f"{len(found)} attributes: {limits.ATTRIBUTES} are the most.", "attributes"
        )
    return {
        values.attribute_code(name): values.attribute(name, inner) for name, inner in found.items() if inner is not None
    }


def _object(name: str, value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RowRefused(f"invalid_{name}", f"{name} must be an object of names and values.", name)
    return value


def _refuse_unknown(value: Mapping[str, Any], known: set[str], what: str) -> None:
    unknown = value.keys() - known
    if unknown:
        raise RowRefused(
            "unknown_field", f"{what} has the unknown field {values.shown(min(unknown))}: remove it.", min(unknown)
        )
