"""The second factor: time-based one-time codes (RFC 6238) and recovery codes."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from pyotp.exceptions import OTPVerificationError

from feria_core import clock, db
from feria_core.ids import CROCKFORD, token_hash
from feria_core.runtime import core_settings
from feria_users.errors import InvalidCredentials, InvalidOtp, OtpAlreadyOn, OtpNotOn, OtpRequired
from feria_users.repository import accounts, second_factor
from feria_users.service import guards, mails
from feria_users.service.hashing import verify_password

# Clocks of telephones go wrong by less; each step more is one more code that a guesser may hit.
STEPS_AROUND = 1
WAITS = timedelta(hours=1)
RECOVERY_CODES = 10
# 24 letters of Crockford's base 32 are 120 bits: enough for a plain hash (ASVS 5.0, 6.5.2 asks for 112).
RECOVERY_LETTERS = 24
_TOTP = re.compile(r"[0-9]{6}")
_MISREAD = str.maketrans("OIL", "011")
LOGIN, ACCOUNT = "login", "account"


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator takes in, as text and as the URI of a QR code; not in force before it is confirmed."""

    secret: str
    otpauth_uri: str


async def prove(account: db.Row, otp: str | None) -> bool:
    """Return whether the account's second factor was shown; False for an account that has none.

    Raises OtpRequired where a code is missing, InvalidOtp for one that does not hold, RateLimited.
    """
    if account["otp_confirmed_at"] is None:
        return False
    if otp is None or not otp.strip():
        raise OtpRequired
    await check(account["id"], otp, where=LOGIN)
    return True


async def check(account_id: UUID, otp: str, *, where: str) -> None:
    """Use up a one-time code or a recovery code. Raises InvalidOtp, RateLimited."""
    code = re.sub(r"[\s-]", "", otp)
    if not _TOTP.fullmatch(code):
        hashed = token_hash(code.upper().translate(_MISREAD))
        if not await second_factor.use_recovery_code(account_id, hashed, now=clock.now()):
            raise InvalidOtp
        return
    await guards.count_otp_guess(where, account_id)
    found = await second_factor.find(account_id)
    step = matching_step(found["secret"], code, now=clock.now()) if found else None
    if found is None or step is None or not await second_factor.use_step(account_id, found["secret"], step):
        raise InvalidOtp
    await guards.forgive_otp_guesses(where, account_id)


def matching_step(secret: str, code: str, *, now: datetime) -> int | None:
    """Return the time step whose code this is, the present one or a neighbour; None for any other."""
    try:
        return int(pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=now, valid_window=STEPS_AROUND))
    except OTPVerificationError:
        return None


async def begin(account_id: UUID, password: str) -> Enrolment:
    """Return a fresh secret that waits an hour to be confirmed.

    Raises InvalidCredentials, OtpAlreadyOn, RateLimited.
    """
    account = await _with_password(account_id, password)
    secret = pyotp.random_base32(32)
    async with db.transaction():
        await _locked(account)
        if not await second_factor.begin(account_id, secret, now=clock.now()):
            raise OtpAlreadyOn
    uri = pyotp.TOTP(secret).provisioning_uri(name=account["email"], issuer_name=core_settings().shop_name)
    return Enrolment(secret, uri)


async def confirm(account_id: UUID, session_id: UUID | None, code: str) -> list[str]:
    """Put the waiting secret in force; return the recovery codes, which nobody can be shown again.

    Every other session ends, since it was opened without the factor; the asking one counts as opened with it.
    Raises OtpNotOn, OtpAlreadyOn, InvalidOtp, RateLimited.
    """
    await guards.count_otp_guess(ACCOUNT, account_id)
    now = clock.now()
    found = await second_factor.find(account_id)
    if found is not None and found["confirmed_at"] is not None:
        raise OtpAlreadyOn
    if found is None or found["created_at"] < now - WAITS:
        raise OtpNotOn
    step = matching_step(found["secret"], re.sub(r"\s", "", code), now=now)
    if step is None:
        raise InvalidOtp
    async with db.transaction():
        account = await accounts.lock(account_id)
        if account is None or not await second_factor.confirm(account_id, found["secret"], step=step, now=now):
            raise InvalidOtp
        codes = await _fresh_codes(account_id, now=now)
        await second_factor.keep_only(account_id, session_id, now=now)
        await mails.send_otp_on(account["email"], locale=account["locale"])
    await guards.forgive_otp_guesses(ACCOUNT, account_id)
    return codes


