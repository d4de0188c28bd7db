"""The ledger in numbers: what was captured and refunded, per payment and in all."""

from __future__ import annotations

from collections import Counter

from feria_core.testing.gateway.paypal.records import Order, PayPalState
from feria_core.testing.gateway.records import IntentTotals, LedgerState, LedgerView


def ledger_view(state: LedgerState) -> LedgerView:
    """Return every payment's totals and every booking, oldest first."""
    captured: Counter[str] = Counter()
    refunded: Counter[str] = Counter()
    for entry in state.entries:
        if entry.kind == "captured":
            captured[entry.currency] += entry.amount
        elif entry.kind == "refunded":
            refunded[entry.currency] += entry.amount
        elif entry.kind == "refund_failed":
            refunded[entry.currency] -= entry.amount
    return LedgerView(_totals(state), list(state.entries), dict(captured), dict(refunded))


def _totals(state: LedgerState) -> list[IntentTotals]:
    refunded: Counter[str] = Counter()
    charges: Counter[str] = Counter()
    for charge in state.charges.values():
        refunded[charge.payment_intent] += charge.amount_refunded
        charges[charge.payment_intent] += charge.status == "succeeded"
    intents = [
        IntentTotals(
            id=intent.id,
            status=intent.status,
            amount=intent.amount,
            currency=intent.currency,
            capturable=intent.capturable,
            captured=intent.received,
            refunded=refunded[intent.id],
            charges=charges[intent.id],
            metadata=dict(intent.metadata),
        )
        for intent in state.intents.values()
    ]
    return intents + [_order_totals(order, state.paypal) for order in state.paypal.orders.values()]


def _order_totals(order: Order, state: PayPalState) -> IntentTotals:
    captures = [capture for capture in state.captures.values() if capture.order == order.id]
    held = [held for held in state.authorizations.values() if held.order == order.id]
    names = {"custom_id": order.custom_id, "invoice_id": order.invoice_id}
    return IntentTotals(
        id=order.id,
        status=order.status,
        amount=order.amount,
        currency=order.currency,
        capturable=sum(a.amount - a.captured for a in held if a.status in {"CREATED", "PARTIALLY_CAPTURED"}),
        captured=sum(capture.amount for capture in captures),
        refunded=sum(capture.refunded for capture in captures),
        charges=len(captures),
        metadata={name: value for name, value in names.items() if value is not None},
    )
