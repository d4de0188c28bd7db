"""Signed transmissions: what PayPal's headers say of a webhook (https://developer.paypal.com/api/rest/webhooks/rest/).

PayPal signs `id|time|webhook id|CRC32 of the raw body` with a key of its own; here it is an HMAC of the same text,
which only the endpoint that verifies can check, so a shop has to ask.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
import uuid
import zlib

import msgspec

from feria_core.testing.gateway.paypal.wire import time_text

ALGORITHM = "SHA256withRSA"


class Verification(msgspec.Struct):
    """The body of `verify-webhook-signature`; the event as it was sent, byte by byte."""

    auth_algo: str
    cert_url: str
    transmission_id: str
    transmission_sig: str
    transmission_time: str
    webhook_id: str
    webhook_event: msgspec.Raw


def sign_paypal(
    payload: bytes, secret: str, *, webhook_id: str, base_url: str, at: float | None = None
) -> dict[str, str]:
    """Return the headers of a transmission of the raw body, signed at Unix second `at` or now."""
    transmission_id = str(uuid.uuid4())
    sent_at = time_text(time.time() if at is None else at)
    return {
        "PayPal-Transmission-Id": transmission_id,
        "PayPal-Transmission-Time": sent_at,
        "PayPal-Transmission-Sig": _signature(payload, secret, transmission_id, sent_at, webhook_id),
        "PayPal-Cert-Url": f"{base_url}/v1/notifications/certs/CERT-FAKE",
        "PayPal-Auth-Algo": ALGORITHM,
    }


def is_signed(question: Verification, secret: str, *, webhook_id: str) -> bool:
    """Return whether the transmission was signed here, for this webhook and this body."""
    expected = _signature(
        bytes(question.webhook_event), secret, question.transmission_id, question.transmission_time, webhook_id
    )
    return (
        hmac.compare_digest(expected.encode(), question.transmission_sig.encode())
        and question.webhook_id == webhook_id
        and question.auth_algo == ALGORITHM
    )


def _signature(payload: bytes, secret: str, transmission_id: str, sent_at: str, webhook_id: str) -> str:
    told = f"{transmission_id}|{sent_at}|{webhook_id}|{zlib.crc32(payload)}"
    return base64.b64encode(hmac.new(secret.encode(), told.encode(), hashlib.sha256).digest()).decode()
