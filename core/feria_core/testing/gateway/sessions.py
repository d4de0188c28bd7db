"""Checkout Sessions: Stripe's hosted page for one payment (https://docs.stripe.com/api/checkout/sessions).

The PaymentIntent behind a session is made when its shopper first tries to pay, as Stripe does it.
"""

from __future__ import annotations

from typing import Any

from feria_core.testing.gateway import cards
from feria_core.testing.gateway.errors import InvalidParam, NoSuchObject
from feria_core.testing.gateway.params import Params
from feria_core.testing.gateway.records import Intent, Session, Status
from feria_core.testing.gateway.state import Ledger

# https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-expires_at
SHORTEST_S, LONGEST_S = 30 * 60, 24 * 3600
CREATE = frozenset(
    {
        "allow_promotion_codes",
        "automatic_tax",
        "billing_address_collection",
        "cancel_url",
        "client_reference_id",
        "currency",
        "custom_text",
        "customer",
        "customer_creation",
        "customer_email",
        "expires_at",
        "invoice_creation",
        "line_items",
        "locale",
        "metadata",
        "mode",
        "payment_intent_data",
        "payment_method_options",
        "payment_method_types",
        "phone_number_collection",
        "submit_type",
        "success_url",
        "ui_mode",
    }
)
_DELAYED = "pm_delayed_debit"


