"""The hosted page of a Checkout Session, on which a person plays the shopper."""

from __future__ import annotations

from html import escape

from aiohttp import web

from feria_core.money import Money, format_money
from feria_core.testing.gateway.errors import CardDeclined, GatewayError
from feria_core.testing.gateway.page import METHODS, button, html_page, link_back
from feria_core.testing.gateway.records import Intent, Session, Status
from feria_core.testing.gateway.service import FakeGateway

_TO_PAY = (
    ("pay", "Pay", "go"),
    ("decline", "Pay with a card that is declined", "stop"),
    ("secure", "Pay with a card that asks for 3-D Secure", "plain"),
    ("later", "Pay by bank transfer, which arrives later", "plain"),
)
_TO_AUTHENTICATE = (("approve", "It is me: approve", "go"), ("refuse", "It is not me: refuse", "stop"))
_TO_ARRIVE = (("arrive", "Let the transfer arrive", "go"), ("fail", "Let the transfer fail", "stop"))


def routes(gateway: FakeGateway) -> list[web.RouteDef]:
    """Return `GET` and `POST /checkout/{session_id}`."""

    async def show(request: web.Request) -> web.Response:
        try:
            session = gateway.sessions.find(request.match_info["id"])
        except GatewayError as err:
            return html_page(err.status, f'<p class="error">{escape(err.message)}</p>')
        return html_page(200, _shown(session, gateway.sessions.intent(session)))

    async def act(request: web.Request) -> web.Response:
        session_id = request.match_info["id"]
        try:
            await _act(gateway, session_id, str((await request.post()).get("do", "")))
        except CardDeclined:
            pass  # the page shows why
        except GatewayError as err:
            return html_page(err.status, f'<p class="error">{escape(err.message)}</p>')
        session = gateway.sessions.find(session_id)
        # Whoever has paid is sent back to the shop, as by Stripe.
        raise web.HTTPSeeOther(session.success_url if session.status == "complete" else request.path)

    return [web.get("/checkout/{id}", show), web.post("/checkout/{id}", act)]


async def _act(gateway: FakeGateway, session_id: str, do: str) -> None:
    sessions, session = gateway.sessions, gateway.sessions.find(session_id)
    if do in METHODS:
        await gateway.pay_session(session_id, payment_method=METHODS[do])
    elif do == "later":
        sessions.pay_later(session)
    elif do in {"approve", "refuse"}:
        sessions.authenticate(session, succeeds=do == "approve")
    elif do in {"arrive", "fail"}:
        sessions.arrive(session, succeeds=do == "arrive")
    else:
        raise GatewayError(f"No such button: '{do}'")
    await gateway.store.save()


def _shown(session: Session, intent: Intent | None) -> str:
    amount = format_money(Money(session.amount, session.currency.upper()))
    parts = [
        '<p class="note">Test payment, no real money</p>',
        f"<h1>{escape(amount)}</h1>",
        f"<p>{escape(session.title)}<br>Status: <strong>{session.status}</strong></p>",
    ]
    if intent is not None and intent.last_error is not None:
        parts.append(f'<p class="error">{escape(intent.last_error.message)}</p>')
    parts += [button(*one) for one in _buttons(session, intent)]
    back = session.cancel_url if session.status == "open" else session.success_url
    return f'<form method="post">{"".join(parts)}</form>{link_back(back)}'


def _buttons(session: Session, intent: Intent | None) -> tuple[tuple[str, str, str], ...]:
    if intent is not None and intent.status is Status.PROCESSING:
        return _TO_ARRIVE
    if session.status != "open":
        return ()
    return _TO_AUTHENTICATE if intent is not None and intent.status is Status.REQUIRES_ACTION else _TO_PAY
