"""What staff send about promotions and codes, and what is answered."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from feria_core.http import Body, Out, PageQuery
from feria_core.http.schemas import Moment, not_null
from feria_core.ids import parse_id
from feria_core.money import MoneyIn

MAX_INT = 2_147_483_647
MAX_LISTED = 1000
_PER_CENT = 100


def _id(text: str) -> str:
    known = parse_id(text)
    if known is None:
        raise ValueError("this is no id")
    return str(known)


Id = Annotated[str, Field(min_length=1, max_length=100, json_schema_extra={"format": "uuid"}), AfterValidator(_id)]
Slug = Annotated[str, Field(min_length=1, max_length=200)]
Count = Annotated[int, Field(ge=1, le=MAX_INT)]
Percentage = Annotated[int | float, Field(gt=0, le=_PER_CENT, examples=[10])]
Ids = Annotated[list[Id], Field(max_length=MAX_LISTED)]
Slugs = Annotated[list[Slug], Field(max_length=MAX_LISTED)]
Stacking = Literal["stack", "exclusive", "best"]
Kind = Literal["percent", "fixed", "tiers", "free_shipping", "buy_x_get_y", "gift", "nth_order"]


class SelectionBody(Body):
    """Which items are meant: those that any of the lists names, less those that an `exclude_` list names."""

    products: Ids | None = None
    variants: Ids | None = None
    brands: Slugs | None = None
    categories: Annotated[Slugs | None, Field(description="Slugs; what is below them is meant too")] = None
    collections: Annotated[Slugs | None, Field(description="Slugs of collections made by hand")] = None
    exclude_products: Ids | None = None
    exclude_variants: Ids | None = None
    exclude_brands: Slugs | None = None
    exclude_categories: Slugs | None = None
    exclude_collections: Slugs | None = None


class ConditionsBody(SelectionBody):
    """What has to hold; minimums count the selected items."""

    customer_groups: Slugs | None = None
    first_order: bool | None = None
    nth_order: Annotated[int | None, Field(ge=1, le=MAX_INT, description="Holds for the customer's n-th order")] = None
    minimum_total: MoneyIn | None = None
    minimum_quantity: Count | None = None


class TierBody(Body):
    """From `quantity` items, or a `total`, on: `percent` or `amount` off."""

    quantity: Count | None = None
    total: MoneyIn | None = None
    percent: Percentage | None = None
    amount: MoneyIn | None = None

    @model_validator(mode="after")
    def _is_one_of_each(self) -> Self:
        if (self.quantity is None) == (self.total is None):
            raise ValueError("a tier begins at a quantity or at a total")
        if (self.percent is None) == (self.amount is None):
            raise ValueError("a tier takes off a percent or an amount")
        _check_percent(self.percent)
        return self


class BuyBody(Body):
    """Who buys `quantity` of the selected items gets `get` of them, or of `gets`, at `percent` off."""

    quantity: Annotated[int, Field(ge=1, le=10_000)]
    get: Annotated[int, Field(ge=1, le=10_000)] = 1
    percent: Percentage = 100
    times: Count | None = None
    gets: SelectionBody | None = None

    @model_validator(mode="after")
    def _has_a_fine_percentage(self) -> Self:
        _check_percent(self.percent)
        return self


class GiftBody(Body):
    """What is given."""

    variant_id: Id
    quantity: Annotated[int, Field(ge=1, le=10_000)] = 1


class PromotionBody(Body):
    """A promotion."""

    name: Annotated[str, Field(min_length=1, max_length=200, description="What shoppers read", examples=["10 % off"])]
    kind: Kind
    value: Annotated[
        Percentage | MoneyIn | None, Field(description="A percentage with at most two decimals, or Money for `fixed`")
    ] = None
    active: bool = True
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    usage_limit: Annotated[int | None, Field(ge=1, le=MAX_INT, description="Orders in all")] = None
    usage_limit_per_customer: Annotated[int | None, Field(ge=1, le=MAX_INT, description="Orders of one account")] = None
    stacking: Stacking = "stack"
    lane: Annotated[str, Field(min_length=1, max_length=64)] = "default"
    priority: Annotated[int, Field(ge=-1_000_000, le=1_000_000, description="Higher ones apply first")] = 0
    max_discount: Annotated[MoneyIn | None, Field(description="Of `percent`, `nth_order` and `free_shipping`")] = None
    tiers: Annotated[
        list[TierBody] | None, Field(min_length=1, max_length=50, examples=[[{"quantity": 3, "percent": 5}]])
    ] = None
    buy: BuyBody | None = None
    gift: GiftBody | None = None
    conditions: ConditionsBody = Field(default_factory=ConditionsBody)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        """Hold each kind to what it needs; what it has no use for is a mistake."""
        needed, allowed = _MEMBERS[self.kind]
        for member in ("value", "max_discount", "tiers", "buy", "gift"):
            given = getattr(self, member) is not None
            if member in needed and not given:
                raise ValueError(f"a promotion of the kind {self.kind} needs `{member}`")
            if given and member not in allowed:
                raise ValueError(f"a promotion of the kind {self.kind} has no `{member}`")
        if self.starts_at and self.ends_at and self.starts_at >= self.ends_at:
            raise ValueError("`ends_at` comes after `starts_at`")
        return self

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind == "percent" and isinstance(self.value, MoneyIn):
            raise ValueError("the value of a percent promotion is a number: 10 is 10 %")
        if self.kind == "fixed" and (not isinstance(self.value, MoneyIn) or self.value.amount == 0):
            raise ValueError("the value of a fixed promotion is money above zero")
        if self.kind == "nth_order" and self.conditions.nth_order is None and not self.conditions.first_order:
            raise ValueError("a promotion of the kind nth_order needs `conditions.nth_order`")
        if self.max_discount is not None and isinstance(self.value, MoneyIn):
            raise ValueError("only a percentage has a `max_discount`")
        if self.tiers and len({tier.quantity is None for tier in self.tiers}) > 1:
            raise ValueError("the tiers begin all at a quantity, or all at a total")
        if not isinstance(self.value, MoneyIn):
            _check_percent(self.value)
        return self


# Of each kind the members that it needs, and those that it may have.
_MEMBERS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "percent": (frozenset({"value"}), frozenset({"value", "max_discount"})),
    "fixed": (frozenset({"value"}), frozenset({"value"})),
    "nth_order": (frozenset({"value"}), frozenset({"value", "max_discount"})),
    "tiers": (frozenset({"tiers"}), frozenset({"tiers"})),
    "free_shipping": (frozenset(), frozenset({"max_discount"})),
    "buy_x_get_y": (frozenset({"buy"}), frozenset({"buy"})),
    "gift": (frozenset({"gift"}), frozenset({"gift"})),
}


class PromotionPatch(Body):
    """What of a promotion changes; null takes an optional member away. With `version` only an unchanged one."""

    version: Annotated[int | None, Field(ge=1, le=MAX_INT)] = None
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    kind: Kind | None = None
    value: Percentage | MoneyIn | None = None
    active: bool | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    usage_limit: Annotated[int | None, Field(ge=1, le=MAX_INT)] = None
    usage_limit_per_customer: Annotated[int | None, Field(ge=1, le=MAX_INT)] = None
    stacking: Stacking | None = None
    lane: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    priority: Annotated[int | None, Field(ge=-1_000_000, le=1_000_000)] = None
    max_discount: MoneyIn | None = None
    tiers: Annotated[
        list[TierBody] | None, Field(min_length=1, max_length=50, examples=[[{"quantity": 3, "percent": 5}]])
    ] = None
    buy: BuyBody | None = None
    gift: GiftBody | None = None
    conditions: ConditionsBody | None = None

    _not_null = not_null("name", "kind", "active", "stacking", "lane", "priority", "conditions")


class PromotionQuery(PageQuery):
    """Which promotions."""

    archived: bool = False


class PromotionOut(Out):
    """A promotion as staff see it; members that its kind has no use for are null."""

    id: UUID
    name: str
    kind: str
    value: Any = None
    active: bool
    starts_at: datetime | None
    ends_at: datetime | None
    usage_limit: int | None
    usage_limit_per_customer: int | None
    stacking: str
    lane: str
    priority: int
    max_discount: dict[str, Any] | None = None
    tiers: list[dict[str, Any]] | None = None
    buy: dict[str, Any] | None = None
    gift: dict[str, Any] | None = None
    conditions: dict[str, Any] = Field(default_factory=dict)
    needs_code: bool
    used: Annotated[int, Field(description="Orders, and checkouts that are being paid")]
    archived_at: datetime | None
    created_at: datetime
    version: int


class CodesBody(Body):
    """One code, or so many at random behind a prefix."""

    code: Annotated[str | None, Field(min_length=1, max_length=64, examples=["WELCOME10"])] = None
    count: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    prefix: Annotated[str, Field(max_length=32)] = ""
    usage_limit: Annotated[int | None, Field(ge=1, le=MAX_INT, description="Of each code; without one unlimited")] = (
        None
    )
    customer_id: Annotated[Id | None, Field(description="Only this customer may use them")] = None
    ends_at: Moment | None = None

    @model_validator(mode="after")
    def _is_one_or_many(self) -> Self:
        if (self.code is None) == (self.count is None):
            raise ValueError("give a `code`, or a `count` of codes to make")
        if self.code is not None and self.prefix:
            raise ValueError("a `prefix` belongs to a `count`")
        return self


class CodeOut(Out):
    """A code."""

    id: UUID
    code: str
    usage_limit: int | None
    used: int
    customer_id: UUID | None
    ends_at: datetime | None
    created_at: datetime


class CodeBatchOut(Out):
    """Codes that are being made; `made` of `wanted` are ready."""

    id: UUID
    wanted: int
    made: int
    prefix: str
    state: Annotated[str, Field(description="running or done")]


class CodesOut(Out):
    """Codes of a promotion, newest first, and the last batches."""

    items: list[CodeOut]
    batches: list[CodeBatchOut] = Field(default_factory=list)
    next_cursor: str | None = None


class CodesMade(Out):
    """The codes that were made; of a batch `code` is null and `items` holds at most the first thousand."""

    id: UUID
    promotion_id: UUID
    code: str | None = None
    count: int
    items: list[CodeOut] = Field(default_factory=list)
    batch: CodeBatchOut | None = None


def basis_points(percentage: float) -> int:
    """Return hundredths of a percent: 12.5 is 1,250."""
    return int(Decimal(str(percentage)) * _PER_CENT)


def _check_percent(percentage: float | None) -> None:
    # What repr shows is what the client wrote: 12.34 is never 12.339999.
    if percentage is not None and Decimal(str(percentage)) * _PER_CENT % 1:
        raise ValueError("a percentage has at most two decimals")
