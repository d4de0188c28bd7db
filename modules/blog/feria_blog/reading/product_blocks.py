"""The products that posts show, as the shop sells them now."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson

from feria_blog.content import PLACE
from feria_blog.reading.languages import wished
from feria_core import db
from feria_core.contracts.catalog import PRODUCTS
from feria_core.contracts.money import Money
from feria_core.money import format_money
from feria_core.runtime import registry

_KNOWN = "SELECT slug, product_id FROM blog_mention WHERE post_id = ANY($1::uuid[]) AND product_id IS NOT NULL"


@dataclass(frozen=True)
class ShownProducts:
    """Cards by the slug that a text names; empty where the catalog is off, a product hidden or unknown."""

    cards: Mapping[str, dict[str, Any]]

    def fill(self, html: str) -> str:
        """Return the text with the cards in the places of its products."""
        return PLACE.sub(self._block, html)

    def of(self, html: str) -> Sequence[dict[str, Any]]:
        """Return the cards of the text's products, each once, in their order."""
        slugs = dict.fromkeys(slug for place in PLACE.finditer(html) for slug in place[1].split(" "))
        found = {self.cards[slug]["id"]: self.cards[slug] for slug in slugs if slug in self.cards}
        return list(found.values())

    def _block(self, place: re.Match[str]) -> str:
        cards = [_rendered(self.cards[slug]) for slug in place[1].split(" ") if slug in self.cards]
        return f'<div class="product-block" data-products="{place[1]}">{"".join(cards)}</div>'


async def shown(htmls: Mapping[UUID, str]) -> ShownProducts:
    """Return what the texts of these posts show; at most three statements for any number of them."""
    slugs = {slug for html in htmls.values() for place in PLACE.finditer(html) for slug in place[1].split(" ")}
    products = registry().find(PRODUCTS) if slugs else None
    if products is None:
        return ShownProducts({})
    # A product that was renamed, or whose slug another has taken, stays the one that the text meant.
    ids = {row["slug"]: row["product_id"] for row in await db.fetch_all(_KNOWN, list(htmls))}
    if missing := slugs - set(ids):
        ids.update(await products.ids_of(missing))
    cards = await products.cards({ids[slug] for slug in slugs if slug in ids})
    return ShownProducts(
        {slug: orjson.loads(cards[ids[slug]].card) for slug in slugs if slug in ids and ids[slug] in cards}
    )


def _rendered(card: Mapping[str, Any]) -> str:
    """Return a card as HTML, which a site may style or replace by its own."""
    picture = card.get("image")
    image = f'<img src="{escape(picture["url"])}" alt="{escape(picture.get("alt") or "")}">' if picture else ""
    price = card.get("price")
    label = escape(format_money(Money(price["amount"], price["currency"]), wished())) if price else ""
    cost = f'<span class="product-card-price">{label}</span>' if price else ""
    return (
        f'<a class="product-card" href="/products/{quote(card["slug"])}">{image}'
        f'<span class="product-card-name">{escape(card["name"])}</span>{cost}</a>'
    )
