"""Address books: kept by the rules of each address's country, at most one default of each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from feria_core import clock, db
from feria_core.errors import Invalid, NotFound, StaleVersion, Unauthenticated
from feria_core.http.request import locale
from feria_core.ids import new_id
from feria_users.errors import TooManyAddresses
from feria_users.repository import accounts, addresses
from feria_users.service.postal_rules import check

TRIES = 5  # of a change whose address twins keep changing
DEFAULTS = ("is_default_shipping", "is_default_billing")


async def page(account_id: UUID, *, before: UUID | None, limit: int) -> Sequence[db.Row]:
    """Return the account's addresses, the newest first."""
    return await addresses.page(account_id, before=before, limit=limit)


async def add(account_id: UUID, given: Mapping[str, Any]) -> db.Row:
    """Add an address and return it; the first is the default unless it says otherwise.

    Raises Invalid naming every field that its country does not take so, TooManyAddresses.
    """
    values = await _checked(given)
    async with db.transaction():
        await _lock(account_id)
        now = clock.now()
        shipping, billing = (given.get(kind) for kind in DEFAULTS)
        await addresses.clear_defaults(account_id, shipping=bool(shipping), billing=bool(billing), now=now)
        row = await addresses.add(new_id(), account_id, values, shipping=shipping, billing=billing, now=now)
    if row is None:
        raise TooManyAddresses(addresses.MOST)
    return row


async def change(account_id: UUID, address_id: UUID | None, given: Mapping[str, Any]) -> db.Row:
    """Change what `given` names and return the address. Raises NotFound, Invalid, StaleVersion."""
    for _ in range(TRIES):
        before = await addresses.one(account_id, address_id) if address_id else None
        if address_id is None or before is None:
            raise _no_address()
        values = await _checked({**before, **given})
        row = await _store(account_id, before, given, values)
        if row is not None:
            return row
    raise StaleVersion("This address is being changed by somebody else at this moment: load it and try again.")


async def _store(
    account_id: UUID, before: db.Row, given: Mapping[str, Any], values: Mapping[str, str | None]
) -> db.Row | None:
    """Return the changed address, None where it is not any more what was checked."""
    async with db.transaction():
        await _lock(account_id)
        if await addresses.one(account_id, before["id"]) != before:
            return None
        now = clock.now()
        shipping, billing = (given.get(kind) for kind in DEFAULTS)
        await addresses.clear_defaults(account_id, shipping=bool(shipping), billing=bool(billing), now=now)
        return await addresses.change(before["id"], account_id, values, shipping=shipping, billing=billing, now=now)


async def delete(account_id: UUID, address_id: UUID | None) -> None:
    """Delete the address; no other takes its place as a default. Raises NotFound."""
    if address_id is None or not await addresses.delete(address_id, account_id):
        raise _no_address()


async def _lock(account_id: UUID) -> None:
    if await accounts.lock(account_id) is None:
        raise Unauthenticated


async def _checked(given: Mapping[str, Any]) -> Mapping[str, str | None]:
    checked = await check({name: given.get(name) for name in addresses.FIELDS}, locale=locale())
    if checked.problems:
        raise Invalid(
            " ".join(problem.message for problem in checked.problems),
            [{"loc": ["body", p.field], "code": p.code, "message": p.message} for p in checked.problems],
        )
    return checked.address


def _no_address() -> NotFound:
    return NotFound("You have no such address: GET /api/users/me/addresses lists yours.")
