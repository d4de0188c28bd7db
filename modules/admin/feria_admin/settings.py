"""Settings of admin."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import Field, field_validator

from feria_core.module import ModuleSettings


class AdminSettings(ModuleSettings):
    time_zone: Annotated[str, Field(description="IANA zone in which days of the reports are counted")] = "UTC"
    webhook_networks: Annotated[
        tuple[str, ...], Field(description="Networks of your own that webhooks may reach, as 10.1.0.0/16")
    ] = ()
    webhook_timeout_s: Annotated[float, Field(gt=0, le=60, description="How long a receiver may take")] = 15.0

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("write an IANA time zone such as Europe/Madrid")
        return value

    @field_validator("webhook_networks")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ip_network(network)
        return value
