"""Reading Stripe's webhooks: signature and age on the raw body, then only what identifies the event.

The official check is not used: it lets events from the future and signed non-events through, and answers some
forgeries with TypeError, UnicodeDecodeError, JSONDecodeError and AttributeError. The scheme is Stripe's own,
https://docs.stripe.com/webhooks#verify-manually.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

import orjson

from feria_core import clock
from feria_core.contracts.payments import InvalidWebhook, WebhookNote

# Stripe's own tolerance; ours counts in both directions.
TOLERANCE_S = 300
_EVENT_ID = re.compile(r"[A-Za-z0-9_]{1,255}")
_KIND = re.compile(r"[a-z0-9_.]{1,100}")
_MAX_HEADER = 4096


def parse(body: bytes, headers: Mapping[str, str], secret: str) -> WebhookNote:
    """Return what the event is about.

    Raises InvalidWebhook for anything that Stripe did not sign just now, and for events of other accounts.
    """
    sent = next((value for name, value in headers.items() if name.lower() == "stripe-signature"), "")
    _check_signature(body, sent, secret)
    event = _event(body)
    if event.get("account") is not None:
        # Events of connected accounts say whose they are. The shop's key asks about its own account's payments only.
        raise InvalidWebhook("the event is about another account than the shop's")
    event_id, kind = _text(event, "id", _EVENT_ID), _text(event, "type", _KIND)
    if kind.startswith("charge.dispute."):
        return WebhookNote(event_id, kind, _member(event, "payment_intent"), dispute=_member(event, "id"))
    return WebhookNote(event_id, kind, _reference(kind, event))


def _check_signature(body: bytes, header: str, secret: str) -> None:
    if not header or len(header) > _MAX_HEADER or not header.isascii():
        raise InvalidWebhook("there is no readable Stripe-Signature header")
    parts = [part.partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name.strip() == "t"]
    signatures = [value.strip() for name, _, value in parts if name.strip() == "v1"]
    if len(times) != 1 or not re.fullmatch(r"[0-9]{1,12}", times[0].strip()):
        raise InvalidWebhook("the Stripe-Signature header has no readable time")
    signed_at = times[0].strip()
    expected = hmac.new(secret.encode(), signed_at.encode() + b"." + body, hashlib.sha256).hexdigest()
    # Every signature is compared, and each in constant time.
    matches = [hmac.compare_digest(expected, signature) for signature in signatures]
    if not any(matches):
        raise InvalidWebhook("no signature of the body matches")
    if abs(clock.now().timestamp() - int(signed_at)) > TOLERANCE_S:
        raise InvalidWebhook(f"the signature is more than {TOLERANCE_S} s away from now")


def _event(body: bytes) -> dict[str, Any]:
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidWebhook("the signed body is not JSON in UTF-8") from error
    if not isinstance(event, dict):
        raise InvalidWebhook("the signed body is not an event")
    return event


def _text(event: dict[str, Any], name: str, form: re.Pattern[str]) -> str:
    value = event.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise InvalidWebhook(f"the signed event has no usable '{name}'")
    return value


def _reference(kind: str, event: dict[str, Any]) -> str | None:
    """Return the PaymentIntent or Checkout Session that the event is about; its state is asked for, never read here."""
    if kind.startswith(("refund.", "charge.refund.")):
        return _member(event, "payment_intent")
    return _member(event, "id") if kind.startswith(("payment_intent.", "checkout.session.")) else None


def _member(event: dict[str, Any], name: str) -> str | None:
    """Return a member of the event's object where it is a name of Stripe's."""
    data = event.get("data")
    subject = data.get("object") if isinstance(data, dict) else None
    value = subject.get(name) if isinstance(subject, dict) else None
    return value if isinstance(value, str) and _EVENT_ID.fullmatch(value) else None
