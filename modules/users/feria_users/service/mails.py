"""The mails of users; their links stand on the configured public URL, whatever a request's Host says."""

from __future__ import annotations

from feria_core import mail
from feria_core.runtime import core_settings, settings
from feria_users.domain import deliverable
from feria_users.settings import UsersSettings


async def send_verify(email: str, token: str, *, locale: str) -> None:
    context = {"link": _link("verify-email", token), "hours": settings(UsersSettings).verify_hours}
    await mail.send("users/verify", to=deliverable(email), context=context, locale=locale)


async def send_already_registered(email: str, *, locale: str) -> None:
    context = {"login_link": _link("login"), "forgot_link": _link("forgot-password")}
    await mail.send("users/already_registered", to=deliverable(email), context=context, locale=locale)


async def send_password_reset(email: str, token: str, *, locale: str) -> None:
    context = {"link": _link("reset-password", token), "minutes": settings(UsersSettings).reset_minutes}
    await mail.send("users/password_reset", to=deliverable(email), context=context, locale=locale)


async def send_password_changed(email: str, *, locale: str) -> None:
    context = {"forgot_link": _link("forgot-password")}
    await mail.send("users/password_changed", to=deliverable(email), context=context, locale=locale)


def _link(page: str, token: str | None = None) -> str:
    url = f"{core_settings().public_url.rstrip('/')}/{page}"
    return f"{url}?token={token}" if token else url
