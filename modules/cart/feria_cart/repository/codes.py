"""The codes of a cart, whose row the caller has locked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.ids import new_id

# A code is kept as it was made, whatever the spelling it was typed in, so it goes by the typed one too.
_REMOVE_CODE = r"""
DELETE FROM cart_code WHERE cart_id = $1
    AND upper(regexp_replace(code, '[-_\s]', '', 'g')) = upper(regexp_replace($2, '[-_\s]', '', 'g'))
"""


async def add_codes(cart_id: UUID, codes: Sequence[tuple[str, datetime]]) -> int:
    """Give the cart the codes, each with its time of adding, that it does not hold yet; return how many it holds."""
    await db.execute_many(
        "INSERT INTO cart_code (id, cart_id, code, added_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        [(new_id(), cart_id, code, added_at) for code, added_at in codes],
    )
    held: int = await db.fetch_value("SELECT count(*) FROM cart_code WHERE cart_id = $1", cart_id)
    return held


async def codes(cart_id: UUID) -> list[tuple[str, datetime]]:
    """Return the codes of a cart, closed or open, with the time each was added, in that order."""
    rows = await db.fetch_all("SELECT code, added_at FROM cart_code WHERE cart_id = $1 ORDER BY added_at, id", cart_id)
    return [(row["code"], row["added_at"]) for row in rows]


async def remove_code(cart_id: UUID, code: str) -> bool:
    """Take the code off the cart; False where it holds no such code. Case, spaces and dashes do not matter."""
    return await db.execute(_REMOVE_CODE, cart_id, code) > 0


async def remove_codes(cart_id: UUID) -> None:
    """Delete every code of the cart."""
    await db.execute("DELETE FROM cart_code WHERE cart_id = $1", cart_id)
