"""Recommendations: asked for a place and a person, answered with what is shown, in stock and not owned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from feria_core import clock
from feria_core.contracts.cart import CARTS, CartOwner
from feria_core.contracts.catalog import PRODUCTS, ProductCard
from feria_core.db import Row
from feria_core.errors import NotFound
from feria_core.ids import new_id, parse_id
from feria_core.runtime import registry, settings
from feria_personalization.domain import Found, Place, diverse, interleaved, is_held_out
from feria_personalization.gauges import model_age_seconds
from feria_personalization.repository import activity, exposures, models, people, sales
from feria_personalization.repository.neighbours import Source
from feria_personalization.repository.people import Who
from feria_personalization.service import candidates, popularity
from feria_personalization.service.staleness import is_stale
from feria_personalization.settings import PersonalizationSettings

log = structlog.get_logger("feria.personalization")

HISTORY_DAYS, HISTORY_LENGTH = 365, 50
# So many are looked up for a list of the largest size: room for what is sold out, owned or of one category.
CANDIDATES = 300
NEW_EVERY = 5


@dataclass(frozen=True)
class Shown:
    """One item of an answer: the product's card, why, and the product it comes from where that is shown too."""

    card: ProductCard
    found: Found
    because: ProductCard | None


@dataclass(frozen=True)
class Answer:
    """A list of recommendations; `id` is what a click is told with, `version` None where no model was used."""

    id: UUID
    place: Place
    version: int | None
    items: Sequence[Shown]


@dataclass(frozen=True)
class _Asked:
    """Who asks, and for what: products to leave out, and the cart's or the page's own."""

    person: Row | None
    version: int | None
    here: Sequence[UUID] = ()


async def recommend(
    place: Place, *, who: Who | None, cart: CartOwner | None, product: str | None, limit: int
) -> Answer:
    """Return recommendations for a place, and log them where the person agreed to be remembered.

    People who are held out are answered without the model. Raises NotFound for a product that is not shown.
    """
    now = clock.now()
    here = await _here(place, cart, product)
    person = await _agreed(who)
    held_out = person is not None and is_held_out(person["bucket"], settings(PersonalizationSettings).held_out_percent)
    version = None if held_out else await serving_version(now)
    asked = _Asked(person, version, here)
    items = await _shown(await _candidates(place, asked, now), asked, limit)
    answer = Answer(new_id(), place, version, items)
    if person is not None:
        await exposures.log(
            answer.id, person_id=person["id"], place=place, is_held_out=held_out, version=version,
            products=[item.card.product_id for item in items], now=now,
        )  # fmt: skip
    return answer


async def serving_version(now: datetime) -> int | None:
    """Return the model to answer from, None where there is none that is young enough."""
    model = await models.active()
    if model is None:
        return None
    model_age_seconds.set((now - model["trained_at"]).total_seconds())
    if is_stale(model["trained_at"], now):
        log.warning("recommendations.model_stale", version=model["version"], trained_at=model["trained_at"].isoformat())
        return None
    return int(model["version"])


async def _agreed(who: Who | None) -> Row | None:
    """Return the person's row where they agreed to be remembered and remembering is not switched off."""
    if who is None or not settings(PersonalizationSettings).recording:
        return None
    person = await people.find(who)
    return person if person is not None and person["is_granted"] else None


async def _here(place: Place, cart: CartOwner | None, product: str | None) -> Sequence[UUID]:
    """Return the product of the page, or those in the cart."""
    if place is Place.PRODUCT:
        return [await _product_id(product or "")]
    carts = registry().find(CARTS)
    if place is Place.CART and carts is not None and cart is not None:
        snapshot = await carts.snapshot(cart)
        return list(dict.fromkeys(line.product_id for line in snapshot.lines)) if snapshot else []
    return []


async def _product_id(named: str) -> UUID:
    products = registry().get(PRODUCTS)
    product_id = parse_id(named) or (await products.ids_of([named])).get(named)
    if product_id is None or product_id not in await products.cards([product_id]):
        raise NotFound(f"There is no product '{named}': ask with the id or slug of one that is shown.")
    return product_id


async def _candidates(place: Place, asked: _Asked, now: datetime) -> list[Found]:
    """Return what could be shown, best first: the model's, then what is in demand, then what is popular."""
    main: list[Found] = []
    fresh: list[Found] = []
    if asked.version is not None:
        sources = await _sources(place, asked, now)
        main, fresh = await candidates.ranked(
            asked.version, sources, without=asked.here, limit=CANDIDATES, place=_asks_as(place, asked)
        )
    liked = await popularity.found(CANDIDATES // 2)
    listed = interleaved(main, fresh, every=NEW_EVERY, key=lambda found: found.product_id)
    first: dict[UUID, Found] = {}
    for found in (*listed, *liked):
        first.setdefault(found.product_id, found)
    return list(first.values())


def _asks_as(place: Place, asked: _Asked) -> str:
    """Return whose reasons hold: an empty cart is answered as home is."""
    return place if asked.here else Place.HOME


async def _sources(place: Place, asked: _Asked, now: datetime) -> list[Source]:
    if place is Place.PRODUCT:
        return candidates.for_product(asked.here[0])
    if asked.here:
        return candidates.for_cart(asked.here)
    if asked.person is None:
        return []
    rows = await activity.recent(asked.person["id"], since=now - timedelta(days=HISTORY_DAYS), limit=HISTORY_LENGTH)
    return candidates.for_person(candidates.acts_of(rows, now))


async def _shown(found: Sequence[Found], asked: _Asked, limit: int) -> list[Shown]:
    """Return the items of the answer; where all of them are fewer than asked for, the shop's newest fill up."""
    items = await _allowed(found, asked)
    if len(items) < limit:
        known = {item.card.product_id for item in items}
        rest = [other for other in await popularity.of_the_shop(CANDIDATES) if other.product_id not in known]
        items += await _allowed(rest, asked)
    return diverse(items, limit, category=lambda item: item.card.category)


async def _allowed(found: Sequence[Found], asked: _Asked) -> list[Shown]:
    """Return those that are shown now, in stock, not here already, and not owned unless they are consumed."""
    wanted = {item.product_id for item in found} | {item.because for item in found if item.because}
    cards = await registry().get(PRODUCTS).cards(wanted)
    here = set(asked.here)
    owned = await _owned(asked.person, cards)
    return [
        Shown(card, item, cards.get(item.because) if item.because else None)
        for item in found
        if (card := cards.get(item.product_id)) and card.in_stock and not {card.product_id} & (owned | here)
    ]


async def _owned(person: Row | None, cards: Mapping[UUID, ProductCard]) -> set[UUID]:
    """Return what the person has bought and does not use up."""
    if person is None or not cards:
        return set()
    rows = await sales.owned(person["id"], list(cards))
    consumable = set(settings(PersonalizationSettings).consumable_categories)
    return {row["product_id"] for row in rows if cards[row["product_id"]].category not in consumable}
