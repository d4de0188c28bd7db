"""The second factor of one's own account."""

from __future__ import annotations

from feria_core.auth import current_principal
from feria_core.http import IN_PERSON, ApiBlueprint
from feria_users.schemas import OtpBeginBody, OtpCodeBody, OtpOut, OtpProofBody, RecoveryCodesOut
from feria_users.service import second_factor

blueprint = ApiBlueprint("users_otp", __name__)


@blueprint.endpoint("POST", "/api/users/me/otp", access=IN_PERSON, body=OtpBeginBody, returns=OtpOut, status=201)
async def begin_otp(body: OtpBeginBody) -> OtpOut:
    """Begin a second factor; it is in force once a code of it is confirmed."""
    return OtpOut.model_validate(await second_factor.begin(current_principal().id, body.password))


@blueprint.endpoint(
    "POST", "/api/users/me/otp/confirm", access=IN_PERSON, body=OtpCodeBody, returns=RecoveryCodesOut, status=200
)
async def confirm_otp(body: OtpCodeBody) -> RecoveryCodesOut:
    """Switch the second factor on; other sessions end, and the recovery codes are shown this once."""
    principal = current_principal()
    codes = await second_factor.confirm(principal.id, principal.session_id, body.code)
    return RecoveryCodesOut(recovery_codes=codes)


@blueprint.endpoint("DELETE", "/api/users/me/otp", access=IN_PERSON, body=OtpProofBody, status=204)
async def delete_otp(body: OtpProofBody) -> None:
    """Switch the second factor off, by the password or a code."""
    principal = current_principal()
    await second_factor.take_off(principal.id, principal.session_id, password=body.password, code=body.code)


@blueprint.endpoint(
    "POST", "/api/users/me/otp/recovery-codes", access=IN_PERSON, body=OtpBeginBody, returns=RecoveryCodesOut
)
async def renew_recovery_codes(body: OtpBeginBody) -> RecoveryCodesOut:
    """Get ten fresh recovery codes; the old ones end."""
    principal = current_principal()
    codes = await second_factor.renew_recovery_codes(principal.id, principal.session_id, body.password)
    return RecoveryCodesOut(recovery_codes=codes)
