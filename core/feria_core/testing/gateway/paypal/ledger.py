"""Orders and their moves: a pure state machine over the books that both halves of the gateway share."""

from __future__ import annotations

import secrets
from typing import Any

from feria_core.testing.gateway.books import Books
from feria_core.testing.gateway.cards import Outcome
from feria_core.testing.gateway.paypal import wire
from feria_core.testing.gateway.paypal.errors import NotFound, PayPalError
from feria_core.testing.gateway.paypal.records import Authorization, Capture, Order, OrderStatus, PayPalState, Refund
from feria_core.testing.gateway.records import Event


class PayPalLedger:
    """Every move books what it did and emits the events PayPal would."""

    def __init__(self, books: Books) -> None:
        self.books = books

    @property
    def state(self) -> PayPalState:
        """Return what is kept."""
        return self.books.state.paypal

    def order(self, order_id: str) -> Order:
        """Return the order. Raises NotFound."""
        if order_id not in self.state.orders:
            raise NotFound("order")
        return self.state.orders[order_id]

    def show(self, order: Order) -> dict[str, Any]:
        """Return the order's JSON."""
        return wire.order_object(order, self.state, base_url=self.books.base_url)

    def create(self, order: Order) -> Order:
        """Keep a new order; its id and times are given here."""
        order.id = new_id()
        order.created = order.updated = self.books.time()
        if order.names_source:
            order.status = OrderStatus.PAYER_ACTION_REQUIRED
        self.state.orders[order.id] = order
        return order

    def approve(self, order: Order) -> None:
        """Let the shopper say yes; said again it changes nothing."""
        if order.status is OrderStatus.COMPLETED:
            raise PayPalError("ORDER_ALREADY_CAPTURED", "Order already captured.")
        if order.status is OrderStatus.APPROVED:
            return
        self._move(order, OrderStatus.APPROVED)
        self.emit("CHECKOUT.ORDER.APPROVED", "checkout-order", order, self.show(order))

    def capture(self, order: Order, *, forced: Outcome | None = None) -> None:
        """Take the approved money, once; `forced` is what the shopper's bank says."""
        self._check_payable(order, "CAPTURE")
        self._ask_the_bank(order, forced)
        self._take(order, order.amount)
        self._move(order, OrderStatus.COMPLETED)
        self.emit("CHECKOUT.ORDER.COMPLETED", "checkout-order", order, self.show(order))

    def authorize(self, order: Order, *, forced: Outcome | None = None) -> None:
        """Hold the approved money."""
        self._check_payable(order, "AUTHORIZE")
        self._ask_the_bank(order, forced)
        held = Authorization(new_id(), order.id, order.amount, order.currency, self.books.time())
        self.state.authorizations[held.id] = held
        self.books.book("authorized", order, held.id, held.amount)
        self._move(order, OrderStatus.COMPLETED)
        self.emit("PAYMENT.AUTHORIZATION.CREATED", "authorization", order, wire.authorization_object(held, order))

    def authorization(self, authorization_id: str) -> Authorization:
        """Return the authorization. Raises NotFound."""
        if authorization_id not in self.state.authorizations:
            raise NotFound("authorization")
        return self.state.authorizations[authorization_id]

    def capture_held(self, held: Authorization, amount: int | None, *, is_final: bool) -> Capture:
        """Take some of the held money, or what is left of it; a final capture lets the rest go."""
        left = held.amount - held.captured
        if held.status == "VOIDED":
            raise PayPalError("AUTHORIZATION_VOIDED", "A voided authorization cannot be captured.")
        if held.status == "CAPTURED":
            raise PayPalError("AUTHORIZATION_ALREADY_CAPTURED", "Authorization has already been captured.")
        amount = left if amount is None else amount
        if amount > left:
            raise PayPalError("MAX_CAPTURE_AMOUNT_EXCEEDED", "Capture amount exceeds allowable limit.")
        order = self.order(held.order)
        held.captured += amount
        held.status = "CAPTURED" if is_final or amount == left else "PARTIALLY_CAPTURED"
        if held.status == "CAPTURED" and amount < left:
            self.books.book("released", order, held.id, left - amount)
        return self._take(order, amount, authorization=held.id, is_final=held.status == "CAPTURED")

    def void(self, held: Authorization) -> None:
        """Let held money go, or the rest of it; what is wholly captured is not held any more."""
        if held.status == "VOIDED":
            raise PayPalError("PREVIOUSLY_VOIDED", "Authorization has been previously voided.")
        if held.status == "CAPTURED":
            raise PayPalError("PREVIOUSLY_CAPTURED", "Authorization has been previously captured.")
        order = self.order(held.order)
        held.status = "VOIDED"
        self.books.book("released", order, held.id, held.amount - held.captured)
        self.emit("PAYMENT.AUTHORIZATION.VOIDED", "authorization", order, wire.authorization_object(held, order))

    def captured(self, capture_id: str) -> Capture:
        """Return the capture. Raises NotFound."""
        if capture_id not in self.state.captures:
            raise NotFound("capture")
        return self.state.captures[capture_id]

    def give_back(self, capture: Capture, amount: int | None, currency: str, names: dict[str, str | None]) -> Refund:
        """Refund `amount`, or all that is left; never more than was captured."""
        left = capture.amount - capture.refunded
        amount = left if amount is None else amount
        if currency != capture.currency:
            raise PayPalError("CURRENCY_MISMATCH", "The currency must be the same as of the captured payment.")
        if not left:
            raise PayPalError("CAPTURE_FULLY_REFUNDED", "The capture has already been fully refunded.")
        if amount > left:
            raise PayPalError("REFUND_AMOUNT_EXCEEDED", "The refund amount must be at most the capture amount.")
        order = self.order(capture.order)
        capture.refunded += amount
        refund = Refund(new_id(), order.id, capture.id, amount, capture.currency, self.books.time(), **names)
        self.state.refunds[refund.id] = refund
        self.books.book("refunded", order, refund.id, amount)
        self.emit("PAYMENT.CAPTURE.REFUNDED", "refund", order, wire.refund_object(refund, self.books.base_url))
        return refund

    def emit(self, kind: str, about: str, order: Order, resource: dict[str, Any]) -> None:
        """Keep an event and tell it."""
        event_id = f"WH-{new_id()}-{new_id()}"
        body = wire.event_object(event_id, kind, about, resource, at=self.books.time())
        self.books.tell(Event(event_id, kind, self.books.time(), order.id, body, provider="paypal"))

    def _check_payable(self, order: Order, intent: str) -> None:
        if order.status is OrderStatus.COMPLETED:
            done = "CAPTURED" if order.intent == "CAPTURE" else "AUTHORIZED"
            raise PayPalError(f"ORDER_ALREADY_{done}", f"Order already {done.lower()}.")
        if order.intent != intent:
            raise PayPalError("ACTION_DOES_NOT_MATCH_INTENT", f"Order was created with an intent to {order.intent}.")
        if order.status is not OrderStatus.APPROVED:
            raise PayPalError("ORDER_NOT_APPROVED", "Payer has not yet approved the Order for payment.")

    def _ask_the_bank(self, order: Order, answer: Outcome | None) -> None:
        if answer is Outcome.DECLINED:
            self.books.book("declined", order, order.id, order.amount)
            self._move(order, OrderStatus.PAYER_ACTION_REQUIRED)
            raise PayPalError("INSTRUMENT_DECLINED", "The instrument presented was either declined or cannot be used.")
        if answer is Outcome.ACTION_REQUIRED:
            self._move(order, OrderStatus.PAYER_ACTION_REQUIRED)
            raise PayPalError("PAYER_ACTION_REQUIRED", "Payer needs to perform an action before this can be paid.")

    def _take(self, order: Order, amount: int, *, authorization: str | None = None, is_final: bool = True) -> Capture:
        capture = Capture(new_id(), order.id, amount, order.currency, self.books.time(), authorization, is_final)
        self.state.captures[capture.id] = capture
        self.books.book("captured", order, capture.id, amount)
        resource = wire.capture_object(capture, order, self.books.base_url)
        self.emit("PAYMENT.CAPTURE.COMPLETED", "capture", order, resource)
        return capture

    def _move(self, order: Order, status: OrderStatus) -> None:
        # A second later at least, as it would be with a person: what has changed can be told by its time.
        order.updated = max(self.books.time(), order.updated + 1)
        order.status = status


def new_id() -> str:
    """Return an id of PayPal's look, 17 characters that begin with a digit."""
    alphabet = "0123456789ABCDEFGHJKLMNPRSTUVWXY"
    return secrets.choice("123456789") + "".join(secrets.choice(alphabet) for _ in range(16))
