"""What the ledger keeps and how it is found, booked and told; the moves are in `state`."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any, Protocol

from feria_core.testing.gateway import wire
from feria_core.testing.gateway.errors import NoSuchObject
from feria_core.testing.gateway.records import (
    Charge,
    Entry,
    EntryKind,
    Event,
    Intent,
    LedgerState,
    LedgerView,
    Refund,
)
from feria_core.testing.gateway.totals import ledger_view

# Some 2,500 payments: enough to look back in a test, and a bound for a shop that runs for weeks.
MAX_EVENTS = 10_000


class Payable(Protocol):
    """What a booking is about: a PaymentIntent or an order."""

    id: str
    currency: str


class Books:
    """Payments, charges, refunds, bookings and events.

    `emit` is called with each new event, in order. `base_url` is where the shopper is sent to authenticate.
    """

    def __init__(
        self,
        state: LedgerState | None = None,
        *,
        emit: Callable[[Event], None] = lambda _event: None,
        now: Callable[[], float] = time.time,
        token: Callable[[], str] = lambda: secrets.token_hex(12),
        base_url: str = "",
    ) -> None:
        self.state = state or LedgerState()
        self.base_url = base_url
        self._emit_event = emit
        self._now = now
        self.token = token

    def intent(self, intent_id: str, *, param: str = "intent") -> Intent:
        """Return the payment. Raises NoSuchObject naming `param`."""
        try:
            return self.state.intents[intent_id]
        except KeyError:
            raise NoSuchObject("payment_intent", intent_id, param=param) from None

    def charge(self, charge_id: str, *, param: str = "id") -> Charge:
        """Return the charge. Raises NoSuchObject naming `param`."""
        try:
            return self.state.charges[charge_id]
        except KeyError:
            raise NoSuchObject("charge", charge_id, param=param) from None

    def refund(self, refund_id: str) -> Refund:
        """Return the refund. Raises NoSuchObject."""
        try:
            return self.state.refunds[refund_id]
        except KeyError:
            raise NoSuchObject("refund", refund_id, param="id") from None

    def refunds_of(self, intent_id: str | None, charge_id: str | None = None) -> list[Refund]:
        """Return the refunds of a payment or a charge, newest first; all of them for None and None."""
        found = (
            refund
            for refund in self.state.refunds.values()
            if intent_id in {None, refund.payment_intent} and charge_id in {None, refund.charge}
        )
        return list(found)[::-1]

    def view(self) -> LedgerView:
        """Return every payment's totals and every booking, oldest first."""
        return ledger_view(self.state)

    def book(self, kind: EntryKind, payment: Payable, reference: str, amount: int) -> None:
        """Add a booking; it is never changed afterwards."""
        self.state.entries.append(Entry(kind, payment.id, reference, amount, payment.currency, self.time()))

    def emit(self, kind: str, intent: Intent, about: dict[str, Any] | None = None) -> None:
        """Keep an event about an object, the payment itself where none is given, and tell it."""
        about = about or wire.intent_object(intent, base_url=self.base_url)
        self.tell(Event(f"evt_{self.token()}", kind, self.time(), intent.id, about))

    def tell(self, event: Event) -> None:
        """Keep an event and pass it on."""
        events = self.state.events
        events[event.id] = event
        if len(events) > MAX_EVENTS:
            del events[next(iter(events))]
        self._emit_event(event)

    def time(self) -> int:
        """Return the present Unix second."""
        return int(self._now())
