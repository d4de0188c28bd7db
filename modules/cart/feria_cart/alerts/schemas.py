"""What the routes of alerts take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import Field

from feria_core import db
from feria_core.contracts.catalog import Offer
from feria_core.http import Body, Out, Query
from feria_core.http.schemas import ProductCard
from feria_core.money import MoneyOut


class AskForAlert(Body):
    """What to be told of about a variant."""

    variant_id: Annotated[str, Field(min_length=1, max_length=100, examples=["01936f2e-7c1a-7000-8000-0123456789ab"])]
    kind: Literal["back_in_stock", "price_drop"]


class Unsubscribe(Query):
    """The token of a mail's link."""

    token: Annotated[str, Field(min_length=1, max_length=200)]


class AlertOut(Out):
    """One alert; it waits until `notified_at` is set. `product` is null while the variant is not sold."""

    id: UUID
    variant_id: UUID
    kind: Annotated[str, Field(description="back_in_stock or price_drop")]
    sku: str
    product: Annotated[ProductCard | None, Field(description="The product's card, as in GET /api/products")]
    price_when_asked: MoneyOut
    created_at: datetime
    notified_at: datetime | None


def alert_json(row: db.Row, offer: Offer | None) -> dict[str, Any]:
    """Return the shape of AlertOut; the product's card goes out as it is."""
    return {
        "id": str(row["id"]),
        "variant_id": str(row["variant_id"]),
        "kind": row["kind"],
        "sku": row["sku"],
        "product": orjson.Fragment(offer.card) if offer else None,
        "price_when_asked": {"amount": row["asked_amount"], "currency": row["asked_currency"]},
        "created_at": row["created_at"],
        "notified_at": row["notified_at"],
    }
