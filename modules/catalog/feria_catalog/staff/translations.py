"""Translations for staff: of products, and of the names of categories, brands and attributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from feria_catalog import documents
from feria_catalog.admin_schemas_translations import (
    LabelTranslationBody,
    LabelTranslations,
    ProductTranslation,
    ProductTranslationBody,
    ProductTranslations,
    SeoTranslation,
)
from feria_catalog.documents import affected, languages
from feria_catalog.errors import SlugTaken
from feria_catalog.staff import reading, versions
from feria_catalog.writing import rows, slugs
from feria_catalog.writing.lock import one_writer
from feria_core import audit, clock, db
from feria_core.errors import Invalid, NotFound

_LIST = """
SELECT locale, name, slug, description, seo_title, seo_description FROM catalog_product_translation
WHERE product_id = $1 ORDER BY locale
"""
_WRITE = """
INSERT INTO catalog_product_translation (product_id, locale, name, slug, description, seo_title, seo_description)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (product_id, locale) DO UPDATE SET name = excluded.name, slug = excluded.slug,
    description = excluded.description, seo_title = excluded.seo_title, seo_description = excluded.seo_description
"""


@dataclass(frozen=True)
class Labelled:
    """What has a translated name: its table, how it is found, and which documents show it."""

    kind: str
    table: str
    key: str
    shown_by: str


CATEGORY = Labelled("category", "catalog_category", "slug", affected.CATEGORY)
BRAND = Labelled("brand", "catalog_brand", "slug", affected.BRAND)
ATTRIBUTE = Labelled("attribute", "catalog_attribute", "code", affected.ATTRIBUTE)


async def of_product(key: str) -> ProductTranslations:
    """Return the product's translations. Raises NotFound."""
    product = await reading.view(key)
    found = [_out(row) for row in await db.fetch_all(_LIST, product.row.id)]
    return ProductTranslations(items=found, version=product.version)


async def put(key: str, locale: str, body: ProductTranslationBody | None) -> ProductTranslations:
    """Let the product have this translation, or none; return all. Raises NotFound, StaleVersion, SlugTaken, Invalid."""
    _check_locale(locale)
    async with db.transaction():
        await one_writer()
        product = await reading.view(key, lock=True)
        versions.check(product.version, body.version if body else None)
        product_id = product.row.id
        before = next((t for t in (await of_product(str(product_id))).items if t.locale == locale), None)
        await _move_slug(product_id, product.row.slug, before.slug if before else None, body.slug if body else None)
        if body is None:
            await db.execute(
                "DELETE FROM catalog_product_translation WHERE product_id = $1 AND locale = $2", product_id, locale
            )
        else:
            await _write(product_id, locale, body)
        await rows.raise_versions([product_id], now=clock.now())
        await documents.rewrite([product_id])
        await audit.record(
            "catalog.product.translated", "product", product_id,
            before=before.model_dump(mode="json") if before else None,
            after={"locale": locale, **(body.model_dump(mode="json", exclude={"version"}) if body else {})},
        )  # fmt: skip
        return await of_product(str(product_id))


async def of_label(what: Labelled, key: str) -> LabelTranslations:
    """Return the names by language. Raises NotFound."""
    row = await _labelled(what, key)
    return LabelTranslations(names=orjson.loads(row["names"]), version=row["version"])


async def put_label(what: Labelled, key: str, locale: str, body: LabelTranslationBody | None) -> LabelTranslations:
    """Let the thing have this name in the language, or none. Raises NotFound, StaleVersion, Invalid."""
    _check_locale(locale)
    async with db.transaction():
        await one_writer()
        row = await _labelled(what, key)
        versions.check(row["version"], body.version if body else None)
        before: dict[str, str] = orjson.loads(row["names"])
        names = {name: label for name, label in before.items() if name != locale}
        if body is not None:
            names[locale] = body.name
        await db.execute(
            f"UPDATE {what.table} SET names = $2::text::jsonb, version = version + 1 WHERE id = $1",
            row["id"], orjson.dumps(names).decode(),
        )  # fmt: skip
        await audit.record(f"catalog.{what.kind}.translated", what.kind, row["id"], before=before, after=names)
        await affected.rewrite_showing(what.shown_by, key if what is ATTRIBUTE else row["id"])
        return LabelTranslations(names=names, version=row["version"] + 1)


async def _labelled(what: Labelled, key: str) -> db.Row:
    row = None
    if "\x00" not in key:
        row = await db.fetch_one(
            f"SELECT id, names::text AS names, version FROM {what.table} WHERE {what.key} = $1", key
        )
    if row is None:
        raise NotFound(f"There is no {what.kind} '{key[:100]}': list them to see what there is.")
    return row


async def _write(product_id: UUID, locale: str, body: ProductTranslationBody) -> None:
    seo = body.seo
    values: tuple[Any, ...] = (
        body.name, body.slug, body.description, (seo.title or None) if seo else None,
        (seo.description or None) if seo else None,
    )  # fmt: skip
    try:
        async with db.savepoint():
            await db.execute(_WRITE, product_id, locale, *values)
    except asyncpg.UniqueViolationError as error:
        raise SlugTaken(body.slug or "") from error


async def _move_slug(product_id: UUID, own: str, before: str | None, after: str | None) -> None:
    """Take the slug, and let the one before lead to the product."""
    if after == before:
        return
    if after is not None and after != own:
        await slugs.claim({after: product_id})
    if before is not None and before != own:
        await slugs.retire({before: product_id})


def _check_locale(locale: str) -> None:
    if locale not in languages.others():
        offered = ", ".join(languages.others()) or "none"
        raise Invalid.field(
            "path", "locale", code="unknown_locale",
            message=f"'{locale[:20]}' is not a language to translate into here; these are: {offered}.",
        )  # fmt: skip


def _out(row: db.Row) -> ProductTranslation:
    return ProductTranslation(
        locale=row["locale"], name=row["name"], slug=row["slug"], description=row["description"],
        seo=SeoTranslation(title=row["seo_title"], description=row["seo_description"]),
    )  # fmt: skip
