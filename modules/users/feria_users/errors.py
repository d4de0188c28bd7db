"""Why users refuses."""

from __future__ import annotations

from feria_core.errors import BadRequest, Conflict, FeriaError, Forbidden, Unauthenticated


class InvalidCredentials(Unauthenticated):
    """Wrong password, unknown address, disabled account: the answer is the same for all."""

    code, title = "invalid_credentials", "The e-mail or the password is wrong"

    def __init__(self, detail: str = "The e-mail or the password is wrong: correct it, or reset the password.") -> None:
        super().__init__(detail)


class EmailNotVerified(Forbidden):
    """The password is right, but nobody has shown yet that the address is theirs."""

    code, title = "email_not_verified", "The e-mail address is not verified"

    def __init__(self) -> None:
        super().__init__("Open the link in the mail that was sent to your address; register again to get a fresh one.")


class InvalidRefreshToken(Unauthenticated):
    """The refresh token is unknown, or its session has ended."""

    code, title = "invalid_refresh_token", "The session has ended"

    def __init__(self) -> None:
        super().__init__("The refresh token is not or no longer valid: sign in again.")


class RefreshTokenReused(Unauthenticated):
    """A refresh token came a second time: somebody else may hold it, so its whole family is revoked."""

    code, title = "refresh_token_reused", "The refresh token was used before"

    def __init__(self) -> None:
        super().__init__("This refresh token was used before, so its session was ended: sign in again.")


class InvalidToken(BadRequest):
    """The link of a mail is unknown, expired, used, or of an address that the account no longer has."""

    code, title = "invalid_token", "The link does not hold"

    def __init__(self) -> None:
        super().__init__("The link was used, has expired or was never given out: ask for a new one.")


class StaffAccount(Conflict):
    """An account with a staff role cannot erase itself: the shop could lose its last owner."""

    code, title = "staff_account", "The account belongs to staff"

    def __init__(self) -> None:
        super().__init__("An account with a staff role cannot be deleted: have its roles taken away first.")


class UnknownRole(FeriaError):
    """No role has that name."""

    code, status, title = "unknown_role", 422, "There is no such role"

    def __init__(self, role: str, known: list[str]) -> None:
        super().__init__(f"There is no role '{role}': take one of {', '.join(known)}.")
