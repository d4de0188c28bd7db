"""A person's own account."""

from __future__ import annotations

from feria_core import db
from feria_core.auth import current_principal
from feria_core.errors import BadRequest
from feria_core.http import CUSTOMER, IN_PERSON, ApiBlueprint, Page, PageQuery, decode_cursor, encode_cursor
from feria_core.ids import parse_id
from feria_users.schemas import ActedForOut, PasswordBody, ProfileBody, ProfileOut, SessionOut
from feria_users.service import acting, passwords, privacy, profile, second_factor
from feria_users.service.devices import device_name

blueprint = ApiBlueprint("users_me", __name__)


@blueprint.endpoint("GET", "/api/users/me", access=CUSTOMER, returns=ProfileOut)
async def get_me() -> ProfileOut:
    """Your profile."""
    return await _shown(await profile.profile(current_principal().id))


@blueprint.endpoint("PATCH", "/api/users/me", access=CUSTOMER, body=ProfileBody, returns=ProfileOut)
async def change_me(body: ProfileBody) -> ProfileOut:
    """Change name or language; what is left out stays."""
    return await _shown(await profile.change_profile(current_principal().id, name=body.name, locale=body.locale))


@blueprint.endpoint("DELETE", "/api/users/me", access=IN_PERSON, status=204)
async def delete_me() -> None:
    """Erase your account: what is stored about you is gone for good, but for what invoices of your orders need."""
    await privacy.erase(current_principal().id)


@blueprint.endpoint("PUT", "/api/users/me/password", access=IN_PERSON, body=PasswordBody, status=204)
async def change_password(body: PasswordBody) -> None:
    """Change your password; every session ends, this one too."""
    await passwords.change_password(current_principal().id, current=body.current_password, new=body.new_password)


@blueprint.endpoint("GET", "/api/users/me/sessions", access=CUSTOMER, query=PageQuery, returns=Page[SessionOut])
async def list_sessions(query: PageQuery) -> Page[SessionOut]:
    """Where you are signed in, the latest login first."""
    principal = current_principal()
    position = decode_cursor(query.cursor, 1)
    before = parse_id(str(position[0])) if position else None
    if position and before is None:
        raise BadRequest("The cursor is not one that this list gave out: leave it away to begin at the start.")
    rows = await profile.devices(principal.id, before=before, limit=query.limit + 1)
    shown = [
        SessionOut(**row, device=device_name(row["user_agent"]), current=row["id"] == principal.session_id)
        for row in rows[: query.limit]
    ]
    return Page(items=shown, next_cursor=encode_cursor(shown[-1].id) if len(rows) > query.limit else None)


@blueprint.endpoint("DELETE", "/api/users/me/sessions/<session_id>", access=IN_PERSON, status=204)
async def end_session(session_id: str) -> None:
    """Sign out one of your devices."""
    await profile.end_session(current_principal().id, parse_id(session_id))


async def _shown(account: db.Row) -> ProfileOut:
    principal = current_principal()
    otp_enabled, otp_required = await second_factor.standing(principal.id, principal.session_id)
    return ProfileOut(
        id=account["id"],
        email=account["email"],
        name=account["name"],
        locale=account["locale"],
        email_verified=account["email_verified_at"] is not None,
        kind=principal.kind,
        permissions=sorted(principal.permissions),
        otp_enabled=otp_enabled,
        otp_required=otp_required,
        acting_for=[ActedForOut(**row) for row in await acting.acted_for()],
        created_at=account["created_at"],
    )