class Sessions:
    """The sessions of a ledger and their moves."""

    def __init__(self, books: Ledger) -> None:
        self._books = books

    def find(self, session_id: str, *, param: str = "session") -> Session:
        """Return the session, expired where its time is over. Raises NoSuchObject naming `param`."""
        session = self._books.state.sessions.get(session_id)
        if session is None:
            raise NoSuchObject("checkout.session", session_id, param=param)
        if session.status == "open" and self._books.time() >= session.expires_at:
            self.expire(session)
        return session

    def of_intent(self, intent_id: str) -> Session | None:
        """Return the session that the payment belongs to, or None."""
        known = self._books.state.sessions.values()
        return next((session for session in known if session.payment_intent == intent_id), None)

    def intent(self, session: Session) -> Intent | None:
        """Return the payment behind the session, or None before its shopper has tried to pay."""
        return self._books.state.intents[session.payment_intent] if session.payment_intent else None

    def create(self, params: Params) -> Session:
        """Open a session for what the parameters ask. Raises InvalidParam."""
        if params.required("mode") != "payment":
            raise InvalidParam("Invalid mode: the fake knows payment only", param="mode")
        amount, currency, title = _sum_up(params)
        about = params.inner("payment_intent_data")
        now = self._books.time()
        session = Session(
            id=f"cs_test_{self._books.token()}",
            amount=amount,
            currency=currency,
            created=now,
            expires_at=_expiry(params, now),
            title=title,
            success_url=params.required("success_url"),
            cancel_url=params.text("cancel_url"),
            metadata=params.metadata(),
            intent_metadata=about.metadata(),
            description=about.text("description"),
            capture_method="manual" if about.text("capture_method") == "manual" else "automatic",
            multicapture=_wants_parts(params),
            client_reference_id=params.text("client_reference_id"),
            customer_email=params.text("customer_email"),
        )
        self._books.state.sessions[session.id] = session
        return session

    def pay(self, session: Session, *, method: str, forced: cards.Outcome | None = None) -> Intent:
        """Try to pay as the shopper. Raises CardDeclined, and InvalidParam where the session is not open."""
        intent = self._begun(session)
        self._books.confirm(intent, method=method, return_url=session.success_url, forced=forced)
        self._close(session, intent)
        return intent

    def authenticate(self, session: Session, *, succeeds: bool) -> None:
        """Finish 3-D Secure as the shopper."""
        intent = self._begun(session)
        self._books.authenticate(intent, succeeds=succeeds)
        self._close(session, intent)

    def pay_later(self, session: Session) -> None:
        """Choose a way to pay whose money comes later; the session is complete and not paid."""
        intent = self._begun(session)
        self._books.confirm_later(intent, method=_DELAYED)
        self._close(session, intent)

    def arrive(self, session: Session, *, succeeds: bool) -> None:
        """Let the money of `pay_later` come, or not."""
        intent = self.intent(session)
        if intent is None:
            raise InvalidParam("Nobody has tried to pay this session.", param="session")
        self._books.arrive(intent, succeeds=succeeds)
        self._emit(session, f"checkout.session.async_payment_{'succeeded' if succeeds else 'failed'}")

    def expire(self, session: Session) -> None:
        """End an open session. Raises InvalidParam for any other, as Stripe does."""
        if session.status != "open":
            raise InvalidParam(
                f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status'
                f" of {session.status}.",
                param="session",
            )
        session.status = "expired"
        intent = self.intent(session)
        if intent is not None:
            self._books.cancel(intent, reason="abandoned")
        self._emit(session, "checkout.session.expired")

    def shown(self, session: Session) -> dict[str, Any]:
        """Return the session's JSON; its `payment_intent` is an id."""
        intent = self.intent(session)
        is_open = session.status == "open"
        return {
            "id": session.id,
            "object": "checkout.session",
            "amount_subtotal": session.amount,
            "amount_total": session.amount,
            "cancel_url": session.cancel_url,
            "client_reference_id": session.client_reference_id,
            "created": session.created,
            "currency": session.currency,
            "customer": None,
            "customer_details": None,
            "customer_email": session.customer_email,
            "expires_at": session.expires_at,
            "livemode": False,
            "metadata": dict(session.metadata),
            "mode": "payment",
            "payment_intent": session.payment_intent,
            "payment_method_types": ["card"],
            "payment_status": "paid" if intent is not None and intent.status is Status.SUCCEEDED else "unpaid",
            "status": session.status,
            "success_url": session.success_url,
            "ui_mode": "hosted",
            "url": f"{self._books.base_url}/checkout/{session.id}" if is_open else None,
        }

    def _begun(self, session: Session) -> Intent:
        if session.status != "open":
            raise InvalidParam(f"This Checkout Session is {session.status}.", param="session")
        intent = self.intent(session)
        if intent is None:
            intent = self._books.create(
                Intent(
                    id="",
                    client_secret="",
                    created=0,
                    amount=session.amount,
                    currency=session.currency,
                    capture_method=session.capture_method,
                    metadata=dict(session.intent_metadata),
                    description=session.description or session.title,
                    multicapture=session.multicapture,
                )
            )
            session.payment_intent = intent.id
        return intent

    def _close(self, session: Session, intent: Intent) -> None:
        if intent.status in {Status.SUCCEEDED, Status.REQUIRES_CAPTURE, Status.PROCESSING}:
            session.status = "complete"
            self._emit(session, "checkout.session.completed")

    def _emit(self, session: Session, kind: str) -> None:
        lane = self.intent(session) or Intent(session.id, "", session.amount, session.currency, session.created)
        self._books.emit(kind, lane, self.shown(session))


def _sum_up(params: Params) -> tuple[int, str, str]:
    """Return amount, currency and first title of the line items. Raises InvalidParam."""
    amount, currency, titles = 0, params.currency(), list[str]()
    items = params.inner("line_items")
    for number in items.form:
        line = items.inner(number)
        data = line.inner("price_data")
        amount += (data.amount("unit_amount", minimum=0) or 0) * (line.amount("quantity") or 1)
        currency = data.required_currency("currency")
        titles.append(data.inner("product_data").required("name"))
    if not titles or currency is None:
        raise InvalidParam("Missing required param: line_items.", code="parameter_missing", param="line_items")
    if amount < 1:
        raise InvalidParam("The Checkout Session's total amount due must be more than zero.", param="line_items")
    return amount, currency, titles[0]


def _expiry(params: Params, now: int) -> int:
    at = params.text("expires_at")
    if at is None:
        return now + LONGEST_S
    if not at.isdigit() or not SHORTEST_S <= int(at) - now <= LONGEST_S:
        raise InvalidParam(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    return int(at)


def _wants_parts(params: Params) -> bool:
    card = params.inner("payment_method_options").inner("card")
    return card.text("request_multicapture") == "if_available"
