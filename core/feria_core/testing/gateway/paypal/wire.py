"""The JSON objects of PayPal's API as far as a shop reads them (https://developer.paypal.com/docs/api/orders/v2/)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from feria_core.testing.gateway.paypal import money
from feria_core.testing.gateway.paypal.records import Authorization, Capture, Order, OrderStatus, PayPalState, Refund


def order_object(order: Order, state: PayPalState, *, base_url: str) -> dict[str, Any]:
    """Return an order with all that was done for it."""
    unit = {
        "reference_id": "default",
        "amount": money.write(order.amount, order.currency),
        "payee": {"email_address": "shop@example.com", "merchant_id": "FERIAFAKESHOP"},
        **_present(custom_id=order.custom_id, invoice_id=order.invoice_id, description=order.description),
    }
    held = [authorization_object(a, order) for a in state.authorizations.values() if a.order == order.id]
    taken = [capture_object(c, order, base_url) for c in state.captures.values() if c.order == order.id]
    back = [refund_object(r, base_url) for r in state.refunds.values() if r.order == order.id]
    if payments := _present(authorizations=held or None, captures=taken or None, refunds=back or None):
        unit["payments"] = payments
    return {
        "id": order.id,
        "intent": order.intent,
        "status": order.status.value,
        "purchase_units": [unit],
        "create_time": time_text(order.created),
        "update_time": time_text(order.updated),
        "links": _links(order, base_url),
    }


def minimal(value: dict[str, Any]) -> dict[str, Any]:
    """Return what is answered without `Prefer: return=representation`."""
    return {name: value[name] for name in ("id", "status", "links") if name in value}


def authorization_object(held: Authorization, order: Order) -> dict[str, Any]:
    """Return an authorized payment."""
    return {
        "id": held.id,
        "status": held.status,
        "amount": money.write(held.amount, held.currency),
        **_present(custom_id=order.custom_id, invoice_id=order.invoice_id),
        "supplementary_data": {"related_ids": {"order_id": order.id}},
        "create_time": time_text(held.created),
    }


def capture_object(capture: Capture, order: Order, base_url: str) -> dict[str, Any]:
    """Return a captured payment."""
    path = f"{base_url}/v2/payments/captures/{capture.id}"
    related = _present(order_id=order.id, authorization_id=capture.authorization)
    return {
        "id": capture.id,
        "status": capture.status,
        "amount": money.write(capture.amount, capture.currency),
        "final_capture": capture.is_final,
        **_present(custom_id=order.custom_id, invoice_id=order.invoice_id),
        "supplementary_data": {"related_ids": related},
        "create_time": time_text(capture.created),
        "update_time": time_text(capture.created),
        "links": [_link("self", path), _link("refund", f"{path}/refund", "POST")],
    }


def refund_object(refund: Refund, base_url: str) -> dict[str, Any]:
    """Return a refund; the fake's money is back at once."""
    return {
        "id": refund.id,
        "status": "COMPLETED",
        "amount": money.write(refund.amount, refund.currency),
        **_present(custom_id=refund.custom_id, invoice_id=refund.invoice_id),
        "create_time": time_text(refund.created),
        "update_time": time_text(refund.created),
        "links": [_link("up", f"{base_url}/v2/payments/captures/{refund.capture}")],
    }


def event_object(event_id: str, kind: str, about: str, resource: dict[str, Any], *, at: int) -> dict[str, Any]:
    """Return an event, the body of a webhook."""
    return {
        "id": event_id,
        "event_version": "1.0",
        "create_time": time_text(at),
        "resource_type": about,
        "resource_version": "2.0",
        "event_type": kind,
        "summary": f"The fake gateway tells: {kind}",
        "resource": resource,
        "links": [],
    }


def time_text(at: float) -> str:
    """Return a Unix time as PayPal writes it."""
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _links(order: Order, base_url: str) -> list[dict[str, str]]:
    path = f"{base_url}/v2/checkout/orders/{order.id}"
    links = [_link("self", path)]
    if order.status is not OrderStatus.COMPLETED:
        rel = "payer-action" if order.names_source else "approve"
        verb = order.intent.lower()
        links += [_link(rel, f"{base_url}/checkoutnow?token={order.id}"), _link(verb, f"{path}/{verb}", "POST")]
    return links


def _link(rel: str, href: str, method: str = "GET") -> dict[str, str]:
    return {"href": href, "rel": rel, "method": method}


def _present(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
