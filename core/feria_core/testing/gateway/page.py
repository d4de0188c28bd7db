"""A page on which a person plays the shopper: pay, decline, authenticate. No script, large buttons."""

from __future__ import annotations

from html import escape

from aiohttp import web

from feria_core.money import Money, format_money
from feria_core.testing.gateway.errors import CardDeclined, GatewayError
from feria_core.testing.gateway.records import Intent, Status
from feria_core.testing.gateway.service import FakeGateway

_BEFORE_PAYMENT = (
    ("pay", "Pay", "go"),
    ("decline", "Pay with a card that is declined", "stop"),
    ("secure", "Pay with a card that asks for 3-D Secure", "plain"),
)
_BUTTONS = {
    Status.REQUIRES_PAYMENT_METHOD: _BEFORE_PAYMENT,
    Status.REQUIRES_CONFIRMATION: _BEFORE_PAYMENT,
    Status.REQUIRES_ACTION: (
        ("approve", "It is me: approve", "go"),
        ("refuse", "It is not me: refuse", "stop"),
    ),
}
METHODS = {
    "pay": "pm_card_visa",
    "decline": "pm_card_chargeDeclined",
    "secure": "pm_card_threeDSecure2Required",
}
_STYLE = """
body{font:18px/1.5 system-ui,sans-serif;max-width:26rem;margin:0 auto;padding:1.5rem;color:#1b1b1b}
h1{font-size:2rem;margin:.2em 0}.note{color:#555}.error{color:#a40000}
button{display:block;width:100%;min-height:3.2rem;margin:.8rem 0;border:0;border-radius:.6rem;font:inherit}
.go{background:#0a5c36;color:#fff}.stop{background:#a40000;color:#fff}.plain{background:#e4e4e4;color:#1b1b1b}
"""


def routes(gateway: FakeGateway) -> list[web.RouteDef]:
    """Return `GET` and `POST /pay/{payment_intent_id}`."""

    async def show(request: web.Request) -> web.Response:
        try:
            intent = gateway.books.intent(request.match_info["id"])
        except GatewayError as err:
            return html_page(err.status, f'<p class="error">{escape(err.message)}</p>')
        return html_page(200, _payment(intent))

    async def act(request: web.Request) -> web.Response:
        try:
            await _act(gateway, request.match_info["id"], str((await request.post()).get("do", "")))
        except CardDeclined:
            pass  # the page shows why
        except GatewayError as err:
            return html_page(err.status, f'<p class="error">{escape(err.message)}</p>')
        raise web.HTTPSeeOther(request.path)

    return [web.get("/pay/{id}", show), web.post("/pay/{id}", act)]


async def _act(gateway: FakeGateway, intent_id: str, button: str) -> None:
    if button in METHODS:
        await gateway.pay(intent_id, payment_method=METHODS[button])
    elif button in {"approve", "refuse"}:
        await gateway.authenticate(intent_id, succeeds=button == "approve")
    else:
        raise GatewayError(f"No such button: '{button}'")


def _payment(intent: Intent) -> str:
    amount = format_money(Money(intent.amount, intent.currency.upper()))
    about, status = escape(intent.description or intent.id), intent.status.replace("_", " ")
    parts = [
        '<p class="note">Test payment, no real money</p>',
        f"<h1>{escape(amount)}</h1>",
        f"<p>{about}<br>Status: <strong>{status}</strong></p>",
    ]
    if intent.last_error is not None:
        parts.append(f'<p class="error">{escape(intent.last_error.message)}</p>')
    buttons = _BUTTONS.get(intent.status, ())
    parts += [button(*one) for one in buttons]
    return f'<form method="post">{"".join(parts)}</form>{link_back(intent.return_url)}'


def button(do: str, label: str, look: str) -> str:
    """Return a button that posts `do`."""
    return f'<button class="{look}" name="do" value="{do}">{label}</button>'


def link_back(url: str | None, label: str = "Back to the shop") -> str:
    """Return the link to the shop; nothing where the shop gave none that a browser may follow."""
    if not url or not url.startswith(("http://", "https://")):
        return ""
    return f'<p><a href="{escape(url)}">{escape(label)}</a></p>'


def html_page(status: int, body: str) -> web.Response:
    """Return a page for a phone's screen, with nothing from outside in it."""
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Test payment</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        "Cache-Control": "no-store",
    }
    return web.Response(status=status, text=page, content_type="text/html", headers=headers)
