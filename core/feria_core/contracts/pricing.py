"""How modules lower the prices of a cart: each contributes adjustments, the cart applies them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from uuid import UUID

from feria_core.contracts.money import Money
from feria_core.ports import Port


@dataclass(frozen=True)
class BasketLine:
    """One line before any discount; `total` is `unit_price` times `quantity`."""

    item_id: UUID
    variant_id: UUID
    product_id: UUID
    quantity: int
    unit_price: Money
    total: Money
    sku: str = ""
    brand: str | None = None
    categories: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()


@dataclass(frozen=True)
class Basket:
    """What is to be priced: the lines that are sold now, the codes given, who buys (None: a guest).

    `categories` of a line are the slugs of its whole path. `holder` is the checkout that the basket is priced for:
    what it has claimed itself counts as its own. `shipping` is None until it is known. `customer_group` is the code
    of the buyer's group, None for guests and where nobody tells groups.
    """

    currency: str
    lines: tuple[BasketLine, ...]
    codes: tuple[str, ...]
    customer_id: UUID | None
    cart_id: UUID | None = None
    holder: UUID | None = None
    shipping: Money | None = None
    customer_group: str | None = None


@dataclass(frozen=True)
class GiftOffer:
    """So many of a variant that cost nothing once they are in the cart."""

    variant_id: UUID
    quantity: int


class LineAmounts(Mapping[UUID, Money]):
    """Amounts of one currency by item, for who adds up hundreds of them: `minor[i]` is that of `item_ids[i]`.

    Where nothing is taken off an item the number is 0; as a mapping it tells those above zero.
    """

    __slots__ = ("_by_id", "currency", "item_ids", "minor")

    def __init__(self, currency: str, item_ids: Sequence[UUID], minor: Sequence[int]) -> None:
        """Take the ids and the amounts in minor units, as many of each; adjustments may share one list of ids."""
        self.currency = currency
        self.item_ids = item_ids
        self.minor = minor
        self._by_id: dict[UUID, int] | None = None

    def __getitem__(self, item_id: UUID) -> Money:
        return Money(self._told()[item_id], self.currency)

    def __iter__(self) -> Iterator[UUID]:
        return iter(self._told())

    def __len__(self) -> int:
        return len(self._told())

    def _told(self) -> Mapping[UUID, int]:
        if self._by_id is None:
            both = zip(self.item_ids, self.minor, strict=True)
            self._by_id = {item_id: amount for item_id, amount in both if amount}
        return self._by_id


class Adjustment(NamedTuple):
    """A reduction that shoppers see as one: `amounts` is what it takes off each line, by `item_id`, above zero.

    `LineAmounts` tell them soonest; any mapping does.

    `promotion` names its origin for good (an id), `label` is what shoppers read. `shipping` is the most that it
    takes off the shipping, `code` the code that let it in, `units` how many pieces of each variant it sells at
    another price. One with a `gift` takes nothing off yet: the gift is there to be added.
    """

    promotion: str
    label: str
    amounts: Mapping[UUID, Money]
    shipping: Money | None = None
    code: str | None = None
    units: Mapping[UUID, int] | None = None
    gift: GiftOffer | None = None


class PriceAdjuster(Protocol):
    """Contributed by modules that lower prices; called on every pricing of a cart, so it must be quick."""

    async def adjust(self, basket: Basket) -> Sequence[Adjustment]:
        """Return what applies to the basket now, in any order; the cart never lets a line fall below zero."""
        ...

    async def accept_code(self, code: str, basket: Basket) -> str | None:
        """Return the code in the spelling to keep, or None where this contributor knows no such code.

        Raises a FeriaError that says why a known code does not apply (expired, minimum not met).
        """
        ...


PRICE_ADJUSTERS: Port[PriceAdjuster] = Port("price_adjusters", version="1.0")


class PriceClaims(Protocol):
    """Contributed by modules whose reductions are limited; each method works in the caller's transaction.

    `reference` is the checkout. Whoever holds rows of stock does so after claiming, never before: both are
    waited for by other buyers, in this order.
    """

    async def claim(
        self, reference: UUID, adjustments: Sequence[Adjustment], *, cart_id: UUID, customer_id: UUID | None
    ) -> None:
        """Take what the adjustments use of their limits; again for the same reference it takes the difference.

        What is held counts as the own of the cart too, so that it shows the price that its checkout asks.

        Raises a Conflict, claiming nothing, where a limit was reached since the basket was priced.
        """
        ...

    async def renew(self, reference: UUID) -> bool:
        """Take again what was given back; False, nothing taken, where others have it now."""
        ...

    async def release(self, reference: UUID) -> None:
        """Give back what the reference holds, once; what was kept stays."""
        ...

    async def keep(self, reference: UUID, *, order_id: UUID) -> None:
        """Make the claims the order's for good: it is placed."""
        ...


PRICE_CLAIMS: Port[PriceClaims] = Port("price_claims", version="1.0")
