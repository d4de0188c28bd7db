"""Bodies and answers of the users API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

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
    otp: Annotated[
        str | None, Field(max_length=64, description="One-time or recovery code of an account with two factors")
    ] = None


class RefreshBody(Body):
    refresh_token: Token


class ForgotBody(Body):
    email: Email


class ResetBody(Body):
    token: Annotated[Token, Field(description="From the link in the mail")]
    password: NewPassword


class SignInBody(Body):
    code: Annotated[str, Field(min_length=1, max_length=2000, description="As the provider sent it back")]
    state: Annotated[Token, Field(description="Likewise")]
    browser_secret: Annotated[Token, Field(description="As the start answered it, from the browser's own storage")]
    iss: Annotated[str | None, Field(max_length=500, description="As the provider sent it back, where it did")] = None
    otp: Annotated[
        str | None, Field(max_length=64, description="One-time or recovery code of an account with two factors")
    ] = None


class OtpBeginBody(Body):
    password: Annotated[AnyPassword, Field(description="The current one")]


class OtpCodeBody(Body):
    code: Annotated[str, Field(min_length=1, max_length=64, description="Six digits", examples=["123456"])]


class OtpProofBody(Body):
    """One of the two; the password alone only in a session that was opened with the second factor."""

    password: Annotated[AnyPassword | None, Field(description="The current one")] = None
    code: Annotated[
        str | None, Field(min_length=1, max_length=64, description="A one-time code or a recovery code")
    ] = None

    @model_validator(mode="after")
    def _some_proof(self) -> Self:
        if self.password is None and self.code is None:
            raise ValueError("send `password` or `code`")
        return self


class ProfileBody(Body):
    name: Annotated[PersonName | None, Field(description="Left out: stays")] = None
    locale: Annotated[str | None, Field(max_length=20, description="Language of mails, e.g. `es`")] = None


class EmailChangeBody(Body):
    email: Email
    password: Annotated[AnyPassword, Field(description="Your present one")]


class PasswordBody(Body):
    current_password: AnyPassword
    new_password: NewPassword


class TokensOut(Out):
    access_token: Annotated[str, Field(description="For `Authorization: Bearer`")]
    token_type: str = "Bearer"  # noqa: S105 - the scheme, no secret
    expires_in: Annotated[int, Field(description="Seconds that the access token holds")]
    refresh_token: Annotated[str, Field(description="For one call of /api/auth/refresh")]


class ProviderOut(Out):
    name: Annotated[str, Field(description="In the paths of its routes")]
    label: Annotated[str, Field(description="For people to read")]


class ProvidersOut(Out):
    items: list[ProviderOut]


class SignInBegunOut(Out):
    authorization_url: Annotated[str, Field(description="Where the browser is to be sent")]
    state: Annotated[str, Field(description="The provider sends it back; compare it")]
    browser_secret: Annotated[str, Field(description="Keep it in this browser; completing needs it")]


class OtpOut(Out):
    secret: Annotated[str, Field(description="Base 32, to be typed into an authenticator; not in force yet")]
    otpauth_uri: Annotated[str, Field(description="The same for a QR code")]


class RecoveryCodesOut(Out):
    recovery_codes: Annotated[list[str], Field(description="Each good once in place of a code; shown only here")]


class AcceptedOut(Out):
    detail: Annotated[str, Field(description="The same whether or not the address is known")]


class ActedForOut(Out):
    customer_id: UUID
    email: str
    name: str
    expires_at: Annotated[datetime, Field(description="When it ends by itself")]


class ProfileOut(Out):
    id: UUID
    email: str
    name: str
    locale: str
    email_verified: bool
    kind: Annotated[str, Field(description="`customer` or `staff`")]
    permissions: Annotated[list[str], Field(description="What this person may do now, sorted")]
    otp_enabled: Annotated[bool, Field(description="True where the second factor is on")]
    otp_required: Annotated[
        bool, Field(description="True where a role demands the second factor, which this session has not shown")
    ]
    acting_for: Annotated[
        list[ActedForOut],
        Field(default_factory=list, description="Of staff: the customers whom this session acts for now"),
    ]
    created_at: datetime


class SessionOut(Out):
    id: UUID
    user_agent: Annotated[str | None, Field(description="What the device called itself at login")]
    device: Annotated[str | None, Field(description="The same for people to read", examples=["Firefox on Linux"])]
    created_at: datetime
    last_used_at: Annotated[datetime, Field(description="Login or latest refresh")]
    current: Annotated[bool, Field(description="True for the session that asks")]


class KeySetOut(Out):
    keys: Annotated[list[dict[str, str]], Field(description="JWKs (RFC 7517)")]


class IdentityOut(Out):
    id: UUID
    provider: Annotated[str | None, Field(description="As in /api/auth/providers; null where it is not enabled")]
    label: Annotated[str, Field(description="For people to read")]
    created_at: datetime
    last_used_at: datetime


class IdentitiesOut(Out):
    items: list[IdentityOut]
