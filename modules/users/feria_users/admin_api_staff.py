"""What staff do with staff and roles."""

from __future__ import annotations

from feria_core import db
from feria_core.http import PUBLIC, ApiBlueprint, Page, PageQuery, encode_cursor, staff
from feria_core.http.request import locale
from feria_core.ids import parse_id
from feria_users.admin_api import after
from feria_users.schemas_admin import (
    AcceptInviteBody,
    InviteBody,
    PermissionOut,
    PermissionsOut,
    RoleBody,
    RoleOut,
    RolePatch,
    RolesOut,
    StaffOut,
    StaffPatch,
)
from feria_users.service import invitations, members, ranks, roles
from feria_users.service.staff import expanded

blueprint = ApiBlueprint("users_staff", __name__)
WRITE = staff("staff.write")


@blueprint.endpoint("GET", "/api/admin/permissions", access=WRITE, returns=PermissionsOut)
async def admin_list_permissions() -> PermissionsOut:
    """Every permission that the enabled modules declare."""
    found = sorted(ranks.declared().items())
    return PermissionsOut(items=[PermissionOut(name=name, description=d, module=m) for name, (d, m) in found])


@blueprint.endpoint("GET", "/api/admin/roles", access=WRITE, returns=RolesOut)
async def admin_list_roles() -> RolesOut:
    """Every role, by name."""
    return RolesOut(items=[RoleOut(**row) for row in await roles.listed()])


@blueprint.endpoint("POST", "/api/admin/roles", access=WRITE, body=RoleBody, returns=RoleOut, status=201)
async def admin_create_role(body: RoleBody) -> RoleOut:
    """Make a role of permissions that you hold yourself."""
    return RoleOut(**await roles.create(body.name, body.permissions, requires_otp=body.requires_otp))


@blueprint.endpoint("GET", "/api/admin/roles/<role_id>", access=WRITE, returns=RoleOut)
async def admin_get_role(role_id: str) -> RoleOut:
    """One role."""
    return RoleOut(**await roles.find(parse_id(role_id)))


@blueprint.endpoint("PATCH", "/api/admin/roles/<role_id>", access=WRITE, body=RolePatch, returns=RoleOut)
async def admin_change_role(role_id: str, body: RolePatch) -> RoleOut:
    """Change what a role holds or demands, from the next request of its holders on."""
    return RoleOut(
        **await roles.change(parse_id(role_id), permissions=body.permissions, requires_otp=body.requires_otp)
    )


@blueprint.endpoint("DELETE", "/api/admin/roles/<role_id>", access=WRITE, status=204)
async def admin_remove_role(role_id: str) -> None:
    """Delete a role that nobody holds."""
    await roles.remove(parse_id(role_id))


@blueprint.endpoint("GET", "/api/admin/staff", access=WRITE, query=PageQuery, returns=Page[StaffOut])
async def admin_list_staff(query: PageQuery) -> Page[StaffOut]:
    """Who holds a role, the latest account first."""
    rows = await members.page(before=after(query.cursor), limit=query.limit + 1)
    shown = [_shown(row) for row in rows[: query.limit]]
    return Page(items=shown, next_cursor=encode_cursor(shown[-1].id) if len(rows) > query.limit else None)


@blueprint.endpoint("POST", "/api/admin/staff", access=WRITE, body=InviteBody, returns=StaffOut, status=201)
async def admin_invite_staff(body: InviteBody) -> StaffOut:
    """Give a person roles; who has no password yet is mailed a link that sets it."""
    return _shown(await members.invite(body.email, body.chosen(), name=body.name, locale=locale()))


@blueprint.endpoint("GET", "/api/admin/staff/<account_id>", access=WRITE, returns=StaffOut)
async def admin_get_staff(account_id: str) -> StaffOut:
    """One of staff."""
    return _shown(await members.find(parse_id(account_id)))


@blueprint.endpoint("PATCH", "/api/admin/staff/<account_id>", access=WRITE, body=StaffPatch, returns=StaffOut)
async def admin_change_staff(account_id: str, body: StaffPatch) -> StaffOut:
    """Change roles and status, from the next request of the person on."""
    return _shown(await members.change(parse_id(account_id), chosen=body.roles, status=body.status))


@blueprint.endpoint("DELETE", "/api/admin/staff/<account_id>", access=WRITE, status=204)
async def admin_remove_staff(account_id: str) -> None:
    """Take every role away; the account stays as a customer's, signed out."""
    await members.remove(parse_id(account_id))


@blueprint.endpoint("POST", "/api/admin/staff/<account_id>/invite", access=WRITE, status=204)
async def admin_invite_again(account_id: str) -> None:
    """Mail the invitation once more; earlier links are void."""
    await members.invite_again(parse_id(account_id))


@blueprint.endpoint("POST", "/api/auth/accept-invite", access=PUBLIC, body=AcceptInviteBody, status=204)
async def accept_invite(body: AcceptInviteBody) -> None:
    """Join the staff with the token of the mail: set your password."""
    await invitations.accept(body.token, body.password, name=body.name)


def _shown(row: db.Row) -> StaffOut:
    status = "invited" if row["is_invited"] and row["status"] == "active" else row["status"]
    return StaffOut(**{**row, "status": status, "permissions": sorted(expanded(row["permissions"]))})
