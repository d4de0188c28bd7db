"""One product as its page shows it, from its document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from feria_catalog.documents import languages
from feria_catalog.documents.rendering import AVAILABLE_MARK, to_text
from feria_catalog.offers import AVAILABLE
from feria_catalog.pricing import current as prices
from feria_core import clock, db
from feria_core.contracts.catalog import PRODUCT_PARTS
from feria_core.ids import parse_id
from feria_core.runtime import registry

RELATED = 8
# What a slug can be; anything else is in no table, and not all of it could be asked for (NUL).
SLUG = re.compile(r"[a-z0-9-]{1,120}")

# When what is shown changes by itself next: no kept answer outlives it. $1 is the present.
NEXT_EDGE = """nullif(least(
    (SELECT min(e.listed_from) FROM catalog_product_document e WHERE e.listed_from > $1),
    (SELECT min(e.listed_until) FROM catalog_product_document e WHERE e.listed_until > $1)), 'infinity')"""

# Page, availabilities in the order of their marks, and related cards: of the same category, then of the same branch.
_PAGE = f"""
SELECT d.product_id, d.page, d.listed_from <= $1 AND d.listed_until > $1 AS is_listed, {NEXT_EDGE} AS next_edge,
    least(d.price_until, related.price_until) AS price_until,
    ARRAY(
        SELECT {AVAILABLE} FROM unnest(d.variant_ids) WITH ORDINALITY AS v (id, place)
        JOIN catalog_stock s ON s.variant_id = v.id ORDER BY v.place) AS available,
    related.ids AS related_ids, related.cards AS related_cards
FROM catalog_product_document d
LEFT JOIN LATERAL (
    SELECT array_agg(product_id) AS ids, array_agg(card) AS cards, min(price_until) AS price_until FROM (
        (SELECT r.product_id, r.card, r.price_until FROM catalog_product_document r
         WHERE r.category_slug = d.category_slug AND r.product_id <> d.product_id
            AND r.listed_from <= $1 AND r.listed_until > $1
         ORDER BY r.popularity DESC, r.product_id DESC LIMIT {RELATED})
        UNION ALL
        (SELECT r.product_id, r.card, r.price_until FROM catalog_product_document r
         WHERE r.category_path @> d.category_path[1:1] AND cardinality(d.category_path) > 0
            AND r.category_slug <> d.category_slug AND r.listed_from <= $1 AND r.listed_until > $1
         ORDER BY r.popularity DESC, r.product_id DESC LIMIT {RELATED})
        LIMIT {RELATED}) near) related ON true
WHERE d."""
_BY_ID = _PAGE + "product_id = $2"
_BY_SLUG = _PAGE + "slug = $2"
_BY_TRANSLATED_SLUG = "SELECT product_id FROM catalog_product_translation WHERE slug = $1 LIMIT 1"
_TRANSLATED = "SELECT page FROM catalog_product_document_text WHERE product_id = $1 AND locale = $2"
_NOW_AT = """
SELECT d.slug FROM catalog_slug_history h JOIN catalog_product_document d ON d.product_id = h.product_id
WHERE h.slug = $1 AND d.listed_from <= $2 AND d.listed_until > $2
"""


@dataclass(frozen=True)
class ProductPage:
    """A page as JSON text without its last brace, and which products it shows."""

    product_id: UUID
    text: str
    shown: tuple[UUID, ...]
    is_listed: bool
    next_edge: datetime | None


async def find(key: str, *, translated: bool = True) -> ProductPage | None:
    """Return the page of the product of that slug or id, drafts included, in one statement.

    In another language than the shop's first it takes two more. A translated slug finds the product too. Staff, who
    send back what they read, get it untranslated.
    """
    product_id = parse_id(key)
    if product_id is None and not SLUG.fullmatch(key):
        return None
    row = await _row(key, product_id)
    if row is not None and row["price_until"] is not None and row["price_until"] <= clock.now():
        await prices.catch_up([row["product_id"], *(row["related_ids"] or ())])
        row = await _row(key, product_id)
    if row is None:
        return None
    return _filled(await _in_language(row) if translated else row)


async def _row(key: str, product_id: UUID | None) -> db.Row | None:
    now = clock.now()
    row = await db.fetch_one(_BY_ID, now, product_id) if product_id else await db.fetch_one(_BY_SLUG, now, key)
    if row is None and product_id is None:
        product_id = await db.fetch_value(_BY_TRANSLATED_SLUG, key)
        row = await db.fetch_one(_BY_ID, now, product_id) if product_id else None
    return row


async def _in_language(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the row with page and related cards in the request's language, where they are translated."""
    language = languages.wanted()
    if language is None:
        return row
    related = list(row["related_ids"] or ())
    cards = await languages.cards_by_id(related)
    texts = [cards.get(product_id, text) for product_id, text in zip(related, row["related_cards"] or (), strict=True)]
    page = await db.fetch_value(_TRANSLATED, row["product_id"], language)
    if page is not None:
        languages.note(language)
    return {**row, "page": page or row["page"], "related_cards": texts}


async def completed(page: ProductPage) -> bytes:
    """Return the page's JSON with the members that other modules add, in their declared order."""
    parts = [
        f",{to_text(part.member)}:{to_text(await part.of(page.product_id))}" for part in registry().all(PRODUCT_PARTS)
    ]
    return f"{page.text}{''.join(parts)}}}".encode()


async def moved_to(slug: str) -> str | None:
    """Return the present slug of the shown product that once had this one."""
    if not SLUG.fullmatch(slug):
        return None
    found: str | None = await db.fetch_value(_NOW_AT, slug, clock.now())
    return found


def _filled(row: Mapping[str, Any]) -> ProductPage:
    parts = str(row["page"]).split(AVAILABLE_MARK)
    numbers = [str(number) for number in row["available"]]
    text = "".join(part + number for part, number in zip(parts, [*numbers, ""], strict=True))
    related = ",".join(row["related_cards"] or ())
    return ProductPage(
        product_id=row["product_id"],
        text=f'{text[:-1]},"related":[{related}]',
        shown=(row["product_id"], *(row["related_ids"] or ())),
        is_listed=row["is_listed"],
        next_edge=min((at for at in (row["next_edge"], row["price_until"]) if at is not None), default=None),
    )
