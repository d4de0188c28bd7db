"""What can stand in an order's timeline, and what readers of each language read for it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from feria_core.money import Money, format_money
from feria_orders.domain import PaymentStatus


class EventKind(StrEnum):
    """A kind of event in the timeline."""

    PLACED = "placed"
    AUTHORIZED = "authorized"
    PAID = "paid"
    CORRECTED = "corrected"
    NOTE = "note"
    PACKED = "packed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    TRACKING_CHANGED = "tracking_changed"
    PARCEL_CANCELLED = "parcel_cancelled"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    ITEMS_CANCELLED = "items_cancelled"
    CAPTURE_ASKED = "capture_asked"
    REFUND_STARTED = "refund_started"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    RETURN_REQUESTED = "return_requested"
    RETURN_APPROVED = "return_approved"
    RETURN_REJECTED = "return_rejected"
    RETURN_RECEIVED = "return_received"


_TEXTS = {
    "en": {
        EventKind.PLACED: "Order placed",
        EventKind.AUTHORIZED: "Payment authorised",
        EventKind.PAID: "Payment received",
        EventKind.CORRECTED: "Order corrected",
        EventKind.NOTE: "Note",
        EventKind.PACKED: "Parcel being prepared",
        EventKind.SHIPPED: "Parcel shipped",
        EventKind.DELIVERED: "Parcel delivered",
        EventKind.TRACKING_CHANGED: "Tracking changed",
        EventKind.PARCEL_CANCELLED: "Parcel cancelled",
        EventKind.COMPLETED: "Order completed",
        EventKind.CANCELLED: "Order cancelled",
        EventKind.ITEMS_CANCELLED: "Items cancelled",
        EventKind.CAPTURE_ASKED: "Payment is being collected",
        EventKind.REFUND_STARTED: "Refund on its way",
        EventKind.REFUNDED: "Refunded",
        EventKind.REFUND_FAILED: "The refund failed",
        EventKind.RETURN_REQUESTED: "Return requested",
        EventKind.RETURN_APPROVED: "Return approved",
        EventKind.RETURN_REJECTED: "Return declined",
        EventKind.RETURN_RECEIVED: "Returned items received",
    },
    "es": {
        EventKind.PLACED: "Pedido realizado",
        EventKind.AUTHORIZED: "Pago autorizado",
        EventKind.PAID: "Pago recibido",
        EventKind.CORRECTED: "Pedido corregido",
        EventKind.NOTE: "Nota",
        EventKind.PACKED: "Paquete en preparación",
        EventKind.SHIPPED: "Paquete enviado",
        EventKind.DELIVERED: "Paquete entregado",
        EventKind.TRACKING_CHANGED: "Seguimiento modificado",
        EventKind.PARCEL_CANCELLED: "Paquete cancelado",
        EventKind.COMPLETED: "Pedido completado",
        EventKind.CANCELLED: "Pedido cancelado",
        EventKind.ITEMS_CANCELLED: "Artículos cancelados",
        EventKind.CAPTURE_ASKED: "Cobro en curso",
        EventKind.REFUND_STARTED: "Reembolso en camino",
        EventKind.REFUNDED: "Reembolsado",
        EventKind.REFUND_FAILED: "El reembolso ha fallado",
        EventKind.RETURN_REQUESTED: "Devolución solicitada",
        EventKind.RETURN_APPROVED: "Devolución aceptada",
        EventKind.RETURN_REJECTED: "Devolución rechazada",
        EventKind.RETURN_RECEIVED: "Artículos devueltos recibidos",
    },
}


def event_text(kind: str, locale: str, data: Mapping[str, Any] | None = None) -> str:
    """Return what readers of `locale` (else of English) read for a kind of event; an unknown kind is its own text.

    `data` adds what it is about: `items` as [quantity, name] pairs, and `amount` with `currency`.
    """
    texts = _TEXTS.get(locale, _TEXTS["en"])
    text = texts.get(EventKind(kind), kind) if kind in list(EventKind) else kind
    parts = [f"{quantity} × {name}" for quantity, name in (data or {}).get("items", ())]  # noqa: RUF001 - times
    if data and "amount" in data:
        language = locale if locale in _TEXTS else "en"
        parts.append(format_money(Money(data["amount"], data["currency"]), language))
    return f"{text}: {', '.join(parts)}" if parts else text


def events_of_placing(status: PaymentStatus) -> tuple[EventKind, ...]:
    """Return what the timeline shows of placing an order in this payment status."""
    paid = {PaymentStatus.AUTHORIZED: EventKind.AUTHORIZED, PaymentStatus.PAID: EventKind.PAID}
    return (EventKind.PLACED, paid[status]) if status in paid else (EventKind.PLACED,)
