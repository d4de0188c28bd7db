"""Wish lists as they are stored: pure, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from feria_cart.domain import Offers, is_sellable
from feria_core.contracts.catalog import Offer
from feria_core.money import Money

# A default list that nobody has named.
_NAMES = {"en": "Wish list", "es": "Lista de deseos"}


@dataclass(frozen=True)
class Share:
    """What the link of a shared list is made of, and the hash that finds it."""

    nonce: bytes
    token_hash: bytes


@dataclass(frozen=True)
class Wish:
    """One item; `sku`, `name` and `added_price` are those at the time of adding, `alerts` the kinds that wait."""

    id: UUID
    variant_id: UUID
    sku: str
    name: str
    added_price: Money
    added_at: datetime
    alerts: frozenset[str]


@dataclass(frozen=True)
class Wishlist:
    """A page of a list, newest items first; `id` is None for a default list that holds nothing yet."""

    id: UUID | None
    is_default: bool
    name: str | None
    share: Share | None
    item_count: int
    items: tuple[Wish, ...]
    next_cursor: str | None


NO_WISHLIST = Wishlist(None, True, None, None, 0, (), None)


@dataclass(frozen=True)
class WishlistView:
    """A page of a list with what is sold of it now; `token` is that of its link, where it has one that works."""

    wishlist: Wishlist
    offers: Offers
    token: str | None = None


def shown_name(name: str | None, locale: str) -> str:
    """Return the list's name, or what an unnamed one is called in `locale`."""
    return name or _NAMES.get(locale, _NAMES["en"])


def for_sale(offers: Offers, variant_id: UUID, currency: str) -> Offer | None:
    """Return the variant's offer, or None where it is not sold now; one that is sold out is sold."""
    offer = offers.get(variant_id)
    return offer if is_sellable(offer, 1, currency) else None
