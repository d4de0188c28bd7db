"""What a person may ask for: everything that is stored about them, and that it be gone."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from feria_core import clock, db
from feria_core.contracts.privacy import PERSONAL_DATA, DataSubject, Json, OwnAddress
from feria_core.errors import NotFound
from feria_core.jobs import enqueue
from feria_core.runtime import registry
from feria_users.domain import parse_email, spellings
from feria_users.errors import StaffAccount
from feria_users.repository import accounts, email_changes, staff
from feria_users.settings import REST_AFTER


async def export(account_id: UUID) -> dict[str, Mapping[str, Json]]:
    """Return what every enabled module stores about the person, by section. Raises NotFound for an erased account."""
    async with db.transaction():
        account = await accounts.by_id(account_id)
        if account is None or account["status"] == "erased":
            raise _nobody(account_id)
        subject = await _subject(account)
        found: dict[str, Mapping[str, Json]] = {}
        for part in registry().all(PERSONAL_DATA):
            found[part.section] = {**found.get(part.section, {}), **await part.export(subject)}
    return found


async def erase(account_id: UUID) -> None:
    """Erase the person in every enabled module, all or nothing; nothing happens where that was done before.

    Raises StaffAccount for who holds a role.
    """
    await db.in_new_transaction(lambda: _erase(account_id))


async def erase_rest(account_id: UUID) -> None:
    """Erase what requests that were under way have stored since; in the caller's transaction."""
    account = await accounts.by_id(account_id)
    if account is not None and account["status"] == "erased":
        await _erase_everywhere(DataSubject(account_id, "", None))


async def account_of(email: str) -> UUID:
    """Return the id of the address's account, for the command line. Raises NotFound."""
    address = parse_email(email)
    account = await accounts.by_email(address.normalized) if address else None
    if account is None:
        raise _nobody(email)
    found: UUID = account["id"]
    return found


async def _erase(account_id: UUID) -> None:
    account = await accounts.lock_any(account_id)
    if account is None or account["status"] == "erased":
        return
    if await staff.holds_role(account_id):
        raise StaffAccount
    await _erase_everywhere(await _subject(account))
    await enqueue("users.erase_rest", run_at=clock.now() + REST_AFTER, account_id=str(account_id))


async def _erase_everywhere(subject: DataSubject) -> None:
    for part in registry().all(PERSONAL_DATA):
        await part.erase(subject)


async def _subject(account: db.Row) -> DataSubject:
    verified = account["email"] if account["email_verified_at"] is not None else None
    own = [OwnAddress(row["email"], _forms(row), row["until"]) for row in await email_changes.past(account["id"])]
    if verified is not None:
        own.insert(0, OwnAddress(verified, _forms(account)))
    return DataSubject(account["id"], account["name"], verified, tuple(own))


def _forms(row: db.Row) -> tuple[str, ...]:
    return spellings(row["email"], row["email_normalized"])


def _nobody(who: object) -> NotFound:
    return NotFound(f"There is no account {who}: it was erased or never was.")
