"""The identity providers of this deployment, with their secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feria_core.config import read_secret
from feria_core.errors import StartRefused
from feria_core.runtime import core_settings, current, settings
from feria_users.errors import UnknownIdentityProvider
from feria_users.settings import IdentityProvider, UsersSettings


@dataclass(frozen=True)
class Provider:
    """An enabled provider; `redirect_url` is the page of the frontend that gets the code."""

    name: str
    label: str
    issuer: str
    client_id: str
    client_secret: str
    redirect_url: str


def enabled() -> Sequence[Provider]:
    """Return the enabled providers in the order of the settings. Raises StartRefused where one lacks its secret."""
    found = [_provider(each) for each in settings(UsersSettings).identity_providers if each.enabled]
    names = [each.name for each in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise StartRefused(f"module 'users' has two identity_providers named '{twice}': rename one of them")
    return found


def named(name: str) -> Provider:
    """Return the enabled provider of that name. Raises UnknownIdentityProvider."""
    found = next((each for each in enabled() if each.name == name), None)
    if found is None:
        raise UnknownIdentityProvider
    return found


def _provider(chosen: IdentityProvider) -> Provider:
    secret = read_secret(current().config.environment, chosen.client_secret_env)
    if not secret or not secret.strip():
        raise StartRefused(
            f"module 'users' has the identity provider '{chosen.name}' enabled, but {chosen.client_secret_env} is not "
            f"set: set it (or {chosen.client_secret_env}_FILE), or set enabled = false for it"
        )
    return Provider(
        name=chosen.name,
        label=chosen.label or chosen.name,
        issuer=chosen.issuer,
        client_id=chosen.client_id,
        client_secret=secret.strip(),
        redirect_url=chosen.redirect_url or f"{core_settings().public_url.rstrip('/')}/sign-in/{chosen.name}",
    )
