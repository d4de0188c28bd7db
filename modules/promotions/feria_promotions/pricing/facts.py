"""What pricing looks at: lines, buyer, promotions. Amounts are minor units of one currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from feria_promotions.pricing.derived import derive, derived
from feria_promotions.pricing.reductions import Reduction
from feria_promotions.pricing.sheet import NAMES, Sheet


class Line(NamedTuple):
    """So many of one variant at the price that the catalog asks for one; `categories` are its whole path."""

    id: UUID
    variant_id: UUID
    product_id: UUID
    quantity: int
    unit_price: int
    brand: str | None = None
    categories: frozenset[str] = frozenset()
    collections: frozenset[str] = frozenset()

    @property
    def total(self) -> int:
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class Buyer:
    """Who buys; `id` is None for a guest, of whom nothing is known. `orders` counts what was ordered before."""

    id: UUID | None = None
    groups: frozenset[str] = frozenset()
    orders: int = 0


@dataclass(frozen=True)
class Basket:
    """What is to be priced. The order of the lines and of the codes does not matter; `shipping` is 0 until known."""

    currency: str
    lines: tuple[Line, ...]
    codes: frozenset[str] = frozenset()
    buyer: Buyer = Buyer()
    shipping: int = 0


@dataclass(frozen=True, slots=True)
class Selection:
    """Which lines a promotion is about: those named by any of the first, less those named by any of the second.

    Without anything named in the first, all lines are meant.
    """

    products: frozenset[UUID] = frozenset()
    variants: frozenset[UUID] = frozenset()
    brands: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    collections: frozenset[str] = frozenset()
    not_products: frozenset[UUID] = frozenset()
    not_variants: frozenset[UUID] = frozenset()
    not_brands: frozenset[str] = frozenset()
    not_categories: frozenset[str] = frozenset()
    not_collections: frozenset[str] = frozenset()
    # What is named and what is excluded, of each kind of which something is.
    names: Sequence[tuple[str, frozenset[Any]]] = derived()
    exclusions: Sequence[tuple[str, frozenset[Any]]] = derived()

    def __post_init__(self) -> None:
        derive(
            self,
            names=[(kind, found) for kind in NAMES if (found := getattr(self, kind))],
            exclusions=[(kind, found) for kind in NAMES if (found := getattr(self, f"not_{kind}"))],
        )

    def among(self, sheet: Sheet) -> Sequence[int]:
        """Return the places of the lines that are meant, ascending."""
        return self.without(sheet, self.named(sheet))

    def named(self, sheet: Sheet) -> Sequence[int]:
        """Return the places of the lines that are named, exclusions aside."""
        return sorted(sheet.named(self.names)) if self.names else sheet.all

    def without(self, sheet: Sheet, places: Sequence[int]) -> Sequence[int]:
        """Return those of the places whose lines are not excluded."""
        if not self.exclusions:
            return places
        excluded = sheet.named(self.exclusions)
        return [place for place in places if place not in excluded]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What has to hold. Minimums count the selected lines at the prices asked, flash prices included."""

    selection: Selection = Selection()
    groups: frozenset[str] = frozenset()
    is_first_order: bool = False
    nth_order: int | None = None
    minimum_total: int = 0
    minimum_quantity: int = 0
    # Every line is meant, however few there are.
    take_all: bool = derived()
    # It matters who buys; of a guest nothing is known.
    ask_for_buyer: bool = derived()

    def __post_init__(self) -> None:
        some = self.selection.names or self.selection.exclusions
        derive(
            self,
            take_all=not (some or self.minimum_total or self.minimum_quantity),
            ask_for_buyer=bool(self.groups) or self.is_first_order or self.nth_order is not None,
        )


class Stacking(StrEnum):
    """How a promotion bears others.

    `stack` joins the others. `exclusive` never does: it applies where it alone saves more than the others together.
    Of the `best` ones of a lane, the one that saves most joins.
    """

    STACK = "stack"
    EXCLUSIVE = "exclusive"
    BEST = "best"


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion and where it stands; `currency` binds those that name amounts.

    `used` counts orders; `used_by_buyer` those of this buyer. `is_claimed` says that this very purchase has
    claimed its use already, so that the limits leave it alone.
    """

    id: UUID
    label: str
    reduction: Reduction
    conditions: Conditions = Conditions()
    is_active: bool = True
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    needs_code: bool = False
    currency: str | None = None
    lane: str = "default"
    priority: int = 0
    stacking: Stacking = Stacking.STACK
    usage_limit: int | None = None
    usage_limit_per_customer: int | None = None
    used: int = 0
    used_by_buyer: int = 0
    is_claimed: bool = False
    # What promotions take their turns by: the higher priority first.
    turn: tuple[int, UUID] = derived()
    # Its state, a limit or who buys can stop it, and not only a code, another currency or the lines.
    is_bound: bool = derived()

    def __post_init__(self) -> None:
        bounds = (self.starts_at, self.ends_at, self.usage_limit, self.usage_limit_per_customer)
        is_bound = not self.is_active or any(one is not None for one in bounds) or self.conditions.ask_for_buyer
        derive(self, turn=(-self.priority, self.id), is_bound=is_bound)


@dataclass(frozen=True)
class Code:
    """A code as it is stored, folded; `customer_id` binds a personal one."""

    text: str
    promotion_id: UUID
    usage_limit: int | None = None
    used: int = 0
    ends_at: datetime | None = None
    customer_id: UUID | None = None
    is_claimed: bool = False


@dataclass(frozen=True)
class FlashOffer:
    """A variant in a flash sale; `left` of its cap, `left_for_buyer` of the cap per customer; None is uncapped."""

    sale_id: UUID
    label: str
    variant_id: UUID
    unit_price: int
    starts_at: datetime
    ends_at: datetime
    is_active: bool = True
    left: int | None = None
    left_for_buyer: int | None = None
    needs_account: bool = False
