"""A code and a flash sale, so that a first look finds both."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import orjson

from feria_core import clock, db
from feria_core.contracts.catalog import CATALOG, PRODUCTS, Offer
from feria_core.runtime import core_settings, registry
from feria_promotions.flash_schemas import FlashSaleBody
from feria_promotions.schemas import CodesBody, PromotionBody
from feria_promotions.staff import codes, flash, promotions

CODE, PERCENT = "WELCOME10", 10
# Of the demo products by id: some from the middle, 20 % off, so many pieces each.
_LOOKED_AT, _ON_SALE, _OFF, _CAP = 40, 3, 20, 25
_DAYS = 30


async def load() -> list[str]:
    """Make them where there is no promotion yet; return what was made, for the start-up report."""
    if await db.fetch_value("SELECT EXISTS (SELECT FROM promotions_promotion)"):
        return []
    offers = await _offers()
    body = PromotionBody.model_validate({"name": f"Welcome, {PERCENT} % off", "kind": "percent", "value": PERCENT})
    async with db.transaction():
        made = await promotions.create(body)
        await codes.create(str(made.id), CodesBody(code=CODE))
        if offers:
            await flash.create(_sale(offers))
    lines = [f"discount code: {CODE}"]
    return [*lines, f"flash sale: {', '.join(offer.sku for offer in offers)}"] if offers else lines


async def _offers() -> list[Offer]:
    """Return what is put on sale: the usual variants of a few products."""
    products = registry().get(PRODUCTS)
    texts = await products.texts(after=None, limit=_LOOKED_AT)
    cards = await products.cards([text.product_id for text in texts[-_ON_SALE:]])
    variants = [UUID(orjson.loads(one.card)["default_variant_id"]) for one in cards.values() if one.in_stock]
    found = await registry().get(CATALOG).offers(variants)
    return sorted(
        (offer for offer in found.values() if offer.price.currency == core_settings().currency), key=lambda o: o.sku
    )


def _sale(offers: list[Offer]) -> FlashSaleBody:
    now = clock.now()
    items = [
        {
            "variant_id": str(offer.variant_id),
            "price": {"amount": offer.price.amount * (100 - _OFF) // 100, "currency": offer.price.currency},
            "cap": _CAP,
        }
        for offer in offers
    ]
    window = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(days=_DAYS)).isoformat()}
    return FlashSaleBody.model_validate({"name": "Opening sale", **window, "items": items})
