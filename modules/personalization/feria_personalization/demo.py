"""What made-up people have bought in the demo shop, so that a first look finds recommendations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5

from feria_core import clock, db
from feria_core.contracts.catalog import PRODUCTS
from feria_core.runtime import core_settings, registry
from feria_personalization.repository import sales
from feria_personalization.repository.sales import SoldProduct
from feria_personalization.service import popularity, training

ORDERS, DAYS = 240, 75
# Products of the demo catalog that go together; every order is about one of these.
THEMES = (
    ("alder-dining-table", "linnea-dining-chair", "everyday-plate", "harbour-cutlery-set", "siesta-serving-bowl",
     "bruma-carafe", "dome-pendant"),
    ("birch-writing-desk", "workshop-desk-lamp", "field-notebook", "wanderer-fountain-pen", "cedar-pencils-dozen",
     "pocket-notebook-three-pack"),
    ("forge-frying-pan", "slow-casserole", "chef-s-knife-20-cm", "bread-board-with-handle", "spice-jars-set-of-six",
     "baker-s-apron", "recipe-journal", "pantry-jar"),
    ("morning-kettle", "granit-mug", "bread-basket", "linen-tea-towels-set-of-two", "kitchen-clock-oak"),
    ("vale-bed-frame", "pico-bedside-lamp", "quiet-throw", "linen-curtains-pair", "laundry-basket-with-lid"),
    ("marten-sofa-three-seats", "fjord-coffee-table", "stripe-cushion", "highland-blanket", "arco-floor-lamp",
     "kilim-rug", "evening-candles-unscented", "beeswax-candles-set-of-three"),
    ("terracotta-pots-set-of-three", "zinc-planters-set-of-three", "rubber-fig-in-a-pot", "balcony-olive",
     "long-spout-watering-can", "trowel-and-fork", "harvest-basket"),
)  # fmt: skip


async def load() -> list[str]:
    """Write orders of the last weeks, once; return what was made. Only where the demo catalog is."""
    known = await registry().get(PRODUCTS).ids_of([slug for theme in THEMES for slug in theme])
    if len(known) < len(THEMES) * 3 or await db.fetch_value("SELECT EXISTS (SELECT FROM personalization_sale)"):
        return []
    currency = core_settings().currency
    async with db.transaction():
        for order_id, at, products in _orders(known, clock.now()):
            await sales.add(order_id, products, currency=currency, at=at, person_id=None)
    await popularity.count()
    # A worker trains once it runs: the start does not wait for it.
    await training.ask(by_staff=False)
    return [f"{ORDERS} past sales to recommend from"]


def _orders(known: Mapping[str, UUID], now: datetime) -> Iterator[tuple[UUID, datetime, Sequence[SoldProduct]]]:
    """Give orders, the same each time; what a theme names first is bought more often."""
    lot = Random(2026)  # noqa: S311 - a demo, no secret
    for number in range(ORDERS):
        theme = [known[slug] for slug in lot.choice(THEMES) if slug in known]
        if len(theme) < 2:  # noqa: PLR2004 - two make a basket
            continue
        weights = [1.0 / (place + 1) for place in range(len(theme))]
        bought = sorted(set(lot.choices(theme, weights, k=lot.randint(2, 4))))
        at = now - timedelta(days=DAYS * lot.random())
        yield uuid5(NAMESPACE_URL, f"feria-demo-sale-{number}"), at, [SoldProduct(product, 1, 0) for product in bought]
