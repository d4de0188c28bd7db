"""From what staff sent to what pricing reads, and nothing lost between: pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from feria_core.errors import Invalid
from feria_promotions.pricing import (
    BuyGet,
    Conditions,
    Fixed,
    FreeShipping,
    Gift,
    Percent,
    Promotion,
    Reduction,
    Selection,
    Stacking,
    Tier,
    Tiers,
)
from feria_promotions.schemas import PromotionBody, basis_points

# What stands in the JSONB column; the rest has columns of its own.
MEMBERS = ("value", "max_discount", "tiers", "buy", "gift", "conditions")

Json = Mapping[str, Any]


def stored_definition(body: PromotionBody) -> dict[str, Any]:
    """Return what of the body goes into the column `definition`, without what is not set."""
    full = body.model_dump(mode="json", exclude_none=True)
    return {name: full[name] for name in MEMBERS if name in full}


def body_of(row: Json, definition: Json) -> dict[str, Any]:
    """Return the stored promotion as the body that would create it."""
    return {
        "name": row["name"], "kind": row["kind"], "active": row["is_active"],
        "starts_at": _text(row["starts_at"]), "ends_at": _text(row["ends_at"]), "usage_limit": row["usage_limit"],
        "usage_limit_per_customer": row["usage_limit_per_customer"], "stacking": row["stacking"],
        "lane": row["lane"], "priority": row["priority"], **definition,
    }  # fmt: skip


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def promotion_of(row: Json, definition: Json) -> Promotion:
    """Return the promotion as pricing reads it, nobody's use of it counted yet."""
    return Promotion(
        id=row["id"],
        label=row["name"],
        reduction=_reduction(row["kind"], definition),
        conditions=_conditions(definition.get("conditions", {})),
        is_active=row["is_active"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        needs_code=row["needs_code"],
        currency=row["currency"],
        lane=row["lane"],
        priority=row["priority"],
        stacking=Stacking(row["stacking"]),
        usage_limit=row["usage_limit"],
        usage_limit_per_customer=row["usage_limit_per_customer"],
        used=row["used"],
    )


def draft_of(body: PromotionBody, *, promotion_id: UUID, currency: str) -> Promotion:
    """Return a promotion that is not stored, as pricing reads it."""
    definition = stored_definition(body)
    row = {
        **body.model_dump(exclude={"active", *MEMBERS}), "id": promotion_id, "is_active": body.active,
        "needs_code": False, "currency": currency, "used": 0,
    }  # fmt: skip
    return promotion_of(row, definition)


def check_currency(body: PromotionBody, currency: str) -> None:
    """Raise Invalid where an amount is of another currency than the shop's."""
    for path, given in _currencies(stored_definition(body), ("body",)):
        if given != currency:
            raise Invalid.field(
                *path, code="other_currency", message=f"This shop sells in {currency}: give the amount in it."
            )


def _currencies(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, dict):
        if "currency" in value and "amount" in value:
            yield (*path, "currency"), value["currency"]
        for name, part in value.items():
            yield from _currencies(part, (*path, name))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _currencies(part, (*path, index))


def _reduction(kind: str, definition: Json) -> Reduction:
    value, cap = definition.get("value"), definition.get("max_discount")
    most = cap["amount"] if cap else None
    if kind == "tiers":
        return _tiers(definition["tiers"])
    if kind == "buy_x_get_y":
        return _buy(definition["buy"])
    if kind == "gift":
        return Gift(UUID(definition["gift"]["variant_id"]), definition["gift"]["quantity"])
    if kind == "free_shipping":
        return FreeShipping(most)
    if isinstance(value, Mapping):
        return Fixed(value["amount"])
    assert value is not None  # noqa: S101 - the schema demands it
    return Percent(basis_points(value), most)


def _tiers(tiers: list[Json]) -> Tiers:
    by = "quantity" if "quantity" in tiers[0] else "total"
    return Tiers(
        by,
        tuple(
            Tier(
                tier["quantity"] if by == "quantity" else tier["total"]["amount"],
                basis_points(tier["percent"]) if "percent" in tier else 0,
                tier["amount"]["amount"] if "amount" in tier else 0,
            )
            for tier in tiers
        ),
    )


def _buy(buy: Json) -> BuyGet:
    gets = _selection(buy["gets"]) if "gets" in buy else None
    return BuyGet(buy["quantity"], buy["get"], basis_points(buy["percent"]), buy.get("times"), gets)


def _conditions(given: Json) -> Conditions:
    return Conditions(
        selection=_selection(given),
        groups=frozenset(given.get("customer_groups", ())),
        is_first_order=given.get("first_order", False),
        nth_order=given.get("nth_order"),
        minimum_total=given["minimum_total"]["amount"] if "minimum_total" in given else 0,
        minimum_quantity=given.get("minimum_quantity", 0),
    )


def _selection(given: Json) -> Selection:
    return Selection(
        products=_ids(given, "products"),
        variants=_ids(given, "variants"),
        brands=frozenset(given.get("brands", ())),
        categories=frozenset(given.get("categories", ())),
        collections=frozenset(given.get("collections", ())),
        not_products=_ids(given, "exclude_products"),
        not_variants=_ids(given, "exclude_variants"),
        not_brands=frozenset(given.get("exclude_brands", ())),
        not_categories=frozenset(given.get("exclude_categories", ())),
        not_collections=frozenset(given.get("exclude_collections", ())),
    )


def _ids(given: Json, name: str) -> frozenset[UUID]:
    return frozenset(UUID(text) for text in given.get(name, ()))
