"""Why users refuses."""

from __future__ import annotations

from collections.abc import Iterable

from feria_core.errors import BadRequest, Conflict, FeriaError, Forbidden, NotFound, Unauthenticated, Unavailable


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


class OtpRequired(Unauthenticated):
    """The first factor is right, and the account has a second one."""

    code, title = "otp_required", "A one-time code is needed"

    def __init__(self, detail: str = "Send `otp` too: the code of your authenticator, or a recovery code.") -> None:
        super().__init__(detail)


class InvalidOtp(Unauthenticated):
    """The one-time code is wrong, too old, or was used before."""

    code, title = "invalid_otp", "The one-time code does not hold"

    def __init__(self) -> None:
        super().__init__("The code is wrong or was used before: wait for the next one, or use a recovery code.")


class OtpAlreadyOn(Conflict):
    """The account has a second factor; it is taken off before another is set up."""

    code, title = "otp_already_on", "The second factor is on already"

    def __init__(self) -> None:
        super().__init__("The second factor is on already: DELETE /api/users/me/otp before you set up another.")


class OtpNotOn(Conflict):
    """There is no second factor to confirm, renew or take off."""

    code, title = "otp_not_on", "There is no second factor"

    def __init__(self) -> None:
        super().__init__("No second factor is set up or waits to be confirmed: begin with POST /api/users/me/otp.")


class UnknownIdentityProvider(NotFound):
    """No enabled identity provider has that name."""

    code, title = "unknown_identity_provider", "There is no such identity provider"

    def __init__(self) -> None:
        super().__init__("Nobody of that name can be signed in with: GET /api/auth/providers lists who can.")


class InvalidState(BadRequest):
    """The sign-in is unknown, over, used, of another browser or of another provider."""

    code, title = "invalid_state", "The sign-in cannot be completed"

    def __init__(self) -> None:
        super().__init__("The sign-in was completed, has expired or was begun elsewhere: begin it again.")


class IdentityRefused(Unauthenticated):
    """The provider does not stand by the code, or what it says of the person does not hold."""

    code, title = "identity_refused", "The identity provider did not vouch for you"

    def __init__(self) -> None:
        super().__init__("The identity provider's answer does not hold: begin the sign-in again.")


class IdentityEmailUnverified(Forbidden):
    """The provider names no e-mail address, or one that it has not verified."""

    code, title = "identity_email_unverified", "The identity provider has not verified your e-mail address"

    def __init__(self) -> None:
        super().__init__("Verify your e-mail address at the identity provider, or register here with a password.")


class IdentityNotLinked(Conflict):
    """An account has the address, but nobody has shown yet that the account's address is theirs."""

    code, title = "identity_not_linked", "The account is not linked to this identity"

    def __init__(self) -> None:
        super().__init__("An account with this address waits to be verified: open the link in its mail, then sign in.")


class IdentityProviderUnavailable(Unavailable):
    """The provider does not answer in time, or not as OpenID Connect has it."""

    code, title = "identity_provider_unavailable", "The identity provider cannot be reached"

    def __init__(self) -> None:
        super().__init__("The identity provider does not answer: try again in a moment, or sign in with a password.")


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


class EmailTaken(Conflict):
    """Another account has taken the new address since its link was sent."""

    code, title = "email_taken", "The address belongs to another account"

    def __init__(self) -> None:
        super().__init__("Another account has this address by now: sign in there, or change to another address.")


class TooManyAddresses(Conflict):
    """The address book is full."""

    code, title = "too_many_addresses", "The address book is full"

    def __init__(self, most: int) -> None:
        super().__init__(f"You have {most} addresses, which is as many as you can: delete one first.")


class StaffAccount(Conflict):
    """An account with a staff role cannot erase itself: the shop could lose its last owner."""

    code, title = "staff_account", "The account belongs to staff"

    def __init__(
        self, detail: str = "An account with a staff role cannot be deleted: have its roles taken away first."
    ) -> None:
        super().__init__(detail)


class LastSignIn(Conflict):
    """Without this identity nobody could sign in to the account any more."""

    code, title = "last_sign_in", "This is the last way to sign in"

    def __init__(self) -> None:
        super().__init__("Nothing else opens your account: set a password (by the link of a forgotten one) first.")


class PermissionNotHeld(Forbidden):
    """Nobody grants, or takes from others, what he does not hold himself."""

    code, title = "permission_not_held", "You do not hold every permission that this is about"

    def __init__(self, lacking: Iterable[str]) -> None:
        names = sorted(lacking)
        super().__init__(
            f"You do not hold {', '.join(names)}: only who does can give it or change who has it.",
            members={"permissions": names},
        )


class RoleExists(Conflict):
    """The name is taken."""

    code, title = "role_exists", "There is such a role already"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a role '{name}' already: change that one, or take another name.")


class RoleInUse(Conflict):
    """Somebody holds the role."""

    code, title = "role_in_use", "Somebody holds this role"

    def __init__(self, name: str, members: int) -> None:
        super().__init__(f"{members} hold the role '{name}': give them another one first.")


class OwnerRole(Conflict):
    """The role of owners holds every permission, always."""

    code, title = "owner_role", "The role of owners stays as it is"

    def __init__(self) -> None:
        super().__init__("Owners hold every permission: make another role for people who are to hold fewer.")


class LastOwner(Conflict):
    """Nobody else who can sign in holds the role of owners."""

    code, title = "last_owner", "This is the last owner"

    def __init__(self) -> None:
        super().__init__("Nobody else who can sign in is an owner: make another owner first.")


class AlreadyStaff(Conflict):
    """The address belongs to staff."""

    code, title = "already_staff", "This person is staff already"

    def __init__(self, email: str) -> None:
        super().__init__(f"{email} holds a role already: change it with PATCH /api/admin/staff/{{id}}.")


class AccountDisabled(Conflict):
    """The account is disabled."""

    code, title = "account_disabled", "The account is disabled"

    def __init__(self, email: str) -> None:
        super().__init__(f"The account of {email} is disabled: enable it first.")


class NotInvited(Conflict):
    """The person can sign in already."""

    code, title = "not_invited", "There is no invitation to send again"

    def __init__(self) -> None:
        super().__init__("This person can sign in already, or is disabled: there is nothing to invite to.")


class UnknownRole(FeriaError):
    """No role has that name."""

    code, status, title = "unknown_role", 422, "There is no such role"

    def __init__(self, role: str, known: list[str]) -> None:
        super().__init__(f"There is no role '{role}': take one of {', '.join(known)}.")
