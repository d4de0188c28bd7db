"""Finding the product that is reviewed: by id or slug, and only while it is shown."""

from __future__ import annotations

import re
from uuid import UUID

from feria_core import cache
from feria_core.contracts.catalog import PRODUCTS, ProductCard
from feria_core.ids import parse_id
from feria_core.runtime import registry
from feria_reviews.errors import ProductUnknown

_SLUG = re.compile(r"[a-z0-9-]{1,120}")


async def shown(key: str) -> ProductCard:
    """Return the product of that id or slug, old slugs included. Raises ProductUnknown where none is shown now.

    The running answer is kept no longer than the product is shown.
    """
    products = registry().get(PRODUCTS)
    product_id = parse_id(key)
    if product_id is None and _SLUG.fullmatch(key):
        product_id = (await products.ids_of([key])).get(key)
    card = (await products.cards([product_id])).get(product_id) if product_id is not None else None
    if card is None:
        raise ProductUnknown(key)
    cache.until(card.shown_until)
    return card


async def known(key: str) -> UUID:
    """Return the id of the product of that id or slug, shown or not. Raises ProductUnknown for a slug of none."""
    product_id = parse_id(key)
    if product_id is None and _SLUG.fullmatch(key):
        product_id = (await registry().get(PRODUCTS).ids_of([key])).get(key)
    if product_id is None:
        raise ProductUnknown(key)
    return product_id
