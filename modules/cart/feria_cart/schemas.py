"""What the cart's routes take and give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import Field

from feria_cart.domain import CartView, Change
from feria_cart.merging import Note
from feria_core.contracts.cart import CartLine
from feria_core.contracts.pricing import Adjustment
from feria_core.http import Body, Out
from feria_core.http.responses import to_bytes
from feria_core.http.schemas import ProductCard
from feria_core.money import Money, MoneyOut

# PostgreSQL's INT; the bound of a deployment is a setting.
_MAX_INT = 2_147_483_647


class AddItem(Body):
    """So many of one variant."""

    variant_id: Annotated[str, Field(min_length=1, max_length=100, examples=["01936f2e-7c1a-7000-8000-0123456789ab"])]
    quantity: Annotated[int, Field(ge=1, le=_MAX_INT, examples=[2])]


class SetQuantity(Body):
    """The new quantity of an item; 0 removes it."""

    quantity: Annotated[int, Field(ge=0, le=_MAX_INT, examples=[3])]


class AddCode(Body):
    """A discount code as the shopper typed it."""

    code: Annotated[str, Field(min_length=1, max_length=64, examples=["WELCOME10"])]


class ItemOut(Out):
    """One line, priced now."""

    id: UUID
    variant_id: UUID
    product: Annotated[ProductCard, Field(description="The product's card, as in GET /api/products")]
    sku: str
    options: dict[str, str]
    quantity: int
    unit_price: MoneyOut
    discount: Annotated[MoneyOut, Field(description="What all discounts take off this line")]
    total: Annotated[MoneyOut, Field(description="unit_price times quantity, less discount")]


class DiscountOut(Out):
    """One reduction over all lines."""

    promotion: str
    label: str
    amount: MoneyOut


class ChangeOut(Out):
    """What became different since the item was added or last changed by its owner."""

    kind: Annotated[str, Field(description="price_up, price_down, quantity_cut, removed or promotion_gone")]
    item_id: Annotated[UUID | None, Field(description="null for promotion_gone, which names `promotion` and `label`")]
    variant_id: UUID | None
    was: Annotated[MoneyOut | int, Field(description="A price, or for quantity_cut and removed a quantity")]
    now: MoneyOut | int
    promotion: Annotated[str | None, Field(description="Only of promotion_gone")] = None
    label: Annotated[str | None, Field(description="Only of promotion_gone")] = None


class GiftOut(Out):
    """A gift that is there to be added: with it in the cart its price is taken off."""

    promotion: str
    label: str
    variant_id: UUID
    quantity: int


class NoteOut(Out):
    """What became of one line or code of a guest cart that was merged into this one."""

    kind: Annotated[
        str,
        Field(
            description="added, combined, capped_by_stock, capped_by_limit, saved_for_later (no room), other_currency"
            " (it stays in the guest cart) or code_left_out"
        ),
    ]
    variant_id: UUID | None = None
    wanted: Annotated[int | None, Field(description="What the shop's way of merging asked for")] = None
    quantity: Annotated[int | None, Field(description="What the line holds since")] = None
    code: Annotated[str | None, Field(description="Only of code_left_out")] = None


class MinimumOut(Out):
    """The least order of the shop, discounts aside."""

    amount: MoneyOut
    missing: Annotated[MoneyOut, Field(description="What the cart lacks of it; a checkout is refused until it is 0")]


class CartOut(Out):
    """The caller's cart. `id` is null and `version` 0 until something is put into it."""

    id: UUID | None
    currency: str
    version: Annotated[int, Field(description="Higher after each change of items or codes")]
    items: list[ItemOut]
    codes: list[str]
    discounts: list[DiscountOut]
    subtotal: MoneyOut
    discount_total: MoneyOut
    total: MoneyOut
    changes: list[ChangeOut]
    gifts: list[GiftOut] = Field(default_factory=list)
    notes: Annotated[list[NoteOut], Field(description="Of the last merge, until the owner changes something")] = Field(
        default_factory=list
    )
    minimum: Annotated[MinimumOut | None, Field(description="null where any order will do")] = None
    acknowledged: Annotated[
        list[ChangeOut] | None, Field(description="Only of POST /api/cart/acknowledge: what was accepted")
    ] = None


def cart_json(view: CartView | None, currency: str, *, acknowledged: Sequence[Change] | None = None) -> bytes:
    """Return the shape of CartOut as JSON; None is the cart of a caller who has none yet.

    Built without the models: the products' cards are JSON already and go out as they are.
    """
    if view is None:
        nothing = _money(Money(0, currency))
        document: dict[str, Any] = {
            "id": None, "currency": currency, "version": 0, "items": [], "codes": [], "discounts": [],
            "subtotal": nothing, "discount_total": nothing, "total": nothing, "changes": [],
            "gifts": [], "notes": [], "minimum": None,
        }  # fmt: skip
        return to_bytes(_with_acknowledged(document, acknowledged))
    cart = view.snapshot
    document = {
        "id": cart.id,
        "currency": cart.currency,
        "version": cart.version,
        "items": [_item(line) for line in cart.lines],
        "codes": cart.codes,
        "discounts": [{"promotion": d.promotion, "label": d.label, "amount": _money(d.amount)} for d in view.discounts],
        "subtotal": _money(cart.subtotal),
        "discount_total": _money(cart.discount_total),
        "total": _money(cart.total),
        "changes": [_change(change) for change in view.changes],
        "gifts": [_gift(one) for one in view.gifts],
        "notes": [_note(one) for one in view.notes],
        "minimum": _minimum(view),
    }
    return to_bytes(_with_acknowledged(document, acknowledged))


def _with_acknowledged(document: dict[str, Any], changes: Sequence[Change] | None) -> dict[str, Any]:
    if changes is not None:
        document["acknowledged"] = [_change(change) for change in changes]
    return document


def _note(note: Note) -> dict[str, Any]:
    if note.code is not None:
        return {"kind": note.kind, "code": note.code}
    return {"kind": note.kind, "variant_id": note.variant_id, "wanted": note.wanted, "quantity": note.quantity}


def _minimum(view: CartView) -> dict[str, Any] | None:
    if view.minimum is None:
        return None
    missing = view.snapshot.minimum_missing or Money(0, view.snapshot.currency)
    return {"amount": _money(view.minimum), "missing": _money(missing)}


def _item(line: CartLine) -> dict[str, Any]:
    return {
        "id": str(line.item_id),
        "variant_id": str(line.variant_id),
        "product": orjson.Fragment(line.card),
        "sku": line.sku,
        "options": line.options,
        "quantity": line.quantity,
        "unit_price": _money(line.unit_price),
        "discount": _money(line.discount),
        "total": _money(line.total),
    }


def _change(change: Change) -> dict[str, Any]:
    document: dict[str, Any] = {
        "kind": change.kind,
        "item_id": change.item_id,
        "variant_id": change.variant_id,
        "was": _money(change.was) if isinstance(change.was, Money) else change.was,
        "now": _money(change.now) if isinstance(change.now, Money) else change.now,
    }
    if change.promotion is not None:
        document |= {"promotion": change.promotion, "label": change.label}
    return document


def _gift(offer: Adjustment) -> dict[str, Any]:
    assert offer.gift is not None  # noqa: S101 - what makes it one of the view's gifts
    return {
        "promotion": offer.promotion,
        "label": offer.label,
        "variant_id": offer.gift.variant_id,
        "quantity": offer.gift.quantity,
    }


def _money(money: Money) -> dict[str, Any]:
    return {"amount": money.amount, "currency": money.currency}
