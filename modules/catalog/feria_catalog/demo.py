"""The demo shop: sixty made-up products, so that a first look finds something to look at."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from itertools import product as combinations
from typing import Any

from feria_catalog.domain import MediaInput, ProductInput, VariantInput
from feria_catalog.media.storage.chosen import storage
from feria_catalog.media.store import work_folder
from feria_catalog.pictures import Motif, draw_all
from feria_catalog.settings import CatalogSettings
from feria_catalog.writing import upsert_products
from feria_core import db
from feria_core.money import Money, exponent
from feria_core.runtime import core_settings, settings

REASON = "demo"


async def load() -> list[str]:
    """Fill an empty catalog; return what was made, for the start-up report. A catalog with products is left alone."""
    if await db.fetch_value("SELECT EXISTS (SELECT FROM catalog_product)"):
        return []
    entries = tomllib.loads(files("feria_catalog").joinpath("demo_products.toml").read_text("utf-8"))["product"]
    motifs = [_motif(entry) for entry in entries]
    pictures = await _drawn(motifs)
    products = [
        _product(number, entry, picture)
        for number, (entry, picture) in enumerate(zip(entries, pictures, strict=True), 1)
    ]
    async with db.transaction():
        # Asked again under a lock: two processes that start together make one demo shop.
        await db.execute("SELECT pg_advisory_xact_lock(hashtext('catalog.demo'))")
        if await db.fetch_value("SELECT EXISTS (SELECT FROM catalog_product)"):
            return []
        await upsert_products(products, reason=REASON)
    categories = {product.category_path[:depth] for product in products for depth in (1, 2)}
    return [f"{len(products)} products in {len(categories)} categories"]


async def _drawn(motifs: Sequence[Motif]) -> list[MediaInput]:
    """Draw the pictures to where pictures are kept."""
    if settings(CatalogSettings).media_storage == "local":
        return await asyncio.to_thread(draw_all, motifs, core_settings().media_dir)
    async with work_folder() as folder:
        pictures = await asyncio.to_thread(draw_all, motifs, folder)
        for picture in pictures:
            await storage().put(picture.key, folder / picture.key, content_type="image/webp")
    return pictures


def _motif(entry: Mapping[str, Any]) -> Motif:
    kind, base = entry["picture"]
    return Motif(kind, base, seed=entry["name"], alt=entry["name"])


def _product(number: int, entry: Mapping[str, Any], picture: MediaInput) -> ProductInput:
    return ProductInput(
        name=entry["name"],
        description=entry["description"],
        brand=entry["brand"],
        category_path=tuple(entry["category"].split(" > ")),
        attributes=entry["attributes"],
        variants=tuple(_variants(number, entry)),
        media=(picture,),
    )


def _variants(number: int, entry: Mapping[str, Any]) -> list[VariantInput]:
    """Return a variant for each combination of options; prices and stock are lists in that order, or one for all."""
    options = entry.get("options", {})
    choices = [dict(zip(options, values, strict=True)) for values in combinations(*options.values())]
    return [
        VariantInput(
            sku=f"DEMO-{number:03}-{position:02}",
            price=_money(_at(entry["price"], position)),
            compare_at_price=_compare_at(entry, position),
            stock=_at(entry["stock"], position),
            options=choice,
        )
        for position, choice in enumerate(choices, 1)
    ]


def _compare_at(entry: Mapping[str, Any], position: int) -> Money | None:
    """Return the former price where the variant costs less now."""
    if entry.get("compare_at", 0) <= _at(entry["price"], position):
        return None
    return _money(entry["compare_at"])


def _at(value: int | list[int], position: int) -> int:
    return value[position - 1] if isinstance(value, list) else value


def _money(hundredths: int) -> Money:
    """Return the price in the shop's currency: the same digits before the point, its own number after it."""
    currency = core_settings().currency
    places = exponent(currency)
    amount = hundredths * 10 ** (places - 2) if places >= 2 else hundredths // 10 ** (2 - places)  # noqa: PLR2004
    return Money(amount, currency)
