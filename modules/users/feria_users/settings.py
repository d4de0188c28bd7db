"""What a deployment can set of users."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from feria_core.module import ModuleSettings


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
    hash_concurrency: Annotated[int, Field(ge=1, le=32, description="Password hashes at a time, 19 MiB each")] = 2
    login_failures_per_minute: Annotated[
        int, Field(ge=1, le=10_000, description="Wrong passwords for one account from one address")
    ] = 20
    logins_per_minute: Annotated[int, Field(ge=1, le=1_000_000, description="Logins from one address")] = 300
    registrations_per_minute: Annotated[int, Field(ge=1, le=1_000_000, description="Likewise, registrations")] = 100
    forgotten_per_minute: Annotated[int, Field(ge=1, le=1_000_000, description="Likewise, forgotten passwords")] = 60
    mails_per_hour: Annotated[
        int, Field(ge=1, le=10_000, description="Mails of one kind to one person; more are silently not sent")
    ] = 5
