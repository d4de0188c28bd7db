"""Users' part of the port `personal_data`."""

from __future__ import annotations

from collections.abc import Mapping

from feria_core import clock
from feria_core.contracts.privacy import DataSubject, Json
from feria_users.domain import erased_email
from feria_users.repository import accounts, personal_data
from feria_users.service import guards


class AccountData:
    """The account with all that hangs on it; asked after the modules that look things up by it."""

    section = "users"

    async def export(self, subject: DataSubject) -> Mapping[str, Json]:
        """Return account, addresses, sessions, links, identities and devices; secrets and hashes are left out."""
        found: dict[str, Json] = {"account": await personal_data.account(subject.user_id)}
        for table, rows in (await personal_data.of(subject.user_id)).items():
            found[table] = [dict(row) for row in rows]
        return found

    async def erase(self, subject: DataSubject) -> None:
        """Make the account nobody's: no name, no address, no way in. What refers to its id stays."""
        await personal_data.forget(subject.user_id)
        row = await accounts.by_id(subject.user_id)
        if row is not None and row["status"] != "erased":
            await guards.end_rest(row["email_normalized"])
            await accounts.erase(subject.user_id, email=erased_email(subject.user_id), now=clock.now())
