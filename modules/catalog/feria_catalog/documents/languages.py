"""Documents in the shop's other languages: what is not translated is shown in the first one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from itertools import zip_longest
from typing import Any
from uuid import UUID

from feria_catalog.documents.rendering import AttributeLabel, ProductFacts, Translation, card, page, to_text
from feria_core import db
from feria_core.http.request import locale
from feria_core.runtime import core_settings
from feria_core.text import fold

_WRITE = """
INSERT INTO catalog_product_document_text (product_id, locale, slug, name_key, card, page)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
"""
_CARDS = """
SELECT d.no, d.product_id, t.card FROM catalog_product_document_text t
JOIN catalog_product_document d ON d.product_id = t.product_id
WHERE t.locale = $1 AND d.{column} = ANY($2::{kind}[])
"""

_served: ContextVar[set[str] | None] = ContextVar("catalog_served_languages", default=None)


def wanted() -> str | None:
    """Return the language that the request asks for, None where it is the shop's first."""
    asked = locale()
    return asked if asked in others() else None


def others() -> tuple[str, ...]:
    """Return the languages of the shop beside its first."""
    return core_settings().locales[1:]


@contextmanager
def noted() -> Iterator[set[str]]:
    """Give a set that holds the languages in which translations are found inside the block."""
    found: set[str] = set()
    token = _served.set(found)
    try:
        yield found
    finally:
        _served.reset(token)


def note(language: str) -> None:
    """Remember that a translation was shown."""
    found = _served.get()
    if found is not None:
        found.add(language)


def content_language(found: set[str]) -> dict[str, str]:
    """Return the header that says what was served: the wished language where something was found in it."""
    return {"Content-Language": next(iter(found), core_settings().locales[0])}


async def cards_by_no(numbers: Collection[int]) -> dict[int, str]:
    """Return the cards in the request's language, where there are any; without a statement in the first one."""
    return {row["no"]: row["card"] for row in await _cards("no", "int", numbers)}


async def cards_by_id(product_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the cards in the request's language, as `cards_by_no` does."""
    return {row["product_id"]: row["card"] for row in await _cards("product_id", "uuid", product_ids)}


async def _cards(column: str, kind: str, keys: Collection[Any]) -> Sequence[db.Row]:
    language = wanted()
    if language is None or not keys:
        return ()
    rows = await db.fetch_all(_CARDS.format(column=column, kind=kind), language, list(keys))
    if rows:
        note(language)
    return rows


async def clear(product_ids: Sequence[UUID]) -> None:
    """Take away the documents of the other languages; `write` follows in the transaction of the first one's."""
    await db.execute("DELETE FROM catalog_product_document_text WHERE product_id = ANY($1::uuid[])", list(product_ids))


async def write(found: Sequence[tuple[Any, ...]]) -> None:
    """Write the documents of the other languages, as `rows` made them."""
    if found:
        await db.execute(_WRITE, *zip(*found, strict=True))


def rows(product: ProductFacts) -> list[tuple[Any, ...]]:
    """Return the documents of those languages in which something of the product is translated."""
    found = (_row(product, language) for language in others() if _is_translated(product, language))
    return [row for row in found if row is not None]


def _row(product: ProductFacts, language: str) -> tuple[Any, ...] | None:
    shown = in_language(product, language)
    if shown == product:
        return None
    the_card = card(shown)
    the_page = page(shown, the_card, core_settings().public_url)
    return product.id, language, shown.slug, fold(shown.name)[:200], to_text(the_card), to_text(the_page)


def _is_translated(product: ProductFacts, language: str) -> bool:
    """Return whether the product may read otherwise in the language than in the shop's first."""
    named = (product.translations, product.brand_names, *product.category_names)
    return any(language in names for names in named) or _labels(product, language) is not product.labels


def in_language(product: ProductFacts, language: str) -> ProductFacts:
    """Return the product as it reads in the language; what is not translated stays. Pure."""
    own = product.translations.get(language) or Translation()
    no_names: Mapping[str, str] = {}
    steps = zip_longest(product.category_path, product.category_names, fillvalue=no_names)
    return replace(
        product,
        name=own.name or product.name,
        slug=own.slug or product.slug,
        description=own.description or product.description,
        # A translated name is a better title than one in another language.
        seo_title=own.seo_title or (None if own.name else product.seo_title),
        seo_description=own.seo_description or (None if own.description else product.seo_description),
        brand=product.brand_names.get(language, product.brand) if product.brand else None,
        category_path=[{**step, "name": names.get(language, step["name"])} for step, names in steps],
        labels=_labels(product, language),
    )


def _labels(product: ProductFacts, language: str) -> Mapping[str, AttributeLabel]:
    used = {*product.attributes, *(code for variant in product.variants for code in variant.attributes)}
    translated = {
        code: replace(label, name=label.names[language])
        for code in used
        if (label := product.labels.get(code)) is not None and language in label.names
    }
    return {**product.labels, **translated} if translated else product.labels
