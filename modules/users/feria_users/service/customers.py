"""Customers for staff: found, put into a group, disabled and enabled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from feria_core import audit, clock, db
from feria_core.errors import NotFound
from feria_users.domain import compared
from feria_users.errors import StaffAccount
from feria_users.repository import accounts, customers, sessions

_LIKE = re.compile(r"([\\%_])")
_WORD = re.compile(r"\w+")


async def page(
    *, q: str | None, group: str | None, status: str | None, before: UUID | None, limit: int
) -> Sequence[db.Row]:
    """Return accounts, the latest first; with `q` those whose address, or words of whose name, begin so."""
    prefix = _LIKE.sub(r"\\\g<1>", compared(q)) + "%" if q else None
    words = " & ".join(f"'{word}':*" for word in _WORD.findall(q)) if q else None
    return await customers.page(prefix=prefix, words=words, group=group, status=status, before=before, limit=limit)


async def find(account_id: UUID | None) -> db.Row:
    """Return one account. Raises NotFound, for an erased one too."""
    row = await customers.one(account_id) if account_id else None
    if row is None:
        raise _nobody()
    return row


async def change(account_id: UUID | None, given: Mapping[str, Any]) -> db.Row:
    """Set what `given` names of group (None takes it away) and status; return the account.

    Disabling ends the sessions. Raises NotFound, StaffAccount for the status of who holds a role.
    """
    async with db.transaction():
        if account_id is None or await accounts.lock_any(account_id) is None:
            raise _nobody()
        before, now = await find(account_id), clock.now()
        if "group" in given:
            await customers.set_group(account_id, given["group"], now=now)
        if given.get("status") not in (None, before["status"]):
            if not await customers.set_status(account_id, given["status"], now=now):
                raise StaffAccount("This account holds a role: disable it with PATCH /api/admin/staff/{id}.")
            if given["status"] == "disabled":
                await sessions.revoke_all(account_id, now=now)
        after = await find(account_id)
        await audit.record_change(
            "customer.changed", "users.account", account_id, before=_audited(before), after=_audited(after)
        )
        return after


def _audited(row: db.Row) -> dict[str, object]:
    return {"group": row["group"], "status": row["status"]}


def _nobody() -> NotFound:
    return NotFound("There is no customer of that id: GET /api/admin/customers lists them.")
