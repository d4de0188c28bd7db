"""Address books. Whoever changes one holds the account's row, so that twins see each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db

FIELDS = ("name", "company", "line1", "line2", "city", "region", "postal_code", "country", "phone")
MOST = 50  # the CHECK of users_address.place says so too
_SHOWN = f"id, {', '.join(FIELDS)}, is_default_shipping, is_default_billing"

# The lowest place that is free; none is, where all fifty are taken. Its first address is an account's default.
_ADD = f"""
INSERT INTO users_address (id, account_id, place, created_at, updated_at, is_default_shipping, is_default_billing,
                           {", ".join(FIELDS)})
SELECT $1, $2, place, $3, $3,
       coalesce($4, NOT EXISTS (SELECT FROM users_address WHERE account_id = $2)),
       coalesce($5, NOT EXISTS (SELECT FROM users_address WHERE account_id = $2)),
       {", ".join(f"${n}" for n in range(6, 6 + len(FIELDS)))}
FROM generate_series(1, {MOST}) AS place
WHERE place NOT IN (SELECT place FROM users_address WHERE account_id = $2)
ORDER BY place LIMIT 1 RETURNING {_SHOWN}
"""
_CHANGE = f"""
UPDATE users_address SET updated_at = $3, is_default_shipping = coalesce($4, is_default_shipping),
       is_default_billing = coalesce($5, is_default_billing),
       ({", ".join(FIELDS)}) = ({", ".join(f"${n}" for n in range(6, 6 + len(FIELDS)))})
WHERE id = $1 AND account_id = $2 RETURNING {_SHOWN}
"""


async def page(account_id: UUID, *, before: UUID | None, limit: int) -> Sequence[db.Row]:
    """Return the account's addresses, the newest first, from the one after `before` on."""
    return await db.fetch_all(
        f"SELECT {_SHOWN} FROM users_address WHERE account_id = $1 AND ($2::uuid IS NULL OR id < $2)"
        " ORDER BY id DESC LIMIT $3",
        account_id, before, limit,
    )  # fmt: skip


async def one(account_id: UUID, address_id: UUID) -> db.Row | None:
    """Return the account's address of that id."""
    return await db.fetch_one(
        f"SELECT {_SHOWN} FROM users_address WHERE id = $1 AND account_id = $2", address_id, account_id
    )


async def add(
    address_id: UUID,
    account_id: UUID,
    values: Mapping[str, str | None],
    *,
    shipping: bool | None,
    billing: bool | None,
    now: datetime,
) -> db.Row | None:
    """Return the new address, None where the account has as many as it can; a default of None is True for the first."""
    fields = [values[name] for name in FIELDS]
    return await db.fetch_one(_ADD, address_id, account_id, now, shipping, billing, *fields)


async def change(
    address_id: UUID,
    account_id: UUID,
    values: Mapping[str, str | None],
    *,
    shipping: bool | None,
    billing: bool | None,
    now: datetime,
) -> db.Row | None:
    """Return the address as it is now, None where the account has none of that id; a default of None stays."""
    fields = [values[name] for name in FIELDS]
    return await db.fetch_one(_CHANGE, address_id, account_id, now, shipping, billing, *fields)


async def clear_defaults(account_id: UUID, *, shipping: bool, billing: bool, now: datetime) -> None:
    """Make none of the account's addresses a default of the named kinds."""
    await db.execute(
        "UPDATE users_address SET is_default_shipping = is_default_shipping AND NOT $2,"
        " is_default_billing = is_default_billing AND NOT $3, updated_at = $4"
        " WHERE account_id = $1 AND ((is_default_shipping AND $2) OR (is_default_billing AND $3))",
        account_id, shipping, billing, now,
    )  # fmt: skip


async def delete(address_id: UUID, account_id: UUID) -> bool:
    """Return True where the account had an address of that id."""
    return bool(await db.execute("DELETE FROM users_address WHERE id = $1 AND account_id = $2", address_id, account_id))
