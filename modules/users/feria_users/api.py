"""Registering and signing in."""

from __future__ import annotations

from quart import request

from feria_core.cache import Cached
from feria_core.http import PUBLIC, ApiBlueprint
from feria_core.http.request import locale
from feria_users.schemas import (
    AcceptedOut,
    ForgotBody,
    KeySetOut,
    LoginBody,
    RefreshBody,
    RegisterBody,
    ResetBody,
    TokenBody,
    TokensOut,
)
from feria_users.service import passwords, registration, sessions
from feria_users.service.keyring import JWKS_TAG, keyring
from feria_users.service.opening import Visitor

blueprint = ApiBlueprint("users", __name__)

ACCEPTED = AcceptedOut(detail="If the address can be mailed, a message is on its way: open the link in it.")
MAX_USER_AGENT, MAX_CART_TOKEN = 300, 200


@blueprint.endpoint("POST", "/api/auth/register", access=PUBLIC, body=RegisterBody, returns=AcceptedOut, status=202)
async def register(body: RegisterBody) -> AcceptedOut:
    """Register; the answer is the same for a known address, the mail differs."""
    await registration.register(email=body.email, password=body.password, name=body.name, locale=locale())
    return ACCEPTED


@blueprint.endpoint("POST", "/api/auth/verify-email", access=PUBLIC, body=TokenBody, status=204)
async def verify_email(body: TokenBody) -> None:
    """Verify an address with the token of the mail."""
    await registration.verify_email(body.token)


@blueprint.endpoint("POST", "/api/auth/login", access=PUBLIC, body=LoginBody, returns=TokensOut)
async def login(body: LoginBody) -> TokensOut:
    """Sign in, with `otp` where the account has a second factor; with a Cart-Token the guest's cart comes along."""
    opened = await sessions.login(email=body.email, password=body.password, otp=body.otp, visitor=visitor())
    return TokensOut.model_validate(opened)


@blueprint.endpoint("POST", "/api/auth/refresh", access=PUBLIC, body=RefreshBody, returns=TokensOut)
async def refresh(body: RefreshBody) -> TokensOut:
    """Trade a refresh token for fresh tokens; it is good for one call."""
    return TokensOut.model_validate(await sessions.refresh(body.refresh_token))


@blueprint.endpoint("POST", "/api/auth/logout", access=PUBLIC, body=RefreshBody, status=204)
async def logout(body: RefreshBody) -> None:
    """Sign out: the session ends, its access tokens too."""
    await sessions.logout(body.refresh_token)


@blueprint.endpoint(
    "POST", "/api/auth/password/forgot", access=PUBLIC, body=ForgotBody, returns=AcceptedOut, status=202
)
async def forgot_password(body: ForgotBody) -> AcceptedOut:
    """Have a link sent that resets the password; the answer is the same for an unknown address."""
    await passwords.forgot_password(body.email)
    return ACCEPTED


@blueprint.endpoint("POST", "/api/auth/password/reset", access=PUBLIC, body=ResetBody, status=204)
async def reset_password(body: ResetBody) -> None:
    """Set a new password with the token of the mail; every session of the account ends."""
    await passwords.reset_password(body.token, body.password)


@blueprint.endpoint(
    "GET", "/.well-known/jwks.json", access=PUBLIC, returns=KeySetOut, cached=Cached(tags=(JWKS_TAG,), max_age_s=60)
)
async def signing_keys() -> KeySetOut:
    """The public keys that verify access tokens."""
    return KeySetOut(keys=await keyring.public_keys())


def visitor() -> Visitor:
    """Return what the running request says of its client."""
    sent, cart_token = request.headers.get("User-Agent", ""), request.headers.get("Cart-Token")
    return Visitor(
        user_agent="".join(letter for letter in sent if letter.isprintable())[:MAX_USER_AGENT] or None,
        cart_token=cart_token if cart_token and len(cart_token) <= MAX_CART_TOKEN else None,
    )
