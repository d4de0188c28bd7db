"""The ledger of the fake gateway: a pure state machine, no I/O. Amounts in minor units.

States and moves are those of https://docs.stripe.com/payments/paymentintents/lifecycle. Money that was only
held and is let go counts as released, never as refunded.
"""

from __future__ import annotations

from typing import NoReturn

import msgspec

from feria_core.testing.gateway import cards, wire
from feria_core.testing.gateway.books import Books
from feria_core.testing.gateway.errors import CardDeclined
from feria_core.testing.gateway.records import (
    CardError,
    Charge,
    Intent,
    Refund,
    Status,
)
from feria_core.testing.gateway.rules import (
    CANCELABLE,
    CONFIRMABLE,
    check_capture,
    check_refund,
    method_to_confirm,
    refuse,
)


class Ledger(Books):
    """Payments and their moves; every move books what it did and emits the events Stripe would."""

    def create(self, intent: Intent) -> Intent:
        """Keep a new payment; its id, secret and time are given here."""
        if intent.payment_method:
            cards.outcome_of(intent.payment_method)
            intent.status = Status.REQUIRES_CONFIRMATION
        intent.id = f"pi_{self.token()}"
        intent.client_secret = f"{intent.id}_secret_{self.token()}"
        intent.created = self.time()
        self.state.intents[intent.id] = intent
        self.emit("payment_intent.created", intent)
        return intent

    def change(
        self,
        intent: Intent,
        *,
        amount: int | None = None,
        currency: str | None = None,
        method: str | None = None,
    ) -> None:
        """Change amount, currency or payment method before the money moves. Raises UnexpectedState after."""
        if intent.status not in CONFIRMABLE:
            refuse("update", "updated", intent, CONFIRMABLE)
        if method is not None:
            cards.outcome_of(method)
            intent.payment_method = method
            intent.status = Status.REQUIRES_CONFIRMATION
        intent.amount = intent.amount if amount is None else amount
        intent.currency = currency or intent.currency

    def confirm(
        self,
        intent: Intent,
        *,
        method: str | None = None,
        return_url: str | None = None,
        forced: cards.Outcome | None = None,
    ) -> None:
        """Try to take or hold the money; `forced` overrules what the card would answer.

        Raises CardDeclined after booking the decline, UnexpectedState where there is nothing to confirm.
        """
        if intent.status not in CONFIRMABLE:
            refuse("confirm", "confirmed", intent, CONFIRMABLE)
        method = method_to_confirm(intent, method)
        answer = cards.outcome_of(method)
        outcome = forced or answer
        intent.payment_method = method
        intent.return_url = return_url or intent.return_url
        if outcome is cards.Outcome.DECLINED:
            self._decline(intent, cards.decline_of(method))
        elif outcome is cards.Outcome.ACTION_REQUIRED:
            intent.status = Status.REQUIRES_ACTION
            self.emit("payment_intent.requires_action", intent)
        else:
            self._approve(intent, method)

    def authenticate(self, intent: Intent, *, succeeds: bool) -> None:
        """Finish what `requires_action` asked of the shopper; a failure asks for another card."""
        if intent.status is not Status.REQUIRES_ACTION or intent.payment_method is None:
            refuse("authenticate", "authenticated", intent, (Status.REQUIRES_ACTION,))
        if succeeds:
            self._approve(intent, intent.payment_method)
            return
        self._ask_for_another_card(intent, cards.AUTHENTICATION_FAILURE)

    def capture(self, intent: Intent, *, amount: int | None = None, is_final: bool = True) -> None:
        """Take `amount` of the held money, or all of it; a final capture lets the rest go."""
        if intent.status is not Status.REQUIRES_CAPTURE or intent.latest_charge is None:
            refuse("capture", "captured", intent, (Status.REQUIRES_CAPTURE,))
        amount = intent.capturable if amount is None else amount
        check_capture(intent, amount, is_final=is_final)
        charge = self.state.charges[intent.latest_charge]
        if amount:
            self._take(intent, charge, amount)
        if is_final and intent.capturable:
            self._release(intent)
        self.emit("charge.captured", intent, wire.charge_object(charge, intent))
        if intent.capturable:
            self.emit("payment_intent.amount_capturable_updated", intent)
        else:
            intent.status = Status.SUCCEEDED
            self.emit("payment_intent.succeeded", intent)

    def cancel(self, intent: Intent, *, reason: str | None = None) -> None:
        """End a payment that took nothing; held money is let go."""
        if intent.status not in CANCELABLE or intent.received:
            refuse("cancel", "canceled", intent, CANCELABLE)
        if intent.capturable:
            self._release(intent)
        intent.status = Status.CANCELED
        intent.canceled_at = self.time()
        intent.cancellation_reason = reason
        self.emit("payment_intent.canceled", intent)

    def give_back(
        self, charge: Charge, *, amount: int | None = None, reason: str | None, metadata: dict[str, str]
    ) -> Refund:
        """Refund `amount`, or all that is left; never more than was captured."""
        left = charge.amount_captured - charge.amount_refunded
        amount = left if amount is None else amount
        check_refund(charge, amount, left)
        charge.amount_refunded += amount
        refund = Refund(
            id=f"re_{self.token()}",
            payment_intent=charge.payment_intent,
            charge=charge.id,
            amount=amount,
            currency=charge.currency,
            created=self.time(),
            reason=reason,
            metadata=metadata,
        )
        self.state.refunds[refund.id] = refund
        intent = self.state.intents[charge.payment_intent]
        self.book("refunded", intent, refund.id, amount)
        self.emit("refund.created", intent, wire.refund_object(refund))
        self.emit("charge.refunded", intent, wire.charge_object(charge, intent))
        return refund

    def lose_refund(self, refund: Refund, *, reason: str) -> None:
        """Let a refund fail after it was given: the bank could not take it, so the money is the shop's again."""
        if refund.status == "failed":
            return
        refund.status, refund.failure_reason = "failed", reason
        charge, intent = self.state.charges[refund.charge], self.state.intents[refund.payment_intent]
        charge.amount_refunded -= refund.amount
        self.book("refund_failed", intent, refund.id, refund.amount)
        for kind in ("refund.updated", "charge.refund.updated", "refund.failed"):
            self.emit(kind, intent, wire.refund_object(refund))

    def confirm_later(self, intent: Intent, *, method: str) -> None:
        """Take a way to pay whose money comes days later, or never: see `arrive`."""
        if intent.status not in CONFIRMABLE:
            refuse("confirm", "confirmed", intent, CONFIRMABLE)
        intent.payment_method, intent.status, intent.last_error = method, Status.PROCESSING, None
        self.emit("payment_intent.processing", intent)

    def arrive(self, intent: Intent, *, succeeds: bool) -> None:
        """End what was `processing`: the money is there, or will not come."""
        if intent.status is not Status.PROCESSING or intent.payment_method is None:
            refuse("settle", "settled", intent, (Status.PROCESSING,))
        if succeeds:
            self._approve(intent, intent.payment_method)
        else:
            self._ask_for_another_card(intent, cards.GENERIC_DECLINE)

    def _approve(self, intent: Intent, method: str) -> None:
        charge = self._new_charge(intent, method)
        intent.last_error = None
        if intent.capture_method != "manual":
            self._take(intent, charge, intent.amount)
            intent.status = Status.SUCCEEDED
            self.emit("charge.succeeded", intent, wire.charge_object(charge, intent))
            self.emit("payment_intent.succeeded", intent)
            return
        intent.capturable = intent.amount
        intent.status = Status.REQUIRES_CAPTURE
        self.book("authorized", intent, charge.id, intent.amount)
        self.emit("charge.succeeded", intent, wire.charge_object(charge, intent))
        self.emit("payment_intent.amount_capturable_updated", intent)

    def _decline(self, intent: Intent, reason: CardError) -> NoReturn:
        method = intent.payment_method or ""
        charge = self._new_charge(intent, method)
        reason = msgspec.structs.replace(reason, charge=charge.id, payment_method=method)
        charge.status = "failed"
        charge.failure = reason
        self.book("declined", intent, charge.id, intent.amount)
        self.emit("charge.failed", intent, wire.charge_object(charge, intent))
        self._ask_for_another_card(intent, reason)
        raise CardDeclined(intent, reason)

    def _ask_for_another_card(self, intent: Intent, reason: CardError) -> None:
        intent.last_error = reason
        intent.payment_method = None
        intent.status = Status.REQUIRES_PAYMENT_METHOD
        self.emit("payment_intent.payment_failed", intent)

    def _new_charge(self, intent: Intent, method: str) -> Charge:
        charge = Charge(
            id=f"ch_{self.token()}",
            payment_intent=intent.id,
            amount=intent.amount,
            currency=intent.currency,
            created=self.time(),
            payment_method=method,
        )
        self.state.charges[charge.id] = charge
        intent.latest_charge = charge.id
        return charge

    def _take(self, intent: Intent, charge: Charge, amount: int) -> None:
        charge.captured = True
        charge.amount_captured += amount
        intent.received += amount
        intent.capturable = max(0, intent.capturable - amount)
        self.book("captured", intent, charge.id, amount)

    def _release(self, intent: Intent) -> None:
        self.book("released", intent, intent.latest_charge or intent.id, intent.capturable)
        intent.capturable = 0
