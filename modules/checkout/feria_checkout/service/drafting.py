"""Drafts: orders that staff make for a buyer, who pays by a link, through the same completion as everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from feria_checkout.draft_schemas import DraftBody, DraftLine
from feria_checkout.errors import CheckoutClosed, CheckoutNotFound, VariantUnknown
from feria_checkout.repository import checkouts, drafts
from feria_checkout.repository.rows import CheckoutRow
from feria_checkout.service import stepping, view
from feria_checkout.service.ending import end
from feria_checkout.service.holding import hold
from feria_checkout.service.paying import page_of
from feria_checkout.service.pricing import Quote, price
from feria_core import audit, clock, db, mail
from feria_core.contracts.catalog import CATALOG
from feria_core.contracts.users import PEOPLE
from feria_core.errors import Invalid
from feria_core.ids import new_id, new_token, token_hash
from feria_core.money import MoneyIn
from feria_core.runtime import core_settings, registry


async def make(body: DraftBody) -> dict[str, Any]:
    """Make the draft, hold its stock, and return it with the link to pay it by; the link is shown only now.

    Raises Invalid for another currency than the shop's, an unknown customer, or an address that its country's rules
    refuse, VariantUnknown, OutOfStock.
    """
    await _require_customer(body.customer_id)
    addresses = {
        name: await stepping.normal_address(address.model_dump(mode="json") if address else None, name)
        for name, address in (("shipping_address", body.shipping_address), ("billing_address", body.billing_address))
    }
    token = new_token()

    async def work() -> dict[str, Any]:
        fresh = await _fresh(body, addresses)
        await drafts.insert(fresh, token_hash(token))
        checkout = await _locked(fresh.id)
        priced = await _priced(checkout)
        await hold(checkout, priced)
        after = {"total": priced.grand_total.amount, "currency": priced.currency, "lines": len(body.lines)}
        await audit.record("checkout.make_draft", "draft_order", str(checkout.id), after=after)
        if body.send_link:
            await _send(checkout, priced, token)
        return _link(checkout, token) | {"checkout": view.priced_document(checkout, priced, None)}

    return await db.in_new_transaction(work)


async def see(draft_id: UUID) -> dict[str, Any]:
    """Return the draft with its totals. Raises CheckoutNotFound."""

    async def work() -> dict[str, Any]:
        return await view.document(await _locked(draft_id))

    return await db.in_new_transaction(work)


async def newest(limit: int, before: UUID | None) -> Sequence[Mapping[str, Any]]:
    """Return drafts, newest first."""
    return await drafts.newest(limit, before)


async def renew_link(draft_id: UUID, *, is_sent: bool) -> dict[str, Any]:
    """Return a new link; earlier ones open nothing any more. Raises CheckoutNotFound, CheckoutClosed."""
    token = new_token()

    async def work() -> dict[str, Any]:
        checkout = await _open(draft_id)
        await drafts.replace_tokens(checkout.id, token_hash(token))
        await audit.record("checkout.renew_draft_link", "draft_order", str(checkout.id))
        if is_sent:
            await _send(checkout, await _priced(checkout), token)
        return _link(checkout, token)

    return await db.in_new_transaction(work)


async def end_draft(draft_id: UUID) -> None:
    """End an open draft, its payment given up, its stock free. Raises CheckoutNotFound, CheckoutClosed."""

    async def work() -> None:
        checkout = await _open(draft_id)
        await end(checkout)
        await audit.record("checkout.end_draft", "draft_order", str(checkout.id))

    await db.in_new_transaction(work)


async def _require_customer(customer_id: UUID | None) -> None:
    people = registry().find(PEOPLE) if customer_id is not None else None
    if people is not None and customer_id is not None and await people.person(customer_id) is None:
        raise Invalid.field(
            "body", "customer_id", code="unknown_customer",
            message="There is no such customer: leave customer_id away for a guest.",
        )  # fmt: skip


async def _fresh(body: DraftBody, addresses: Mapping[str, Mapping[str, Any] | None]) -> CheckoutRow:
    """Return the checkout that is to be made of the draft."""
    until = clock.now() + timedelta(hours=body.valid_hours)
    shipping = body.shipping
    agreed = {
        "lines": await _agreed_lines(body.lines),
        "shipping": shipping and {"label": shipping.label, "amount": _amount(shipping.price, "shipping", "price")},
        "valid_until": until.isoformat(),
    }
    core, checkout_id = core_settings(), new_id()
    return CheckoutRow(
        id=checkout_id, customer_id=body.customer_id, cart_id=checkout_id, state="open", email=body.email,
        shipping_address=addresses["shipping_address"], billing_address=addresses["billing_address"],
        shipping_method=None, note=body.note, locale=body.locale if body.locale in core.locales else core.locales[0],
        currency=core.currency, version=1, cart_version=1, held=(), order_id=None, order_number=None,
        expires_at=until, draft=agreed,
    )  # fmt: skip


async def _agreed_lines(lines: Sequence[DraftLine]) -> list[dict[str, Any]]:
    """Return the lines with the prices that are agreed from now on. Raises VariantUnknown, Invalid."""
    offers = await registry().get(CATALOG).offers([line.variant_id for line in lines])
    agreed = []
    for number, line in enumerate(lines):
        offer = offers.get(line.variant_id)
        if offer is None:
            raise VariantUnknown(line.variant_id)
        asked = line.unit_price
        amount = offer.price.amount if asked is None else _amount(asked, "lines", str(number), "unit_price")
        agreed.append(
            {
                "item_id": str(new_id()),
                "variant_id": str(line.variant_id),
                "quantity": line.quantity,
                "unit_price": amount,
            }
        )
    return agreed


def _amount(money: MoneyIn, *place: str) -> int:
    """Return minor units of the shop's currency, not below nothing. Raises Invalid."""
    currency = core_settings().currency
    given = money.to_money()
    if given.currency != currency or given.amount < 0:
        raise Invalid.field(
            "body", *place, code="wrong_amount", message=f"must be an amount of {currency}, zero or more"
        )
    return given.amount


async def _priced(checkout: CheckoutRow) -> Quote:
    priced = await price(checkout)
    if priced is None:
        raise CheckoutClosed("no longer sold as it was agreed")
    return priced


async def _locked(draft_id: UUID) -> CheckoutRow:
    checkout = await checkouts.lock(draft_id)
    if checkout is None or checkout.draft is None:
        raise CheckoutNotFound
    return checkout


async def _open(draft_id: UUID) -> CheckoutRow:
    checkout = await _locked(draft_id)
    if not checkout.is_open:
        raise CheckoutClosed(checkout.state)
    return checkout


def _link(checkout: CheckoutRow, token: str) -> dict[str, Any]:
    return {
        "id": str(checkout.id),
        "pay_link": f"{page_of(checkout.id)}?token={token}",
        "expires_at": checkout.expires_at,
    }


async def _send(checkout: CheckoutRow, priced: Quote, token: str) -> None:
    """Mail the link in the caller's transaction."""
    lines = [{"name": line.name, "quantity": line.quantity} for line in priced.cart.lines]
    context = {
        "link": _link(checkout, token)["pay_link"],
        "total": {"amount": priced.grand_total.amount, "currency": priced.currency},
        "until": checkout.expires_at.strftime("%Y-%m-%d %H:%M UTC"),
        "lines": lines,
    }
    await mail.send(
        "checkout/pay_link", to=checkout.email or "", context=context, locale=checkout.locale,
        person=checkout.customer_id,
    )  # fmt: skip
