"""Everything that users stores about one person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from feria_core import db

# Tables of an account's rows, and what of them its owner is shown: no secrets, no hashes.
_SHOWN = {
    "users_address": (
        "id, name, company, line1, line2, city, region, postal_code, country, phone, is_default_shipping,"
        " is_default_billing, created_at, updated_at"
    ),
    "users_past_email": "email, until",
    "users_session": "id, user_agent, created_at, last_used_at, expires_at, revoked_at",
    "users_one_time_token": "purpose, name, new_email, created_at, expires_at, used_at",
    "users_identity": "issuer, subject, created_at, last_used_at",
    "users_otp": "created_at, confirmed_at",
    "users_recovery_code": "created_at, used_at",
    "users_device": "first_used_at, last_used_at",
}
_FORGOTTEN = (*_SHOWN, "users_known_pair", "users_sign_in")
_ACCOUNT = "id, email, name, locale, status, customer_group, email_verified_at, created_at, updated_at, last_login_at"


async def account(account_id: UUID) -> dict[str, Any]:
    """Return the account as its owner may see it."""
    return (await _rows(f"SELECT {_ACCOUNT} FROM users_account WHERE id = $1", account_id))[0]


async def of(account_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """Return the account's rows by table, without the prefix of the table's name."""
    return {
        table.removeprefix("users_"): await _rows(f"SELECT {columns} FROM {table} WHERE account_id = $1", account_id)
        for table, columns in _SHOWN.items()
    }


async def forget(account_id: UUID) -> None:
    """Delete the account's rows; the account itself stays."""
    for table in _FORGOTTEN:
        await db.execute(f"DELETE FROM {table} WHERE account_id = $1", account_id)


async def _rows(sql: str, account_id: UUID) -> list[dict[str, Any]]:
    text = await db.fetch_value(f"SELECT coalesce(json_agg(r), '[]')::text FROM ({sql}) r", account_id)
    rows: list[dict[str, Any]] = orjson.loads(text)
    return rows
