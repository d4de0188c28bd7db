"""Changing every price of a product by so many percent."""

from __future__ import annotations

from decimal import Decimal

import orjson

from feria_catalog.admin_schemas import ProductPatch, RepriceBody, SkuPatch
from feria_catalog.staff import products, reading
from feria_core import db
from feria_core.money import MoneyIn, apply_rate


async def reprice(key: str, body: RepriceBody) -> bytes:
    """Change the prices of all variants, rounded half up to minor units; return the product as it is now.

    Raises NotFound.
    """
    rate = 1 + Decimal(body.percent) / 100
    async with db.transaction():
        found = await reading.view(key, lock=True)
        shown = orjson.loads(await reading.document(found.row.id))
        changes = [
            SkuPatch(
                sku=variant["sku"],
                price=MoneyIn(
                    amount=apply_rate(variant["price"]["amount"], rate), currency=variant["price"]["currency"]
                ),
            )
            for variant in shown["variants"]
        ]
        return await products.edit(key, ProductPatch(variants=changes))
