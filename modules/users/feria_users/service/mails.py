"""The mails of users; their links stand on the configured public URL, whatever a request's Host says."""

from __future__ import annotations

from datetime import datetime
from email.utils import parseaddr
from uuid import UUID

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


async def send_welcome(email: str, *, locale: str) -> None:
    await mail.send("users/welcome", to=deliverable(email), context={"login_link": _link("login")}, locale=locale)


async def send_otp_on(email: str, *, locale: str) -> None:
    context = {"account_link": _link("account/security"), "forgot_link": _link("forgot-password")}
    await mail.send("users/otp_on", to=deliverable(email), context=context, locale=locale)


async def send_otp_off(email: str, *, locale: str) -> None:
    context = {"account_link": _link("account/security"), "forgot_link": _link("forgot-password")}
    await mail.send("users/otp_off", to=deliverable(email), context=context, locale=locale)


async def send_recovery_codes(email: str, *, locale: str) -> None:
    context = {"account_link": _link("account/security"), "forgot_link": _link("forgot-password")}
    await mail.send("users/recovery_codes", to=deliverable(email), context=context, locale=locale)


async def send_new_device(email: str, *, locale: str, device: str | None, at: datetime) -> None:
    context = {
        "device": device,
        "at": f"{at:%Y-%m-%d %H:%M} UTC",
        "sessions_link": _link("account/sessions"),
        "forgot_link": _link("forgot-password"),
    }
    await mail.send("users/new_device", to=deliverable(email), context=context, locale=locale)


async def send_identity_linked(email: str, provider: str, *, locale: str) -> None:
    context = {"provider": provider, "account_link": _link("account/security"), "forgot_link": _link("forgot-password")}
    await mail.send("users/identity_linked", to=deliverable(email), context=context, locale=locale)


async def send_identity_unlinked(email: str, provider: str, *, locale: str) -> None:
    context = {"provider": provider, "account_link": _link("account/security"), "forgot_link": _link("forgot-password")}
    await mail.send("users/identity_unlinked", to=deliverable(email), context=context, locale=locale)


async def send_staff_invite(email: str, token: str, *, locale: str) -> None:
    context = {"link": _link("accept-invite", token), "hours": settings(UsersSettings).invite_hours}
    await mail.send("users/staff_invite", to=deliverable(email), context=context, locale=locale)


async def send_staff_appointed(email: str, *, locale: str) -> None:
    """Tell who has a password already that the account is one of staff now."""
    context = {"login_link": _link("login"), "forgot_link": _link("forgot-password")}
    await mail.send("users/staff_appointed", to=deliverable(email), context=context, locale=locale)


async def send_email_change(email: str, token: str, *, account_id: UUID, is_taken: bool, locale: str) -> None:
    """Send the link that moves the account to `email`; to an address with an account of its own, that it has one."""
    template, context = "users/email_change", {"link": _link("confirm-email", token), "hours": str(_verify_hours())}
    if is_taken:
        template = "users/email_change_taken"
        context = {"login_link": _link("login"), "forgot_link": _link("forgot-password")}
    await mail.send(template, to=deliverable(email), context=context, locale=locale, person=account_id)


async def send_email_changed(email: str, *, locale: str) -> None:
    """Tell the old address that it is no longer the account's, and where to turn to."""
    context = {"contact": parseaddr(core_settings().mail_from)[1]}
    await mail.send("users/email_changed", to=deliverable(email), context=context, locale=locale)


def _verify_hours() -> int:
    return settings(UsersSettings).verify_hours


def _link(page: str, token: str | None = None) -> str:
    url = f"{core_settings().public_url.rstrip('/')}/{page}"
    return f"{url}?token={token}" if token else url
