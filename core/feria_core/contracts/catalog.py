"""What other modules may ask of, and hear from, the catalog."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal, Protocol
from uuid import UUID

from feria_core.contracts.events import Event
from feria_core.contracts.money import Money
from feria_core.contracts.privacy import Json
from feria_core.errors import Conflict
from feria_core.ports import Port


@dataclass(frozen=True)
class StockLine:
    """So many of one variant."""

    variant_id: UUID
    quantity: int


@dataclass(frozen=True)
class Offer:
    """A variant as it is sold now; `card` is the product's ready JSON (ProductCard).

    `categories` are the slugs of its whole path, `collections` those of the collections made by hand.
    """

    variant_id: UUID
    product_id: UUID
    sku: str
    name: str
    slug: str
    options: Mapping[str, str]
    price: Money
    available: int
    is_sold: bool
    weight_g: int
    tax_class: str
    image_url: str | None
    card: str
    brand: str | None = None
    categories: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shortage:
    """A line that cannot be given: `available` is what is left for this buyer."""

    variant_id: UUID
    sku: str
    requested: int
    available: int


class OutOfStock(Conflict):
    """Some lines are short; none was held."""

    code, title = "out_of_stock", "Not enough in stock"

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        first = shortages[0]
        lines = [
            {"variant_id": str(s.variant_id), "sku": s.sku, "requested": s.requested, "available": s.available}
            for s in shortages
        ]
        super().__init__(
            f"{first.requested} of {first.sku} were asked for, {first.available} are left: lower the quantity.",
            members={"lines": lines, "available": first.available},
        )
        self.shortages = tuple(shortages)


class Catalog(Protocol):
    async def offers(
        self,
        variant_ids: Collection[UUID],
        *,
        quantities: Mapping[UUID, int] | None = None,
        group: str | None = None,
        holder: UUID | None = None,
    ) -> Mapping[UUID, Offer]:
        """Return the known variants among `variant_ids`, one statement; draft and archived ones with is_sold False.

        `price` is what one piece costs when so many are bought (one, where `quantities` does not say) by a member of
        the customer group `group`: that of the price list that holds now, else the variant's own. What `holder` (a
        checkout) holds counts as available.
        """
        ...

    async def hold(self, holder: UUID, lines: Sequence[StockLine], *, until: datetime) -> None:
        """Hold stock for `holder` (a checkout) until `until`, all lines or none, in the caller's transaction.

        Calling again replaces the holder's earlier hold. Expired holds of others never stand in the way.
        Raises OutOfStock naming every short line.
        """
        ...

    async def extend_hold(self, holder: UUID, *, until: datetime) -> bool:
        """Prolong the holder's hold; False where it has none any more (expired and swept)."""
        ...

    async def release_hold(self, holder: UUID) -> None:
        """Give the held stock back; nothing happens where nothing is held."""
        ...

    async def sell_held(self, holder: UUID, *, reference: str) -> None:
        """Turn the holder's hold into a sale: the level falls, with one movement a line. Needs a hold."""
        ...

    async def sell(self, holder: UUID, lines: Sequence[StockLine], *, reference: str) -> None:
        """Sell exactly these lines at once: out of the holder's hold where it has them, else held and sold.

        What else it held is free again. Raises OutOfStock naming every short line, having changed nothing.
        """
        ...

    async def return_stock(self, lines: Sequence[StockLine], *, reason: str, reference: str) -> None:
        """Put stock back that was sold (a cancelled order), with one movement a line."""
        ...


CATALOG: Port[Catalog] = Port("catalog", version="1.1")


@dataclass(frozen=True)
class ProductCard:
    """A product that is shown now: its ready JSON (ProductCard), and what others judge by.

    `shown_until` is when it ceases to be by itself, None for never: no answer that shows it is kept longer.
    """

    product_id: UUID
    slug: str
    name: str
    card: str
    in_stock: bool
    category: str | None
    image_url: str | None
    shown_until: datetime | None = None


@dataclass(frozen=True)
class ProductText:
    """What a product says of itself, for those who compare products: `categories` are the slugs of its whole path."""

    product_id: UUID
    name: str
    brand: str | None
    categories: tuple[str, ...]
    attributes: tuple[str, ...]
    description: str
    price_amount: int | None
    created_at: datetime


class Products(Protocol):
    """Products as visitors see them, and what other modules have to say of them."""

    async def cards(self, product_ids: Collection[UUID]) -> Mapping[UUID, ProductCard]:
        """Return those of the products that are shown now, in the request's language; at most three statements.

        A kept answer that is being made ends when one of these cards changes: nothing is to be tagged for that.
        """
        ...

    async def ids_of(self, slugs: Collection[str]) -> Mapping[str, UUID]:
        """Return the products of these slugs, translated and old ones included, shown or not; one statement."""
        ...

    async def texts(self, *, after: UUID | None, limit: int) -> Sequence[ProductText]:
        """Return the products that are shown now by ascending id, those after the id `after`."""
        ...

    async def rate(self, product_id: UUID, *, rating: Decimal | None, count: int, rank: Decimal | None = None) -> bool:
        """Show `rating` (0 to 5, two decimals; None for no review) and the number of reviews on the product.

        Lists in the order of ratings go by `rank` (0 to 5, two decimals), where it is given, instead.

        Works in the caller's transaction, which then holds the product's row. False for an unknown product.
        """
        ...


PRODUCTS: Port[Products] = Port("products", version="1.0")


class ProductPart(Protocol):
    """Contributed by modules that add a member to a product's page, e.g. the posts that mention it.

    Its writes touch the cache tag `product:<id>`.
    """

    @property
    def member(self) -> str:
        """Return the name of the member, one that the page does not have itself."""
        ...

    async def of(self, product_id: UUID) -> Json:
        """Return the member's value; one statement."""
        ...


PRODUCT_PARTS: Port[ProductPart] = Port("product_parts", version="1.0")


@dataclass(frozen=True)
class CustomField:
    """A field that a module gives to products, to each of their variants or to categories.

    Its values are checked like those of staff's own fields. A public one stands on pages, a private one is for staff;
    only a public one can be filtered by. Raises ValueError where that does not go together.
    """

    code: str
    name: str
    type: Literal["text", "int", "decimal", "bool", "enum", "multi", "date"] = "text"
    object: Literal["product", "variant", "category"] = "product"
    is_public: bool = False
    is_filterable: bool = False
    allowed_values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch("[a-z0-9]+(?:_[a-z0-9]+)*", self.code):
            raise ValueError(f"'{self.code}' is no code of a custom field: use a-z, 0-9 and single underscores")
        if self.is_filterable and not self.is_public:
            raise ValueError(f"the custom field '{self.code}' is private: its values cannot be filtered by")


CUSTOM_FIELDS: Port[CustomField] = Port("custom_fields", version="1.0")


@dataclass(frozen=True)
class ProductChanged(Event):
    """A product, by itself, was created, edited, re-priced, sold out or archived; several at once: ProductsChanged."""

    name: ClassVar[str] = "catalog.product_changed"

    product_id: UUID
    slug: str


@dataclass(frozen=True)
class ProductsChanged(Event):
    """Several products, at most some hundred, were created, edited, re-priced, sold out or archived together."""

    name: ClassVar[str] = "catalog.products_changed"

    product_ids: tuple[UUID, ...]
