"""What of orders waits for somebody, on the staff's first page."""

from __future__ import annotations

from feria_core.contracts.admin import DashboardPart
from feria_core.figures import count

_TO_SEND = """
SELECT count(*) FROM orders_order WHERE state = 'open' AND fulfilment_status IN ('unfulfilled', 'partial')
    AND payment_status IN ('authorized', 'paid', 'partially_refunded')
"""
_TO_PAY = "SELECT count(*) FROM orders_order WHERE state = 'open' AND payment_status = 'pending'"
_RETURNS = "SELECT count(*) FROM orders_return WHERE status IN ('requested', 'approved')"


PARTS = (
    DashboardPart(
        name="orders_to_fulfil",
        title={"en": "Orders to send", "es": "Pedidos por enviar"},
        permission="orders.read",
        value=count(_TO_SEND),
        section="orders",
        query={"status": "open", "fulfilment_status": "unfulfilled"},
        is_work=True,
    ),
    DashboardPart(
        name="orders_to_pay",
        title={"en": "Orders not paid yet", "es": "Pedidos sin pagar"},
        permission="orders.read",
        value=count(_TO_PAY),
        section="orders",
        query={"status": "open", "payment_status": "pending"},
    ),
    DashboardPart(
        name="open_returns",
        title={"en": "Open returns", "es": "Devoluciones abiertas"},
        permission="orders.read",
        value=count(_RETURNS),
        section="returns",
        query={"status": "requested"},
        is_work=True,
    ),
)
