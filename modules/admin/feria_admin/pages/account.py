"""One's own account: who one is here, and the second factor."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from quart import Response

from feria_admin.pages.drawing import page
from feria_admin.pages.incoming import typed
from feria_admin.pages.qr import drawn_code
from feria_admin.pages.signing_in import blueprint
from feria_admin.pages.visits import Visit, staff_page

ME, OTP = "/api/users/me", "/api/users/me/otp"


@blueprint.get("/admin/me")
@staff_page
async def account(visit: Visit) -> Response:
    return await _account(visit)


@blueprint.post("/admin/me/otp")
@staff_page
async def begin_otp(visit: Visit) -> Response:
    sent = await typed(visit)
    answer = await visit.ask("POST", OTP, body={"password": sent.get("password", "")})
    if not answer.ok:
        return await _account(visit, problem=answer.json, status=answer.status)
    return await _account(visit, begun=answer.json)


@blueprint.post("/admin/me/otp/confirm")
@staff_page
async def confirm_otp(visit: Visit) -> Response:
    sent = await typed(visit)
    answer = await visit.ask("POST", f"{OTP}/confirm", body={"code": sent.get("code", "").strip()})
    if answer.ok:
        return await _account(visit, codes=answer.json["recovery_codes"])
    begun = {name: sent.get(name, "") for name in ("secret", "otpauth_uri")}
    return await _account(visit, begun=begun, problem=answer.json, status=answer.status)


async def _account(
    visit: Visit,
    *,
    begun: Mapping[str, Any] | None = None,
    codes: list[str] | None = None,
    problem: Mapping[str, Any] | None = None,
    status: int = 200,
) -> Response:
    profile = (await visit.ask("GET", ME)).json
    code = await asyncio.to_thread(drawn_code, begun["otpauth_uri"]) if begun else None
    return page(
        "account.html", visit, status=status, profile=profile, begun=begun, code=code, codes=codes, problem=problem
    )
