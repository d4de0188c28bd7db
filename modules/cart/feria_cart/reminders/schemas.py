"""What the routes of reminders and restore links take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from feria_core import db
from feria_core.http import Body, Out, PageQuery, Query
from feria_core.http.schemas import Moment
from feria_core.money import MoneyOut

# The form that HTML's own e-mail field takes (https://html.spec.whatwg.org, "valid e-mail address"): nothing that a
# mail header could read as more than one recipient.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = rf"^[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})*$"


class SetReminders(Body):
    """Whether the owner of the cart wants to be reminded of what is left in it."""

    enabled: bool
    email: Annotated[
        str | None,
        Field(
            min_length=3, max_length=254, pattern=_EMAIL, description="Of a guest; customers are written to at theirs"
        ),
    ] = None


class RemindersOut(Out):
    """Whether the owner of the cart is reminded."""

    enabled: bool
    email: Annotated[str | None, Field(description="What a guest has left")]


class EndReminders(Query):
    """The token of a mail's link."""

    token: Annotated[str, Field(min_length=1, max_length=200)]


class RestoreCart(Body):
    """The token of a link to a cart."""

    token: Annotated[str, Field(min_length=1, max_length=200)]


class RestoreLinkOut(Out):
    """A link that opens the cart on another device."""

    token: str
    url: Annotated[str, Field(description="A page of the shop, which gives the token to POST /api/cart/restore")]
    expires_at: datetime


class AbandonedQuery(PageQuery):
    """Of when the first mail went out, and how much of the list."""

    from_: Annotated[Moment | None, Field(alias="from", description="30 days before `to` unless given")] = None
    to: Annotated[Moment | None, Field(description="Now unless given")] = None


class StepOut(Out):
    """Carts by the number of mails that were sent about them."""

    mails: int
    carts: int
    orders: int
    revenue: MoneyOut


class AbandonedOut(Out):
    """A cart that was reminded of."""

    cart_id: UUID
    customer_id: UUID | None
    value: Annotated[MoneyOut, Field(description="Its total when the last mail was sent")]
    mails: int
    first_mail_at: datetime
    last_mail_at: datetime
    visited_at: datetime | None
    stopped: Annotated[str | None, Field(description="ordered, opted_out, no_address, not_sold, or null")]
    order_number: str | None
    revenue: MoneyOut | None
    recovered_by: Annotated[str | None, Field(description="link (it was followed) or cart")]
    recovered_at: datetime | None


class AbandonedReportOut(Out):
    """What reminders have brought back: orders within `recovery_days` of the last mail, cancelled ones left out."""

    from_: Annotated[datetime, Field(serialization_alias="from")]
    to: datetime
    carts: int
    value: MoneyOut
    mails: int
    visits: int
    opted_out: int
    orders: int
    revenue: MoneyOut
    share: Annotated[str | None, Field(description="orders / carts, two decimals; null for no carts")]
    by_mails: list[StepOut]
    items: list[AbandonedOut]
    next_cursor: str | None


def abandoned_json(row: db.Row) -> dict[str, Any]:
    """Return the shape of AbandonedOut."""
    currency, revenue = row["currency"], row["revenue_amount"]
    return {
        "cart_id": str(row["cart_id"]),
        "customer_id": str(row["customer_id"]) if row["customer_id"] else None,
        "value": {"amount": row["value_amount"], "currency": currency},
        "mails": row["sent"],
        "first_mail_at": row["first_at"],
        "last_mail_at": row["last_at"],
        "visited_at": row["visited_at"],
        "stopped": row["stopped"],
        "order_number": row["order_number"],
        "revenue": None if revenue is None else {"amount": revenue, "currency": currency},
        "recovered_by": row["recovered_by"],
        "recovered_at": row["recovered_at"],
    }
