"""One try of one webhook: signed as Standard Webhooks say, to a public address, bounded in time and size."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from dataclasses import dataclass, fields
from datetime import datetime
from ipaddress import ip_network
from typing import Any

import orjson

from feria_admin.settings import AdminSettings
from feria_core import events, outside
from feria_core.events import StoredEvent
from feria_core.outside import Address, is_public
from feria_core.runtime import settings

GONE = 410


@dataclass(frozen=True)
class Outcome:
    """What came of a try; `error` is None where the receiver has taken it."""

    status: int | None
    error: str | None
    duration_ms: int


def is_allowed(address: Address) -> bool:
    """Return True for public addresses, and for those of the deployment's own that its settings name."""
    networks = (ip_network(text) for text in settings(AdminSettings).webhook_networks)
    return is_public(address) or any(address in network for network in networks)


def payload(event: StoredEvent, *, is_personal: bool) -> bytes | None:
    """Return the body, without personal fields unless `is_personal`; None where no module here knows the event."""
    kind = events.known().get(event.name)
    if kind is None:
        return None
    hidden = {field.name for field in fields(kind) if field.metadata.get("personal")} if not is_personal else set()
    return body(event.name, event.occurred_at, {k: v for k, v in event.payload.items() if k not in hidden})


def body(name: str, at: datetime, data: dict[str, Any]) -> bytes:
    return orjson.dumps({"type": name, "timestamp": at, "data": data}, option=orjson.OPT_UTC_Z)


def signature(secret: str, message_id: str, timestamp: int, content: bytes) -> str:
    """Return `v1,...` (Standard Webhooks, "Signature scheme")."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + content, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


async def post(url: str, message_id: str, content: bytes, *, secrets: list[str], now: datetime) -> Outcome:
    """Send it; never raises. Not for a transaction."""
    timestamp = int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Feria",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, message_id, timestamp, content) for secret in secrets),
    }
    started = time.monotonic()
    status, error = await _answered(url, content, headers)
    return Outcome(status, error, int((time.monotonic() - started) * 1000))


async def _answered(url: str, content: bytes, headers: dict[str, str]) -> tuple[int | None, str | None]:
    from aiohttp import ClientError, ClientTimeout

    limit_s = settings(AdminSettings).webhook_timeout_s
    try:
        async with asyncio.timeout(limit_s):
            parsed = outside.parse_url(url)
            addresses = await outside.addresses_of(parsed, is_allowed=is_allowed)
            async with (
                outside.session_to(addresses, timeout=ClientTimeout(total=limit_s)) as session,
                session.post(parsed, data=content, headers=headers, allow_redirects=False) as answer,
            ):
                return answer.status, _error_of(answer.status)  # what the body says is read by nobody
    except TimeoutError:
        return None, "timeout"
    except outside.AddressRefused:
        return None, "refused_address"
    except outside.HostUnknown:
        return None, "unknown_host"
    except (ClientError, OSError, ValueError, outside.UrlRefused):
        return None, "no_connection"


def _error_of(status: int) -> str | None:
    if 200 <= status < 300:  # noqa: PLR2004 - the class of success
        return None
    if 300 <= status < 400:  # noqa: PLR2004 - the class of redirects, which are not followed
        return "redirect"
    return "gone" if status == GONE else "status"
