"""Accepting an invitation to the staff: the link sets the password."""

from __future__ import annotations

from feria_core import audit, clock, db
from feria_core.contracts.users import EmailVerified
from feria_core.events import publish
from feria_core.ids import token_hash
from feria_users.errors import InvalidToken
from feria_users.repository import accounts, one_time_tokens, sessions, staff
from feria_users.service.hashing import hash_password
from feria_users.service.members import INVITE
from feria_users.service.password_rules import check_password


async def accept(token: str, password: str, *, name: str | None) -> None:
    """Set password and name of who was invited; the link also shows that the address is theirs.

    Raises InvalidToken, also where the roles were taken away meanwhile, and Invalid.
    """
    hashed = token_hash(token)
    seen = await one_time_tokens.peek(hashed, INVITE, now=clock.now())
    if seen is None:
        raise InvalidToken
    check_password(password, seen["email"])
    password_hash = await hash_password(password)
    now = clock.now()
    async with db.transaction():
        account = await accounts.lock(seen["account_id"])
        used = await one_time_tokens.use(hashed, INVITE, now=now) if account else None
        if account is None or used is None or not await staff.holds_role(account["id"]):
            raise InvalidToken
        await accounts.set_password(account["id"], password_hash, now=now)
        await accounts.set_profile(account["id"], name=name, locale=None, now=now)
        await sessions.revoke_all(account["id"], now=now)
        await one_time_tokens.delete_unused(account["id"])
        await publish(
            EmailVerified(user_id=account["id"], email=account["email"], email_normalized=account["email_normalized"])
        )
        await audit.record("staff.joined", "users.account", account["id"])
