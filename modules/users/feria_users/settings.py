"""What a deployment can set of users."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from feria_core.module import ModuleSettings

LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))

# Longer than any request takes: what one that was under way has stored about an erased person is found then.
REST_AFTER = timedelta(minutes=10)


class IdentityProvider(BaseModel):
    """A provider of OpenID Connect that people can sign in with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$", description="In the paths of its routes")]
    issuer: Annotated[
        str, Field(pattern=r"^https?://[^\s?#]+$", max_length=500, description="https; http for this machine alone")
    ]
    client_id: Annotated[str, Field(min_length=1, max_length=500)]
    client_secret_env: Annotated[
        str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", description="Variable that holds the secret, or with _FILE its file")
    ]
    label: Annotated[str | None, Field(max_length=100, description="For people to read; without it the name")] = None
    redirect_url: Annotated[
        str | None, Field(pattern=r"^https?://", description="Page of the frontend that the provider sends people to")
    ] = None
    enabled: bool = True

    @model_validator(mode="after")
    def _https(self) -> Self:
        url = urlsplit(self.issuer)
        if url.scheme != "https" and url.hostname not in LOOPBACK:
            raise ValueError(f"issuer '{self.issuer}' is not https: only one on this machine may be without")
        return self


class UsersSettings(ModuleSettings):
    """The table `[modules.users.settings]`; `FERIA_USERS__NAME` overrides `name`."""

    access_token_s: Annotated[int, Field(ge=60, le=900, description="Life of an access token, seconds")] = 900
    session_idle_days: Annotated[int, Field(ge=1, le=365, description="A session ends when unused for so long")] = 30
    session_max_days: Annotated[int, Field(ge=1, le=3650, description="A session ends at this age in any case")] = 180
    refresh_grace_s: Annotated[
        int, Field(ge=0, le=60, description="A used refresh token gets its successor again for so many seconds")
    ] = 10
    verify_hours: Annotated[int, Field(ge=1, le=168, description="Life of a link that verifies an address")] = 48
    reset_minutes: Annotated[int, Field(ge=5, le=1440, description="Life of a link that resets a password")] = 60
    invite_hours: Annotated[int, Field(ge=1, le=336, description="Life of a link that invites staff")] = 72
    hash_concurrency: Annotated[int, Field(ge=1, le=32, description="Password hashes at a time, 19 MiB each")] = 2
    hash_cores: Annotated[
        int | None, Field(ge=1, le=256, description="Cores that the hashes of all web processes of a machine share")
    ] = None
    hashing_gives_way: Annotated[
        bool, Field(description="Hash by turns on half of the cores, with rests while others use the machine (Linux)")
    ] = True
    login_failures_per_minute: Annotated[
        int, Field(ge=1, le=10_000, description="Wrong passwords for one account from one address")
    ] = 20
    account_failures: Annotated[
        int, Field(ge=5, le=10_000, description="Wrong passwords for one account from anywhere before it is delayed")
    ] = 30
    account_delay_max_s: Annotated[
        int, Field(ge=1, le=900, description="The growing delay of an account's logins grows to so many seconds")
    ] = 300
    otp_failures: Annotated[
        int, Field(ge=3, le=1000, description="Wrong one-time codes for one account in 15 minutes")
    ] = 10
    logins_per_minute: Annotated[int, Field(ge=1, le=1_000_000, description="Logins from one address")] = 300
    registrations_per_minute: Annotated[int, Field(ge=1, le=1_000_000, description="Likewise, registrations")] = 100
    forgotten_per_minute: Annotated[int, Field(ge=1, le=1_000_000, description="Likewise, forgotten passwords")] = 60
    mails_per_hour: Annotated[
        int, Field(ge=1, le=10_000, description="Mails of one kind to one person; more are silently not sent")
    ] = 5
    identity_providers: tuple[IdentityProvider, ...] = Field(
        default=(), description="Whom people can sign in with; `[[modules.users.settings.identity_providers]]`"
    )
    identity_provider_timeout_s: Annotated[
        float, Field(gt=0, le=30, description="How long one call to an identity provider may take")
    ] = 5.0
