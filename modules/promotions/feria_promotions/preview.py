"""What a cart would cost, and for each promotion whether it applies and why: nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from pydantic import Field

from feria_core import clock
from feria_core.contracts.catalog import CATALOG, Offer
from feria_core.contracts.money import Money
from feria_core.contracts.pricing import Basket, BasketLine
from feria_core.contracts.users import PEOPLE
from feria_core.errors import Invalid
from feria_core.http import Body, Out
from feria_core.http.schemas import Moment
from feria_core.ids import new_id
from feria_core.money import MAX_AMOUNT, MoneyIn, MoneyOut
from feria_core.runtime import core_settings, registry
from feria_promotions import standing
from feria_promotions.adjusting import quoted
from feria_promotions.definition import check_currency, draft_of
from feria_promotions.pricing import Applied, Blocked, Quote
from feria_promotions.refusals import sentence
from feria_promotions.schemas import Id, PromotionBody

_LANGUAGES = ("en", "es")


class PreviewItem(Body):
    """So many of one variant."""

    variant_id: Id
    quantity: Annotated[int, Field(ge=1, le=9_999)] = 1


class PreviewBody(Body):
    """A cart, and a promotion that is not stored, if one is to be tried."""

    items: Annotated[list[PreviewItem], Field(max_length=200)]
    codes: Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=50)] = Field(
        default_factory=list
    )
    customer_id: Id | None = None
    customer_group: Annotated[
        str | None,
        Field(min_length=1, max_length=100, description="The buyer's group; that of the customer unless given"),
    ] = None
    at: Annotated[Moment | None, Field(description="The moment to price at; without one, now")] = None
    shipping: Annotated[MoneyIn | None, Field(description="What shipping would cost")] = None
    promotion: PromotionBody | None = None


class ExplainedOut(Out):
    """What becomes of one promotion or flash sale."""

    id: UUID
    name: str
    applied: bool
    is_draft: bool
    amount: MoneyOut
    shipping: Annotated[MoneyOut, Field(description="What it takes off the shipping that was given")]
    items: Annotated[dict[str, MoneyOut], Field(description="What it takes off each item, by variant")]
    code: str | None = None
    rule: Annotated[str | None, Field(description="Which rule stops it")] = None
    sentences: Annotated[dict[str, str], Field(description="The rule in words, by language")] = Field(
        default_factory=dict
    )
    missing: Annotated[int | None, Field(description="Items, or minor units of money, that would be needed")] = None
    other: Annotated[UUID | None, Field(description="The promotion that stands in its way")] = None


class PreviewOut(Out):
    """The price, explained."""

    subtotal: MoneyOut
    discount_total: MoneyOut
    shipping_discount: MoneyOut
    total: MoneyOut
    promotions: list[ExplainedOut]


async def preview(body: PreviewBody) -> PreviewOut:
    """Return the price of the cart, each promotion explained. Raises Invalid for what is not sold here."""
    currency = core_settings().currency
    _check_currencies(body, currency)
    basket = await _basket(body, currency)
    known = standing.facts(await standing.look(basket, now=body.at or clock.now()), every=True)
    draft_id: UUID | None = None
    if body.promotion is not None:
        draft_id = new_id()
        draft = draft_of(body.promotion, promotion_id=draft_id, currency=currency)
        orders = await standing.orders_of(basket.customer_id)
        buyer = replace(known.basket.buyer, orders=orders)
        known = replace(known, promotions=(*known.promotions, draft), basket=replace(known.basket, buyer=buyer))
    return _out(quoted(known), basket, draft_id)


def _check_currencies(body: PreviewBody, currency: str) -> None:
    if body.promotion is not None:
        check_currency(body.promotion, currency)
    if body.shipping is not None and body.shipping.currency != currency:
        raise Invalid.field(
            "body", "shipping", "currency", code="other_currency",
            message=f"This shop sells in {currency}: give the amount in it.",
        )  # fmt: skip


async def _basket(body: PreviewBody, currency: str) -> Basket:
    wanted: dict[UUID, int] = {}
    for item in body.items:
        wanted[UUID(item.variant_id)] = wanted.get(UUID(item.variant_id), 0) + item.quantity
    customer_id = UUID(body.customer_id) if body.customer_id else None
    group = body.customer_group or await _group_of(customer_id)
    offers = await registry().get(CATALOG).offers(list(wanted), quantities=wanted, group=group) if wanted else {}
    lines = tuple(_line(variant, quantity, offers) for variant, quantity in wanted.items())
    shipping = body.shipping.to_money() if body.shipping else None
    return Basket(currency, lines, tuple(body.codes), customer_id, shipping=shipping, customer_group=group)


async def _group_of(customer_id: UUID | None) -> str | None:
    people = registry().find(PEOPLE) if customer_id is not None else None
    person = await people.person(customer_id) if people is not None and customer_id is not None else None
    return person.group if person is not None else None


def _line(variant_id: UUID, quantity: int, offers: Mapping[UUID, Offer]) -> BasketLine:
    offer = offers.get(variant_id)
    if offer is None or offer.price.amount * quantity > MAX_AMOUNT:
        raise Invalid.field(
            "body", "items", code="variant_unknown",
            message=f"{quantity} of the variant {variant_id} cannot be sold here: take ids from a product's"
            " `variants`, and lower quantities.",
        )  # fmt: skip
    # The variant is the line's id here: a preview stores no lines.
    return BasketLine(
        variant_id, variant_id, offer.product_id, quantity, offer.price, offer.price * quantity,
        sku=offer.sku, brand=offer.brand, categories=offer.categories, collections=offer.collections,
    )  # fmt: skip


def _out(quote: Quote, basket: Basket, draft_id: UUID | None) -> PreviewOut:
    def money(amount: int) -> MoneyOut:
        return MoneyOut(amount=amount, currency=basket.currency)

    shipping = basket.shipping or Money(0, basket.currency)
    explained = [_applied(one, shipping, draft_id) for one in quote.applied]
    explained += [_blocked(one, basket.currency, draft_id) for one in quote.blocked]
    return PreviewOut(
        subtotal=money(quote.subtotal),
        discount_total=money(quote.discount),
        shipping_discount=money(quote.shipping_discount(shipping.amount)),
        total=money(quote.total),
        promotions=explained,
    )


def _applied(one: Applied, shipping: Money, draft_id: UUID | None) -> ExplainedOut:
    currency = shipping.currency
    return ExplainedOut(
        id=one.promotion_id,
        name=one.label,
        applied=True,
        is_draft=one.promotion_id == draft_id,
        amount=MoneyOut(amount=one.total, currency=currency),
        shipping=MoneyOut(amount=min(one.shipping, shipping.amount), currency=currency),
        items={str(line): MoneyOut(amount=amount, currency=currency) for line, amount in one.amounts.items()},
        code=one.code,
    )


def _blocked(one: Blocked, currency: str, draft_id: UUID | None) -> ExplainedOut:
    nothing = MoneyOut(amount=0, currency=currency)
    return ExplainedOut(
        id=one.promotion_id,
        name=one.label,
        applied=False,
        is_draft=one.promotion_id == draft_id,
        amount=nothing,
        shipping=nothing,
        items={},
        rule=one.rule.value,
        sentences={language: sentence(one, currency, language) for language in _LANGUAGES},
        missing=one.missing,
        other=one.other,
    )
