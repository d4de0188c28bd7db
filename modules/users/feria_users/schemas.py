"""Bodies and answers of the users API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from feria_core.http import Body, Out
from feria_users.domain import MAX_EMAIL, MAX_PASSWORD, MIN_PASSWORD

# A password is taken as it is: nothing is trimmed, nothing is cut.
NewPassword = Annotated[
    str,
    StringConstraints(strip_whitespace=False, min_length=MIN_PASSWORD, max_length=MAX_PASSWORD),
    Field(description="8 to 256 characters, none of the most common ones", examples=["four plain words"]),
]
AnyPassword = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=MAX_PASSWORD)]
Email = Annotated[str, Field(min_length=3, max_length=MAX_EMAIL, examples=["ana@example.org"])]
PersonName = Annotated[
    str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["Ana Castro"])
]
Token = Annotated[str, Field(min_length=1, max_length=200)]


class RegisterBody(Body):
    email: Email
    password: NewPassword
    name: PersonName


class TokenBody(Body):
    token: Annotated[Token, Field(description="From the link in the mail")]


class LoginBody(Body):
    email: Annotated[str, Field(min_length=1, max_length=MAX_EMAIL, examples=["ana@example.org"])]
    password: AnyPassword
    otp: Annotated[str | None, Field(max_length=20, description="One-time code of accounts with two factors")] = None


class RefreshBody(Body):
    refresh_token: Token


class ForgotBody(Body):
    email: Email


class ResetBody(Body):
    token: Annotated[Token, Field(description="From the link in the mail")]
    password: NewPassword


class ProfileBody(Body):
    name: Annotated[PersonName | None, Field(description="Left out: stays")] = None
    locale: Annotated[str | None, Field(max_length=20, description="Language of mails, e.g. `es`")] = None


class PasswordBody(Body):
    current_password: AnyPassword
    new_password: NewPassword


class TokensOut(Out):
    access_token: Annotated[str, Field(description="For `Authorization: Bearer`")]
    token_type: str = "Bearer"  # noqa: S105 - the scheme, no secret
    expires_in: Annotated[int, Field(description="Seconds that the access token holds")]
    refresh_token: Annotated[str, Field(description="For one call of /api/auth/refresh")]


class AcceptedOut(Out):
    detail: Annotated[str, Field(description="The same whether or not the address is known")]


class ProfileOut(Out):
    id: UUID
    email: str
    name: str
    locale: str
    email_verified: bool
    kind: Annotated[str, Field(description="`customer` or `staff`")]
    permissions: Annotated[list[str], Field(description="What this person may do now, sorted")]
    created_at: datetime


class SessionOut(Out):
    id: UUID
    user_agent: Annotated[str | None, Field(description="What the device called itself at login")]
    created_at: datetime
    last_used_at: Annotated[datetime, Field(description="Login or latest refresh")]
    current: Annotated[bool, Field(description="True for the session that asks")]


class KeySetOut(Out):
    keys: Annotated[list[dict[str, str]], Field(description="JWKs (RFC 7517)")]
