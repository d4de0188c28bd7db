"""How the buyer's mails read for one order: nothing is queued, and no link in them opens a guest's order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from feria_core.db import Row
from feria_core.errors import Invalid
from feria_core.mail.rendering import Rendered, render
from feria_core.runtime import core_settings, settings
from feria_orders import reads
from feria_orders.confirmation import page_of
from feria_orders.documents import mail_context, one_line, parcels
from feria_orders.errors import OrderNotFound
from feria_orders.schemas_mail import MailName, MailPreviewQuery
from feria_orders.settings import OrdersSettings

Context = dict[str, Any]


async def preview(number: str, wanted: MailPreviewQuery) -> dict[str, str]:
    """Return the mail with recipient, language, subject, text and HTML. Raises OrderNotFound, Invalid.

    Pieces and parcel are those of the newest parcel where there is one, else all pieces of the order.
    """
    row = await reads.by_number(number)
    if row is None:
        raise OrderNotFound(number)
    locale = _locale(wanted.locale or row["locale"])
    context = {"number": row["number"], "link": page_of(row), **_CONTEXTS[wanted.mail](row, wanted)}
    mail: Rendered = render(f"orders/{wanted.mail}", locale, context)
    return {"to": row["email"], "locale": locale, "subject": mail.subject, "text": mail.text, "html": mail.html}


def _locale(name: str) -> str:
    offered = core_settings().locales
    if name not in offered:
        raise Invalid.field(
            "query",
            "locale",
            code="unknown_locale",
            message=f"Choose one of the shop's languages: {', '.join(offered)}.",
        )
    return name


def _confirmation(row: Row, _: MailPreviewQuery) -> Context:
    return mail_context(row, page_of(row))


def _parcel(row: Row, _: MailPreviewQuery) -> Context:
    newest = (parcels(row) or [{"items": orjson.loads(row["lines"])}])[-1]
    return {
        "items": _named(newest["items"]),
        "carrier": newest.get("carrier"),
        "tracking_number": newest.get("tracking_number"),
        "tracking_url": newest.get("tracking_url"),
    }


def _cancelled(row: Row, _: MailPreviewQuery) -> Context:
    return {"items": _all(row), "is_whole": True, "is_paid": row["payment_status"] == "paid"}


def _refunded(row: Row, _: MailPreviewQuery) -> Context:
    return {"items": _all(row), "amount": {"amount": row["grand_total"], "currency": row["currency"]}}


def _return(row: Row, wanted: MailPreviewQuery) -> Context:
    return {
        "items": _all(row),
        "status": wanted.return_status,
        "answer": None,
        "is_refunded": True,
        "return_address": settings(OrdersSettings).return_address,
    }


def _all(row: Row) -> list[list[object]]:
    return _named(orjson.loads(row["lines"]))


def _named(items: list[dict[str, Any]]) -> list[list[object]]:
    return [[item["quantity"], one_line(item["name"])] for item in items]


_CONTEXTS: Mapping[MailName, Callable[[Row, MailPreviewQuery], Context]] = {
    "order_confirmation": _confirmation,
    "shipped": _parcel,
    "delivered": _parcel,
    "cancelled": _cancelled,
    "refunded": _refunded,
    "return_update": _return,
}
