"""Changing one's e-mail address."""

from __future__ import annotations

from feria_core.auth import current_principal
from feria_core.http import IN_PERSON, PUBLIC, ApiBlueprint
from feria_users.schemas import AcceptedOut, EmailChangeBody, TokenBody
from feria_users.service import email_change

blueprint = ApiBlueprint("users_email", __name__)

ACCEPTED = AcceptedOut(detail="If the address can be mailed, a message is on its way: open the link in it.")


@blueprint.endpoint(
    "POST", "/api/users/me/email", access=IN_PERSON, body=EmailChangeBody, returns=AcceptedOut, status=202
)
async def ask_for_email_change(body: EmailChangeBody) -> AcceptedOut:
    """Have a link sent to your new address; the answer is the same for one that has an account."""
    await email_change.ask_for_change(current_principal().id, email=body.email, password=body.password)
    return ACCEPTED


@blueprint.endpoint("POST", "/api/auth/confirm-email", access=PUBLIC, body=TokenBody, status=204)
async def confirm_email(body: TokenBody) -> None:
    """Change to the new address with the token of the mail that was sent to it."""
    await email_change.confirm_change(body.token)