async def take_off(account_id: UUID, session_id: UUID | None, *, password: str | None, code: str | None) -> None:
    """Take the factor off, one that waits too. Raises OtpNotOn and as `_show_both`."""
    account = await _show_both(account_id, session_id, password=password, code=code)
    async with db.transaction():
        locked = await _locked(account) if password is not None else await accounts.lock(account_id)
        if locked is not None and await second_factor.delete(account_id):
            await mails.send_otp_off(locked["email"], locale=locked["locale"])


async def renew_recovery_codes(account_id: UUID, session_id: UUID | None, password: str) -> list[str]:
    """Return ten fresh recovery codes; the old ones end. Raises OtpNotOn and as `_show_both`."""
    account = await _show_both(account_id, session_id, password=password, code=None)
    async with db.transaction():
        locked = await _locked(account)
        if locked["otp_confirmed_at"] is None:
            raise OtpNotOn
        codes = await _fresh_codes(account_id, now=clock.now())
        await mails.send_recovery_codes(locked["email"], locale=locked["locale"])
    return codes


async def standing(account_id: UUID, session_id: UUID | None) -> tuple[bool, bool]:
    """Return whether the factor is on, and whether a role of the person demands what this session has not shown."""
    row = await second_factor.standing(account_id, session_id)
    return (row["is_on"], row["is_demanded"]) if row else (False, False)


async def _show_both(account_id: UUID, session_id: UUID | None, *, password: str | None, code: str | None) -> db.Row:
    """Return the account of who has shown that he may weaken it.

    A code will do, or the password: but the password alone only in a session that was opened with the factor,
    so that both have been shown in any case. Raises OtpNotOn, OtpRequired, InvalidOtp, InvalidCredentials,
    RateLimited.
    """
    found = await second_factor.find(account_id)
    seen = await second_factor.standing(account_id, session_id)
    account = await accounts.by_id(account_id)
    if found is None or seen is None or account is None:
        raise OtpNotOn
    if password is not None:
        account = await _with_password(account_id, password)
    if found["confirmed_at"] is not None and code is None and not seen["is_shown"]:
        raise OtpRequired("This session was opened without the second factor: send `code`.")
    if code is not None:
        await check(account_id, code, where=ACCOUNT)
    return account


async def _with_password(account_id: UUID, password: str) -> db.Row:
    """Return the account of who knows its password. Raises InvalidCredentials, RateLimited."""
    account = await accounts.by_id(account_id)
    await guards.count_guess(str(account_id))
    is_right = await verify_password(account["password_hash"] if account else None, password)
    if account is None or not is_right:
        raise InvalidCredentials("The password is wrong: correct it, or reset it; one can be set that way too.")
    await guards.forgive_guesses(str(account_id))
    return account


async def _locked(account: db.Row) -> db.Row:
    """Return the account, locked. Raises InvalidCredentials where its password has changed since it was checked."""
    locked = await accounts.lock(account["id"])
    if locked is None or locked["password_hash"] != account["password_hash"]:
        raise InvalidCredentials("The account was changed meanwhile: sign in again.")
    return locked


async def _fresh_codes(account_id: UUID, *, now: datetime) -> list[str]:
    codes = ["".join(secrets.choice(CROCKFORD) for _ in range(RECOVERY_LETTERS)) for _ in range(RECOVERY_CODES)]
    await second_factor.replace_recovery_codes(account_id, [token_hash(code) for code in codes], now=now)
    return ["-".join(code[at : at + 4] for at in range(0, RECOVERY_LETTERS, 4)) for code in codes]
