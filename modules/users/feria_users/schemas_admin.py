"""Bodies and answers of what staff do with customers, staff and roles."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from feria_core.http import Body, Out, PageQuery
from feria_users.schemas import Email, NewPassword, PersonName, Token

Group = Annotated[
    str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$", description="Code of a customer group")
]
RoleName = Annotated[
    str,
    Field(
        min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$", description="Name of a role", examples=["editor"]
    ),
]
RoleNames = Annotated[list[RoleName], Field(min_length=1, max_length=20, description="Names of roles")]
Permissions = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=100)]],
    Field(max_length=500, description="Names of GET /api/admin/permissions", examples=[["catalog.write"]]),
]
Status = Literal["active", "disabled"]


class CustomerQuery(PageQuery):
    q: Annotated[
        str | None, Field(min_length=1, max_length=254, description="Beginning of the e-mail, or of words of the name")
    ] = None
    group: Annotated[str | None, Field(max_length=100, description="Code of a customer group")] = None
    status: Annotated[Status | None, Field(description="`active` or `disabled`")] = None


class CustomerPatch(Body):
    group: Annotated[Group | None, Field(description="null takes the customer out of the group")] = None
    status: Annotated[Status | None, Field(description="`disabled` also ends the sessions; left out: stays")] = None


class CustomerOut(Out):
    id: UUID
    email: str
    name: str
    locale: str
    status: Annotated[str, Field(description="`active` or `disabled`")]
    group: Annotated[str | None, Field(description="Code of the customer group")]
    email_verified: bool
    otp_enabled: Annotated[bool, Field(description="True where the second factor is on")]
    is_staff: Annotated[bool, Field(description="True where the account holds a role")]
    created_at: datetime
    last_login_at: datetime | None


class ActingOut(Out):
    access_token: Annotated[str, Field(description="For `Authorization: Bearer`; answers carry `Acting-Staff`")]
    token_type: str = "Bearer"  # noqa: S105 - the scheme, no secret
    expires_in: Annotated[int, Field(description="Seconds that the access token holds; there is no refresh")]
    customer_id: UUID


class PermissionOut(Out):
    name: str
    description: str
    module: Annotated[str, Field(description="The module that declares it")]


class PermissionsOut(Out):
    items: list[PermissionOut]


class RoleBody(Body):
    name: RoleName
    permissions: Permissions
    requires_otp: Annotated[bool, Field(description="Its holders need a second factor")] = False


class RolePatch(Body):
    permissions: Annotated[Permissions | None, Field(description="All of them; left out: stay")] = None
    requires_otp: Annotated[bool | None, Field(description="Left out: stays")] = None


class RoleOut(Out):
    id: UUID
    name: str
    permissions: Annotated[list[str], Field(description="Names; `*` is every one, now and later")]
    requires_otp: bool
    members: Annotated[int, Field(description="How many hold the role")]
    created_at: datetime


class RolesOut(Out):
    items: list[RoleOut]


class InviteBody(Body):
    email: Email
    name: Annotated[PersonName | None, Field(description="Of a new account; the person can change it")] = None
    roles: Annotated[RoleNames | None, Field(description="This, or `role`")] = None
    role: Annotated[RoleName | None, Field(description="One role in place of `roles`")] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.roles is None) == (self.role is None):
            raise ValueError("send either `roles` or `role`")
        return self

    def chosen(self) -> list[str]:
        """Return the names of the roles, each once."""
        return sorted(set(self.roles or [self.role or ""]))


class StaffPatch(Body):
    roles: Annotated[RoleNames | None, Field(description="All of them; left out: stay")] = None
    status: Annotated[Status | None, Field(description="`disabled` also ends the sessions; left out: stays")] = None


class StaffOut(Out):
    id: UUID
    email: str
    name: str
    status: Annotated[str, Field(description="`invited`, `active` or `disabled`")]
    roles: list[str]
    permissions: Annotated[list[str], Field(description="What the roles hold together, sorted")]
    otp_enabled: Annotated[bool, Field(description="True where the second factor is on")]
    created_at: datetime
    last_login_at: datetime | None


class AcceptInviteBody(Body):
    token: Annotated[Token, Field(description="From the link in the mail")]
    password: NewPassword
    name: Annotated[PersonName | None, Field(description="Left out: stays as the invitation has it")] = None
