"""Reading PayPal's webhooks: form first, then PayPal itself is asked whether it sent them.

https://developer.paypal.com/api/rest/webhooks/rest/. PayPal signs a checksum of the raw body, so the body goes
back to it byte by byte: an event that was parsed and written anew would no longer be the signed one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson

from feria_core import clock
from feria_core.contracts.payments import InvalidWebhook, WebhookNote

# PayPal repeats for three days what was not taken.
OLDEST = timedelta(days=4)
EARLIEST = timedelta(minutes=5)

_HEADERS = {
    "auth_algo": ("paypal-auth-algo", r"[A-Za-z0-9]{1,100}"),
    "cert_url": ("paypal-cert-url", r"https?://[!-~]{1,490}"),
    "transmission_id": ("paypal-transmission-id", r"[A-Za-z0-9-]{1,50}"),
    "transmission_sig": ("paypal-transmission-sig", r"[A-Za-z0-9+/=_-]{1,500}"),
    "transmission_time": ("paypal-transmission-time", r"[0-9TZtz:.+-]{1,100}"),
}
_EVENT_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_KIND = re.compile(r"[A-Z0-9._-]{1,100}")
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,100}")


def parse(body: bytes) -> WebhookNote:
    """Return what the event is about. Raises InvalidWebhook for what is no event; nothing is verified yet."""
    event = _event(body)
    event_id, kind = _text(event, "id", _EVENT_ID), _text(event, "event_type", _KIND)
    return WebhookNote(event_id, kind, _reference(kind, event), dispute=_dispute(kind, event))


def question(body: bytes, headers: Mapping[str, str], *, webhook_id: str, base_url: str) -> bytes:
    """Return the JSON by which PayPal is asked whether it signed `body`, which must be a JSON object.

    Raises InvalidWebhook for headers that PayPal does not send, so that most forgeries cost no call.
    """
    sent = {name.lower(): value for name, value in headers.items()}
    fields = {}
    for name, (header, form) in _HEADERS.items():
        value = sent.get(header, "").strip()
        if not re.fullmatch(form, value):
            raise InvalidWebhook(f"there is no readable {header} header")
        fields[name] = value
    _check_time(fields["transmission_time"])
    _check_certificate(fields["cert_url"], base_url)
    known = orjson.dumps({**fields, "webhook_id": webhook_id})
    return known[:-1] + b',"webhook_event":' + body.strip() + b"}"


def _check_time(sent: str) -> None:
    try:
        at = datetime.fromisoformat(sent)
        age = clock.now() - (at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise InvalidWebhook("the time of the transmission cannot be read") from error
    if not -EARLIEST <= age <= OLDEST:
        raise InvalidWebhook("the transmission is not of these days")


def _check_certificate(url: str, base_url: str) -> None:
    """Refuse a certificate of another house; of the host that we call it is PayPal's, or the fake's."""
    try:
        found, ours = urlsplit(url), urlsplit(base_url)
        host = found.hostname or ""
    except ValueError as error:
        raise InvalidWebhook("the certificate's address cannot be read") from error
    is_paypals = found.scheme == "https" and host.endswith(".paypal.com")
    if not is_paypals and (found.scheme, found.netloc) != (ours.scheme, ours.netloc):
        raise InvalidWebhook("the certificate is not one of PayPal's")


def _event(body: bytes) -> dict[str, Any]:
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidWebhook("the body is not JSON in UTF-8") from error
    if not isinstance(event, dict):
        raise InvalidWebhook("the body is not an event")
    return event


def _text(event: dict[str, Any], name: str, form: re.Pattern[str]) -> str:
    value = event.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise InvalidWebhook(f"the event has no usable '{name}'")
    return value


def _reference(kind: str, event: dict[str, Any]) -> str | None:
    """Return the order that the event is about; its state is never read from here but asked for."""
    found = event.get("resource")
    if kind.startswith("PAYMENT."):
        for name in ("supplementary_data", "related_ids"):
            found = found.get(name) if isinstance(found, dict) else None
        reference = found.get("order_id") if isinstance(found, dict) else None
    elif kind.startswith("CHECKOUT.ORDER."):
        reference = found.get("id") if isinstance(found, dict) else None
    else:
        return None
    return reference if isinstance(reference, str) and _REFERENCE.fullmatch(reference) else None


def _dispute(kind: str, event: dict[str, Any]) -> str | None:
    """Return the dispute that the event is about, or None."""
    found = event.get("resource")
    dispute = found.get("dispute_id") if isinstance(found, dict) and kind.startswith("CUSTOMER.DISPUTE.") else None
    return dispute if isinstance(dispute, str) and _REFERENCE.fullmatch(dispute) else None
