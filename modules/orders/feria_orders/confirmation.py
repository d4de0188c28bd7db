"""The mails that a buyer gets, with the link that opens a guest's order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from feria_core import clock, mail
from feria_core.db import Row
from feria_core.ids import new_token, token_hash
from feria_core.runtime import core_settings, settings
from feria_orders import repository
from feria_orders.documents import mail_context
from feria_orders.placing import GuestToken
from feria_orders.settings import OrdersSettings


async def send(row: Row, *, token: str | None = None) -> None:
    """Queue the confirmation of the order in the caller's transaction, in the buyer's language.

    A guest's link opens the order with `token`, with a fresh one where none is given.
    """
    context = mail_context(row, f"{page_of(row)}?token={token}" if token else await link_to(row))
    await mail.send("orders/order_confirmation", to=row["email"], context=context, locale=row["locale"])


async def tell(row: Row, template: str, context: Mapping[str, Any]) -> None:
    """Queue another of the order's mails in the caller's transaction; `number` and `link` are added to `context`."""
    values = {"number": row["number"], "link": await link_to(row), **context}
    await mail.send(f"orders/{template}", to=row["email"], context=values, locale=row["locale"])


async def link_to(row: Row) -> str:
    """Return the address of the order's page, for a guest with a fresh token that opens it."""
    return f"{page_of(row)}?token={await new_guest_token(row['id'])}" if row["customer_id"] is None else page_of(row)


async def new_guest_token(order_id: UUID) -> str:
    """Return a fresh token that opens the order for `guest_link_days`; only its hash is stored."""
    token = guest_token()
    await repository.add_guest_token(order_id, token.hash, token.expires_at)
    return token.secret


def guest_token() -> GuestToken:
    """Return a fresh token that will open an order for `guest_link_days` once it is stored with it."""
    secret = new_token()
    return GuestToken(
        secret, token_hash(secret), clock.now() + timedelta(days=settings(OrdersSettings).guest_link_days)
    )


def page_of(row: Row) -> str:
    """Return the address of the order's page, where a guest needs a token too."""
    return f"{core_settings().public_url.rstrip('/')}/orders/{row['number']}"
