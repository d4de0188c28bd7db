"""Which passwords are refused, and why."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files

from feria_core.errors import Invalid
from feria_users.domain import MAX_PASSWORD, MIN_PASSWORD, EmailAddress, parse_email


def check_password(password: str, email: str, *, field: str = "password") -> None:
    """Raise Invalid, naming the body's `field`, for a password of wrong length, a common one, or the e-mail address."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid.field(
            "body", field, code="password_length",
            message=f"The password has {len(password)} characters: take {MIN_PASSWORD} to {MAX_PASSWORD}.",
        )  # fmt: skip
    folded = _folded(password)
    if folded in _forms(email):
        raise Invalid.field(
            "body", field, code="password_is_email", message="The password must not be the e-mail address."
        )
    if folded in _common():
        raise Invalid.field(
            "body", field, code="password_too_common",
            message="This password is one of the 10,000 most common: take another, for example four plain words.",
        )  # fmt: skip


def checked_email(text: str) -> EmailAddress:
    """Return the address. Raises Invalid where no mail could be sent to it."""
    address = parse_email(text)
    if address is None:
        raise Invalid.field("body", "email", code="invalid_email", message="This is not an e-mail address.")
    return address


def _forms(email: str) -> set[str]:
    address = parse_email(email)
    return {_folded(email), address.normalized} if address else {_folded(email)}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@cache
def _common() -> frozenset[str]:
    text = files("feria_users").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split("\n"))
