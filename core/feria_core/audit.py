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
# The audit log cannot forget, so it never learns these; that a field was changed is told by its name. In objects
# whose type is one of PEOPLE, or begins with it and a dot, they are looked for at every depth, and `name` is one of
# them: a product's name, and an option `phone` of one, are nobody's.
PERSONAL_WORDS = (
    "email", "phone", "address", "recipient", "user_agent", "first_name", "last_name", "full_name", "line1", "line2",
    "postal_code", "birth", "note",
)  # fmt: skip
PEOPLE = ("users", "account", "customer", "person", "staff", "order", "checkout", "contact", "subscription")
MASK, PERSONAL_MASK = "***", "[personal]"


async def record(
    action: str,
    object_type: str,
    object_id: object,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one audit row in the caller's transaction; values of secret and personal fields are masked, nested too.

    Raises RuntimeError outside of a transaction.
    """
    db.require_transaction(f"audit {action}")
    principal = maybe_principal()
    kind, actor = (principal.kind, principal.id) if principal else ("system", None)
    if principal is not None and principal.acting_staff is not None:
        kind, actor = "staff", principal.acting_staff
    await db.execute(
        "INSERT INTO core_audit"
        " (id, actor_kind, actor_id, action, object_type, object_id, before, after, address, request_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        new_id(),
        kind,
        str(actor) if actor else None,
        action, object_type, str(object_id), _masked(before, object_type), _masked(after, object_type),
        client_address(), request_id(),
    )  # fmt: skip


async def record_change(
    action: str, object_type: str, object_id: object, *, before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> None:
    """Write one audit row in the caller's transaction, as `record` does; none where `before` says what `after` says.

    Both tell all that the act may change, by the same names and as the same kinds of values: an act that leaves
    everything as it was is no change. Raises RuntimeError outside of a transaction.
    """
    db.require_transaction(f"audit {action}")
    if before != after:
        await record(action, object_type, object_id, before=before, after=after)


def _masked(values: Mapping[str, Any] | None, object_type: str) -> str | None:
    if values is None:
        return None
    people = (*PERSONAL_WORDS, "name") if object_type.partition(".")[0] in PEOPLE else ()
    return orjson.dumps(_without(values, PERSONAL_WORDS + people, nested=people), default=str).decode()


def _without(value: Any, words: tuple[str, ...], *, nested: tuple[str, ...]) -> Any:
    """Return the value with secret fields masked, and those that one of `words` (deeper: of `nested`) names."""
    if isinstance(value, Mapping):
        return {key: _mask_of(str(key), words) or _without(part, nested, nested=nested) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without(part, nested, nested=nested) for part in value]
    return value


def _mask_of(key: str, words: tuple[str, ...]) -> str | None:
    """Return what stands in a field's place, or None for a field that is recorded as it is."""
    if any(word in key for word in SECRET_WORDS):
        return MASK
    return PERSONAL_MASK if any(word in key for word in words) else None
