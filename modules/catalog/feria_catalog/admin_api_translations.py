"""What staff do with translations."""

from __future__ import annotations

from feria_catalog.access import READ, WRITE
from feria_catalog.admin_schemas_translations import (
    LabelTranslationBody,
    LabelTranslations,
    ProductTranslationBody,
    ProductTranslations,
)
from feria_catalog.staff import translations
from feria_catalog.staff.translations import ATTRIBUTE, BRAND, CATEGORY
from feria_core.http import ApiBlueprint

blueprint = ApiBlueprint("catalog_admin_translations", __name__)
PRODUCT = "/api/admin/products/<key>/translations"
OF_CATEGORY = "/api/admin/categories/<slug>/translations"
OF_BRAND = "/api/admin/brands/<slug>/translations"
OF_ATTRIBUTE = "/api/admin/attributes/<code>/translations"


@blueprint.endpoint("GET", PRODUCT, access=READ, returns=ProductTranslations)
async def admin_list_translations(key: str) -> ProductTranslations:
    """A product's translations by language."""
    return await translations.of_product(key)


@blueprint.endpoint(
    "PUT", f"{PRODUCT}/<locale>", access=WRITE, body=ProductTranslationBody, returns=ProductTranslations
)
async def admin_translate_product(key: str, locale: str, body: ProductTranslationBody) -> ProductTranslations:
    """Let a product have exactly this translation in the language."""
    return await translations.put(key, locale, body)


@blueprint.endpoint("DELETE", f"{PRODUCT}/<locale>", access=WRITE, status=204)
async def admin_delete_translation(key: str, locale: str) -> None:
    """Take a product's translation away."""
    await translations.put(key, locale, None)


@blueprint.endpoint("GET", OF_CATEGORY, access=READ, returns=LabelTranslations)
async def admin_list_category_translations(slug: str) -> LabelTranslations:
    """The names of a category by language."""
    return await translations.of_label(CATEGORY, slug)


@blueprint.endpoint(
    "PUT", f"{OF_CATEGORY}/<locale>", access=WRITE, body=LabelTranslationBody, returns=LabelTranslations
)
async def admin_translate_category(slug: str, locale: str, body: LabelTranslationBody) -> LabelTranslations:
    """Name a category in a language."""
    return await translations.put_label(CATEGORY, slug, locale, body)


@blueprint.endpoint("DELETE", f"{OF_CATEGORY}/<locale>", access=WRITE, status=204)
async def admin_delete_category_translation(slug: str, locale: str) -> None:
    """Take a category's name in a language away."""
    await translations.put_label(CATEGORY, slug, locale, None)


@blueprint.endpoint("GET", OF_BRAND, access=READ, returns=LabelTranslations)
async def admin_list_brand_translations(slug: str) -> LabelTranslations:
    """The names of a brand by language."""
    return await translations.of_label(BRAND, slug)


@blueprint.endpoint("PUT", f"{OF_BRAND}/<locale>", access=WRITE, body=LabelTranslationBody, returns=LabelTranslations)
async def admin_translate_brand(slug: str, locale: str, body: LabelTranslationBody) -> LabelTranslations:
    """Name a brand in a language."""
    return await translations.put_label(BRAND, slug, locale, body)


@blueprint.endpoint("DELETE", f"{OF_BRAND}/<locale>", access=WRITE, status=204)
async def admin_delete_brand_translation(slug: str, locale: str) -> None:
    """Take a brand's name in a language away."""
    await translations.put_label(BRAND, slug, locale, None)


@blueprint.endpoint("GET", OF_ATTRIBUTE, access=READ, returns=LabelTranslations)
async def admin_list_attribute_translations(code: str) -> LabelTranslations:
    """The names of an attribute by language."""
    return await translations.of_label(ATTRIBUTE, code)


@blueprint.endpoint(
    "PUT", f"{OF_ATTRIBUTE}/<locale>", access=WRITE, body=LabelTranslationBody, returns=LabelTranslations
)
async def admin_translate_attribute(code: str, locale: str, body: LabelTranslationBody) -> LabelTranslations:
    """Name an attribute in a language."""
    return await translations.put_label(ATTRIBUTE, code, locale, body)


@blueprint.endpoint("DELETE", f"{OF_ATTRIBUTE}/<locale>", access=WRITE, status=204)
async def admin_delete_attribute_translation(code: str, locale: str) -> None:
    """Take an attribute's name in a language away."""
    await translations.put_label(ATTRIBUTE, code, locale, None)
