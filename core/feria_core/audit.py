"""Who changed what: one row for each staff change, in its transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from feria_core import db
from feria_core.auth import maybe_principal
from feria_core.http.request import client_address, request_id
from feria_core.ids import new_id

SECRET_WORDS = ("password", "secret", "token", "otp", "hash")


async def record(
    action: str,
    object_type: str,
    object_id: object,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one audit row in the caller's transaction; values of secret fields are masked.

    Raises RuntimeError outside of a transaction.
    """
    db.require_transaction(f"audit {action}")
    principal = maybe_principal()
    await db.execute(
        "INSERT INTO core_audit"
        " (id, actor_kind, actor_id, action, object_type, object_id, before, after, address, request_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        new_id(),
        principal.kind if principal else "system",
        str(principal.id) if principal else None,
        action, object_type, str(object_id), _masked(before), _masked(after), client_address(), request_id(),
    )  # fmt: skip


def _masked(values: Mapping[str, Any] | None) -> str | None:
    if values is None:
        return None
    masked = {key: "***" if any(word in key for word in SECRET_WORDS) else value for key, value in values.items()}
    return orjson.dumps(masked, default=str).decode()
