"""Agreeing to reminders, ending them, and what an order means to them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from feria_cart import links
from feria_cart import repository as carts
from feria_cart.domain import Shopper
from feria_cart.errors import NothingToRestore, ReminderLinkUnknown
from feria_cart.reminders import repository
from feria_cart.reminders.sending import TEMPLATE, address_of
from feria_cart.settings import CartSettings
from feria_core import clock, db, mail
from feria_core.contracts.orders import OrderPlaced
from feria_core.errors import Invalid
from feria_core.runtime import core_settings, settings


async def agree(who: Shopper, email: str | None, locale: str) -> None:
    """Let the owner be reminded of what is left in the cart: a customer of every cart, a guest of this one.

    Raises Invalid where a guest gives no address, or a customer another one than the account's; NothingToRestore
    where a guest has no cart yet. An address that has opted out gets no mail all the same; nobody is told.
    """
    customer_id = who.owner.customer_id
    if (email is None) != (customer_id is not None):
        message = "Leave the address away: yours is that of your account." if email else "Give the address to write to."
        raise Invalid.field("body", "email", code="email_unexpected" if email else "email_needed", message=message)
    async with db.transaction():
        if customer_id is not None:
            await repository.agree_customer(customer_id, locale, clock.now())
            return
        cart = await carts.lock_open(who.owner)
        if cart is None or email is None:
            raise NothingToRestore
        await repository.agree_guest(cart, email, locale, clock.now())


async def decline(who: Shopper) -> None:
    """Remind the owner no more, not even by what is queued; nothing happens where nobody wanted it."""
    customer_id = who.owner.customer_id
    async with db.transaction():
        if customer_id is not None:
            await repository.withdraw_customer(customer_id)
            await _take_back([await address_of(customer_id)])
        elif (stored := await carts.read(who.owner)) is not None:
            await _take_back([await repository.withdraw_guest(stored.id)])


async def wanted(who: Shopper) -> tuple[bool, str | None]:
    """Return whether the owner is reminded, and the address that a guest has left."""
    stored = await carts.read(who.owner) if who.owner.customer_id is None else None
    found = await repository.consent_of(who.owner.customer_id, stored.id if stored else None)
    return found is not None, found["email"] if found else None


async def end_by_link(token: str) -> None:
    """End the reminders of a mail's link, and remember a guest's address as one that wants none.

    A link that has ended them already does no harm. Raises ReminderLinkUnknown for one that is not ours.
    """
    key = await links.load_key()
    consent_id = links.read_reminders_end_token(token, key)
    if consent_id is None:
        raise ReminderLinkUnknown
    async with db.transaction():
        now = clock.now()
        gone = await repository.withdraw(consent_id)
        if gone is None:
            return
        of_cart = [gone["cart_id"]] if gone["cart_id"] else []
        if gone["email"]:
            await repository.opt_out(links.address_key(gone["email"], key), now)
            of_cart += await repository.withdraw_address(gone["email"])
            await _take_back([gone["email"]])
        else:
            await _take_back([await address_of(gone["customer_id"])])
            if (cart := await carts.open_cart_of(gone["customer_id"])) is not None:
                of_cart.append(cart)
        await repository.stop(set(of_cart), "opted_out", core_settings().currency, now)


async def order_placed(event: OrderPlaced) -> None:
    """End the reminders of who has ordered, and note the order as recovered where one of them came before.

    In the caller's transaction. Carts are those of the order, which a link may have copied and a login merged, and
    those in which the same address was left. What is queued and was not sent yet is taken back.
    """
    now = clock.now()
    found = await repository.family(event.cart_id, event.number)
    account = await address_of(event.customer_id) if event.customer_id is not None else None
    await _take_back([event.email, account, *await repository.addresses_of(found)])
    left_elsewhere = await repository.withdraw_address(event.email)
    await repository.recover(
        found, order_id=event.order_id, number=event.number, amount=event.total_amount, currency=event.currency,
        at=event.placed_at or now, days=settings(CartSettings).recovery_days,
    )  # fmt: skip
    await repository.stop({*found, *left_elsewhere}, "ordered", event.currency, now)


async def order_cancelled(order_id: UUID) -> None:
    """Take a cancelled order out of the report."""
    await repository.unrecover(order_id)


async def _take_back(addresses: Collection[str | None]) -> None:
    """Take back the reminders that wait to be sent to these addresses, in the caller's transaction."""
    for address in sorted({address.lower() for address in addresses if address}):
        await mail.withdraw(address, [TEMPLATE])


async def forget_old() -> int:
    """Delete the reminders that the report shows no more; return how many."""
    return await repository.delete_older(clock.now() - timedelta(days=settings(CartSettings).reminder_report_days))
