"""The page on which a person approves an order: `GET` and `POST /checkoutnow?token=<order>`. No script."""

from __future__ import annotations

from html import escape

from aiohttp import web

from feria_core.money import Money, format_money
from feria_core.testing.gateway.page import html_page, link_back
from feria_core.testing.gateway.paypal.errors import PayPalError
from feria_core.testing.gateway.paypal.records import Order, OrderStatus
from feria_core.testing.gateway.paypal.service import FakePayPal

_TOLD = {
    OrderStatus.APPROVED: "Approved: the shop takes the money now.",
    OrderStatus.COMPLETED: "Paid.",
}


def routes(paypal: FakePayPal) -> list[web.RouteDef]:
    """Return the page's routes."""

    async def show(request: web.Request) -> web.Response:
        try:
            return html_page(200, _order(paypal.ledger.order(request.query.get("token", ""))))
        except PayPalError as err:
            return html_page(err.status, f'<p class="error">{escape(err.description)}</p>')

    async def approve(request: web.Request) -> web.Response:
        try:
            await paypal.approve(request.query.get("token", ""))
        except PayPalError as err:
            return html_page(err.status, f'<p class="error">{escape(err.description)}</p>')
        raise web.HTTPSeeOther(request.path_qs)

    return [web.get("/checkoutnow", show), web.post("/checkoutnow", approve)]


def _order(order: Order) -> str:
    amount = format_money(Money(order.amount, order.currency.upper()))
    about = escape(order.description or order.id)
    parts = ['<p class="note">Test payment with PayPal, no real money</p>', f"<h1>{escape(amount)}</h1>"]
    if order.status in _TOLD:
        parts += [f"<p>{about}<br><strong>{_TOLD[order.status]}</strong></p>", link_back(order.return_url)]
        return "".join(parts)
    button = '<form method="post"><button class="go">Approve</button></form>'
    return "".join([*parts, f"<p>{about}</p>", button, link_back(order.cancel_url, "Cancel, back to the shop")])
