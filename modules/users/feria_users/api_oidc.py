"""Signing in with an identity provider."""

from __future__ import annotations

from feria_core.auth import current_principal
from feria_core.http import CUSTOMER, IN_PERSON, PUBLIC, ApiBlueprint
from feria_core.http.request import locale
from feria_core.ids import parse_id
from feria_users.api import visitor
from feria_users.oidc import providers
from feria_users.schemas import (
    IdentitiesOut,
    IdentityOut,
    ProviderOut,
    ProvidersOut,
    SignInBegunOut,
    SignInBody,
    TokensOut,
)
from feria_users.service import identities, identity_sign_in
from feria_users.service.identity_sign_in import Return

blueprint = ApiBlueprint("users_oidc", __name__)


@blueprint.endpoint("GET", "/api/users/me/identities", access=CUSTOMER, returns=IdentitiesOut)
async def list_identities() -> IdentitiesOut:
    """Your identities at providers, by which your account opens."""
    found = await identities.linked(current_principal().id)
    return IdentitiesOut(items=[IdentityOut.model_validate(each) for each in found])


@blueprint.endpoint("DELETE", "/api/users/me/identities/<identity_id>", access=IN_PERSON, status=204)
async def unlink_identity(identity_id: str) -> None:
    """Unlink an identity; the last way to sign in stays."""
    await identities.unlink(current_principal().id, parse_id(identity_id))


@blueprint.endpoint("GET", "/api/auth/providers", access=PUBLIC, returns=ProvidersOut)
async def identity_providers() -> ProvidersOut:
    """Whom one can sign in with."""
    return ProvidersOut(items=[ProviderOut.model_validate(each) for each in providers.enabled()])


@blueprint.endpoint("POST", "/api/auth/oidc/<provider>/start", access=PUBLIC, returns=SignInBegunOut)
async def start_identity_sign_in(provider: str) -> SignInBegunOut:
    """Begin to sign in with a provider: keep the secret, send the browser to the address."""
    return SignInBegunOut.model_validate(await identity_sign_in.start(provider))


@blueprint.endpoint("POST", "/api/auth/oidc/<provider>/complete", access=PUBLIC, body=SignInBody, returns=TokensOut)
async def complete_identity_sign_in(provider: str, body: SignInBody) -> TokensOut:
    """Complete it with what the browser brought back, and the secret; with `otp` where the account needs one."""
    back = Return(body.code, body.state, body.browser_secret, body.iss)
    opened = await identity_sign_in.complete(provider, back, otp=body.otp, visitor=visitor(), locale=locale())
    return TokensOut.model_validate(opened)
