"""What a deployment can set of landing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from feria_core.module import ModuleSettings

LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
Login = Annotated[str, Field(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$")]
ListCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class LandingSettings(ModuleSettings):
    """The table `[modules.landing.settings]`; `FERIA_LANDING__NAME` overrides `name`."""

    contact_to: Annotated[
        str | None,
        Field(max_length=254, description="Who gets contact messages; without it the sender of the shop's mails"),
    ] = None
    contacts_per_hour: Annotated[int, Field(ge=1, le=1000, description="Messages from one address in an hour")] = 3
    subscribes_per_hour: Annotated[int, Field(ge=1, le=100_000, description="Subscriptions from one address")] = 100
    confirm_mails_per_day: Annotated[
        int, Field(ge=1, le=100, description="Mails that ask one person to confirm; more are silently not sent")
    ] = 3
    confirm_hours: Annotated[int, Field(ge=1, le=168, description="Life of a link that confirms")] = 48
    consent_version: Annotated[
        str, Field(min_length=1, max_length=60, description="Version of the text that people agree to")
    ] = "1"
    lists: Mapping[ListCode, Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        default={"news": "News"},
        min_length=1,
        max_length=50,
        description="Newsletters: code and name; the first is usual",
    )
    newsletter_batch: Annotated[
        int, Field(ge=1, le=1000, description="Newsletters handed to the mail queue at once")
    ] = 100
    newsletter_pause_s: Annotated[
        int, Field(ge=0, le=3600, description="Seconds between two such batches, so that other mail gets through")
    ] = 10
    github_organisation: Annotated[Login | None, Field(description="Whose repositories are the projects")] = None
    github_user: Annotated[Login | None, Field(description="Likewise, a person's, where there is no organisation")] = (
        None
    )
    github_people: tuple[Login, ...] = Field(
        default=(), max_length=50, description="Whose contributions are shown; empty: the organisation's public members"
    )
    github_token: SecretStr | None = Field(
        default=None, description="From the environment only; 5,000 calls an hour, not 60"
    )
    github_api_url: Annotated[
        str, Field(pattern=r"^https?://[^\s?#]+[^/\s?#]$", description="https; http for this machine alone")
    ] = "https://api.github.com"
    github_cache_s: Annotated[int, Field(ge=600, le=604_800, description="How long a copy is fresh, seconds")] = 21_600
    github_timeout_s: Annotated[float, Field(gt=0, le=60, description="How long one call may take")] = 15.0
    github_max_bytes: Annotated[int, Field(ge=1024, le=50_000_000, description="Largest answer that is read")] = (
        5_000_000
    )
    github_max_pages: Annotated[int, Field(ge=1, le=100, description="Pages of one listing that are read")] = 10

    @model_validator(mode="after")
    def _https(self) -> Self:
        url = urlsplit(self.github_api_url)
        if url.scheme != "https" and url.hostname not in LOOPBACK:
            raise ValueError(
                f"github_api_url '{self.github_api_url}' is not https: only one on this machine may be without"
            )
        return self

    @property
    def github_cache(self) -> timedelta:
        """How long a copy is fresh."""
        return timedelta(seconds=self.github_cache_s)
